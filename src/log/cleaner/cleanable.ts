// How much of a log is dirty, and whether that is to be cleaned now (Kafka's LogCleanerManager.cleanableOffsets and LogToClean).
import { subtractInt64 } from '../../protocol/index.ts';
import type { Segment } from '../segments/segment.ts';
import type { Segments } from '../segments/segments.ts';
import type { LogToClean } from './log-to-clean.ts';

export interface Cleanable {
  readonly firstDirtyOffset: number;
  /** Where the first segment begins that may not be cleaned. */
  readonly firstUncleanableOffset: number;
  readonly cleanBytes: number;
  readonly cleanableBytes: number;
  /** Share of the dirty bytes that may be cleaned in them and the clean ones; NaN without any. */
  readonly cleanableRatio: number;
  /** How long ago max.compaction.lag.ms should have had the log cleaned; 0: it has not passed. */
  readonly compactionDelayMs: number;
  /** Why the checkpoint cannot be true, which is `firstDirtyOffset` from now on. */
  readonly checkpointFault: string | undefined;
}

/** `cleanedTo`: the checkpoint of the log, undefined when it has none. Throws DiskError. */
export function cleanableOf(log: LogToClean, cleanedTo: number | undefined, now: number): Cleanable {
  const { segments, logStartOffset } = log;
  const checkpointFault = faultOf(log, cleanedTo ?? logStartOffset);
  const firstDirtyOffset = checkpointFault === undefined ? (cleanedTo ?? logStartOffset) : logStartOffset;
  const bound = Math.max(firstDirtyOffset, uncleanableFrom(log, firstDirtyOffset, now));
  const firstUncleanableOffset = (bound > segments.active.baseOffset ? segments.active : holding(segments, bound))
    .baseOffset;
  const cleanBytes = sum(segments, 0, firstDirtyOffset);
  const from = Math.min(firstDirtyOffset, firstUncleanableOffset);
  const cleanableBytes = from === firstUncleanableOffset ? 0 : sum(segments, from, firstUncleanableOffset);
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    cleanBytes,
    cleanableBytes,
    cleanableRatio: cleanableBytes / (cleanBytes + cleanableBytes),
    compactionDelayMs: compactionDelayMs(log, firstDirtyOffset, now),
    checkpointFault,
  };
}

/** Whether the log is to be cleaned now. */
export function isDirtyEnough(
  log: LogToClean,
  { cleanableBytes, cleanableRatio, compactionDelayMs }: Cleanable,
): boolean {
  return (compactionDelayMs > 0 && cleanableBytes > 0) || cleanableRatio > log.config.minCleanableDirtyRatio;
}

function faultOf({ logStartOffset, logEndOffset }: LogToClean, checkpoint: number): string | undefined {
  if (checkpoint < logStartOffset) return 'it lies before the log start';
  return checkpoint > logEndOffset ? 'it lies behind the log end' : undefined;
}

/** The active segment, transactions that are open, and segments with records younger than min.compaction.lag.ms stay as they are. */
function uncleanableFrom(log: LogToClean, firstDirtyOffset: number, now: number): number {
  const active = log.segments.active.baseOffset;
  const { minCompactionLagMs } = log.config;
  const isYoung = (segment: Segment): boolean => {
    const largest = segment.maxTimestamp >= 0 ? segment.maxTimestamp : segment.modifiedMs;
    return largest > now - minCompactionLagMs;
  };
  const young = minCompactionLagMs > 0 ? dirtyNonActive(log, firstDirtyOffset).find(isYoung) : undefined;
  return Math.min(log.lastStableOffset, active, young?.baseOffset ?? active);
}

function compactionDelayMs(log: LogToClean, firstDirtyOffset: number, now: number): number {
  const cleanUntil = now - log.config.maxCompactionLagMs;
  if (cleanUntil <= 0) return 0;
  let delayMs = 0;
  for (const { firstTimestamp } of dirtyNonActive(log, firstDirtyOffset)) {
    if (firstTimestamp > 0) delayMs = Math.max(delayMs, Number(subtractInt64(cleanUntil, firstTimestamp)));
  }
  return delayMs;
}

function dirtyNonActive({ segments }: LogToClean, firstDirtyOffset: number): Segment[] {
  const found: Segment[] = [];
  for (let i = Math.max(0, segments.floorIndex(firstDirtyOffset)); i < segments.count - 1; i++) {
    found.push(segments.at(i) as Segment);
  }
  return found;
}

const holding = (segments: Segments, offset: number): Segment =>
  segments.at(Math.max(0, segments.floorIndex(offset))) as Segment;

function sum(segments: Segments, from: number, to: number): number {
  let bytes = 0;
  for (let i = Math.max(0, segments.floorIndex(from)); i < segments.count; i++) {
    const segment = segments.at(i) as Segment;
    if (segment.baseOffset >= to) break;
    bytes += segment.sizeBytes;
  }
  return bytes;
}
