// What a second core gives: the same two producers against one shard and against two, each a broker in a thread of its own
// (`ottla start --nodes N --threads`). The clients share the cores: their CPU stands beside the broker's.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CLI } from '../conformance/targets/ottla.ts';
import { freePort } from '../conformance/targets/target.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { createTopics } from '../conformance/wire/requests.ts';
import { type Drivers, produceLarge } from './drivers.ts';
import { childrenCpuSeconds, cpuSeconds } from './process-cost.ts';

export interface ShardFigures {
  readonly shards: number;
  /** Of both producers together. */
  readonly megabytesPerSecond: number;
  readonly brokerCpuSecondsPerGigabyte: number;
  readonly clientCpuSecondsPerGigabyte: number;
}

const SHARDS = [1, 2];
const PRODUCERS = 2;
const PARTITIONS = 4;
const VALUE_BYTES = 1_000;
const ROUNDS = 3;

export async function shardFigures(directory: string, drivers: Drivers, megabytes: number): Promise<ShardFigures[]> {
  const figures: ShardFigures[] = [];
  for (const shards of SHARDS) {
    const broker = await startShards(shards, join(directory, `shards-${shards}`));
    try {
      figures.push(await best(broker, shards, drivers, megabytes));
    } finally {
      broker.process.kill();
      await once(broker.process, 'exit');
    }
  }
  return figures;
}

interface Shards {
  readonly process: ReturnType<typeof spawn>;
  readonly bootstrap: string;
}

async function startShards(shards: number, data: string): Promise<Shards> {
  const flags = [
    'start',
    '--json',
    '--nodes',
    String(shards),
    '--threads',
    '--port',
    String(await freePort()),
    '--data',
    data,
  ];
  // Shards are for throughput, each partition lives on one of them.
  const replicas = ['--set', 'default.replication.factor=1'];
  const child = spawn(process.execPath, [CLI, ...flags, ...replicas], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { process: child, bootstrap: (JSON.parse(line) as { bootstrapServers: string }).bootstrapServers };
}

/** Of some rounds, behind one that does not count. */
async function best(broker: Shards, shards: number, drivers: Drivers, megabytes: number): Promise<ShardFigures> {
  const pid = broker.process.pid as number;
  let found: ShardFigures | undefined;
  for (let round = 0; round <= ROUNDS; round++) {
    const topic = `load-${round}`;
    const connection = await WireConnection.open(broker.bootstrap.split(',')[0] as string);
    await createTopics(connection, [{ name: topic, partitions: PARTITIONS, replicas: 1 }]);
    await connection.close();
    const before = { broker: cpuSeconds(pid), clients: childrenCpuSeconds(), ms: performance.now() };
    const spec = {
      bootstrap: broker.bootstrap,
      topic,
      valueBytes: VALUE_BYTES,
      count: (megabytes * 1e6) / VALUE_BYTES / PRODUCERS,
    };
    await Promise.all(Array.from({ length: PRODUCERS }, () => produceLarge(drivers, spec, 1)));
    const gigabytes = megabytes / 1_000;
    const figures = {
      shards,
      megabytesPerSecond: (megabytes * 1_000) / (performance.now() - before.ms),
      brokerCpuSecondsPerGigabyte: (cpuSeconds(pid) - before.broker) / gigabytes,
      clientCpuSecondsPerGigabyte: (childrenCpuSeconds() - before.clients) / gigabytes,
    };
    if (round > 0 && figures.megabytesPerSecond > (found?.megabytesPerSecond ?? 0)) found = figures;
  }
  return found as ShardFigures;
}
