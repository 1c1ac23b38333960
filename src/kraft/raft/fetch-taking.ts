// A follower asks its leader for the log, and for a snapshot where it is too far behind; and what it does with the answers
// (Kafka: handleFetchResponse, handleFetchSnapshotResponse). Everything is flushed before the next fetch tells the leader of it.
import { Errors, errorName } from '../../protocol/index.ts';
import { isOnlyNews } from './epoch-keeping.ts';
import type { FollowerState } from './follower-state.ts';
import type { FetchAnswer, FetchAsk, PeerAsk, SnapshotAnswer } from './peer-messages.ts';
import { CorruptBatchError, readBatches } from './raft-batches.ts';
import type { RaftContext } from './raft-context.ts';

/** How long the leader may wait for news before it answers. */
const MAX_WAIT_MS = 500;
/** After an answer that could not be used. */
const CONFUSED_MS = 500;

export function fetchAsk(context: RaftContext): FetchAsk {
  const { log, self, state, highWatermark } = context;
  return {
    kind: 'fetch',
    epoch: state.epoch,
    replica: self,
    fetchOffset: log.endOffset,
    lastFetchedEpoch: log.lastEpoch,
    highWatermark: highWatermark ?? -1,
    maxWaitMs: MAX_WAIT_MS,
    maxBytes: context.maxBytes.fetch,
  };
}

/** What is asked next of the leader. */
export function followerAsk(context: RaftContext, state: FollowerState): PeerAsk {
  const { download } = state;
  if (download === undefined) return fetchAsk(context);
  const { epoch } = state;
  return {
    kind: 'fetch snapshot',
    epoch,
    replica: context.self,
    snapshotId: download.id,
    position: download.position,
    maxBytes: context.maxBytes.snapshot,
  };
}

/** `from`: whom we asked; below 0 a server whose id is not known. */
export function takeFetchAnswer(context: RaftContext, answer: FetchAnswer, from: number, now: number): void {
  if (isOnlyNews(context, answer, now)) return context.outbox.rest(from, now);
  const { state } = context;
  if (state.name !== 'follower' || (from >= 0 && from !== state.leaderId)) return context.outbox.rest(from, now);
  if (answer.errorCode !== Errors.NONE) {
    context.tell('warn', 'the leader refuses a fetch', {
      leaderId: state.leaderId,
      error: errorName(answer.errorCode),
    });
    return context.outbox.rest(from, now, CONFUSED_MS);
  }
  heardOfLeader(context, state, now);
  if (answer.diverging !== undefined) {
    if (!cut(context, answer.diverging)) context.outbox.rest(from, now, CONFUSED_MS);
    return;
  }
  if (answer.snapshotId !== undefined) {
    const { snapshotId } = answer;
    context.tell('info', 'the log of the leader begins behind ours: fetching a snapshot', {
      endOffset: snapshotId.endOffset,
    });
    state.download = { id: snapshotId, position: 0 };
    return;
  }
  if (answer.records.length > 0 && !append(context, answer.records)) return context.outbox.rest(from, now, CONFUSED_MS);
  if (answer.highWatermark !== undefined) context.leaderHasCommitted(answer.highWatermark);
}

function heardOfLeader(context: RaftContext, state: FollowerState, now: number): void {
  state.hasFetched = true;
  state.fetchDeadlineMs = now + context.options.timeouts.fetchMs;
}

/** False when the answer is not what was asked for. */
function append(context: RaftContext, records: Buffer): boolean {
  let next = context.log.endOffset;
  let lastEpoch = context.log.lastEpoch;
  try {
    for (const { baseOffset, lastOffset, epoch } of readBatches(records)) {
      const follows = baseOffset === next && epoch >= lastEpoch && epoch <= context.state.epoch;
      if (!follows)
        throw new CorruptBatchError(`a batch of offset ${baseOffset} and epoch ${epoch} where ${next} is next`);
      next = lastOffset + 1;
      lastEpoch = epoch;
    }
    context.history.addFrom(records);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.tell('error', 'the leader has sent records that cannot be used', { reason });
    return false;
  }
  context.effects.appendFetched = records;
  context.isWriting = true;
  return true;
}

/** Cuts our log to where it parts from the leader's (Kafka: ReplicatedLog.truncateToEndOffset); false when it does not. */
function cut(context: RaftContext, leaders: { readonly epoch: number; readonly endOffset: number }): boolean {
  const { log, highWatermark } = context;
  const ours = log.endOffsetForEpoch(leaders.epoch);
  const isShared = leaders.epoch !== 0 && ours.epoch === leaders.epoch;
  let offset = isShared ? Math.min(ours.endOffset, leaders.endOffset) : ours.endOffset;
  if (leaders.epoch === 0) offset = Math.min(leaders.endOffset, log.endOffset);
  if (offset < (highWatermark ?? 0)) {
    context.effects.fault =
      `the leader's log parts from ours at offset ${offset}, and ours is committed up to ${highWatermark}: two ` +
      `controllers have diverged. Stop this node and find out which directory was put back from an old copy or wiped`;
    return false;
  }
  if (offset >= log.endOffset) return false;
  context.tell('info', 'cutting the metadata log to where it agrees with the leader', {
    from: log.endOffset,
    to: offset,
  });
  context.effects.truncateTo = offset;
  context.isWriting = true;
  return true;
}

export function takeSnapshotAnswer(context: RaftContext, answer: SnapshotAnswer, from: number, now: number): void {
  if (isOnlyNews(context, answer, now)) return context.outbox.rest(from, now);
  const { state } = context;
  if (state.name !== 'follower' || from !== state.leaderId || state.download === undefined) return;
  const { download } = state;
  const { snapshotId, position, sizeInBytes, bytes, errorCode } = answer;
  const isExpected =
    errorCode === Errors.NONE &&
    snapshotId.endOffset === download.id.endOffset &&
    snapshotId.epoch === download.id.epoch &&
    position === download.position &&
    bytes.length > 0;
  if (!isExpected) {
    context.tell('warn', 'a snapshot is given up', { endOffset: download.id.endOffset, error: errorName(errorCode) });
    state.download = undefined;
    return context.outbox.rest(from, now, CONFUSED_MS);
  }
  heardOfLeader(context, state, now);
  download.position += bytes.length;
  context.effects.snapshotPiece = { id: download.id, position, bytes, isLast: download.position >= sizeInBytes };
  context.isWriting = true;
}
