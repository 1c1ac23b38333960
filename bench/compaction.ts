// A log of a million keys, compacted: CPU of the broker for the pass, and what a producer feels of it.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apache } from '../conformance/targets/apache.ts';
import { ottla } from '../conformance/targets/ottla.ts';
import type { RunningBroker } from '../conformance/targets/target.ts';
import { execOk } from '../conformance/toolchain/exec.ts';
import type { KafkaJars } from '../conformance/toolchain/kafka-jars.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { buildBatch } from '../conformance/wire/record-batch.ts';
import { alterTopicConfig } from '../conformance/wire/config-requests.ts';
import { createTopics, produce } from '../conformance/wire/requests.ts';
import { later } from './alone.ts';
import { APACHE_FLAGS, type ContenderName } from './contenders.ts';
import { cpuSeconds } from './process-cost.ts';

const TOPIC = 'table';
const OTHER = 'beside';
const KEYS = 1_000_000;
const VALUE_BYTES = 1_000;
const BATCH_RECORDS = 500;
const IN_FLIGHT = 4;
const PACE_MS = 5;
/** About as long as a pass beside a producer takes: the worst hundredth of few is chance. */
const IDLE_SECONDS = 15;
const GIVE_UP_MS = 900_000;
const NOT_LEADER_OR_FOLLOWER = 6;
const LEADER_TRIES = 1_000;

export interface CompactionFigures {
  readonly contender: ContenderName;
  readonly megabytes: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** Of a producer of single records to another topic, before and during the pass. */
  readonly idleP99Ms: number;
  readonly besideP99Ms: number;
}

export interface CompactionTools {
  readonly jars: KafkaJars | string;
  readonly nodeFlags: readonly string[];
  readonly cli: string | undefined;
}

/** A reason when the contender cannot be had. */
export async function compactionFigures(
  contender: 'ottla' | 'before' | 'apache',
  scratch: string,
  megabytes: number,
  { jars, nodeFlags, cli }: CompactionTools,
): Promise<CompactionFigures | string> {
  if (contender === 'apache' && typeof jars === 'string') return jars;
  const target = contender === 'apache' ? apache(jars as KafkaJars, APACHE_FLAGS) : ottla({ nodeFlags, cli });
  const dataDirectory = join(scratch, `compaction-${contender}`);
  const properties = { 'node.id': '1', 'log.cleaner.backoff.ms': '500' };
  const broker = await target.start({ dataDirectory, bare: true, properties });
  try {
    return { contender, megabytes, ...(await measure(broker, dataDirectory, megabytes)) };
  } finally {
    await broker.stop();
  }
}

async function measure(
  broker: RunningBroker,
  dataDirectory: string,
  megabytes: number,
): Promise<Omit<CompactionFigures, 'contender' | 'megabytes'>> {
  const connection = await WireConnection.open(broker.bootstrap);
  const segmentBytes = String(Math.max(1, Math.min(100, Math.floor(megabytes / 10))) * 1_048_576);
  const configs = { 'segment.bytes': segmentBytes, 'min.cleanable.dirty.ratio': '0.01', 'file.delete.delay.ms': '0' };
  await createTopics(connection, [
    { name: TOPIC, partitions: 1, configs },
    { name: OTHER, partitions: 1 },
  ]);
  await fill(connection, megabytes);
  // Apache Kafka has flushed each segment when it rolled it; Ottla flushes what is not on the disk yet when a pass begins. Writing
  // back what was produced belongs to producing: it is done for both before anything is measured.
  await execOk('sync', []);
  const idle = new Beat(connection);
  await idle.run(() => performance.now() - idle.startedAt > IDLE_SECONDS * 1_000);
  const cpuBefore = cpuSeconds(broker.pid);
  const beside = new Beat(connection);
  await alterTopicConfig(connection, TOPIC, 'cleanup.policy', 'compact');
  const checkpoint = join(dataDirectory, 'cleaner-offset-checkpoint');
  await beside.run(() => {
    if (performance.now() - beside.startedAt > GIVE_UP_MS) throw new Error('the log was not compacted');
    return existsSync(checkpoint) && readFileSync(checkpoint, 'utf8').includes(`${TOPIC} 0 `);
  });
  const cpu = cpuSeconds(broker.pid) - cpuBefore;
  const seconds = (performance.now() - beside.startedAt) / 1_000;
  await connection.close();
  return { cpuSeconds: cpu, seconds, idleP99Ms: idle.p99Ms, besideP99Ms: beside.p99Ms };
}

/** Keys in an order that looks random and is the same for everybody. */
async function fill(connection: WireConnection, megabytes: number): Promise<void> {
  let left = Math.ceil((megabytes * 1_000_000) / (VALUE_BYTES * BATCH_RECORDS));
  let next = 1;
  const value = Buffer.alloc(VALUE_BYTES, 'v');
  const sender = async (): Promise<void> => {
    while (left-- > 0) {
      const records = Array.from({ length: BATCH_RECORDS }, () => {
        next = (Math.imul(next, 1_103_515_245) + 12_345) >>> 0;
        return { key: Buffer.from(`key-${String(next % KEYS).padStart(12, '0')}`), value };
      });
      const to = { topic: TOPIC, partition: 0, acks: 1 };
      const batch = buildBatch({ records, timestamp: Date.now() });
      let { errorCode } = await produce(connection, to, batch);
      // A topic of Apache Kafka may be there before its leader knows of it.
      for (let tries = 0; errorCode === NOT_LEADER_OR_FOLLOWER && tries < LEADER_TRIES; tries++) {
        await later(PACE_MS);
        ({ errorCode } = await produce(connection, to, batch));
      }
      if (errorCode !== 0) throw new Error(`produce: error ${errorCode}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
}

/** A record every few milliseconds, each after the answer to the one before. */
class Beat {
  readonly startedAt = performance.now();
  readonly #connection: WireConnection;
  readonly #latencies: number[] = [];

  constructor(connection: WireConnection) {
    this.#connection = connection;
  }

  async run(isOver: () => boolean): Promise<void> {
    const batch = buildBatch({ records: [{ key: null, value: Buffer.alloc(100) }], timestamp: Date.now() });
    while (!isOver()) {
      const sentAt = performance.now();
      await produce(this.#connection, { topic: OTHER, partition: 0, acks: 1 }, batch);
      this.#latencies.push(performance.now() - sentAt);
      await later(PACE_MS);
    }
  }

  get p99Ms(): number {
    const sorted = this.#latencies.sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
  }
}
