// A member of a group that works with forEach and says on standard output what it does, each line before it goes on: a kill takes
// nothing back that was said. `worker.ts BOOTSTRAP GROUP TOPIC PROTOCOL`; SIGTERM ends it in order.

import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Consumer } from '../../src/client/index.ts';
import type { Told } from './ledger.ts';

const [bootstrap = '', group = '', topic = '', protocol = 'auto'] = process.argv.slice(2);
const CONCURRENCY = 8;
const LONGEST_MS = 6;

const never = new Int32Array(new SharedArrayBuffer(4));

/** Waits while the pipe is full: whoever reads it may be busy. */
function tell(told: Omit<Told, 'atNs'>): void {
  let left = Buffer.from(`${JSON.stringify({ ...told, atNs: String(process.hrtime.bigint()) })}\n`);
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(1, left));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(never, 0, 0, 1);
    }
  }
}

const partitionsOf = (places: readonly { readonly partition: number }[]): number[] =>
  places.map(({ partition }) => partition);

const consumer = new Consumer({
  brokers: bootstrap,
  group,
  topics: [topic],
  groupProtocol: protocol as 'classic' | 'consumer',
  autoOffsetReset: 'earliest',
  autoCommitIntervalMs: 200,
  sessionTimeoutMs: 4_000,
  heartbeatIntervalMs: 300,
  maxWaitMs: 100,
  onAssigned: (places) => tell({ what: 'assigned', partitions: partitionsOf(places) }),
  onRevoked: (places) => tell({ what: 'revoked', partitions: partitionsOf(places) }),
  onLost: (places) => tell({ what: 'lost', partitions: partitionsOf(places) }),
});
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

await consumer.forEach({ concurrency: CONCURRENCY, signal: stop.signal }, async ({ partition, offset, key }) => {
  const record = { partition, offset, key: Buffer.from(key ?? []).toString() };
  tell({ what: 'begun', ...record });
  await pause(Math.random() * LONGEST_MS);
  tell({ what: 'done', ...record });
});
await consumer.close();
tell({ what: 'closed' });
process.exit(0);
