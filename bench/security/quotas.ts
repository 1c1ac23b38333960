// Whether quotas hold over half a minute, of each kind, all at once on one broker: bytes in and out with Kafka's own performance tools,
// the time of requests with the same, changes of the controller and new connections by hand. What Apache Kafka gives stands beside it.

import { join } from 'node:path';
import { setClientQuota } from '../../conformance/wire/quota-requests.ts';
import type { RunningBroker } from '../../conformance/targets/target.ts';
import { exec } from '../../conformance/toolchain/exec.ts';
import { javaArguments, type KafkaJars } from '../../conformance/toolchain/kafka-jars.ts';
import { WireConnection } from '../../conformance/wire/connection.ts';
import { createTopics, listOffset } from '../../conformance/wire/requests.ts';
import { later, type LoneContender, type LoneTools, targetOf } from '../alone.ts';
import { type Drivers, produceLarge } from '../drivers.ts';
import { ConnectionFlow, MutationFlow } from './quota-flows.ts';

export interface QuotaFigures {
  readonly contender: LoneContender;
  /** What was measured with few samples, as a share of what the quota allows; 1 is right. */
  readonly held: Readonly<Record<QuotaKind, number>>;
  /** The same with the samples that there are by default. */
  readonly heldByDefault?: Readonly<Record<QuotaKind, number>>;
}

export const QUOTA_KINDS = [
  'produced bytes',
  'consumed bytes',
  'request time',
  'controller mutations',
  'new connections',
] as const;
export type QuotaKind = (typeof QUOTA_KINDS)[number];

const BYTES = 5_000_000;
const RECORD_BYTES = 1_000;
/**
 * Of one fetch, asked for. What would go over the quota is not given at all but put off, on both brokers: with the megabyte of the default, a
 * fifth of a second's worth, either stays a tenth below what it allows.
 */
const FETCH_BYTES = 131_072;
/** Of the time of requests there is no rate to look at: with twice the quota twice as many have to come through. */
const REQUEST_PERCENTAGES = { less: 2, more: 4 };
const MUTATIONS = 10;
const CONNECTIONS = 10;
/** In the name of this address connections are made. */
const CONNECTING_FROM = '127.0.0.2';
const MUTATING_CLIENT = 'ottla-conformance';
/** What may be used at once is used up in it, and the JVMs have come up. */
const WARM_UP_MS = 18_000;
const ONE_REPLICA = { 'offsets.topic.replication.factor': '1' };
/**
 * Quotas are rates over samples of a second, on both brokers. With eleven samples, as by default, whoever is as fast as he may uses ten
 * seconds' worth at once when the samples of the last time are forgotten, every twelve seconds: half a minute holds two or three of
 * these bursts, and tells little of the rate.
 */
const FEW_SAMPLES = { ...ONE_REPLICA, 'quota.window.num': '3', 'controller.quota.window.num': '3' };
/** With the default: what is between two bursts goes into it whole, so many times. */
const BURSTS_MS = 36_000;

export interface QuotaTools extends LoneTools {
  readonly drivers: Drivers;
  readonly measuredMs: number;
}

/** A string says why the contender is left out. */
export async function quotaFigures(
  contender: LoneContender,
  scratch: string,
  tools: QuotaTools,
): Promise<QuotaFigures | string> {
  const { jars, drivers, measuredMs } = tools;
  if (typeof jars === 'string') return jars;
  const target = targetOf(contender, tools);
  if (typeof target === 'string') return target;
  const held = async (properties: Readonly<Record<string, string>>, forMs: number): Promise<QuotaFigures['held']> => {
    const broker = await target.start({
      dataDirectory: join(scratch, `quotas-${contender}-${forMs}`),
      bare: true,
      properties: contender === 'apache' ? { ...properties, 'node.id': '1' } : properties,
    });
    try {
      await prepare(broker, drivers, forMs);
      return await measured(broker, jars, forMs);
    } finally {
      await broker.stop();
    }
  };
  return {
    contender,
    held: await held(FEW_SAMPLES, measuredMs),
    heldByDefault: await held(ONE_REPLICA, Math.max(measuredMs, BURSTS_MS)),
  };
}

async function prepare(broker: RunningBroker, drivers: Drivers, measuredMs: number): Promise<void> {
  const connection = await WireConnection.open(broker.bootstrap);
  const names = ['produced', 'consumed', 'less', 'more'];
  await createTopics(
    connection,
    names.map((name) => ({ name, partitions: 1 })),
  );
  const seconds = (WARM_UP_MS + measuredMs) / 1_000 + 30;
  const filled = { bootstrap: broker.bootstrap, topic: 'consumed', valueBytes: RECORD_BYTES };
  await produceLarge(drivers, { ...filled, count: (BYTES * seconds) / RECORD_BYTES }, 1);
  const ofClient = (name: string) => ({ type: 'client-id', name });
  await setClientQuota(connection, ofClient('produced'), 'producer_byte_rate', BYTES);
  await setClientQuota(connection, ofClient('consumed'), 'consumer_byte_rate', BYTES);
  await setClientQuota(connection, ofClient('less'), 'request_percentage', REQUEST_PERCENTAGES.less);
  await setClientQuota(connection, ofClient('more'), 'request_percentage', REQUEST_PERCENTAGES.more);
  await setClientQuota(connection, ofClient(MUTATING_CLIENT), 'controller_mutation_rate', MUTATIONS);
  await setClientQuota(connection, { type: 'ip', name: CONNECTING_FROM }, 'connection_creation_rate', CONNECTIONS);
  await connection.close();
}

async function measured(broker: RunningBroker, jars: KafkaJars, measuredMs: number): Promise<QuotaFigures['held']> {
  const limitMs = WARM_UP_MS + measuredMs;
  const large = ['batch.size=65536', 'linger.ms=5'];
  const single = ['batch.size=0', 'linger.ms=0'];
  const tools = [
    produceAs('produced', broker, jars, limitMs, large),
    produceAs('less', broker, jars, limitMs, single),
    produceAs('more', broker, jars, limitMs, single),
  ];
  const consuming = consume(broker, jars, limitMs);
  const [mutations, connections] = [new MutationFlow(broker), new ConnectionFlow(broker, CONNECTING_FROM)];
  const flows = [mutations.run(limitMs), connections.run(limitMs)];
  const connection = await WireConnection.open(broker.bootstrap);
  const counts = async () => ({
    atMs: performance.now(),
    clockMs: Date.now(),
    produced: await endOf(connection, 'produced'),
    less: await endOf(connection, 'less'),
    more: await endOf(connection, 'more'),
    mutations: mutations.done,
    connections: connections.answered,
  });
  await later(WARM_UP_MS);
  const before = await counts();
  await later(measuredMs - 1_000);
  const after = await counts();
  await connection.close();
  await Promise.all([...tools, ...flows]);
  const seconds = (after.atMs - before.atMs) / 1_000;
  const perSecond = (name: Exclude<keyof typeof after, 'atMs' | 'clockMs'>): number =>
    (after[name] - before[name]) / seconds;
  return {
    'produced bytes': (perSecond('produced') * RECORD_BYTES) / BYTES,
    'consumed bytes': consumedBetween(await consuming, before.clockMs, after.clockMs) / seconds / BYTES,
    'request time': perSecond('more') / perSecond('less') / (REQUEST_PERCENTAGES.more / REQUEST_PERCENTAGES.less),
    'controller mutations': perSecond('mutations') / MUTATIONS,
    'new connections': perSecond('connections') / CONNECTIONS,
  };
}

async function endOf(connection: WireConnection, topic: string): Promise<number> {
  return (await listOffset(connection, { topic, partition: 0, timestamp: -1 })).offset;
}

/** Until the time is over: then it is ended. */
async function produceAs(
  name: string,
  broker: RunningBroker,
  jars: KafkaJars,
  limitMs: number,
  batching: readonly string[],
): Promise<void> {
  const java = javaArguments(jars, ['-Xmx256m', '-XX:+UseSerialGC'], 'org.apache.kafka.tools.ProducerPerformance');
  const what = ['--bootstrap-server', broker.bootstrap, '--topic', name, '--num-records', '1000000000'];
  const load = ['--throughput', '-1', '--record-size', String(RECORD_BYTES)];
  const properties = ['acks=1', 'enable.idempotence=false', `client.id=${name}`, ...batching];
  const finished = await exec('java', [...java, ...what, ...load, '--command-property', ...properties], {
    timeoutMs: limitMs,
  });
  if (!finished.timedOut) throw new Error(`ProducerPerformance ended: ${finished.stderr.slice(-400)}`);
}

/** What ConsumerPerformance has printed: five lines a second, as long as it gets anything. */
async function consume(broker: RunningBroker, jars: KafkaJars, limitMs: number): Promise<string> {
  const java = javaArguments(jars, ['-Xmx256m', '-XX:+UseSerialGC'], 'org.apache.kafka.tools.ConsumerPerformance');
  const what = ['--bootstrap-server', broker.bootstrap, '--topic', 'consumed', '--num-records', '1000000000'];
  const shown = ['--show-detailed-stats', '--hide-header', '--reporting-interval', '200'];
  const fetches = ['--fetch-size', String(FETCH_BYTES)];
  const limit = ['--timeout', String(limitMs), '--command-property', 'client.id=consumed'];
  const { stdout } = await exec('java', [...java, ...what, ...shown, ...fetches, ...limit], { timeoutMs: limitMs });
  return stdout;
}

/**
 * Bytes, from one time of the clock to another. A line is: time, thread, megabytes so far, …; nothing is printed while nothing comes, so
 * what the last line before a time says holds at that time.
 */
function consumedBetween(printed: string, fromMs: number, toMs: number): number {
  const lines = printed
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .map(([time = '', , megabytes]) => ({
      atMs: Date.parse(time.replace(/:(\d{3})$/, '.$1')),
      bytes: Number(megabytes) * 2 ** 20,
    }))
    .filter(({ atMs, bytes }) => !Number.isNaN(atMs) && !Number.isNaN(bytes));
  const until = (ms: number): number => lines.findLast(({ atMs }) => atMs <= ms)?.bytes ?? 0;
  const consumed = until(toMs) - until(fromMs);
  if (consumed <= 0) throw new Error(`nothing consumed in: ${printed.slice(-400)}`);
  return consumed;
}
