// What all logs of a broker share.
import type { Clock, Disk, DiskError, Durability, Logger, Metrics, Random, Rare } from '../../runtime/index.ts';
import type { LogConfig } from '../config/log-config.ts';
import { FileCache } from '../segments/file-cache.ts';
import { ReadPace } from './read-pace.ts';
import { SegmentFiles } from '../segments/segment-files.ts';
import { WriteScheduler } from './write-queue.ts';

export type DiskFailed = (path: string, error: DiskError) => void;

export interface LogEnvironment {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly durability: Durability;
  readonly files: SegmentFiles;
  readonly scheduler: WriteScheduler;
  readonly readPace: ReadPace;
  /** The broker's values; read at each use, as dynamic changes replace it. */
  config: LogConfig;
  /** Called with what a disk refused at `path`: the log directory that it lies in may have failed. */
  readonly diskFailed: DiskFailed;
  readonly rare: Rare | undefined;
}

export interface LogRuntime {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random?: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly rare?: Rare;
}

export function makeEnvironment(options: {
  readonly runtime: LogRuntime;
  readonly config: LogConfig;
  readonly durability: Durability;
  /** Left out for a log by itself: what the disk refuses is told to the caller alone. */
  readonly diskFailed?: DiskFailed | undefined;
}): LogEnvironment {
  const { disk, clock, metrics } = options.runtime;
  const logger = options.runtime.logger.child('log');
  const files = new SegmentFiles(disk, new FileCache(disk));
  files.indexesRebuilt = (path) =>
    logger.log('warn', 'the indexes of a segment did not agree with it and have been built anew', { path });
  return {
    disk,
    clock,
    random: options.runtime.random ?? clockRandom(clock),
    logger,
    metrics,
    durability: options.durability,
    files,
    scheduler: new WriteScheduler(clock, options.durability),
    readPace: new ReadPace(clock),
    config: options.config,
    diskFailed: options.diskFailed ?? (() => undefined),
    rare: options.runtime.rare,
  };
}

/** For tools without a source of randomness: good enough to tell the names of directories apart. */
function clockRandom(clock: Clock): Random {
  let state = Math.floor(clock.nowMs()) % 0x7fff_ffff;
  const next = (): number => {
    state = (state * 48271 + 11) % 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
  return { next, bytes: (sizeBytes) => Uint8Array.from({ length: sizeBytes }, () => Math.floor(next() * 256)) };
}
