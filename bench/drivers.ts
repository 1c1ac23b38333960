// Who drives: librdkafka's own performance program, Kafka's ProducerPerformance, and a small librdkafka program for
// latencies. The same one drives every contender.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEnd, exec, execOk } from '../conformance/toolchain/exec.ts';
import { javaArguments, type KafkaJars } from '../conformance/toolchain/kafka-jars.ts';
import type { Librdkafka } from '../conformance/toolchain/librdkafka.ts';

export interface Drivers {
  readonly rdkafka: Librdkafka;
  readonly jars: KafkaJars | string;
  /** Compiled bench/latency.c. */
  readonly latency: string;
  /** Compiled bench/transactions.c. */
  readonly transactions: string;
  readonly payloadFile: string;
  /** On the disk that the brokers write to. */
  readonly scratch: string;
}

export interface LoadSpec {
  readonly bootstrap: string;
  readonly topic: string;
  readonly valueBytes: number;
  readonly count: number;
  /** Of librdkafka, KEY=VALUE: how it gets in. */
  readonly settings?: readonly string[];
}

export interface LoadResult {
  readonly megabytesPerSecond: number;
  readonly recordsPerSecond: number;
}

const TIME_LIMIT_MS = 300_000;
/** Quiet about settings of the other mode, which the program sets itself. */
const V4 = ['-X', 'broker.address.family=v4', '-X', 'log_level=3'];
/** Batches of a megabyte: the brokers' limit is a little above. */
const LARGE_BATCHES = ['-X', 'linger.ms=20', '-X', 'batch.size=1000000', '-X', 'queue.buffering.max.messages=1000000'];
const ONE_RECORD_A_BATCH = ['-X', 'linger.ms=0', '-X', 'batch.num.messages=1', '-X', 'max.in.flight=5'];

/** What bench/ compiles with librdkafka, and the records for ProducerPerformance. */
export async function prepareDrivers(rdkafka: Librdkafka, jars: KafkaJars | string, work: string): Promise<Drivers> {
  const latency = await compiled('latency', rdkafka, work);
  const transactions = await compiled('transactions', rdkafka, work);
  const payloadFile = join(work, 'payload.jsonl');
  if (!existsSync(payloadFile)) writeFileSync(payloadFile, orders());
  return { rdkafka, jars, latency, transactions, payloadFile, scratch: work };
}

async function compiled(name: string, rdkafka: Librdkafka, work: string): Promise<string> {
  const program = join(work, name);
  const library = join(rdkafka.directory, 'src');
  const source = join(import.meta.dirname, `${name}.c`);
  await execOk('gcc', ['-O2', '-I', library, '-o', program, source, '-L', library, '-lrdkafka', '-lpthread']);
  return program;
}

/** A thousand different JSON records of about a kilobyte, which LZ4 packs to a third or so, as it does real ones. */
function orders(): string {
  let seed = 1;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  const lines = Array.from({ length: 1_000 }, () => {
    const items = Array.from({ length: 8 }, () => ({
      sku: `SKU-${next(1e8).toString(36)}-${next(1e8).toString(36)}`,
      quantity: next(20),
      unitPrice: next(100_000) / 100,
      warehouse: ['north', 'south', 'east', 'west'][next(4)],
    }));
    const customer = { id: next(1e9), session: `${next(1e9).toString(16)}${next(1e9).toString(16)}` };
    return JSON.stringify({ orderId: next(1e9), customer, currency: 'EUR', items, note: 'leave at the door' });
  });
  return `${lines.join('\n')}\n`;
}

/** Its exit status is no verdict: it counts what it sent and what was delivered on two threads, and may miss one. */
async function performanceProgram({ rdkafka }: Drivers, args: readonly string[]): Promise<string> {
  const env = { LD_LIBRARY_PATH: join(rdkafka.directory, 'src') };
  const program = join(rdkafka.directory, 'examples/rdkafka_performance');
  const finished = await exec(program, args, { env, timeoutMs: TIME_LIMIT_MS });
  if (finished.timedOut || finished.signal !== null) throw new Error(`rdkafka_performance: ${describeEnd(finished)}`);
  return finished.stdout;
}

const settingsOf = ({ settings = [] }: LoadSpec): string[] => settings.flatMap((setting) => ['-X', setting]);

function rates(output: string, pattern: RegExp): LoadResult {
  const [, records, megabytes] = pattern.exec(output) ?? [];
  if (records === undefined || megabytes === undefined) throw new Error(`no rates in: ${output.slice(-400)}`);
  return { recordsPerSecond: Number(records), megabytesPerSecond: Number(megabytes) };
}

async function produceWith(drivers: Drivers, spec: LoadSpec, args: readonly string[]): Promise<LoadResult> {
  const what = ['-P', '-q', '-b', spec.bootstrap, '-t', spec.topic, '-p', '0'];
  const size = ['-s', String(spec.valueBytes), '-c', String(spec.count)];
  const output = await performanceProgram(drivers, [...what, ...size, ...V4, ...settingsOf(spec), ...args]);
  if (!new RegExp(`, ${spec.count} delivered \\(.*, 0 failed\\)`).test(output))
    throw new Error(`not all delivered: ${output.slice(-300)}`);
  return rates(output, /delivered \(.*\) in \d+ms: (\d+) msgs\/s and ([\d.]+) MB\/s/);
}

/** @param acks 1 or -1. */
export function produceLarge(drivers: Drivers, spec: LoadSpec, acks: number, codec = 'none'): Promise<LoadResult> {
  return produceWith(drivers, spec, ['-a', String(acks), '-z', codec, ...LARGE_BATCHES]);
}

/** One record in a request, five requests in flight. */
export function produceSingle(drivers: Drivers, spec: LoadSpec): Promise<LoadResult> {
  return produceWith(drivers, spec, ['-a', '1', ...ONE_RECORD_A_BATCH]);
}

export async function consume(drivers: Drivers, spec: LoadSpec): Promise<LoadResult> {
  const what = ['-C', '-q', '-b', spec.bootstrap, '-t', spec.topic, '-p', '0', '-o', 'beginning'];
  const output = await performanceProgram(drivers, [...what, '-c', String(spec.count), ...V4, ...settingsOf(spec)]);
  return rates(output, /consumed in \d+ms: (\d+) msgs\/s \(([\d.]+) MB\/s\)/);
}

/** JSON records in lz4 batches from the Java client. */
export async function produceJava(drivers: Drivers, spec: LoadSpec): Promise<LoadResult> {
  if (typeof drivers.jars === 'string') throw new Error(drivers.jars);
  const flags = ['-Xmx512m', '-XX:+UseG1GC'];
  const java = javaArguments(drivers.jars, flags, 'org.apache.kafka.tools.ProducerPerformance');
  const what = ['--bootstrap-server', spec.bootstrap, '--topic', spec.topic, '--num-records', String(spec.count)];
  const load = ['--throughput', '-1', '--payload-file', drivers.payloadFile];
  const properties = [
    'compression.type=lz4',
    'batch.size=1000000',
    'linger.ms=20',
    'acks=1',
    'enable.idempotence=false',
  ];
  const size = ['buffer.memory=134217728'];
  const args = [...java, ...what, ...load, '--command-property', ...properties, ...size];
  const finished = await execOk('java', args, { timeoutMs: TIME_LIMIT_MS });
  const total = finished.stdout.trim().split('\n').at(-1) ?? '';
  return rates(total, /([\d.]+) records\/sec \(([\d.]+) MB\/sec\)/);
}

/** One producer, one transaction at a time; what is counted as records are the transactions. */
export async function transactions(drivers: Drivers, spec: LoadSpec, recordsEach: number): Promise<LoadResult> {
  const env = { LD_LIBRARY_PATH: join(drivers.rdkafka.directory, 'src') };
  const valueBytes = spec.valueBytes / recordsEach;
  const args = [spec.bootstrap, spec.topic, spec.count, recordsEach, valueBytes].map(String);
  const finished = await execOk(drivers.transactions, args, { env, timeoutMs: TIME_LIMIT_MS });
  const perSecond = Number(finished.stdout);
  if (!(perSecond > 0)) throw new Error(`no rate in: ${finished.stdout}`);
  return { recordsPerSecond: perSecond, megabytesPerSecond: (perSecond * spec.valueBytes) / 1e6 };
}

export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Milliseconds from produce to consume at a steady rate. */
export async function latency(
  drivers: Drivers,
  at: { readonly bootstrap: string; readonly topic: string },
  pace: { readonly rate: number; readonly seconds: number; readonly warmupSeconds: number },
): Promise<Latency> {
  const env = { LD_LIBRARY_PATH: join(drivers.rdkafka.directory, 'src') };
  const args = [at.bootstrap, at.topic, pace.rate, pace.seconds, pace.warmupSeconds].map(String);
  const finished = await exec(drivers.latency, args, { env, timeoutMs: 120_000 });
  const [count, p50, p99, p999, max] = finished.stdout.trim().split(' ').map(Number);
  if (finished.status !== 0 || max === undefined) throw new Error(describeEnd(finished));
  return { count: count ?? 0, p50: p50 ?? 0, p99: p99 ?? 0, p999: p999 ?? 0, max };
}
