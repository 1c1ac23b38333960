// A member of a group that works with forEach and says on standard output what it does, each line before it goes on: a kill takes
// nothing back that was said. `worker.ts BOOTSTRAP GROUP TOPIC PROTOCOL`; SIGTERM ends it in order.

import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Consumer } from '../../src/client/index.ts';
import type { Told } from './ledger.ts';

const [bootstrap = '', group = '', topic = '', protocol = 'auto'] = process.argv.slice(2);
const CONCURRENCY = 8;
const LONGEST_MS = 6;

function tell(told: Omit<Told, 'atNs'>): void {
  writeSync(1, `${JSON.stringify({ ...told, atNs: String(process.hrtime.bigint()) })}\n`);
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
