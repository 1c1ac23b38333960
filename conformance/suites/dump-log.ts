// Kafka's own DumpLogSegments over everything that we wrote: a gigabyte of mixed load with rolls, a kill -9 in the
// middle, a restart, a clean stop. Then Apache Kafka starts on the directory and has to serve the same records.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Suite, type SuiteContext, same, that } from '../suite.ts';
import { apache } from '../targets/apache.ts';
import { freePort, type RunningBroker } from '../targets/target.ts';
import { describeEnd, exec } from '../toolchain/exec.ts';
import { javaArguments, KAFKA_VERSION, type KafkaJars } from '../toolchain/kafka-jars.ts';
import { type Librdkafka, librdkafkaPerformance } from '../toolchain/librdkafka.ts';
import { WireConnection } from '../wire/connection.ts';
import { batchesOf } from '../wire/record-batch.ts';
import { createTopics, fetch, knownOffset, metadata, type NewTopic } from '../wire/requests.ts';

export const dumpLog: Suite = {
  name: 'dump-log',
  isBlackBox: true,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    const built = await librdkafkaPerformance();
    return typeof built === 'string' ? { missing: built } : { version: KAFKA_VERSION };
  },
  run,
};

interface Load {
  readonly topic: NewTopic;
  readonly valueBytes: number;
  /** Payload before compression; all of them make a gigabyte. */
  readonly megabytes: number;
  readonly options: readonly string[];
}

const MIB = 1 << 20;
const small = { 'segment.bytes': String(MIB) };

function load(
  name: string,
  megabytes: number,
  valueBytes: number,
  options: string[],
  configs: Record<string, string> = small,
): Load {
  return { topic: { name, partitions: 2, configs }, valueBytes, megabytes, options };
}

const idempotent = ['-X', 'enable.idempotence=true'];

const COMPRESSED = new Set(['gzip', 'snappy', 'lz4', 'zstd']);

const LOADS: readonly Load[] = [
  load('plain-large', 300, 1000, ['-a', '1'], { 'segment.bytes': String(16 * MIB) }),
  load('plain-small', 150, 100, ['-a', '-1'], { 'segment.bytes': String(8 * MIB) }),
  load('idempotent', 150, 500, idempotent, { 'segment.bytes': String(8 * MIB) }),
  load('gzip', 50, 200, ['-z', 'gzip', ...idempotent]),
  load('snappy', 70, 200, ['-z', 'snappy']),
  load('lz4', 100, 200, ['-z', 'lz4', ...idempotent]),
  load('zstd', 100, 200, ['-z', 'zstd']),
  load('append-time', 50, 1000, [], { ...small, 'message.timestamp.type': 'LogAppendTime' }),
  load('by-time', 10, 100, ['-r', '25000'], { ...small, 'segment.ms': '1000' }),
  load('full-index', 10, 100, ['-X', 'batch.num.messages=20'], {
    ...small,
    'segment.index.bytes': '1200',
    'index.interval.bytes': '100',
  }),
  load('across-the-crash', 150, 1000, [...idempotent, '-r', '30000'], { 'segment.bytes': String(8 * MIB) }),
];

/** Written in transactions, and read by the groups whose state is dumped. */
const COORDINATED = 'coordinated';

async function run(context: SuiteContext): Promise<void> {
  const { target, scratch, cases, progress, jars } = context;
  const built = await librdkafkaPerformance();
  if (typeof built === 'string' || typeof jars === 'string') throw new Error('tool chain');
  const start = { dataDirectory: join(scratch, 'broker'), port: await freePort() };
  let broker = await target.start(start);
  const connection = await WireConnection.open(broker.bootstrap);
  const topics = LOADS.map((entry) => entry.topic);
  await createTopics(connection, [...topics, { name: COORDINATED, partitions: 1 }]);
  await connection.close();
  for (const entry of LOADS.slice(0, -1)) {
    await cases.run(`load ${entry.topic.name}`, () => produceLoad(built, broker, entry));
  }
  await cases.run('load across a kill -9 and a restart', async () => {
    const loading = produceLoad(built, broker, LOADS.at(-1) as Load);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await broker.kill();
    broker = await target.start(start);
    await loading;
  });
  await cases.run('transactions, a group of KIP-848 and a share group', () => coordinate(jars, broker), 120_000);
  const before = await digests(broker, topics);
  progress(`${[...before.values()].reduce((sum, digest) => sum + digest.records, 0)} records`);
  await cases.run('clean stop', async () => same(await broker.stop(), target.name === 'apache' ? 143 : 0, 'exit code'));
  await dump(context, jars, start.dataDirectory);
  await cases.run('Apache Kafka starts on the directory', async () => {
    broker = await apache(jars).start(start);
  });
  await cases.run('Apache Kafka serves the same records', async () => {
    const after = await digests(broker, topics);
    for (const [partition, digest] of before) same(after.get(partition), digest, partition);
  });
  await broker.stop();
}

/** What makes the coordinators write: a transactional producer, and the console consumers of Kafka. */
async function coordinate(jars: KafkaJars, { bootstrap }: RunningBroker): Promise<void> {
  const tool = (name: string, ...args: string[]): Promise<void> => {
    const java = javaArguments(jars, ['-Xmx256m', '-XX:+UseSerialGC'], `org.apache.kafka.tools.${name}`);
    return exec('java', [...java, '--bootstrap-server', bootstrap, ...args], { timeoutMs: 60_000 }).then((finished) =>
      that(finished.status === 0, `${name}: ${describeEnd(finished)}`),
    );
  };
  const records = ['--num-records', '2000', '--record-size', '100', '--throughput', '-1'];
  const transactional = ['--transactional-id', 'dumped', '--transaction-duration-ms', '100'];
  await tool('ProducerPerformance', '--topic', COORDINATED, ...records, ...transactional);
  const reading = ['--topic', COORDINATED, '--max-messages', '50', '--timeout-ms', '30000'];
  const protocol = ['--command-property', 'group.protocol=consumer'];
  await tool('consumer.ConsoleConsumer', ...reading, '--group', 'dumped', '--from-beginning', ...protocol);
  const reset = ['--alter', '--entity-type', 'groups', '--entity-name', 'dumped-shares'];
  const config = javaArguments(jars, ['-Xmx256m'], 'kafka.admin.ConfigCommand');
  const earliest = [...reset, '--add-config', 'share.auto.offset.reset=earliest'];
  const altered = await exec('java', [...config, '--bootstrap-server', bootstrap, ...earliest], { timeoutMs: 60_000 });
  that(altered.status === 0, describeEnd(altered));
  await tool('consumer.ConsoleShareConsumer', ...reading, '--group', 'dumped-shares');
}

async function produceLoad(built: Librdkafka, broker: RunningBroker, entry: Load): Promise<void> {
  const count = Math.floor((entry.megabytes * 1_000_000) / entry.valueBytes);
  const what = ['-P', '-q', '-t', entry.topic.name, '-b', broker.bootstrap];
  const size = ['-s', String(entry.valueBytes), '-c', String(count)];
  const finished = await exec(
    join(built.directory, 'examples/rdkafka_performance'),
    [...what, ...size, ...entry.options, '-X', 'linger.ms=20', '-X', 'broker.address.family=v4'],
    { env: { LD_LIBRARY_PATH: join(built.directory, 'src') }, timeoutMs: 110_000 },
  );
  // Its exit status is no verdict: it may miscount what it sent by one.
  that(finished.stdout.includes(`, ${count} delivered`), describeEnd(finished));
}

interface Digest {
  readonly start: number;
  readonly end: number;
  readonly records: number;
  readonly sha256: string;
}

/** Of the batches as they are stored, byte by byte. */
async function digests(broker: RunningBroker, topics: readonly NewTopic[]): Promise<Map<string, Digest>> {
  const connection = await WireConnection.open(broker.bootstrap);
  const found = new Map<string, Digest>();
  for (const info of (
    await metadata(
      connection,
      topics.map((t) => t.name),
    )
  ).topics) {
    for (const { index } of info.partitions) {
      found.set(`${info.name}-${index} ${info.topicId}`, await digestOf(connection, info.name, index));
    }
  }
  await connection.close();
  return found;
}

async function digestOf(connection: WireConnection, topic: string, partition: number): Promise<Digest> {
  const start = (await knownOffset(connection, { topic, partition, timestamp: -2 })).offset;
  const digest = createHash('sha256');
  let [offset, records] = [start, 0];
  for (;;) {
    const fetched = await fetch(connection, { topic, partition, offset }, { maxBytes: 8 * MIB });
    if (fetched.errorCode !== 0) throw new Error(`Fetch answered error ${fetched.errorCode}`);
    const from = offset;
    for (const batch of batchesOf(fetched.records)) {
      digest.update(batch.bytes);
      records += batch.count;
      offset = batch.lastOffset + 1;
    }
    if (offset >= fetched.highWatermark) return { start, end: offset, records, sha256: digest.digest('hex') };
    if (offset === from) throw new Error(`${topic}-${partition}: nothing at ${offset} of ${fetched.highWatermark}`);
  }
}

/** What the tool says of a file that is not as it should be. */
const FAULT =
  /mismatch|non-?consecutive|out of order|invalid message bytes|isvalid: false|exception|\berror\b|corrupt/i;

interface Dump {
  readonly name: string;
  readonly ending: RegExp;
  readonly flags: readonly string[];
  /** How the directories begin whose files are dumped; left out: all but the metadata's. */
  readonly of?: string;
  /** What the tool must have found. */
  readonly finds?: readonly string[];
}

const LOG_ENDING = /\.log$/;

const DUMPS: readonly Dump[] = [
  { name: '.log --deep-iteration', ending: LOG_ENDING, flags: ['--deep-iteration', '--skip-record-metadata'] },
  { name: '.index against its log', ending: /\.index$/, flags: ['--verify-index-only'] },
  { name: '.index --index-sanity-check', ending: /\.index$/, flags: ['--index-sanity-check'] },
  { name: '.timeindex against its log', ending: /\.timeindex$/, flags: ['--verify-index-only'] },
  { name: '.timeindex --index-sanity-check', ending: /\.timeindex$/, flags: ['--index-sanity-check'] },
  { name: '.txnindex', ending: /\.txnindex$/, flags: [] },
  { name: '.snapshot', ending: /\.snapshot$/, flags: [] },
  {
    name: 'metadata log and snapshots --cluster-metadata-decoder',
    ending: /\d\.(log|checkpoint)$/,
    flags: ['--cluster-metadata-decoder', '--deep-iteration'],
    of: '__cluster_metadata',
  },
  {
    name: '__consumer_offsets --offsets-decoder',
    ending: /\.log$/i,
    flags: ['--offsets-decoder', '--deep-iteration'],
    of: '__consumer_offsets',
    finds: ['"dumped"', 'coordinated', 'assignmentEpoch'],
  },
  {
    name: '__transaction_state --transaction-log-decoder',
    ending: /\.log$/i,
    flags: ['--transaction-log-decoder', '--deep-iteration'],
    of: '__transaction_state',
    finds: ['transactionalId', 'dumped'],
  },
  {
    name: '__share_group_state --share-group-state-decoder',
    ending: /\.log$/i,
    flags: ['--share-group-state-decoder', '--deep-iteration'],
    of: '__share_group_state',
    finds: ['dumped-shares', 'snapshotEpoch'],
  },
];

async function dump({ cases, scratch, progress }: SuiteContext, jars: KafkaJars, directory: string): Promise<void> {
  for (const { name, ending, flags, of, finds = [] } of DUMPS) {
    const files = filesOf(directory, ending, of);
    if (files.length === 0 && finds.length === 0) continue;
    await cases.run(
      `${name} (${files.length} files)`,
      async () => {
        const output = join(scratch, 'dump.txt');
        const status = await dumpTo(jars, ['--files', files.join(','), ...flags], output);
        const faults = faultsIn(output);
        that(faults.length === 0, `${faults.length} lines: ${faults.slice(0, 3).join(' | ')}`);
        same(status, 0, 'status');
        const text = readFileSync(output, 'utf8');
        const dumped = text.match(/^Dumping /gm)?.length ?? 0;
        same(dumped, files.length, 'files dumped');
        for (const found of finds) that(text.includes(found), `no ${found} in the dump`);
        if (ending === LOG_ENDING) wholeLogs(text);
      },
      600_000,
    );
  }
  const logs = filesOf(directory, /\.log$/);
  progress(`${logs.length} segments, ${Math.round(logs.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6)} MB`);
  await cases.run('rolls by size, by time and by a full index', () => {
    for (const { topic } of LOADS) {
      const segments = logs.filter((file) => file.includes(`/${topic.name}-`)).length;
      // What packs to almost nothing may well fit in its first segments.
      that(COMPRESSED.has(topic.name) || segments > topic.partitions, `${topic.name}: ${segments} segments`);
    }
  });
}

/** The tool passes over half a batch at the end, and over offsets that are missing between batches: these are ours to see. */
function wholeLogs(text: string): void {
  for (const part of text.split(/^Dumping /m).slice(1)) {
    const file = part.slice(0, part.indexOf('\n'));
    let [end, next] = [0, -1];
    for (const match of part.matchAll(/^baseOffset: (\d+) lastOffset: (\d+) .* position: (\d+) .* size: (\d+) /gm)) {
      const [base, last, position, size] = match.slice(1).map(Number) as [number, number, number, number];
      that(next < 0 || base === next, `${file}: offset ${base} after ${next - 1}`);
      that(position === end, `${file}: a batch at ${position} instead of ${end}`);
      [end, next] = [position + size, last + 1];
    }
    same(end, statSync(file).size, `${file}: bytes in whole batches`);
  }
}

function filesOf(directory: string, ending: RegExp, of?: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const wanted = names.filter((name) => ending.test(name) && name.includes('/') && !name.includes('-delete/'));
  const chosen = of === undefined ? wanted : wanted.filter((name) => name.startsWith(of));
  const files = chosen.sort().map((name) => join(directory, name));
  // Coordinators' topics have fifty partitions, most of them empty.
  return of === undefined ? files : files.filter((file) => statSync(file).size > 0);
}

/** To a file: the headers of a gigabyte of batches are too much to hold as one string. */
async function dumpTo(jars: KafkaJars, args: readonly string[], output: string): Promise<number | null> {
  const java = javaArguments(jars, ['-Xmx1g', '-XX:+UseSerialGC'], 'org.apache.kafka.tools.DumpLogSegments');
  const child = spawn('java', [...java, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4_000);
  });
  await pipeline(child.stdout, createWriteStream(output));
  const status = await ended;
  if (status !== 0) throw new Error(`status ${status}: ${stderr}`);
  return status;
}

function faultsIn(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => FAULT.test(line)).map((line) => line.slice(0, 300));
}
