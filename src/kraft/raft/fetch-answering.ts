// The leader serves its log and its snapshots to replicas (Kafka: tryCompleteFetchRequest, handleFetchSnapshotRequest,
// KafkaMetadataLog.validateOffsetAndEpoch).
import { Errors } from '../../protocol/index.ts';
import { answerOf } from './epoch-keeping.ts';
import type { LeaderState } from './leader-state.ts';
import type { EpochEnd, FetchAnswer, FetchAsk, SnapshotAnswer, SnapshotAsk } from './peer-messages.ts';
import type { RaftContext } from './raft-context.ts';
import type { SnapshotId } from './snapshot-files.ts';

const NO_RECORDS = Buffer.alloc(0);

/** undefined: there is nothing to tell before something happens, or the wait is over (`look.isLast`). */
export function answerFetch(
  context: RaftContext,
  ask: FetchAsk,
  now: number,
  look: { readonly isFirst: boolean; readonly isLast: boolean },
): FetchAnswer | undefined {
  const { state, log } = context;
  const refusal = refusalOf(context, ask);
  if (refusal !== Errors.NONE) return emptyFetchAnswer(context, refusal);
  const leader = state as LeaderState;
  const verdict = verdictOn(context, ask);
  if (verdict !== 'valid') {
    if (look.isFirst) keepQuorum(context, leader, ask, now);
    return { ...emptyFetchAnswer(context, Errors.NONE), ...verdict };
  }
  if (look.isFirst) {
    keepQuorum(context, leader, ask, now);
    context.advanceTo(leader.fetched(ask.replica, ask.fetchOffset, now));
  }
  const records = log.read(ask.fetchOffset, Math.min(ask.maxBytes, context.maxBytes.fetch));
  const knows = ask.highWatermark !== undefined && ask.highWatermark < (leader.highWatermark ?? -1);
  if (records.length === 0 && !knows && ask.maxWaitMs > 0 && !look.isLast) return undefined;
  return { ...emptyFetchAnswer(context, Errors.NONE), records };
}

/** A fetch of a voter holds the leader in office, whatever its answer is. */
function keepQuorum(context: RaftContext, leader: LeaderState, { replica }: FetchAsk | SnapshotAsk, now: number): void {
  if (leader.heardOf(replica)) leader.checkQuorumMs = now + context.checkQuorumTimeoutMs;
}

function emptyFetchAnswer(context: RaftContext, errorCode: number): FetchAnswer {
  const { state, log } = context;
  return {
    kind: 'fetch',
    ...answerOf(context, errorCode),
    highWatermark: errorCode === Errors.NONE && state.name === 'leader' ? state.highWatermark : undefined,
    logStartOffset: errorCode === Errors.NONE ? log.startOffset : 0,
    diverging: undefined,
    snapshotId: undefined,
    records: NO_RECORDS,
  };
}

function refusalOf({ state }: RaftContext, ask: FetchAsk): number {
  const { epoch, fetchOffset, lastFetchedEpoch, maxWaitMs } = ask;
  if (maxWaitMs < 0 || fetchOffset < 0 || lastFetchedEpoch < 0 || epoch < 0 || lastFetchedEpoch > epoch) {
    return Errors.INVALID_REQUEST;
  }
  return leaderRefusal(state, epoch);
}

function leaderRefusal(state: RaftContext['state'], epoch: number): number {
  if (epoch < state.epoch) return Errors.FENCED_LEADER_EPOCH;
  if (epoch > state.epoch) return Errors.UNKNOWN_LEADER_EPOCH;
  return state.name === 'leader' ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER;
}

function verdictOn(
  { log }: RaftContext,
  { fetchOffset, lastFetchedEpoch }: FetchAsk,
): 'valid' | { readonly snapshotId: SnapshotId } | { readonly diverging: EpochEnd } {
  const { latestSnapshot, earliestSnapshot, startOffset } = log;
  // Cheaper than the whole log. The snapshot 0-0 comes from formatting and is nobody's state.
  if (fetchOffset === 0 && latestSnapshot !== undefined && latestSnapshot.endOffset > 0) {
    return { snapshotId: latestSnapshot };
  }
  if (startOffset === 0 && fetchOffset === 0) return 'valid';
  if (earliestSnapshot !== undefined && latestSnapshot !== undefined) {
    const isBefore = fetchOffset < startOffset || lastFetchedEpoch < earliestSnapshot.epoch;
    const isOther = fetchOffset === startOffset && lastFetchedEpoch !== earliestSnapshot.epoch;
    if (isBefore || isOther) return { snapshotId: latestSnapshot };
  }
  const end = log.endOffsetForEpoch(lastFetchedEpoch);
  return end.epoch !== lastFetchedEpoch || end.endOffset < fetchOffset ? { diverging: end } : 'valid';
}

export function answerSnapshot(context: RaftContext, ask: SnapshotAsk, now: number): SnapshotAnswer {
  const { state, log } = context;
  const { snapshotId, position } = ask;
  const answer = (errorCode: number, sizeInBytes = 0, bytes: Buffer = NO_RECORDS): SnapshotAnswer => {
    return { kind: 'fetch snapshot', ...answerOf(context, errorCode), snapshotId, position, sizeInBytes, bytes };
  };
  const refusal = leaderRefusal(state, ask.epoch);
  if (refusal !== Errors.NONE) return answer(refusal);
  const piece = log.readSnapshot(snapshotId, position, Math.min(ask.maxBytes, context.maxBytes.snapshot));
  if (piece === undefined) return answer(Errors.SNAPSHOT_NOT_FOUND);
  if (position < 0 || position >= piece.sizeInBytes) return answer(Errors.POSITION_OUT_OF_RANGE);
  keepQuorum(context, state as LeaderState, ask, now);
  return answer(Errors.NONE, piece.sizeInBytes, piece.bytes);
}
