// Ten topics of a thousand partitions under `ulimit -n 1024`: created, one record to each, stopped, started again.

import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ottla } from '../conformance/targets/ottla.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { buildBatch } from '../conformance/wire/record-batch.ts';
import { createTopics, metadata, produce } from '../conformance/wire/requests.ts';
import { residentMegabytes } from './process-cost.ts';

const TOPICS = 10;
const PARTITIONS = 1_000;
const IN_FLIGHT = 50;
const MAX_OPEN_FILES = 1_024;

export interface ManyPartitions {
  /** As many directories with a file each, made by nothing but mkdir and open: what the file system asks for by itself. */
  readonly fileSystemMs: number;
  readonly createMs: number;
  readonly produceMs: number;
  readonly stopMs: number;
  readonly restartMs: number;
  readonly residentMegabytes: number;
  readonly residentAfterRestartMegabytes: number;
}

export async function manyPartitions(dataDirectory: string): Promise<ManyPartitions> {
  const fileSystemMs = bareDirectories(`${dataDirectory}-bare`);
  const start = { dataDirectory, bare: true, maxOpenFiles: MAX_OPEN_FILES };
  const target = ottla();
  let broker = await target.start(start);
  let connection = await WireConnection.open(broker.bootstrap);
  const names = Array.from({ length: TOPICS }, (_, i) => `wide-${i}`);
  const timer = stopwatch();
  await Promise.all(names.map((name) => createTopics(connection, [{ name, partitions: PARTITIONS }])));
  const createMs = timer();
  await oneRecordToEach(connection, names);
  const produceMs = timer();
  const resident = residentMegabytes(broker.pid);
  await connection.close();
  timer();
  await broker.stop();
  const stopMs = timer();
  broker = await target.start(start);
  connection = await WireConnection.open(broker.bootstrap);
  const { topics } = await metadata(connection, names);
  const led = topics.flatMap((topic) => topic.partitions).filter((partition) => partition.leader >= 0).length;
  if (led !== TOPICS * PARTITIONS) throw new Error(`${led} partitions are led after the restart`);
  const restartMs = timer();
  const residentAfterRestartMegabytes = residentMegabytes(broker.pid);
  await connection.close();
  await broker.stop();
  return {
    fileSystemMs,
    createMs,
    produceMs,
    stopMs,
    restartMs,
    residentMegabytes: resident,
    residentAfterRestartMegabytes,
  };
}

function bareDirectories(parent: string): number {
  mkdirSync(parent, { recursive: true });
  const startedAt = performance.now();
  for (let i = 0; i < TOPICS * PARTITIONS; i++) {
    mkdirSync(join(parent, String(i)));
    closeSync(openSync(join(parent, String(i), 'log'), 'w'));
  }
  const elapsedMs = Math.round(performance.now() - startedAt);
  rmSync(parent, { recursive: true });
  return elapsedMs;
}

async function oneRecordToEach(connection: WireConnection, names: readonly string[]): Promise<void> {
  const batch = buildBatch({ records: [{ key: null, value: Buffer.alloc(100, 'x') }], timestamp: Date.now() });
  const waiting = names.flatMap((topic) =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })),
  );
  const sender = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { errorCode } = await produce(connection, { ...next, acks: 1 }, batch);
      if (errorCode !== 0) throw new Error(`${next.topic}-${next.partition}: error ${errorCode}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
}

/** Milliseconds since the last call. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const elapsed = now - last;
    last = now;
    return Math.round(elapsed);
  };
}
