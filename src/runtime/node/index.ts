// The real world behind the ports: the only files that read clocks, draw randomness, and touch disk and network.
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import type { Logger } from '../logger.ts';
import { Metrics } from '../metrics.ts';
import type { Runtime } from '../runtime.ts';
import { NodeClock } from './clock.ts';
import { nodeDisk } from './disk.ts';
import { textLogger } from './logger.ts';
import { nodeNetwork } from './network.ts';
import { nodeRandom } from './random.ts';

export { NodeClock } from './clock.ts';
export { nodeDisk } from './disk.ts';
export { type LogFormat, textLogger, type TextLoggerOptions } from './logger.ts';
export { nodeNetwork } from './network.ts';
export { nodeRandom } from './random.ts';
export { readTextFile } from './read-text.ts';
export { nextTurn } from './turn.ts';

const AWAKE_EVERY_MS = 60_000;

/** A runtime of the real world; parts of it can be replaced (`disk` by the in-memory one, `clock` by a virtual one). */
export function nodeRuntime(replaced: { clock?: Clock; disk?: Disk; logger?: Logger } = {}): Runtime {
  const logger = replaced.logger ?? textLogger();
  return {
    clock: replaced.clock ?? new NodeClock(),
    random: nodeRandom,
    disk: replaced.disk ?? nodeDisk,
    network: nodeNetwork(logger.child('network')),
    logger,
    metrics: new Metrics(),
    stayAwake: () => {
      const timer = setInterval(() => undefined, AWAKE_EVERY_MS);
      return () => clearInterval(timer);
    },
    readUrl: async (url, post) => (await import('./read-url.ts')).readUrl(url, post),
  };
}
