// A streams group (KIP-1071) as its records tell of it (Kafka: StreamsGroup): its state, and the topics that its topology reads.
// Its protocol is not served.
import type { GroupStateRecord } from '../group-record.ts';
import { UnservedGroup, unservedKind } from '../unserved-group.ts';
import {
  currentMemberAssignment,
  groupMetadata,
  memberMetadata,
  streamsRecordTypes,
  targetAssignmentMetadata,
  topology,
} from './record-types.ts';
import type { StreamsGroupTopologyValue } from './records.ts';

interface MemberProgress {
  readonly epoch: number;
  readonly state: number;
}

interface Topology {
  readonly epoch: number;
  readonly sourceTopics: ReadonlySet<string>;
}

/** The states of a member (Kafka: streams MemberState): it has what it was given, and nothing to give back. */
const MEMBER_STABLE = 1;

class StreamsGroup extends UnservedGroup {
  readonly type = 'streams';
  readonly #memberIds = new Set<string>();
  readonly #progress = new Map<string, MemberProgress>();
  #topology: Topology | undefined;
  #validatedTopologyEpoch = -1;
  #epoch = 0;
  #assignmentEpoch = 0;

  get isEmpty(): boolean {
    return this.#memberIds.size === 0;
  }
  get state(): 'Empty' | 'NotReady' | 'Assigning' | 'Reconciling' | 'Stable' {
    if (this.isEmpty) return 'Empty';
    if (this.#topology === undefined || this.#topology.epoch !== this.#validatedTopologyEpoch) return 'NotReady';
    if (this.#epoch > this.#assignmentEpoch) return 'Assigning';
    for (const memberId of this.#memberIds) if (!this.#isReconciled(memberId)) return 'Reconciling';
    return 'Stable';
  }
  #isReconciled(memberId: string): boolean {
    const progress = this.#progress.get(memberId);
    return progress?.state === MEMBER_STABLE && progress.epoch === this.#assignmentEpoch;
  }

  isSubscribedTo(topic: string): boolean {
    return !this.isEmpty && this.#topology?.sourceTopics.has(topic) === true;
  }

  protected read(record: GroupStateRecord): void {
    const group = groupMetadata.read(record);
    if (group !== undefined) {
      this.#epoch = group.value?.epoch ?? 0;
      this.#validatedTopologyEpoch = group.value?.validatedTopologyEpoch ?? -1;
    }
    const target = targetAssignmentMetadata.read(record);
    if (target !== undefined) this.#assignmentEpoch = target.value?.assignmentEpoch ?? 0;
    const read = topology.read(record);
    if (read !== undefined) this.#topology = read.value === null ? undefined : topologyOf(read.value);
    const member = memberMetadata.read(record);
    if (member !== undefined) {
      if (member.value === null) this.#memberIds.delete(member.key.memberId);
      else this.#memberIds.add(member.key.memberId);
    }
    const current = currentMemberAssignment.read(record);
    if (current !== undefined) {
      const { key, value } = current;
      if (value === null) this.#progress.delete(key.memberId);
      else this.#progress.set(key.memberId, { epoch: value.memberEpoch, state: value.state });
    }
  }
}

/** Topics that the topology writes and reads again (repartition topics) are sources too. */
function topologyOf({ epoch, subtopologies }: StreamsGroupTopologyValue): Topology {
  const sourceTopics = new Set<string>();
  for (const part of subtopologies) {
    for (const topic of part.sourceTopics) sourceTopics.add(topic);
    for (const { name } of part.repartitionSourceTopics) sourceTopics.add(name);
  }
  return { epoch, sourceTopics };
}

export const streamsKind = unservedKind('streams', streamsRecordTypes, (groupId) => new StreamsGroup(groupId));
