// A streams group (KIP-1071; Kafka: StreamsGroup): members, topology, target assignment, all of it changed by replay alone. What
// is not written down is lost with the shard and found again: the topology held against the topics, end points, and
// whether somebody has asked the application to stop.
import { type ErrorCode, Errors, type Int64 } from '../../protocol/index.ts';
import type { Committer, Fetcher, Group, GroupKind, ListedGroup } from '../group.ts';
import { type GroupEffects, initialAssignmentKey } from '../group-effects.ts';
import type { CommittedOffset, GroupStateRecord } from '../group-record.ts';
import type { ConfiguredTopology } from './configured-topology.ts';
import { EndpointRows } from './endpoints.ts';
import * as types from './record-types.ts';
import {
  isReconciledTo,
  type KeyValue,
  newMember,
  type StreamsMember,
  withCurrentAssignment,
  withMetadata,
} from './streams-member.ts';
import { type GroupEpoch, groupTombstones } from './streams-records.ts';
import { TaskOwners } from './task-owners.ts';
import { NO_TASKS, tasksOf, type TasksTuple } from './tasks.ts';
import { type StreamsTopology, topologyOf } from './topology.ts';

export type StreamsGroupState = 'Empty' | 'NotReady' | 'Assigning' | 'Reconciling' | 'Stable';

export const STREAMS_TYPE = 'streams';
/** A group that is new has this epoch, and has assigned nothing in it, without a record of either. */
const FIRST_EPOCH = 1;
/** Before it members cannot say in which epoch they commit. */
const MEMBER_EPOCH_SINCE = 9;

export class StreamsGroup implements Group {
  readonly type = STREAMS_TYPE;
  readonly groupId: string;
  #epoch: GroupEpoch = { epoch: FIRST_EPOCH, metadataHash: 0, validatedTopologyEpoch: 0, lastAssignmentConfigs: [] };
  #assignmentEpoch = FIRST_EPOCH;
  #assignmentTimestampMs: Int64 = 0;
  #topology: StreamsTopology | undefined;
  readonly #members = new Map<string, StreamsMember>();
  readonly #targets = new Map<string, TasksTuple>();
  readonly #owners = new TaskOwners();

  /** The topology held against the topics; undefined until a member is heard of. */
  #configured: ConfiguredTopology | undefined;
  /** Its topics may have changed since it was configured. */
  mustLookAtTopics = true;
  #shutdownRequester: string | undefined;
  /** Counts the changes of what `endpoints` tell. */
  endpointEpoch = 0;
  readonly endpoints = new EndpointRows();

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get epoch(): GroupEpoch {
    return this.#epoch;
  }
  get assignmentEpoch(): number {
    return this.#assignmentEpoch;
  }
  /** When the target assignment was computed, milliseconds; 0: not known. */
  get assignmentTimestampMs(): Int64 {
    return this.#assignmentTimestampMs;
  }
  get lastAssignmentConfigs(): readonly KeyValue[] {
    return this.#epoch.lastAssignmentConfigs;
  }
  get topology(): StreamsTopology | undefined {
    return this.#topology;
  }
  get members(): ReadonlyMap<string, StreamsMember> {
    return this.#members;
  }
  /** Members without a target are not in it. */
  get targets(): ReadonlyMap<string, TasksTuple> {
    return this.#targets;
  }
  target(memberId: string): TasksTuple {
    return this.#targets.get(memberId) ?? NO_TASKS;
  }
  get owners(): TaskOwners {
    return this.#owners;
  }
  get configured(): ConfiguredTopology | undefined {
    return this.#configured;
  }
  set configured(topology: ConfiguredTopology) {
    this.#configured = topology;
    this.endpoints.clear();
  }
  /** Who has asked all to stop; nobody hears of it any more once the group is empty. */
  get shutdownRequester(): string | undefined {
    return this.#shutdownRequester;
  }
  requestShutdown(memberId: string): void {
    this.#shutdownRequester ??= memberId;
  }

  get state(): StreamsGroupState {
    if (this.isEmpty) return 'Empty';
    if (this.#topology?.epoch !== this.#epoch.validatedTopologyEpoch) return 'NotReady';
    if (this.#epoch.epoch > this.#assignmentEpoch) return 'Assigning';
    for (const member of this.#members.values()) {
      if (!isReconciledTo(member, this.#assignmentEpoch)) return 'Reconciling';
    }
    return 'Stable';
  }

  /** false: the group is gone with the record. */
  replay(record: GroupStateRecord): boolean {
    switch (record.type) {
      case types.groupMetadata: {
        const value = types.groupMetadata.read(record)?.value;
        if (value === null || value === undefined) return false;
        this.#epoch = { ...value, lastAssignmentConfigs: value.lastAssignmentConfigs ?? [] };
        return true;
      }
      case types.topology: {
        const value = types.topology.read(record)?.value ?? null;
        this.#topology = value === null ? undefined : topologyOf(value);
        return true;
      }
      case types.targetAssignmentMetadata: {
        const value = types.targetAssignmentMetadata.read(record)?.value;
        this.#assignmentEpoch = value?.assignmentEpoch ?? -1;
        this.#assignmentTimestampMs = value?.assignmentTimestamp ?? 0;
        return true;
      }
      default:
        this.#replayMember(record);
        return true;
    }
  }

  #replayMember(record: GroupStateRecord): void {
    const target = types.targetAssignmentMember.read(record);
    if (target !== undefined) {
      const { key, value } = target;
      if (value === null) this.#targets.delete(key.memberId);
      else {
        const { activeTasks, standbyTasks, warmupTasks } = value;
        const tasks = { active: tasksOf(activeTasks), standby: tasksOf(standbyTasks), warmup: tasksOf(warmupTasks) };
        this.#targets.set(key.memberId, tasks);
      }
    }
    const current = types.currentMemberAssignment.read(record);
    if (current !== undefined) {
      const known = this.#members.get(current.key.memberId);
      // Nothing is taken from who is not there.
      if (known === undefined && current.value === null) return;
      this.#set(withCurrentAssignment(known ?? newMember(current.key.memberId), current.value));
    }
    const metadata = types.memberMetadata.read(record);
    if (metadata !== undefined) {
      const { memberId } = metadata.key;
      if (metadata.value === null) this.#delete(memberId);
      else this.#set(withMetadata(this.#members.get(memberId) ?? newMember(memberId), metadata.value));
    }
  }

  #set(member: StreamsMember): void {
    const known = this.#members.get(member.memberId);
    if (known !== undefined) this.#owners.remove(known);
    this.#members.set(member.memberId, member);
    this.#owners.add(member);
    this.endpoints.forget(member.memberId);
  }

  #delete(memberId: string): void {
    const known = this.#members.get(memberId);
    if (known === undefined) return;
    this.#owners.remove(known);
    this.#members.delete(memberId);
    this.endpoints.forget(memberId);
    if (this.isEmpty) this.#shutdownRequester = undefined;
  }

  // The contract of groups.

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
  get shouldExpire(): boolean {
    return this.isEmpty;
  }
  get givesWay(): boolean {
    return this.isEmpty;
  }

  checkCommit(committer: Committer): ErrorCode {
    const { memberId, groupInstanceId, generationIdOrMemberEpoch: epoch, apiVersion, isTransactional } = committer;
    if (epoch < 0 && this.isEmpty) return Errors.NONE;
    // An old client does not say who commits within its transaction.
    if (isTransactional && epoch === -1 && memberId === '' && groupInstanceId === null) return Errors.NONE;
    const member = this.#members.get(memberId);
    if (member === undefined) return Errors.UNKNOWN_MEMBER_ID;
    if (!isTransactional && apiVersion < MEMBER_EPOCH_SINCE) return Errors.UNSUPPORTED_VERSION;
    if (epoch > member.memberEpoch) return Errors.STALE_MEMBER_EPOCH;
    if (epoch < member.memberEpoch && this.#topology === undefined) return Errors.STALE_MEMBER_EPOCH;
    return Errors.NONE;
  }

  /** An epoch that is over still does for a task that the member had in it and has had ever since (KIP-1251). */
  checkCommitOf(committer: Committer, _topicId: string, partition: number, topic: string): ErrorCode {
    const { memberId, generationIdOrMemberEpoch: epoch } = committer;
    const member = this.#members.get(memberId);
    if (member === undefined || epoch >= member.memberEpoch) return Errors.NONE;
    const subtopologyId = this.#topology?.bySourceTopic.get(topic)?.subtopologyId ?? '';
    const assignedIn =
      member.assigned.active.get(subtopologyId)?.get(partition) ??
      member.pendingRevocation.active.get(subtopologyId)?.get(partition);
    return assignedIn === undefined || epoch < assignedIn ? Errors.STALE_MEMBER_EPOCH : Errors.NONE;
  }

  checkFetch({ memberId, memberEpoch }: Fetcher): ErrorCode {
    if (memberId === null && memberEpoch < 0) return Errors.NONE;
    const member = this.#members.get(memberId ?? '');
    if (member === undefined) return Errors.UNKNOWN_MEMBER_ID;
    return memberEpoch === member.memberEpoch ? Errors.NONE : Errors.STALE_MEMBER_EPOCH;
  }
  checkDeleteOffsets(): ErrorCode {
    return Errors.NONE;
  }
  isSubscribedTo(topic: string): boolean {
    return !this.isEmpty && this.#topology?.bySourceTopic.has(topic) === true;
  }
  offsetsAgeFrom(): (offset: CommittedOffset) => Int64 {
    return ({ commitTimestampMs }) => commitTimestampMs;
  }
  appendTombstones(effects: GroupEffects): void {
    for (const record of groupTombstones(this.groupId, [...this.#members.keys()])) effects.append(record);
  }
  cancelTimers(effects: GroupEffects): void {
    effects.cancel(initialAssignmentKey(this.groupId));
  }
  listed(): ListedGroup {
    const { groupId, type, state } = this;
    return { groupId, protocolType: type, groupState: state, groupType: type };
  }
  described(): undefined {
    return undefined;
  }
}

export const streamsKind: GroupKind<StreamsGroup> = {
  type: STREAMS_TYPE,
  recordTypes: types.streamsRecordTypes,
  replay(known, record) {
    if (known === undefined && record.value === null) return undefined;
    const group = known ?? new StreamsGroup(record.groupId);
    return group.replay(record) ? group : undefined;
  },
};
