// Kafka's own command-line tools: the Java client in the newest version of every API. Each step starts a JVM (1-2 s).

import { writeFileSync } from 'node:fs';
import { type Suite, type SuiteContext, same, that } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { describeEnd, type Finished } from '../toolchain/exec.ts';
import { KAFKA_VERSION, type KafkaJars, runTool } from '../toolchain/kafka-jars.ts';

const TOOLS = 'org.apache.kafka.tools';

export const javaTools: Suite = {
  name: 'java-tools',
  isBlackBox: true,
  available: (jars) => Promise.resolve(typeof jars === 'string' ? { missing: jars } : { version: KAFKA_VERSION }),
  run,
};

/** Runs one tool; `ok` says whether it must succeed, and the answer is all that it printed. */
class Session {
  readonly #jars: KafkaJars;
  readonly #broker: RunningBroker;
  readonly scratch: string;

  constructor(jars: KafkaJars, broker: RunningBroker, scratch: string) {
    this.#jars = jars;
    this.#broker = broker;
    this.scratch = scratch;
  }

  async ok(main: string, args: readonly string[], input?: string): Promise<string> {
    const finished = await this.#run(main, args, input);
    that(finished.status === 0, describeEnd(finished));
    return finished.stdout;
  }

  /** Output of a tool that has to fail with `message` in what it says; some tools fail with status 0. */
  async refused(main: string, args: readonly string[], message: RegExp, input?: string): Promise<void> {
    const finished = await this.#run(main, args, input);
    that(message.test(finished.stdout + finished.stderr), `no ${message} in ${describeEnd(finished)}`);
  }

  topics(...args: string[]): Promise<string> {
    return this.ok(`${TOOLS}.TopicCommand`, args);
  }

  configs(...args: string[]): Promise<string> {
    return this.ok('kafka.admin.ConfigCommand', args);
  }

  async offsets(...args: string[]): Promise<string[]> {
    return (await this.ok(`${TOOLS}.GetOffsetShell`, args)).trim().split('\n').sort();
  }

  produce(topic: string, lines: readonly string[], ...args: string[]): Promise<string> {
    const input = lines.map((line) => `${line}\n`).join('');
    return this.ok(`${TOOLS}.ConsoleProducer`, ['--topic', topic, ...args], input);
  }

  async consume(topic: string, partition: number, count: number, ...args: string[]): Promise<string[]> {
    const from = args.includes('--offset') ? [] : ['--offset', 'earliest'];
    const limits = ['--max-messages', String(count), '--timeout-ms', '20000'];
    const read = ['--topic', topic, '--partition', String(partition), ...from, ...limits, ...args];
    const text = await this.ok(`${TOOLS}.consumer.ConsoleConsumer`, read);
    return text.trimEnd().split('\n');
  }

  #run(main: string, args: readonly string[], input?: string): Promise<Finished> {
    const options = { timeoutMs: 60_000, ...(input === undefined ? {} : { input }) };
    const bootstrap = ['--bootstrap-server', this.#broker.bootstrap];
    // ClusterTool takes it behind its subcommand, the others before.
    const all = main.endsWith('ClusterTool') ? [...args, ...bootstrap] : [...bootstrap, ...args];
    return runTool(this.#jars, main, all, options);
  }
}

async function run({ target, jars, scratch, cases }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const broker = await target.start({ dataDirectory: `${scratch}/broker` });
  const session = new Session(jars, broker, scratch);
  for (const [name, step] of Object.entries({ ...CLUSTER, ...TOPICS, ...RECORDS, ...CONFIGS, ...ADMIN })) {
    await cases.run(name, () => step(session), 90_000);
  }
}

/** In order: later steps use what earlier ones made. */
type Steps = Readonly<Record<string, (s: Session) => Promise<void>>>;

const CLUSTER: Steps = {
  'broker-api-versions': async (s) => {
    const text = await s.ok(`${TOOLS}.BrokerApiVersionsCommand`, []);
    for (const api of ['Produce(0)', 'Fetch(1)', 'ListOffsets(2)', 'Metadata(3)', 'ApiVersions(18)']) {
      that(text.includes(api), `${api} in ${text}`);
    }
    that(/\(id: 0 rack: null isFenced: false\) -> \(/.test(text), text.slice(0, 200));
  },
  'cluster cluster-id': async (s) => {
    const text = await s.ok(`${TOOLS}.ClusterTool`, ['cluster-id']);
    that(/Cluster ID: \S{22}/.test(text), text);
  },
  'cluster list-endpoints': async (s) => {
    const text = await s.ok(`${TOOLS}.ClusterTool`, ['list-endpoints']);
    that(/^0\s+127\.0\.0\.1/m.test(text) || /^0\s+localhost/m.test(text), text);
  },
};

const TOPICS: Steps = {
  'topics --create': async (s) => {
    const text = await s.topics('--create', '--topic', 'made', '--partitions', '3', '--replication-factor', '1');
    that(text.includes('Created topic made.'), text);
  },
  'topics --create with configs': async (s) => {
    const configs = ['--config', 'retention.ms=60000', '--config', 'segment.bytes=2097152'];
    await s.topics('--create', '--topic', 'made-with', '--partitions', '1', ...configs);
    const text = await s.topics('--describe', '--topic', 'made-with');
    that(/Configs: .*retention\.ms=60000/.test(text) && text.includes('segment.bytes=2097152'), text);
  },
  'topics --create with defaults': async (s) => {
    await s.topics('--create', '--topic', 'made-default');
    that((await s.topics('--describe', '--topic', 'made-default')).includes('PartitionCount: 4'), 'partitions');
  },
  'topics --create of one that exists': (s) =>
    s.refused(`${TOOLS}.TopicCommand`, ['--create', '--topic', 'made'], /Topic 'made' already exists/),
  'topics --create --if-not-exists': async (s) =>
    void (await s.topics('--create', '--topic', 'made', '--if-not-exists')),
  'topics --create with a bad name': (s) =>
    s.refused(`${TOOLS}.TopicCommand`, ['--create', '--topic', 'not good'], /illegal|invalid/i),
  'topics --create with a factor too large': (s) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--create', '--topic', 'too-much', '--replication-factor', '3'],
      /Unable to replicate the partition 3 time\(s\): The target replication factor of 3 cannot be reached/,
    ),
  'topics --create with no partitions': (s) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--create', '--topic', 'none', '--partitions', '0'],
      /partitions must be greater than 0|Number of partitions/i,
    ),
  'topics --create with a wrong config': (s) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--create', '--topic', 'wrong', '--config', 'retention.ms=soon'],
      /Invalid value soon for configuration retention\.ms|Not a number|soon/,
    ),
  'topics --create with replica assignment': async (s) => {
    await s.topics('--create', '--topic', 'assigned', '--replica-assignment', '0,0');
    that((await s.topics('--describe', '--topic', 'assigned')).includes('PartitionCount: 2'), 'partitions');
  },
  'topics --list': async (s) => {
    const listed = (await s.topics('--list', '--exclude-internal')).trim().split('\n').sort();
    same(listed, ['assigned', 'made', 'made-default', 'made-with'], 'topics');
  },
  'topics --describe': async (s) => {
    const text = await s.topics('--describe', '--topic', 'made');
    that(/Topic: made\s+TopicId: \S{22}\s+PartitionCount: 3\s+ReplicationFactor: 1/.test(text), text);
    that(/Topic: made\s+Partition: 2\s+Leader: 0\s+Replicas: 0\s+Isr: 0/.test(text), text);
  },
  'topics --describe --under-replicated-partitions': async (s) =>
    same(await s.topics('--describe', '--under-replicated-partitions'), '', 'output'),
  'topics --describe of one that is not there': (s) =>
    s.refused(`${TOOLS}.TopicCommand`, ['--describe', '--topic', 'absent'], /Topic 'absent' does not exist/),
  'topics --alter adds partitions': async (s) => {
    await s.topics('--alter', '--topic', 'made', '--partitions', '5');
    that((await s.topics('--describe', '--topic', 'made')).includes('PartitionCount: 5'), 'partitions');
  },
  'topics --alter to fewer': (s) =>
    s.refused(
      `${TOOLS}.TopicCommand`,
      ['--alter', '--topic', 'made', '--partitions', '2'],
      /currently has 5 partition\(s\).*would not be an increase|currently has 5 partitions/s,
    ),
  'topics --delete': async (s) => {
    await s.topics('--delete', '--topic', 'assigned');
    that(!(await s.topics('--list')).includes('assigned'), 'still listed');
  },
  'topics --delete of one that is not there': (s) =>
    s.refused(`${TOOLS}.TopicCommand`, ['--delete', '--topic', 'absent'], /Topic 'absent' does not exist/),
};

const NUMBERS = Array.from({ length: 200 }, (_, i) => `line ${i}`);

const RECORDS: Steps = {
  'console-producer and console-consumer': async (s) => {
    await s.topics('--create', '--topic', 'lines', '--partitions', '1');
    await s.produce('lines', NUMBERS);
    same(await s.consume('lines', 0, NUMBERS.length), NUMBERS, 'records');
  },
  'console-consumer from an offset': async (s) =>
    same(await s.consume('lines', 0, 2, '--offset', '150'), ['line 150', 'line 151'], 'records'),
  'console-consumer --isolation-level read_committed': async (s) =>
    same(await s.consume('lines', 0, 1, '--isolation-level', 'read_committed'), ['line 0'], 'records'),
  'console-producer with keys and headers': async (s) => {
    await s.topics('--create', '--topic', 'keyed', '--partitions', '1');
    const parse = ['parse.key=true', 'key.separator=|', 'parse.headers=true', 'null.marker=NULL'];
    const lines = ['a:1,b:2\tk1|v1', 'NULL\tk2|NULL', 'c:3\tNULL|v3'];
    await s.produce('keyed', lines, ...parse.flatMap((p) => ['--reader-property', p]));
    const print = ['print.key=true', 'print.headers=true', 'print.offset=true', 'print.partition=true'];
    const read = await s.consume('keyed', 0, 3, ...print.flatMap((p) => ['--formatter-property', p]));
    const at = (partition: number, offset: number): string => `Partition:${partition}\tOffset:${offset}`;
    const expected = [
      `${at(0, 0)}\ta:1,b:2\tk1\tv1`,
      `${at(0, 1)}\tNO_HEADERS\tk2\tnull`,
      `${at(0, 2)}\tc:3\tnull\tv3`,
    ];
    same(read, expected, 'records');
  },
  ...Object.fromEntries(
    ['gzip', 'snappy', 'lz4', 'zstd'].map((codec) => [
      `console-producer --compression-codec ${codec}`,
      async (s: Session) => {
        await s.topics('--create', '--topic', `java-${codec}`, '--partitions', '1');
        await s.produce(`java-${codec}`, NUMBERS, '--compression-codec', codec);
        same(await s.consume(`java-${codec}`, 0, NUMBERS.length), NUMBERS, 'records');
      },
    ]),
  ),
  'console-producer with acks 0 and 1': async (s) => {
    await s.topics('--create', '--topic', 'acks', '--partitions', '1');
    for (const acks of ['0', '1']) {
      const properties = [`acks=${acks}`, 'enable.idempotence=false'];
      await s.produce('acks', [`acks ${acks}`], ...properties.flatMap((p) => ['--command-property', p]));
    }
    same(await s.consume('acks', 0, 2), ['acks 0', 'acks 1'], 'records');
  },
  'console-producer creates a topic': async (s) => {
    await s.produce('auto-created', ['one']);
    that((await s.topics('--describe', '--topic', 'auto-created')).includes('PartitionCount: 4'), 'partitions');
  },
  'get-offsets latest': async (s) => same(await s.offsets('--topic', 'lines'), ['lines:0:200'], 'offsets'),
  'get-offsets earliest': async (s) =>
    same(await s.offsets('--topic', 'lines', '--time', 'earliest'), ['lines:0:0'], 'offsets'),
  'get-offsets max-timestamp': async (s) => {
    const [line] = await s.offsets('--topic', 'keyed', '--time', 'max-timestamp');
    that(/^keyed:0:[0-2]$/.test(line ?? ''), String(line));
  },
  'get-offsets earliest-local and latest-tiered': async (s) => {
    same(await s.offsets('--topic', 'lines', '--time', '-4'), ['lines:0:0'], 'earliest-local');
    same(await s.offsets('--topic', 'lines', '--time', '-5'), [''], 'latest-tiered');
  },
  'get-offsets by timestamp': async (s) => {
    same(await s.offsets('--topic', 'lines', '--time', '1000'), ['lines:0:0'], 'long ago');
    same(await s.offsets('--topic', 'lines', '--time', '33000000000000'), [''], 'far ahead');
  },
  'get-offsets --topic-partitions': async (s) =>
    same(await s.offsets('--topic-partitions', 'made:1-3'), ['made:1:0', 'made:2:0'], 'offsets'),
  'delete-records': async (s) => {
    const file = `${s.scratch}/delete-records.json`;
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: 'lines', partition: 0, offset: 50 }] }));
    const text = await s.ok(`${TOOLS}.DeleteRecordsCommand`, ['--offset-json-file', file]);
    that(/partition: lines-0\s+low_watermark: 50/.test(text), text);
    same(await s.offsets('--topic', 'lines', '--time', 'earliest'), ['lines:0:50'], 'earliest');
    same(await s.consume('lines', 0, 1), ['line 50'], 'first record');
  },
  'delete-records beyond the end': async (s) => {
    const file = `${s.scratch}/delete-records.json`;
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: 'lines', partition: 0, offset: 900 }] }));
    const args = ['--offset-json-file', file];
    await s.refused(`${TOOLS}.DeleteRecordsCommand`, args, /OffsetOutOfRange|out of range|not within the range/i);
  },
};

const topic = ['--entity-type', 'topics', '--entity-name', 'made'];
const broker = ['--entity-type', 'brokers', '--entity-name', '0'];

const CONFIGS: Steps = {
  'configs --alter of a topic': async (s) => {
    await s.configs('--alter', ...topic, '--add-config', 'retention.ms=123456,cleanup.policy=[compact,delete]');
    const text = await s.configs('--describe', ...topic);
    that(text.includes('retention.ms=123456') && text.includes('cleanup.policy=compact,delete'), text);
    that(text.includes('DYNAMIC_TOPIC_CONFIG:retention.ms=123456'), text);
  },
  'configs --describe --all of a topic': async (s) => {
    const text = await s.configs('--describe', '--all', ...topic);
    for (const key of ['max.message.bytes=1048588', 'segment.bytes=1073741824', 'min.insync.replicas=1']) {
      that(text.includes(key), `${key} in ${text}`);
    }
  },
  'configs --delete-config of a topic': async (s) => {
    await s.configs('--alter', ...topic, '--delete-config', 'retention.ms,cleanup.policy');
    that(!(await s.configs('--describe', ...topic)).includes('retention.ms'), 'still there');
  },
  'configs --alter of a topic with a wrong value': (s) =>
    s.refused('kafka.admin.ConfigCommand', ['--alter', ...topic, '--add-config', 'segment.bytes=1'], /segment\.bytes/),
  'configs --alter of a topic with an unknown key': (s) =>
    s.refused('kafka.admin.ConfigCommand', ['--alter', ...topic, '--add-config', 'no.such=1'], /no\.such/),
  'configs --describe of an absent topic': (s) =>
    s.refused(
      'kafka.admin.ConfigCommand',
      ['--describe', '--entity-type', 'topics', '--entity-name', 'absent'],
      /The topic 'absent' doesn't exist and doesn't have dynamic config|does not exist/,
    ),
  'configs --describe --all of a broker': async (s) => {
    const text = await s.configs('--describe', '--all', ...broker);
    that(text.includes('num.partitions=4') && text.includes('node.id=0'), text.slice(0, 500));
  },
  'configs --alter of a broker': async (s) => {
    await s.configs('--alter', ...broker, '--add-config', 'log.retention.ms=7654321');
    const text = await s.configs('--describe', ...broker);
    that(text.includes('DYNAMIC_BROKER_CONFIG:log.retention.ms=7654321'), text);
    that((await s.configs('--describe', '--all', ...topic)).includes('retention.ms=7654321'), 'topic default');
    await s.configs('--alter', ...broker, '--delete-config', 'log.retention.ms');
  },
  'configs --alter of all brokers': async (s) => {
    const all = ['--entity-type', 'brokers', '--entity-default'];
    await s.configs('--alter', ...all, '--add-config', 'message.max.bytes=2000000');
    that((await s.configs('--describe', ...all)).includes('message.max.bytes=2000000'), 'default');
    await s.configs('--alter', ...all, '--delete-config', 'message.max.bytes');
  },
  'configs --alter of a read-only key': (s) =>
    s.refused('kafka.admin.ConfigCommand', ['--alter', ...broker, '--add-config', 'node.id=7'], /node\.id/),
};

const ADMIN: Steps = {
  'log-dirs --describe': async (s) => {
    const text = await s.ok(`${TOOLS}.LogDirsCommand`, ['--describe', '--topic-list', 'lines']);
    const json = JSON.parse(text.slice(text.indexOf('{'))) as {
      brokers: {
        broker: number;
        logDirs: { error: string | null; partitions: { partition: string; size: number }[] }[];
      }[];
    };
    const [directory] = json.brokers[0]?.logDirs ?? [];
    same([json.brokers[0]?.broker, directory?.error], [0, null], 'broker, error');
    same(
      directory?.partitions.map((p) => p.partition),
      ['lines-0'],
      'partitions',
    );
    that((directory?.partitions[0]?.size ?? 0) > 0, 'size');
  },
  'metadata-quorum describe --status': async (s) => {
    const text = await s.ok(`${TOOLS}.MetadataQuorumCommand`, ['describe', '--status']);
    that(/LeaderId:\s+0/.test(text) && /CurrentVoters:\s+\[\{"id": 0/.test(text), text);
  },
  'metadata-quorum describe --replication': async (s) => {
    const text = await s.ok(`${TOOLS}.MetadataQuorumCommand`, ['describe', '--replication']);
    that(/^0\s+\S{22}\s+\d+\s+0\s+.*Leader/m.test(text), text);
  },
  'features describe': async (s) => {
    const text = await s.ok(`${TOOLS}.FeatureCommand`, ['describe']);
    that(/Feature: metadata\.version\s+SupportedMinVersion/.test(text), text);
  },
  'transactions describe-producers': async (s) => {
    const args = ['describe-producers', '--topic', 'java-lz4', '--partition', '0'];
    const text = await s.ok(`${TOOLS}.TransactionsCommand`, args);
    that(/ProducerId\s+ProducerEpoch/.test(text) && /^\d+\s+0\s+/m.test(text), text);
  },
  'producer-performance': async (s) => {
    await s.topics('--create', '--topic', 'performance', '--partitions', '2');
    const size = ['--num-records', '20000', '--record-size', '100', '--throughput', '-1'];
    const text = await s.ok(`${TOOLS}.ProducerPerformance`, ['--topic', 'performance', ...size]);
    that(text.includes('20000 records sent'), text);
    const ends = (await s.offsets('--topic', 'performance')).map((line) => Number(line.split(':')[2]));
    same(ends[0] === undefined ? 0 : ends.reduce((sum, end) => sum + end, 0), 20_000, 'records');
  },
};
