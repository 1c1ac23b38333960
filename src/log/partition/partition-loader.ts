// Opens what stands in a partition's directory (Kafka's LogLoader). After a clean shutdown the end of the log is read from
// its last index entry on, and everything else when it is first needed. After a crash every segment from the recovery
// point on is read through.
import type { LogEnvironment } from './log-environment.ts';
import { LeaderEpochs } from '../segments/leader-epochs.ts';
import { type PartitionDirectory, readPartitionDirectory } from '../recovery/partition-directory.ts';
import { ProducerSnapshots, replayProducers } from '../producers/producer-snapshots.ts';
import type { ProducerState } from '../producers/producer-state.ts';
import { HAS_INDEX, HAS_TIME_INDEX, Segment } from '../segments/segment.ts';
import { recoverSegment } from '../recovery/segment-recovery.ts';
import { Segments } from '../segments/segments.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';

/** A segment of this size without an offset index would make every look-up long: the index is built anew. */
const INDEX_EXPECTED_FROM_BYTES = 64 * 1024;

export interface LoadOptions {
  readonly directory: string;
  readonly config: TopicLogConfig;
  /** The broker stopped in an orderly way: files are whole, indexes too. */
  readonly isClean: boolean;
  /** What lies before is flushed. */
  readonly recoveryPoint: number;
  /** From the checkpoint; 0 when it has none. */
  readonly logStartOffset: number;
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
}

/** An empty log in a directory that has just been made. */
export function emptyLog(environment: LogEnvironment, directory: string, startOffset = 0): LoadedLog {
  const segment = newSegment(environment, directory, startOffset, 0);
  return {
    segments: new Segments([segment]),
    epochs: new LeaderEpochs(environment.disk, directory, false),
    snapshots: new ProducerSnapshots({ disk: environment.disk, logger: environment.logger, directory, offsets: [] }),
    producers: undefined,
    logStartOffset: startOffset,
    logEndOffset: startOffset,
    recoveryPoint: startOffset,
    hasMetadata: false,
  };
}

/** Throws DiskError, UnsupportedFormatError. Yields when much has been read. */
export function* loadLog(environment: LogEnvironment, options: LoadOptions): Generator<void, LoadedLog, void> {
  const { disk, logger } = environment;
  const { directory } = options;
  const content = readPartitionDirectory(disk, directory);
  const epochs = new LeaderEpochs(disk, directory, content.hasEpochs);
  const snapshots = new ProducerSnapshots({ disk, logger, directory, offsets: content.snapshots });
  const segments = openSegments(environment, directory, content, options.logStartOffset);
  const parts = { segments, epochs, snapshots, hasMetadata: content.hasMetadata };
  const loaded = options.isClean
    ? yield* loadClean(environment, options, parts)
    : yield* recover(environment, options, parts);
  epochs.bound(loaded.logStartOffset, loaded.logEndOffset);
  return loaded;
}

type Parts = Pick<LoadedLog, 'segments' | 'epochs' | 'snapshots' | 'hasMetadata'>;

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

function* loadClean(environment: LogEnvironment, options: LoadOptions, parts: Parts): Generator<void, LoadedLog, void> {
  const { segments, snapshots } = parts;
  const logEndOffset = segments.active.readNextOffset();
  // A broker that had too many logs to flush them all before its end says so by their recovery points.
  if (options.recoveryPoint < logEndOffset) return yield* recover(environment, options, parts);
  let isWhole = logEndOffset >= 0;
  for (const segment of segments) isWhole &&= isIndexed(segment);
  if (!isWhole) {
    environment.logger.log('info', 'a log is read through, as files of it are missing or damaged', {
      path: options.directory,
    });
    return yield* recover(environment, { ...options, recoveryPoint: segments.first.baseOffset }, parts);
  }
  const logStartOffset = Math.max(options.logStartOffset, segments.first.baseOffset);
  if (logEndOffset < logStartOffset) return startOver(environment, options, parts, logStartOffset);
  // Kafka takes a log without any snapshot for one of before idempotence: it has no producers.
  const isAtEnd = snapshots.latestOffset < 0 || snapshots.latestOffset === logEndOffset;
  const replay = { snapshots, segments, endOffset: logEndOffset, ...producerLimits(environment) };
  const producers = isAtEnd ? undefined : yield* replayProducers(replay);
  return { ...parts, producers, logStartOffset, logEndOffset, recoveryPoint: logEndOffset };
}

/** What a clean close leaves of a segment that has records. */
function isIndexed(segment: Segment): boolean {
  if (segment.sizeBytes === 0) return true;
  const hasOffsets = segment.sizeBytes < INDEX_EXPECTED_FROM_BYTES || segment.has(HAS_INDEX);
  return hasOffsets && segment.has(HAS_TIME_INDEX);
}

function* recover(environment: LogEnvironment, options: LoadOptions, parts: Parts): Generator<void, LoadedLog, void> {
  const { segments, snapshots, epochs } = parts;
  const from = Math.max(0, segments.floorIndex(options.recoveryPoint));
  const firstBase = (segments.at(from) as Segment).baseOffset;
  const start = Math.max(options.logStartOffset, segments.first.baseOffset);
  const limits = producerLimits(environment);
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
    });
    logEndOffset = nextOffset;
    if (truncatedBytes > 0) {
      hasRemoved = true;
      dropBehind(environment, parts, i, { path: segment.log.path, truncatedBytes, logEndOffset });
      break;
    }
    if (i + 1 < segments.count) segment.saveIndexes();
  }
  const last = segments.active;
  if (logEndOffset < last.baseOffset) logEndOffset = last.baseOffset;
  if (logEndOffset < start) return startOver(environment, options, parts, start);
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
  const recoveryPoint = Math.min(options.recoveryPoint, firstBase);
  return { ...parts, producers: state, logStartOffset: start, logEndOffset, recoveryPoint };
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

function producerLimits(environment: LogEnvironment): { now: number; expirationMs: number } {
  return { now: environment.clock.nowMs(), expirationMs: environment.config.producerIdExpirationMs };
}
