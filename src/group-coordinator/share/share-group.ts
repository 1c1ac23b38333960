// A share group (KIP-932; Kafka: ShareGroup) as its records tell of it: the members with what each reads, and which share
// partitions have state. It has no committed offsets: what it has read stands in __share_group_state.
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { GroupKind } from '../group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { ModernGroup, type ModernGroupState, topicPartitionsOf } from '../modern/index.ts';
import { cancelSession } from '../sessions.ts';
import * as types from './record-types.ts';
import { assignedShareMember, newShareMember, type ShareMember, subscribedShareMember } from './share-member.ts';
import { groupTombstones } from './share-records.ts';
import { NO_STATE_PARTITIONS, type StatePartitions, statePartitionsOf } from './state-partitions.ts';

export const SHARE_TYPE = 'share';

export class ShareGroup extends ModernGroup<ShareMember> {
  readonly type = SHARE_TYPE;
  #statePartitions: StatePartitions | undefined;

  /** Members have all that they are given at once: a group with members is stable. */
  override get state(): ModernGroupState {
    return this.isEmpty ? 'Empty' : 'Stable';
  }
  get statePartitions(): StatePartitions {
    return this.#statePartitions ?? NO_STATE_PARTITIONS;
  }
  /** Whether anything has ever been written of share partitions. */
  get hasStatePartitions(): boolean {
    return this.#statePartitions !== undefined;
  }
  isInitialized(topicId: string, partition: number): boolean {
    return this.#statePartitions?.initialized.get(topicId)?.partitions.has(partition) === true;
  }

  /** Share partitions whose state is there now, and which nobody has been given (Kafka: initializedAssignmentPending). */
  get hasUnassigned(): boolean {
    if (this.isEmpty) return false;
    const given = new Map<string, Set<number>>();
    for (const target of this.targets.values()) {
      for (const [topicId, partitions] of target) {
        const known = given.get(topicId) ?? new Set();
        for (const partition of partitions) known.add(partition);
        given.set(topicId, known);
      }
    }
    for (const [topicId, { topicName, partitions }] of this.statePartitions.initialized) {
      if (!this.isSubscribedTo(topicName)) continue;
      const known = given.get(topicId);
      if (known?.size !== partitions.size || [...partitions].some((partition) => !known.has(partition))) return true;
    }
    return false;
  }

  replay(record: GroupStateRecord): boolean {
    const group = types.groupMetadata.read(record);
    if (group?.value === null) return false;
    if (group !== undefined) this.setEpoch(group.value.epoch, group.value.metadataHash);
    const epoch = types.targetAssignmentMetadata.read(record);
    if (epoch !== undefined) {
      this.setAssignmentEpoch(epoch.value?.assignmentEpoch ?? 0, epoch.value?.assignmentTimestamp ?? 0);
    }
    const target = types.targetAssignmentMember.read(record);
    if (target !== undefined) {
      this.setTarget(target.key.memberId, target.value && topicPartitionsOf(target.value.topicPartitions));
    }
    const state = types.statePartitionMetadata.read(record);
    if (state !== undefined) this.#statePartitions = state.value === null ? undefined : statePartitionsOf(state.value);
    this.#replayMember(record);
    return true;
  }

  #replayMember(record: GroupStateRecord): void {
    const subscription = types.memberMetadata.read(record);
    if (subscription !== undefined) {
      const { key, value } = subscription;
      if (value === null) this.deleteMember(key.memberId);
      else this.setMember(subscribedShareMember(this.member(key.memberId) ?? newShareMember(key.memberId), value));
    }
    const current = types.currentMemberAssignment.read(record);
    if (current !== undefined) {
      const { key, value } = current;
      const known = this.member(key.memberId);
      if (value !== null || known !== undefined) {
        this.setMember(assignedShareMember(known ?? newShareMember(key.memberId), value));
      }
    }
  }

  // The contract of groups.

  override get shouldExpire(): boolean {
    return false;
  }
  checkCommit(): ErrorCode {
    return Errors.GROUP_ID_NOT_FOUND;
  }
  checkFetch(): ErrorCode {
    return Errors.GROUP_ID_NOT_FOUND;
  }
  checkDeleteOffsets(): ErrorCode {
    return Errors.GROUP_ID_NOT_FOUND;
  }
  offsetsAgeFrom(): undefined {
    return undefined;
  }
  appendTombstones(effects: GroupEffects): void {
    for (const record of groupTombstones(this.groupId, [...this.memberIds])) effects.append(record);
  }
  cancelTimers(effects: GroupEffects): void {
    for (const memberId of this.memberIds) cancelSession(this.groupId, memberId, effects);
  }
}

export const shareKind: GroupKind<ShareGroup> = {
  type: SHARE_TYPE,
  recordTypes: types.shareRecordTypes,
  replay(known, record) {
    if (known === undefined && record.value === null) return undefined;
    const group = known ?? new ShareGroup(record.groupId);
    return group.replay(record) ? group : undefined;
  },
};
