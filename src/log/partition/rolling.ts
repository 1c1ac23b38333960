// When a segment is left for a new one, and what is done then (Kafka's LogSegment.shouldRoll, UnifiedLog.roll).
import { type Int64, subtractInt64 } from '../../protocol/index.ts';
import type { LogState } from './log-state.ts';
import type { Segment } from '../segments/segment.ts';

/** Whether a batch of this size, age and end must go into a new segment. */
export function mustRoll(
  state: LogState,
  sizeBytes: number,
  maxTimestamp: Int64,
  lastOffset: number,
  now: number,
): boolean {
  const active = state.segments.active;
  const { config } = state;
  if (active.sizeBytes === 0) return !active.canHold(lastOffset);
  return (
    active.sizeBytes > config.segmentBytes - sizeBytes ||
    waitedMs(active, maxTimestamp, now) > maxAgeMs(state) - jitterMs(state, active) ||
    active.isIndexFull(config.segmentIndexBytes) ||
    !active.canHold(lastOffset) ||
    state.environment.rare?.happens('log: a segment is left early') === true
  );
}

/** Age by the records' own timestamps; by the clock when the first batch has none. */
function waitedMs(segment: Segment, maxTimestamp: Int64, now: number): Int64 {
  const { firstTimestamp } = segment;
  return firstTimestamp >= 0 ? subtractInt64(maxTimestamp, firstTimestamp) : now - segment.createdMs;
}

/** Drawn once per segment. */
function jitterMs(state: LogState, segment: Segment): number {
  const { segmentJitterMs } = state.config;
  if (segmentJitterMs === 0) return 0;
  if (segment.rollJitter < 0) segment.rollJitter = state.environment.random.next();
  return Math.floor(segment.rollJitter * Math.min(segmentJitterMs, maxAgeMs(state)));
}

function maxAgeMs(state: LogState): number {
  const { config } = state;
  return config.cleanupPolicy.includes('compact')
    ? Math.min(config.segmentMs, config.maxCompactionLagMs)
    : config.segmentMs;
}

/** Leaves the active segment for one that begins at the log's end. The caller sees to it that the old one is flushed. */
export function roll(state: LogState): Segment {
  const base = state.logEndOffset;
  state.segments.active.noteLargestTimestamp();
  state.snapshotProducers();
  const segment = state.newSegment(base);
  state.segments.add(segment);
  return segment;
}
