// The counts of threads that Kafka changes at runtime by at most a factor of two at a time, each way (DynamicThreadPool,
// SocketServer, LogCleaner). We have no such threads; who scripts the change gets the same answer.
import type { ChangedConfigs } from './changed-configs.ts';

const THREAD_COUNTS = [
  'num.io.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
  'remote.log.reader.threads',
  'remote.log.manager.copier.thread.pool.size',
  'remote.log.manager.expiration.thread.pool.size',
  'remote.log.manager.follower.thread.pool.size',
];
const NETWORK_THREADS = 'num.network.threads';
const CLEANER_THREADS = 'log.cleaner.threads';

/** What is wrong with the threads of a listener, whose own count stands under `prefix`; values are known to be of their types. */
export function networkThreadsFault(changed: ChangedConfigs, prefix: string): string | undefined {
  const before = changed.before(prefix + NETWORK_THREADS) ?? changed.before(NETWORK_THREADS);
  const after = changed.after(prefix + NETWORK_THREADS) ?? changed.after(NETWORK_THREADS);
  return countFault(NETWORK_THREADS, Number(before), Number(after));
}

/** The same of all other threads. */
export function threadsFault(changed: ChangedConfigs): string | undefined {
  for (const name of THREAD_COUNTS) {
    const fault = countFault(name, Number(changed.before(name)), Number(changed.after(name)));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

export function cleanerThreadsFault({ before, after }: ChangedConfigs): string | undefined {
  const [now, then] = [Number(before(CLEANER_THREADS)), Number(after(CLEANER_THREADS))];
  if (then < Math.trunc(now / 2)) {
    return `Log cleaner threads cannot be reduced to less than half the current value ${now}`;
  }
  if (then <= now * 2) return undefined;
  return `Log cleaner threads cannot be increased to more than double the current value ${now}`;
}

function countFault(name: string, now: number, then: number): string | undefined {
  const words = `Dynamic thread count update validation failed for ${name}=${then}, value should`;
  if (then < Math.trunc(now / 2)) return `${words} be at least half the current value ${now}`;
  return then > now * 2 ? `${words} not be greater than double the current value ${now}` : undefined;
}
