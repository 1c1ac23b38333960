// The end of committed offsets and of groups that nobody uses (Kafka: OffsetExpirationCondition, cleanupGroupMetadata;
// KIP-211): offsets go when their group has been empty, or has no longer read their topic, for offsets.retention.minutes; an
// empty group goes with the last of them.
import { type Int64, subtractInt64 } from '../../protocol/index.ts';
import type { ClassicGroup } from '../classic/classic-group.ts';
import { groupTombstone } from '../classic/group-metadata.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { CommittedOffset } from '../group-record.ts';
import type { Groups } from '../groups.ts';
import type { OffsetStore } from './offset-store.ts';

/** So many records at a time, so that requests get their turn in between. */
const MOST_TOMBSTONES = 10_000;

export interface Expired {
  /** Groups that go. */
  readonly groups: readonly ClassicGroup[];
  /** There may be more. */
  readonly isCutShort: boolean;
}

/** Appends tombstones for what is too old. */
export function expire(groups: Groups, store: OffsetStore, retentionMs: number, effects: GroupEffects): Expired {
  const gone: ClassicGroup[] = [];
  for (const group of groups.all()) {
    if (effects.records.length >= MOST_TOMBSTONES) return { groups: gone, isCutShort: true };
    if (group.kind !== 'classic') continue;
    const isBare = expireOffsets(group, store, retentionMs, effects);
    if (!isBare || !group.isIn('Empty') || group.pendingMembers.size > 0) continue;
    effects.append(groupTombstone(group.groupId));
    gone.push(group);
  }
  return { groups: gone, isCutShort: false };
}

/** Whether no offset is left. */
function expireOffsets(group: ClassicGroup, store: OffsetStore, retentionMs: number, effects: GroupEffects): boolean {
  const { groupId } = group;
  let isBare = !store.hasPending(groupId);
  const topics = store.topicsOf(groupId);
  if (topics === undefined) return isBare;
  const agesFrom = ageOf(group);
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

/** Since when an offset is out of use; undefined while the group uses all of them. */
function ageOf(group: ClassicGroup): ((offset: CommittedOffset) => Int64) | undefined {
  // Simple consumers: nobody but the commits themselves tells that somebody is there.
  if (group.protocolType === undefined) return (offset) => offset.commitTimestampMs;
  if (group.isIn('Empty')) {
    const { stateTimestampMs } = group;
    return stateTimestampMs === -1 ? (offset) => offset.commitTimestampMs : () => stateTimestampMs;
  }
  if (group.isIn('Stable') && group.subscribedTopics !== undefined) return (offset) => offset.commitTimestampMs;
  return undefined;
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
