// A consumer group (KIP-848) as its records tell of it (Kafka: ConsumerGroup): its state, and the topics that its members have
// subscribed to, by name or by a regular expression that some broker has resolved. Its protocol is not served.
import type { GroupStateRecord } from '../group-record.ts';
import { UnservedGroup, unservedKind } from '../unserved-group.ts';
import {
  consumerRecordTypes,
  currentMemberAssignment,
  groupMetadata,
  memberMetadata,
  regularExpression,
  targetAssignmentMetadata,
} from './record-types.ts';

interface Subscription {
  readonly topics: readonly string[];
  /** Empty or null: none. */
  readonly regex: string | null;
}

interface MemberProgress {
  readonly epoch: number;
  readonly state: number;
}

/** The states of a member (Kafka: MemberState): it has what it was given, and nothing to give back. */
const MEMBER_STABLE = 0;

class ConsumerGroup extends UnservedGroup {
  readonly type = 'consumer';
  readonly #members = new Map<string, Subscription>();
  readonly #progress = new Map<string, MemberProgress>();
  readonly #resolvedTopics = new Map<string, readonly string[]>();
  #epoch = 0;
  #assignmentEpoch = 0;

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
  get state(): 'Empty' | 'Assigning' | 'Reconciling' | 'Stable' {
    if (this.isEmpty) return 'Empty';
    if (this.#epoch > this.#assignmentEpoch) return 'Assigning';
    for (const memberId of this.#members.keys()) if (!this.#isReconciled(memberId)) return 'Reconciling';
    return 'Stable';
  }
  #isReconciled(memberId: string): boolean {
    const progress = this.#progress.get(memberId);
    return progress?.state === MEMBER_STABLE && progress.epoch === this.#assignmentEpoch;
  }

  isSubscribedTo(topic: string): boolean {
    for (const { topics, regex } of this.#members.values()) {
      if (topics.includes(topic)) return true;
      if (regex !== null && this.#resolvedTopics.get(regex)?.includes(topic) === true) return true;
    }
    return false;
  }

  protected read(record: GroupStateRecord): void {
    const group = groupMetadata.read(record);
    if (group !== undefined) this.#epoch = group.value?.epoch ?? 0;
    const target = targetAssignmentMetadata.read(record);
    if (target !== undefined) this.#assignmentEpoch = target.value?.assignmentEpoch ?? 0;
    const member = memberMetadata.read(record);
    if (member !== undefined) {
      const { key, value } = member;
      if (value === null) this.#members.delete(key.memberId);
      else this.#members.set(key.memberId, { topics: value.subscribedTopicNames, regex: value.subscribedTopicRegex });
    }
    const current = currentMemberAssignment.read(record);
    if (current !== undefined) {
      const { key, value } = current;
      if (value === null) this.#progress.delete(key.memberId);
      else this.#progress.set(key.memberId, { epoch: value.memberEpoch, state: value.state });
    }
    const resolved = regularExpression.read(record);
    if (resolved !== undefined) {
      const { key, value } = resolved;
      if (value === null) this.#resolvedTopics.delete(key.regularExpression);
      else this.#resolvedTopics.set(key.regularExpression, value.topics);
    }
  }
}

export const consumerKind = unservedKind('consumer', consumerRecordTypes, (groupId) => new ConsumerGroup(groupId));
