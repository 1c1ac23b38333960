// Opens one log by itself: that of cluster metadata. It is always taken for unclean from its first byte on, so every batch
// of it is checked at each start, as in Kafka (KafkaRaftLog).
import type { Disk, Durability } from '../../runtime/index.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';
import type { LogConfig } from '../config/log-config.ts';
import { type DiskFailed, type LogRuntime, makeEnvironment } from '../partition/log-environment.ts';
import { LogState } from '../partition/log-state.ts';
import { loadLog } from '../partition/partition-loader.ts';
import { PartitionLog } from '../partition/partition-log.ts';
import { SlicedWork } from '../sliced-work.ts';
import { hasLaterWrites } from '../recovery/later-batches.ts';
import { DamagedLogError } from '../segments/damaged-log-error.ts';
import { offsetOfName, SNAPSHOT_SUFFIX } from '../segments/log-names.ts';
import type { Segment } from '../segments/segment.ts';

export interface OpenLogOptions {
  readonly runtime: LogRuntime;
  /** The partition's directory; made when absent. */
  readonly directory: string;
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string;
  readonly config: LogConfig;
  readonly topicConfig: TopicLogConfig;
  readonly durability: Durability;
  /** The last broker closed the log in an orderly way: it has no end that a power failure has torn. */
  readonly wasClosed: boolean;
  /** Told of each write that the disk has refused, before those that wait for it are. */
  readonly diskFailed?: DiskFailed;
}

/**
 * Rejects with DiskError; with DamagedLogError when more is damaged than the last writes before a power
 * failure: to cut the log there would take back what had been promised.
 */
export async function openLog(options: OpenLogOptions): Promise<PartitionLog> {
  const environment = makeEnvironment(options);
  const { directory, topic, partition } = options;
  environment.disk.makeDirectorySync(directory);
  const closedAt = options.wasClosed ? newestSnapshot(environment.disk, directory) : -1;
  const work = new SlicedWork(environment.clock);
  const loaded = await work.run(
    loadLog(environment, {
      directory,
      config: options.topicConfig,
      isClean: false,
      recoveryPoint: 0,
      logStartOffset: 0,
      highWatermark: 0,
      compactedBelow: 0,
      beforeCut: (segment, position) => refuseDamage(segment, position, options.wasClosed),
    }),
  );
  if (loaded.logEndOffset < closedAt) {
    const { path } = loaded.segments.active.log;
    throw new DamagedLogError(path, loaded.segments.active.sizeBytes, `it ends before offset ${closedAt}`);
  }
  const state = new LogState(
    environment,
    { topic, partition, topicId: options.topicId, directory, config: options.topicConfig },
    loaded,
  );
  return new PartitionLog(state);
}

function refuseDamage(segment: Segment, position: number, wasClosed: boolean): void {
  const isLast = segment.nextBaseOffset === Number.MAX_SAFE_INTEGER;
  if (isLast && !wasClosed && !hasLaterWrites(segment, position)) return;
  throw new DamagedLogError(segment.log.path, position, 'there is no batch of records, or the wrong one');
}

/** A log that is closed in order has a snapshot of its producers at its end; -1: there is none. */
function newestSnapshot(disk: Disk, directory: string): number {
  const offsets = disk
    .listSync(directory)
    .map(({ name }) => (name.endsWith(SNAPSHOT_SUFFIX) ? offsetOfName(name) : -1));
  return Math.max(-1, ...offsets);
}
