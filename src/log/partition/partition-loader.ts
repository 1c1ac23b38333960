// Opens what stands in a partition's directory (Kafka's LogLoader). After a clean shutdown the end of the log is read from
// its last index entry on, and everything else when it is first needed. After a crash every segment from the recovery
// point on is read through, and cut where it is damaged; what lies before, or was closed in order, is never cut.
import type { LogEnvironment } from './log-environment.ts';
import * as batch from '../../protocol/records/index.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import { LeaderEpochs } from '../segments/leader-epochs.ts';
import { type PartitionDirectory, readPartitionDirectory } from '../recovery/partition-directory.ts';
import { ProducerSnapshots, replayProducers } from '../producers/producer-snapshots.ts';
import type { ProducerState } from '../producers/producer-state.ts';
import { Segment } from '../segments/segment.ts';
import { scanEpochs } from '../segments/epoch-scan.ts';
import { HOLES_ANYWHERE, type SegmentEnd } from '../segments/segment-search.ts';
import { recoverSegment } from '../recovery/segment-recovery.ts';
import { mendTransactionIndexes, producerLimits, rebuildMissingIndexes } from './index-mending.ts';
import { Segments } from '../segments/segments.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';

export interface LoadOptions {
  readonly directory: string;
  readonly config: TopicLogConfig;
  /** The broker stopped in an orderly way: files are whole, indexes too. */
  readonly isClean: boolean;
  /** What lies before is flushed; undefined when that is not known. */
  readonly recoveryPoint: number | undefined;
  /** From the checkpoint; 0 when it has none. */
  readonly logStartOffset: number;
  readonly highWatermark: number;
  /** Up to where a cleaner has been at work; undefined when that is not known. */
  readonly compactedBelow: number | undefined;
  /** Asked before a damaged end is cut off; what it throws keeps the files as they are. */
  readonly beforeCut?: (segment: Segment, position: number) => void;
}

/** What a log is made from. */
export interface LoadedLog {
  readonly segments: Segments;
  readonly epochs: LeaderEpochs;
  readonly snapshots: ProducerSnapshots;
  /** undefined: from the newest snapshot, when first needed. */
  readonly producers: ProducerState | undefined;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly recoveryPoint: number;
  readonly hasMetadata: boolean;
  /** Offsets below may be missing, as a cleaner has taken them. */
  readonly compactedBelow: number;
}

/** An empty log in a directory that has just been made. */
export function emptyLog(environment: LogEnvironment, directory: string, startOffset = 0): LoadedLog {
  const segment = newSegment(environment, directory, startOffset, 0);
  return {
    segments: new Segments([segment]),
    epochs: new LeaderEpochs(environment.disk, directory, undefined),
    snapshots: new ProducerSnapshots({ disk: environment.disk, logger: environment.logger, directory, offsets: [] }),
    producers: undefined,
    logStartOffset: startOffset,
    logEndOffset: startOffset,
    recoveryPoint: startOffset,
    hasMetadata: false,
    compactedBelow: 0,
  };
}

/** Throws DiskError, and what `beforeCut` throws. Yields when much has been read. */
export function* loadLog(environment: LogEnvironment, options: LoadOptions): Generator<void, LoadedLog, void> {
  const { disk, logger } = environment;
  const { directory } = options;
  const content = readPartitionDirectory(disk, directory);
  for (const baseOffset of content.withoutLog) {
    logger.log('warn', 'a segment is missing: only indexes were there of it, which are removed', {
      path: directory,
      baseOffset,
    });
  }
  const segments = openSegments(environment, directory, content, options.logStartOffset);
  const hasRecords = segments.sizeBytes > 0;
  const scan = (): number[] => {
    logger.log('warn', 'the leader epochs of a log are taken from its batches', { path: directory });
    return scanEpochs([...segments]);
  };
  const parts: Parts = {
    segments,
    epochs: new LeaderEpochs(disk, directory, hasRecords || content.hasEpochs ? scan : undefined),
    snapshots: new ProducerSnapshots({ disk, logger, directory, offsets: content.snapshots }),
    hasMetadata: content.hasMetadata,
    compactedBelow: options.compactedBelow ?? HOLES_ANYWHERE,
  };
  const load = options.isClean ? loadClean : recover;
  const { loaded, lastEpoch } = yield* load(environment, options, parts);
  parts.epochs.bound(loaded.logStartOffset, loaded.logEndOffset, lastEpoch);
  return loaded;
}

export type Parts = Pick<LoadedLog, 'segments' | 'epochs' | 'snapshots' | 'hasMetadata' | 'compactedBelow'>;

interface Loaded {
  readonly loaded: LoadedLog;
  /** The last batch's epoch; -1: not known. */
  readonly lastEpoch: number;
}

function openSegments(
  environment: LogEnvironment,
  directory: string,
  content: PartitionDirectory,
  startOffset: number,
): Segments {
  const list = content.segments.map(({ baseOffset, existing }) =>
    newSegment(environment, directory, baseOffset, existing),
  );
  for (const segment of list) {
    segment.sizeBytes = environment.disk.infoSync(segment.log.path)?.sizeBytes ?? 0;
    segment.writtenBytes = segment.sizeBytes;
  }
  return new Segments(list.length > 0 ? list : [newSegment(environment, directory, startOffset, 0)]);
}

function newSegment(environment: LogEnvironment, directory: string, baseOffset: number, existing: number): Segment {
  return new Segment(environment.files, { directory, baseOffset, existing, createdMs: environment.clock.nowMs() });
}

function* loadClean(environment: LogEnvironment, options: LoadOptions, parts: Parts): Generator<void, Loaded, void> {
  const { segments, snapshots } = parts;
  yield* rebuildMissingIndexes(environment, segments);
  const found = segments.active.readEnd(holesBelow(options, parts));
  const logEndOffset = endAfterClose(options, segments, found);
  if (logEndOffset === undefined) {
    const { recoveryPoint = segments.active.baseOffset } = options;
    return yield* recover(environment, { ...options, recoveryPoint }, parts);
  }
  if (found.isBroken || logEndOffset !== found.nextOffset) goOnBehind(environment, options, parts, found, logEndOffset);
  const logStartOffset = trustedStart(environment, options, segments, logEndOffset) ?? segments.first.baseOffset;
  yield* mendTransactionIndexes(environment, parts, segments.count);
  // Kafka takes a log without any snapshot for one of before idempotence: it has no producers.
  const isAtEnd = snapshots.latestOffset < 0 || snapshots.latestOffset === logEndOffset;
  const replay = { snapshots, segments, endOffset: logEndOffset, ...producerLimits(environment) };
  const producers = isAtEnd ? undefined : yield* replayProducers(replay);
  const loaded = { ...parts, producers, logStartOffset, logEndOffset, recoveryPoint: logEndOffset };
  return { loaded, lastEpoch: logEndOffset === found.nextOffset ? found.epoch : -1 };
}

const holesBelow = ({ config }: LoadOptions, parts: Parts): number =>
  config.cleanupPolicy.includes('compact') ? HOLES_ANYWHERE : parts.compactedBelow;

/**
 * Where a log that was closed in order ends; undefined when it must be read through. The file tells, unless the checkpoints know
 * better: both of them, or where the file is damaged the one that says more.
 */
function endAfterClose(
  { recoveryPoint, highWatermark }: LoadOptions,
  segments: Segments,
  found: SegmentEnd,
): number | undefined {
  const known = Math.max(recoveryPoint ?? 0, highWatermark);
  // At the very beginning of the last segment there is nothing to go on behind.
  const isAgreed = recoveryPoint === highWatermark && known > segments.active.baseOffset;
  if (known > found.nextOffset && (isAgreed || found.isBroken)) return known;
  if (known === found.nextOffset && isAgreed && found.isBroken) return known;
  if (isAgreed && known < found.nextOffset && !isBatchAt(segments.active, known)) return known;
  // A broker that had too many logs to flush them all before its end says so by their recovery points.
  const isUnflushed = recoveryPoint !== undefined && recoveryPoint < found.nextOffset;
  return found.isBroken || isUnflushed ? undefined : found.nextOffset;
}

function isBatchAt(segment: Segment, offset: number): boolean {
  try {
    const cursor = segment.seek(offset);
    return cursor !== undefined && batch.baseOffset(cursor.bytes, cursor.at) === offset;
  } catch (error) {
    if (error instanceof DamagedLogError) return false;
    throw error;
  }
}

/**
 * Records at the end are lost that a clean shutdown had left there. Kafka gives their offsets to others, or fails to start; here
 * they are missed by whoever asks for them, and the log goes on behind. Throws DiskError.
 */
function goOnBehind(
  environment: LogEnvironment,
  options: LoadOptions,
  { segments }: Parts,
  found: SegmentEnd,
  logEndOffset: number,
): void {
  const fresh = newSegment(environment, options.directory, logEndOffset, 0);
  environment.logger.log(
    'error',
    'the end of a log is damaged, or cut, since it was closed; it goes on in a new file',
    {
      path: segments.active.log.path,
      position: found.position,
      readableBefore: Math.min(found.nextOffset, logEndOffset),
      logEndOffset,
      remedy: 'stop the broker and put the file back to have them again',
    },
  );
  if (segments.sizeBytes > 0) segments.add(fresh);
  else for (const segment of segments.replaceAll(fresh)) segment.remove();
  fresh.log.open();
  fresh.hasFile = true;
  environment.disk.syncDirectorySync(options.directory);
}

/** Where the log begins; undefined when the checkpoint cannot be true, as the log ends before that. */
function trustedStart(
  environment: LogEnvironment,
  options: LoadOptions,
  segments: Segments,
  logEndOffset: number,
): number | undefined {
  const { logStartOffset, directory: path } = options;
  if (logStartOffset <= logEndOffset) return Math.max(logStartOffset, segments.first.baseOffset);
  const fields = { path, logStartOffset, logEndOffset };
  environment.logger.log('warn', 'a log start offset behind the end of its log is passed over', fields);
  return undefined;
}

function* recover(environment: LogEnvironment, options: LoadOptions, parts: Parts): Generator<void, Loaded, void> {
  const { segments, snapshots, epochs } = parts;
  const { recoveryPoint = 0 } = options;
  const from = Math.max(0, segments.floorIndex(recoveryPoint));
  const firstBase = (segments.at(from) as Segment).baseOffset;
  yield* mendTransactionIndexes(environment, parts, from);
  // All epochs that have records are found again; else the file tells those of the segments before.
  if (from === 0) epochs.forget();
  const limits = producerLimits(environment);
  const holes = holesBelow(options, parts);
  const state = yield* replayProducers({ snapshots, segments, endOffset: firstBase, ...limits });
  let logEndOffset = firstBase;
  let hasRemoved = false;
  for (let i = from; i < segments.count; i++) {
    const segment = segments.at(i) as Segment;
    if (segment.baseOffset > 0) snapshots.write(segment.baseOffset, state);
    const { nextOffset, truncatedBytes } = yield* recoverSegment(segment, {
      state,
      epochs,
      indexIntervalBytes: options.config.indexIntervalBytes,
      holesBelow: holes,
      beforeCut: options.beforeCut,
    });
    logEndOffset = nextOffset;
    // The file may have lost its unflushed end between two batches, too.
    const isShort = i + 1 < segments.count && nextOffset < segment.nextBaseOffset && nextOffset >= holes;
    if (isShort) options.beforeCut?.(segment, segment.writtenBytes);
    if (truncatedBytes > 0 || isShort) {
      hasRemoved = true;
      dropBehind(environment, parts, i, { path: segment.log.path, truncatedBytes, logEndOffset });
      break;
    }
    if (i + 1 < segments.count) segment.saveIndexes();
  }
  const last = segments.active;
  if (logEndOffset < last.baseOffset) logEndOffset = last.baseOffset;
  const knownEnd = Math.max(options.highWatermark, recoveryPoint);
  if (logEndOffset < knownEnd) {
    const fields = { path: options.directory, logEndOffset, expected: knownEnd };
    environment.logger.log('warn', 'a log ends before where the checkpoints say that it has been', fields);
  }
  // A log that lost its end may end before its start, which is known to be below what the other checkpoints say.
  const isStartKnown = options.logStartOffset <= knownEnd;
  if (isStartKnown && logEndOffset < options.logStartOffset) {
    return { loaded: startOver(environment, options, parts, options.logStartOffset), lastEpoch: -1 };
  }
  const start = trustedStart(environment, options, segments, logEndOffset) ?? segments.first.baseOffset;
  if (snapshots.latestOffset > logEndOffset) hasRemoved = true;
  snapshots.removeAbove(logEndOffset);
  snapshots.removeStray(segments);
  // No producers and no snapshots: nothing is what the next start would find too.
  if (state.entries.size > 0 || snapshots.latestOffset >= 0) snapshots.write(logEndOffset, state);
  // As if the snapshot just written were read back: expired producers are left out.
  state.removeExpired(limits.now, limits.expirationMs);
  // What is removed must not come back when the machine loses power: other records will get these offsets.
  if (hasRemoved) environment.disk.syncDirectorySync(options.directory);
  // The rebuilt indexes are not flushed: the first segment that was read through belongs to what is unflushed again.
  const loaded = { ...parts, producers: state, logStartOffset: start, logEndOffset };
  return { loaded: { ...loaded, recoveryPoint: Math.min(recoveryPoint, firstBase) }, lastEpoch: -1 };
}

/** After damage in one segment the later ones cannot be trusted: what they hold does not follow on. */
function dropBehind(
  environment: LogEnvironment,
  parts: Parts,
  index: number,
  fields: { path: string; truncatedBytes: number; logEndOffset: number },
): void {
  const dropped = parts.segments.removeBehind(index);
  environment.logger.log('warn', 'a log was cut back to its last whole batch', {
    ...fields,
    droppedSegments: dropped.length,
  });
  for (const segment of dropped) segment.remove();
}

/** The log ends before its start offset: all of it was to be deleted anyway. */
function startOver(environment: LogEnvironment, options: LoadOptions, parts: Parts, startOffset: number): LoadedLog {
  const fresh = newSegment(environment, options.directory, startOffset, 0);
  for (const segment of parts.segments.replaceAll(fresh)) segment.remove();
  fresh.log.open();
  fresh.hasFile = true;
  parts.snapshots.removeAll();
  parts.epochs.clear();
  environment.disk.syncDirectorySync(options.directory);
  environment.logger.log('warn', 'a log that ended before its start offset was emptied', {
    path: options.directory,
    startOffset,
  });
  return {
    ...parts,
    producers: undefined,
    logStartOffset: startOffset,
    logEndOffset: startOffset,
    recoveryPoint: startOffset,
  };
}
