// What all logs of a broker share.
import type { Clock, Disk, Logger, Metrics, Random } from '../runtime/index.ts';
import type { LogConfig } from './log-config.ts';
import type { ReadPace } from './read-pace.ts';
import type { SegmentFiles } from './segment.ts';
import type { Durability, WriteScheduler } from './write-queue.ts';

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
}
