// Everything of the world that a broker needs, in one argument.
import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { ReadUrl } from './read-url.ts';
import type { Rare } from './rare.ts';

export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly network: Network;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Left out where there is no web. */
  readonly readUrl?: ReadUrl;
  /**
   * Keeps the process alive until what it gives is called. Timers do not: whoever waits for one while nothing else is open has to
   * ask for it. Left out where there is no process to end.
   */
  readonly stayAwake?: () => () => void;
  /** Only in a simulation. */
  readonly rare?: Rare;
}
