// The end of committed offsets and of groups that nobody uses (Kafka: OffsetExpirationCondition, cleanupGroupMetadata;
// KIP-211): offsets go when their group has been empty, or has no longer read their topic, for offsets.retention.minutes; an
// empty group goes with the last of them.
import { type Int64, subtractInt64 } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import type { Group, GroupsById } from '../group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { CommittedOffset } from '../group-record.ts';
import type { OffsetStore } from './offset-store.ts';

/** So many records at a time, so that requests get their turn in between. */
const MOST_TOMBSTONES = 10_000;

/** Appends tombstones for what is too old. true: there may be more. */
export function expire(groups: GroupsById, store: OffsetStore, retentionMs: number, effects: GroupEffects): boolean {
  for (const group of groups.all()) {
    if (effects.records.length >= MOST_TOMBSTONES) return true;
    const isBare = expireOffsets(group, store, retentionMs, effects);
    if (!isBare || !group.shouldExpire) continue;
    assert(group.isEmpty, 'a group that somebody is in does not expire');
    group.cancelTimers(effects);
    group.appendTombstones(effects);
  }
  return false;
}

/** Whether no offset is left. */
function expireOffsets(group: Group, store: OffsetStore, retentionMs: number, effects: GroupEffects): boolean {
  const { groupId } = group;
  let isBare = !store.hasPending(groupId);
  const topics = store.topicsOf(groupId);
  if (topics === undefined) return isBare;
  const agesFrom = group.offsetsAgeFrom();
  if (agesFrom === undefined) return false;
  for (const [topic, partitions] of topics) {
    const isInUse = group.isSubscribedTo(topic);
    for (const [partition, offset] of partitions) {
      if (
        isInUse ||
        !isExpired(offset, agesFrom, retentionMs, effects.nowMs) ||
        store.isPending(groupId, topic, partition)
      ) {
        isBare = false;
      } else effects.append({ kind: 'offset', groupId, topic, partition, value: null });
    }
  }
  return isBare;
}

function isExpired(
  offset: CommittedOffset,
  agesFrom: (offset: CommittedOffset) => Int64,
  retentionMs: number,
  nowMs: number,
): boolean {
  if (offset.expireTimestampMs !== -1) return nowMs >= offset.expireTimestampMs;
  return subtractInt64(nowMs, agesFrom(offset)) >= retentionMs;
}
