// The state of one partition's log, shared by the files that work on it: appending and reading (partition-log.ts), leaving
// segments (rolling.ts), flushing and closing (flushing.ts), cutting (truncation.ts), retention (retention.ts).
import { replaceFileSync } from '../../runtime/index.ts';
import { PARTITION_METADATA_FILE, partitionMetadataText } from '../segments/checkpoints.ts';
import type { LeaderEpochs } from '../segments/leader-epochs.ts';
import type { LogEnvironment } from './log-environment.ts';
import { LogOffsets } from './log-offsets.ts';
import type { LoadedLog } from './partition-loader.ts';
import { type ProducerSnapshots, replayProducers } from '../producers/producer-snapshots.ts';
import type { ProducerState } from '../producers/producer-state.ts';
import type { DamagedLogError } from '../segments/damaged-log-error.ts';
import { Segment } from '../segments/segment.ts';
import { HOLES_ANYWHERE } from '../segments/segment-search.ts';
import type { Segments } from '../segments/segments.ts';
import { runAtOnce } from '../sliced-work.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';

const encoder = new TextEncoder();

/** How many damaged places the log remembers to have told of. */
const MOST_PLACES_TOLD = 1000;

export class LogState {
  readonly environment: LogEnvironment;
  readonly topic: string;
  readonly partition: number;
  topicId: string | undefined;
  directory: string;
  config: TopicLogConfig;
  readonly segments: Segments;
  readonly epochs: LeaderEpochs;
  readonly snapshots: ProducerSnapshots;
  readonly offsets: LogOffsets;
  lastFlushMs: number;
  /** The epoch that batches were last appended with; -1: not known, look it up. */
  assignedEpoch = -1;
  /** Files were made or renamed since the directory was last flushed. */
  isDirectoryDirty: boolean;
  /** The directory itself is new: its parent must be flushed too. */
  isNewDirectory: boolean;
  hasMetadata: boolean;
  isMetadataDurable: boolean;
  /** A flush failed since the log was opened: see flushing.ts. */
  hasFlushFailed = false;
  isClosed = false;
  /** How often something was cut off: what was seen of the segments before is not true any more. */
  cuts = 0;
  /** The lowest offset that anything was cut off at. */
  lowestCut = Number.MAX_SAFE_INTEGER;
  /** The offset up to which a cleaner has compacted. */
  #compactedBelow: number;
  readonly #toldDamage = new Set<string>();
  #producers: ProducerState | undefined;

  constructor(
    environment: LogEnvironment,
    identity: {
      topic: string;
      partition: number;
      topicId: string | undefined;
      directory: string;
      config: TopicLogConfig;
    },
    loaded: LoadedLog,
  ) {
    this.environment = environment;
    this.topic = identity.topic;
    this.partition = identity.partition;
    this.topicId = identity.topicId;
    this.directory = identity.directory;
    this.config = identity.config;
    this.segments = loaded.segments;
    this.epochs = loaded.epochs;
    this.snapshots = loaded.snapshots;
    this.offsets = new LogOffsets(loaded);
    this.lastFlushMs = environment.clock.nowMs();
    this.isDirectoryDirty = loaded.recoveryPoint === 0 || loaded.recoveryPoint < loaded.logEndOffset;
    this.isNewDirectory = loaded.recoveryPoint === 0;
    this.#compactedBelow = loaded.compactedBelow;
    this.hasMetadata = loaded.hasMetadata;
    // A log that was flushed has its metadata flushed.
    this.isMetadataDurable = loaded.hasMetadata && loaded.recoveryPoint > 0;
    this.#producers = loaded.producers;
  }

  get name(): string {
    return `${this.topic}-${this.partition}`;
  }

  /** Below this offset records may be missing between others, as compaction has taken them; from it on that is damage. */
  get holesBelow(): number {
    return this.config.cleanupPolicy.includes('compact') ? HOLES_ANYWHERE : this.#compactedBelow;
  }

  /** The cleaner has taken records below `offset`. */
  noteCompacted(offset: number): void {
    this.#compactedBelow = Math.max(this.#compactedBelow, offset);
  }

  /** One line for each damaged place, however often it is asked for. */
  tellDamage({ path, position, reason }: DamagedLogError): void {
    const place = `${path} ${position}`;
    if (this.#toldDamage.has(place) || this.#toldDamage.size >= MOST_PLACES_TOLD) return;
    this.#toldDamage.add(place);
    this.environment.logger.log('error', 'records cannot be read, as a segment is damaged', {
      partition: this.name,
      path,
      position,
      reason,
      remedy: 'stop the broker and put the file back, or let consumers go on behind the damage',
    });
  }

  get logStartOffset(): number {
    return this.offsets.logStart;
  }
  get logEndOffset(): number {
    return this.offsets.logEnd;
  }
  get writtenEndOffset(): number {
    return this.offsets.writtenEnd;
  }
  get highWatermark(): number {
    return this.offsets.highWatermark;
  }
  get recoveryPoint(): number {
    return this.offsets.recoveryPoint;
  }

  /** True when the producers are in memory. If not, none has written since the log was opened. */
  get hasProducers(): boolean {
    return this.#producers !== undefined;
  }

  /** The producers, read from the files at first use. Throws DiskError. */
  get producers(): ProducerState {
    if (this.#producers === undefined) {
      this.snapshots.removeAbove(this.logEndOffset);
      this.reloadProducers();
    }
    return this.#producers as ProducerState;
  }

  /** Writes down the producers at the log's end. Throws DiskError. */
  snapshotProducers(): void {
    const { snapshots, logEndOffset } = this;
    if (snapshots.latestOffset >= logEndOffset) return;
    // Those that have not been heard of since the log was opened are as in the newest snapshot: nothing is read through.
    snapshots.write(logEndOffset, this.#producers ?? this.#producersAt(Math.max(0, snapshots.latestOffset)));
  }

  /**
   * Apache Kafka takes a log without any snapshot, in a directory that was left clean, for one without producers; with an
   * old one it reads on from there. Throws DiskError.
   */
  snapshotFirstProducers(): void {
    const { snapshots } = this;
    const known = this.#producers?.entries.size ?? 0;
    if (known > 0 && snapshots.latestOffset < 0) snapshots.write(this.logEndOffset, this.producers);
  }

  /** Nobody has written to it since it was made: there is no file of records, and no offset was given. */
  get isUnused(): boolean {
    return this.logEndOffset === 0 && !this.segments.active.hasFile;
  }

  /** Nothing has changed since all of it was flushed, in this life or, for what was opened clean, an earlier one. */
  get isFlushed(): boolean {
    return (
      this.recoveryPoint === this.logEndOffset &&
      this.isMetadataDurable &&
      !this.isDirectoryDirty &&
      !this.isNewDirectory &&
      !this.epochs.isDirty &&
      !this.segments.active.isUnsynced &&
      !this.snapshots.hasUnsynced
    );
  }

  /** From the newest snapshot and the batches behind it, up to the log's end. Throws DiskError. */
  reloadProducers(): void {
    this.#producers = this.#producersAt(this.logEndOffset);
    this.#producers.removeReplicated(this.highWatermark);
  }

  #producersAt(endOffset: number): ProducerState {
    const { snapshots, segments } = this;
    const { clock, config } = this.environment;
    const limits = { now: clock.nowMs(), expirationMs: config.producerIdExpirationMs };
    return runAtOnce(replayProducers({ snapshots, segments, endOffset, ...limits }));
  }

  /** The partition's directory has been renamed. */
  moveTo(directory: string): void {
    this.directory = directory;
    for (const segment of this.segments) segment.moveTo(directory);
    this.epochs.moveTo(directory);
    this.snapshots.moveTo(directory);
  }

  /** A segment that begins at `baseOffset`; its file is made by its first write. */
  newSegment(baseOffset: number): Segment {
    const { files, clock } = this.environment;
    return new Segment(files, { directory: this.directory, baseOffset, existing: 0, createdMs: clock.nowMs() });
  }

  /**
   * Makes the file of a segment. Also without a record, where it is the only one: its name keeps the log's end. Throws DiskError.
   */
  makeEmptyFile(segment: Segment): void {
    segment.log.open();
    segment.hasFile = true;
    this.isDirectoryDirty = true;
  }

  /** Writes `partition.metadata`. `isDurable`: on stable storage when this returns. Throws DiskError. */
  writeMetadata(isDurable: boolean): void {
    if (this.topicId === undefined) return;
    const { disk } = this.environment;
    const path = `${this.directory}/${PARTITION_METADATA_FILE}`;
    const text = partitionMetadataText(this.topicId);
    if (isDurable) replaceFileSync(disk, path, text);
    else disk.writeFileSync(path, encoder.encode(text));
    this.hasMetadata = true;
    this.isMetadataDurable = isDurable;
  }

  /** Makes what has been created here findable after a power loss. Throws DiskError. */
  syncDirectories(): void {
    const { disk } = this.environment;
    if (!this.isMetadataDurable) this.#syncMetadata();
    if (this.isDirectoryDirty) disk.syncDirectorySync(this.directory);
    this.isDirectoryDirty = false;
    if (this.isNewDirectory) disk.syncDirectorySync(this.directory.slice(0, this.directory.lastIndexOf('/')));
    this.isNewDirectory = false;
  }

  #syncMetadata(): void {
    if (!this.hasMetadata) this.writeMetadata(true);
    if (this.isMetadataDurable || !this.hasMetadata) return;
    const file = this.environment.disk.openSync(`${this.directory}/${PARTITION_METADATA_FILE}`, 'write');
    try {
      file.syncSync();
      this.isMetadataDurable = true;
    } finally {
      // What a failed flush leaves of the file is unknown: the next try writes it anew.
      this.hasMetadata = this.isMetadataDurable;
      file.closeSync();
    }
  }
}
