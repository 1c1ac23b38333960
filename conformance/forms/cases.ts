// The forms that are held against the originals: each tool without arguments, with help, with what it refuses, and its work on a broker
// of one node that begins empty. They run in this order.
import { extras } from '../../src/cli/extras.ts';
import { type Form, MAIN_CLASSES, numbered } from './forms.ts';
import { form, usageOf } from './making-forms.ts';
import { RARE_FORMS } from './rare-cases.ts';

const topics = (args: string, more?: Partial<Form>): Form => form('topics', `--bootstrap-server $B ${args}`, more);

/** Without a broker: usage, version, refusals. */
const USAGE: readonly Form[] = Object.keys(MAIN_CLASSES)
  .filter((tool) => tool in extras)
  .flatMap((tool) => usageOf(tool.replace('kafka-', '')));

const TOPICS: readonly Form[] = [
  topics('--list'),
  topics('--create --topic plain'),
  topics('--create --topic single --partitions 1'),
  topics(
    '--create --topic three --partitions 3 --replication-factor 1 --config retention.ms=1000 --config cleanup.policy=compact',
  ),
  topics('--create --topic three --partitions 3'),
  topics('--create --topic three --if-not-exists'),
  topics('--create --topic with.dot'),
  topics('--create --topic with/slash'),
  topics('--create --topic a --partitions 0'),
  topics('--create --topic a --replication-factor 2'),
  topics('--create --topic a --replication-factor 0'),
  topics('--create --topic a --config no.such=1'),
  topics('--create --topic a --config retention.ms=x'),
  topics('--create --topic a --config retention.ms'),
  topics('--create --topic assigned --replica-assignment 1,1'),
  topics('--create --topic a --replica-assignment 1:1'),
  topics('--create --topic a --replica-assignment 1,1:2'),
  topics('--create --topic a --replica-assignment 7'),
  topics('--create --topic a --replica-assignment 1 --partitions 1'),
  topics('--create'),
  topics('--list --describe'),
  topics(''),
  form('topics', '--list'),
  topics('--list --topic t.*'),
  topics('--list --topic three,plain'),
  topics('--list --exclude-internal'),
  topics('--list --if-exists'),
  topics('--describe'),
  topics('--describe --topic three'),
  topics('--describe --topic nowhere'),
  topics('--describe --topic nowhere --if-exists'),
  topics('--describe --if-exists'),
  topics('--describe --topics-with-overrides'),
  topics('--describe --under-replicated-partitions'),
  topics('--describe --unavailable-partitions'),
  topics('--describe --under-min-isr-partitions'),
  topics('--describe --at-min-isr-partitions'),
  topics('--describe --topics-with-overrides --at-min-isr-partitions'),
  topics('--describe --topic-id AAAAAAAAAAAAAAAAAAAAAQ'),
  topics('--describe --topic ['),
  topics('--alter --topic plain --partitions 6'),
  topics('--alter --topic plain --partitions 2'),
  topics('--alter --topic plain'),
  topics('--alter --topic plain --partitions 7 --config a=b', { leftOut: /^Option combination/ }),
  topics('--alter --topic nowhere --partitions 7'),
  topics('--alter --topic nowhere --partitions 7 --if-exists'),
  topics('--alter --topic assigned --partitions 3 --replica-assignment 1,1,1'),
  topics('--describe --topic plain'),
  topics('--delete --topic with.dot'),
  topics('--delete --topic nowhere'),
  topics('--delete --topic nowhere --if-exists'),
  topics('--delete --delete-config a --topic nowhere --if-exists'),
  topics('--list'),
  topics('--topic'),
  topics('--partitions x --create --topic b'),
  topics('--topic a --topic b --describe'),
];

const produce = (args: string, input: string): Form =>
  form('console-producer', `--bootstrap-server $B ${args}`, { input });

const PRODUCER: readonly Form[] = [
  produce('--topic assigned --sync --request-required-acks 1', 'one\ntwo\nthree'),
  form(
    'console-producer',
    [
      '--bootstrap-server',
      '$B',
      '--topic',
      'single',
      '--sync',
      '--reader-property',
      'parse.key=true',
      '--reader-property',
      'parse.headers=true',
      '--reader-property',
      'key.separator=:',
      '--reader-property',
      'headers.key.separator==',
      '--reader-property',
      'null.marker=NULL',
    ],
    { input: 'h1=v1,h2=NULL\tkey:value\nNULL\tNULL:NULL\nh=1\tk:\n' },
  ),
  produce('--topic three --reader-property parse.key=true', 'no separator'),
  produce(
    '--topic assigned --sync --reader-property parse.key=true --reader-property ignore.error=true',
    'no separator',
  ),
  produce('--topic three --property parse.key=true --producer-property acks=1', 'k\tv'),
  produce('--topic three --property a=b --reader-property c=d', ''),
  produce('--topic three --producer.config $D/none --command-config $D/none', ''),
  produce('--topic three --reader-property headers.separator=:', ''),
  produce('--topic three --line-reader no.such.Class', ''),
  produce('--topic assigned --max-partition-memory-bytes 1000 --sync', 'x'),
  produce('--topic assigned --compression-codec gzip --sync', 'zipped'),
  form('console-producer', '--topic three'),
  form('console-producer', '--topic three --bootstrap-server localhost'),
  form('console-producer', '--topic three --bootstrap-server a:1,,b:2'),
];

const consume = (args: string, more?: Partial<Form>): Form =>
  form('console-consumer', `--bootstrap-server $B ${args}`, more);
const ALL = ['timestamp', 'key', 'offset', 'partition', 'headers', 'epoch', 'delivery']
  .map((what) => `--formatter-property print.${what}=true`)
  .join(' ');

const CONSUMER: readonly Form[] = [
  consume('--topic assigned --from-beginning --max-messages 6 --timeout-ms 20000', { isUnordered: true }),
  consume(
    `--topic single --from-beginning --max-messages 3 --timeout-ms 20000 ${ALL} --formatter-property key.separator=|`,
    { isUnordered: true },
  ),
  consume('--topic single --partition 0 --offset earliest --timeout-ms 1000', { isUnordered: true }),
  consume('--topic plain --partition 0 --offset latest --timeout-ms 1000'),
  consume(
    '--topic single --from-beginning --max-messages 3 --timeout-ms 20000 --formatter-property print.key=true --formatter-property null.literal=NIL',
    { isUnordered: true },
  ),
  consume('--topic plain --offset 3'),
  consume('--topic plain --partition 0 --offset x'),
  consume('--topic plain --partition 0 --offset -7'),
  consume('--topic plain --partition 0 --from-beginning --offset 1'),
  consume('--topic plain --include p.*'),
  consume('--partition 0 --include p.*'),
  consume('--topic plain --partition 0 --group g'),
  consume('--topic plain --group g --command-property group.id=h'),
  consume('--topic plain --from-beginning --command-property auto.offset.reset=latest'),
  consume('--topic plain --formatter no.such.Class'),
  consume('--topic plain --property a=b --formatter-property c=d'),
  consume('--topic plain --consumer-property a=b --command-property c=d'),
  form('console-consumer', '--topic plain'),
];

const share = (args: string): Form => form('console-share-consumer', `--bootstrap-server $B ${args}`);

const SHARED: readonly Form[] = [
  share('--topic single --timeout-ms 1500 --group nobody'),
  share('--topic single --reject --release'),
  share('--group g'),
  share('--topic single --group g --command-property group.id=h'),
  share('--topic single --consumer-property a=b --command-property c=d'),
  share('--topic single --property a=b --formatter-property c=d'),
  share('--topic single --formatter no.such.Class'),
  form('console-share-consumer', '--topic single'),
];

const OFFSETS: readonly Form[] = [
  form('get-offsets', '--bootstrap-server $B --topic-partitions three,single:0-2'),
  form('get-offsets', '--bootstrap-server $B --topic three'),
  form('get-offsets', '--bootstrap-server $B --topic three --time earliest'),
  form('get-offsets', '--bootstrap-server $B --topic three --time -2 --partitions 0,2'),
  form('get-offsets', '--bootstrap-server $B --topic three --time x'),
  form('get-offsets', '--bootstrap-server $B --topic three --partitions x'),
  form('get-offsets', '--bootstrap-server $B --topic nowhere'),
  form('get-offsets', '--bootstrap-server $B --topic a --topic-partitions b'),
  form('get-offsets', '--bootstrap-server $B --topic-partitions a:b'),
  form('get-offsets', '--bootstrap-server $B --topic three --time 0'),
  form('get-offsets', '--bootstrap-server $B --topic three --time 99999999999999'),
];

const records = (partitions: unknown): Partial<Form> => ({
  files: { 'offsets.json': JSON.stringify({ partitions, version: 1 }) },
});
const DELETE = '--bootstrap-server $B --offset-json-file $D/offsets.json';

const MAINTENANCE: readonly Form[] = [
  form('delete-records', DELETE, {
    ...records([
      { topic: 'three', partition: 0, offset: -1 },
      { topic: 'three', partition: 1, offset: 0 },
    ]),
    isUnordered: true,
  }),
  form('delete-records', DELETE, {
    ...records([{ topic: 'three', partition: 0, offset: 1000 }]),
    name: 'delete-records beyond the end',
  }),
  form('delete-records', DELETE, {
    ...records([
      { topic: 'a', partition: 0, offset: 1 },
      { topic: 'a', partition: 0, offset: 2 },
    ]),
    name: 'delete-records twice',
  }),
  form('delete-records', DELETE, { ...records(7), name: 'delete-records of a number' }),
  form('delete-records', DELETE, { ...records([{ topic: 'a' }]), name: 'delete-records without partition' }),
  form('delete-records', DELETE, { files: { 'offsets.json': '{' }, name: 'delete-records of no JSON' }),
  form('delete-records', DELETE, { files: { 'offsets.json': '{"version":2}' }, name: 'delete-records of version 2' }),
  form('delete-records', '--bootstrap-server $B'),
  form('delete-records', '--bootstrap-server $B --offset-json-file $D/none.json'),
  form('log-dirs', '--bootstrap-server $B --describe --topic-list three', { leftOut: /^\{/ }),
  form('log-dirs', '--bootstrap-server $B --describe --broker-list 7,8'),
  form('log-dirs', '--bootstrap-server $B'),
  form('leader-election', '--bootstrap-server $B --election-type preferred --topic three --partition 0'),
  form('leader-election', '--bootstrap-server $B --election-type preferred --all-topic-partitions'),
  form('leader-election', '--bootstrap-server $B --election-type unclean --topic three --partition 9'),
  form('leader-election', '--bootstrap-server $B --election-type wrong --topic three --partition 0'),
  form('leader-election', '--bootstrap-server $B --election-type preferred --topic three'),
  form('leader-election', '--bootstrap-server $B --election-type preferred --partition 0 --all-topic-partitions'),
  form('leader-election', '--bootstrap-server $B --election-type preferred'),
  form('leader-election', '--election-type preferred --all-topic-partitions'),
  form('leader-election', '--bootstrap-server $B --election-type preferred --path-to-json-file $D/election.json', {
    files: { 'election.json': '{"partitions":[{"topic":"three","partition":1},{"topic":"three","partition":2}]}' },
  }),
  form('cluster', 'cluster-id --bootstrap-server $B'),
  form('cluster', 'list-endpoints --bootstrap-server $B'),
  form('cluster', 'list-endpoints --bootstrap-server $B --include-fenced-brokers'),
  form('cluster', 'unregister --bootstrap-server $B --id 77'),
  form('cluster', 'unregister --bootstrap-server $B --id x'),
  form('cluster', 'unregister --bootstrap-server $B'),
  form('cluster', 'cluster-id'),
  form('cluster', 'cluster-id --bootstrap-server $B -C $B'),
  form('cluster', 'cluster-id --help'),
  form('cluster', 'unregister --help'),
  form('cluster', 'list-endpoints -h'),
  form('cluster', 'clusterid'),
  form('cluster', 'cluster-id --bootstrap-sever $B'),
  form('broker-api-versions', '--bootstrap-server $B'),
];

const plan = (partitions: readonly unknown[], more: Partial<Form> = {}): Partial<Form> => ({
  files: { 'plan.json': JSON.stringify({ version: 1, partitions }) },
  ...more,
});
const reassign = (args: string, more?: Partial<Form>): Form =>
  form('reassign-partitions', `--bootstrap-server $B ${args}`, more);
const EXECUTE = '--execute --reassignment-json-file $D/plan.json';
const VERIFY = '--verify --reassignment-json-file $D/plan.json';
const CANCEL = '--cancel --reassignment-json-file $D/plan.json';
const THREE_0 = { topic: 'three', partition: 0, replicas: [1] };
const MOVED = { 'topics.json': '{"topics":[{"topic":"three"}],"version":1}' };

const REASSIGNMENT: readonly Form[] = [
  reassign('--list'),
  reassign(
    VERIFY,
    plan([THREE_0, { topic: 'three', partition: 1, replicas: [] }, { topic: 'nowhere', partition: 0, replicas: [1] }]),
  ),
  reassign(VERIFY, plan([THREE_0], { name: 'verify of one partition' })),
  reassign(`${VERIFY} --preserve-throttles`, plan([THREE_0])),
  reassign(EXECUTE, plan([THREE_0])),
  reassign(
    EXECUTE,
    plan([THREE_0, { topic: 'three', partition: 2, replicas: [1] }], { name: 'execute of two partitions' }),
  ),
  reassign(`${EXECUTE} --throttle 100000`, plan([THREE_0])),
  reassign(`${EXECUTE} --replica-alter-log-dirs-throttle 100000 --additional`, plan([THREE_0])),
  reassign(`${EXECUTE} --disallow-replication-factor-change`, plan([THREE_0])),
  reassign(
    EXECUTE,
    plan([{ topic: 'three', partition: 0, replicas: [7] }], { name: 'execute with an unknown broker' }),
  ),
  reassign(EXECUTE, plan([{ topic: 'nowhere', partition: 0, replicas: [1] }], { name: 'execute on no topic' })),
  reassign(EXECUTE, plan([{ topic: 'three', partition: 9, replicas: [1] }], { name: 'execute on no partition' })),
  reassign(EXECUTE, plan([], { name: 'execute of nothing' })),
  reassign(EXECUTE, plan([{ topic: 'three', partition: 0, replicas: [] }], { name: 'execute without replicas' })),
  reassign(EXECUTE, plan([THREE_0, THREE_0], { name: 'execute twice' })),
  reassign(
    EXECUTE,
    plan([{ topic: 'three', partition: 0, replicas: [1, 1] }], { name: 'execute with a replica twice' }),
  ),
  reassign(EXECUTE, plan([{ ...THREE_0, log_dirs: ['any', 'any'] }], { name: 'execute with too many directories' })),
  reassign(EXECUTE, { files: { 'plan.json': '{"version":2}' }, name: 'execute of version 2' }),
  reassign(CANCEL, plan([THREE_0])),
  reassign(`${CANCEL} --preserve-throttles`, plan([THREE_0])),
  reassign('--generate --topics-to-move-json-file $D/topics.json --broker-list 1', { files: MOVED }),
  reassign('--generate --topics-to-move-json-file $D/topics.json --broker-list 1,1', { files: MOVED }),
  reassign('--generate --topics-to-move-json-file $D/topics.json --broker-list x', { files: MOVED }),
  reassign('--generate --topics-to-move-json-file $D/topics.json'),
  reassign('--execute'),
  reassign('--execute --list'),
  reassign('--list --throttle 5'),
  reassign('--list --bootstrap-controller $B'),
  form('reassign-partitions', '--list'),
];

const CONFIG = { 'node.properties': 'process.roles=controller\nnode.id=3\nlog.dirs=$D/none\n' };
const STORAGE: readonly Form[] = [
  form('storage', 'version-mapping'),
  ...['3.3', '3.9', '4.0', '4.1', '4.2', '4.2-IV0', 'x'].map((release) =>
    form('storage', `version-mapping -r ${release}`),
  ),
  form('storage', 'feature-dependencies -f group.version=1 -f transaction.version=2 -f metadata.version=29'),
  form('storage', 'feature-dependencies -f eligible.leader.replicas.version=1 --feature share.version=1'),
  form('storage', 'feature-dependencies -f eligible.leader.replicas.version=0'),
  form('storage', 'feature-dependencies -f nothing=1'),
  form('storage', 'feature-dependencies -f group.version=7'),
  form('storage', 'feature-dependencies -f group.version=x'),
  form('storage', 'feature-dependencies -f group.version'),
  form('storage', 'feature-dependencies'),
  form('storage', 'format --help'),
  form('storage', 'info --help'),
  form('storage', 'version-mapping --help'),
  form('storage', 'feature-dependencies --help'),
  form('storage', 'random-uuid --help'),
  form('storage', 'format --standalone -N -t x -c $D/node.properties', { files: CONFIG }),
  form('storage', 'format'),
  form('storage', 'info'),
];

/** On a data directory that Apache Kafka wrote (test/fixtures). */
const dump = (files: string, args = ''): Form => {
  const paths = files.split(',').map((file) => `$K/${file}`);
  return form('dump-log', `--files ${paths.join(',')} ${args}`);
};
const FIRST = '00000000000000000000';
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'mixed'].map((codec) => `codec-${codec}-0/${FIRST}.log`);
const offsetsOf = (...partitions: readonly number[]): string =>
  partitions.map((partition) => `__consumer_offsets-${partition}/${FIRST}.log`).join(',');

const DUMPS: readonly Form[] = [
  ...CODECS.map((file) => dump(file)),
  ...CODECS.map((file) => dump(file, '--print-data-log')),
  dump(CODECS[0] as string, '--deep-iteration'),
  dump(CODECS[0] as string, '--deep-iteration --skip-record-metadata'),
  dump(CODECS[0] as string, '--print-data-log --skip-record-metadata'),
  dump(CODECS[0] as string, '--max-bytes 1000'),
  dump(CODECS[0] as string, '--value-decoder-class org.apache.kafka.tools.api.StringDecoder'),
  dump(CODECS[0] as string, '--key-decoder-class no.such.Decoder'),
  dump(`compacted-0/${FIRST}.log,compacted-transactions-0/${FIRST}.log`, '--print-data-log'),
  dump(`compacted-transactions-0/${FIRST}.txnindex,__consumer_offsets-14/${FIRST}.txnindex`),
  dump('idempotent-0/00000000000000000024.snapshot,idempotent-0/00000000000000000008.snapshot'),
  dump(`large-segments-0/${FIRST}.log`),
  dump(`large-segments-0/${FIRST}.index,large-segments-0/${FIRST}.timeindex`),
  dump(`large-segments-0/${FIRST}.index,large-segments-0/${FIRST}.timeindex`, '--verify-index-only'),
  dump(`large-segments-0/${FIRST}.index,large-segments-0/${FIRST}.timeindex`, '--index-sanity-check'),
  dump(`codec-none-0/${FIRST}.index`),
  dump(offsetsOf(8, 14, 24, 26), '--offsets-decoder'),
  dump(offsetsOf(30, 32, 40, 45), '--offsets-decoder'),
  dump(offsetsOf(24), '--offsets-decoder --skip-record-metadata'),
  dump(`__transaction_state-33/${FIRST}.log`, '--transaction-log-decoder'),
  dump(`__share_group_state-30/${FIRST}.log,__share_group_state-31/${FIRST}.log`, '--share-group-state-decoder'),
  dump(`__cluster_metadata-0/${FIRST}.log`, '--cluster-metadata-decoder'),
  dump(`__cluster_metadata-0/${FIRST}-0000000000.checkpoint`, '--cluster-metadata-decoder'),
  dump('__cluster_metadata-0/00000000000000000639-0000000001.checkpoint', '--cluster-metadata-decoder'),
  dump(`codec-none-0/${FIRST}.log`, '--remote-log-metadata-decoder'),
  dump('codec-none-0/leader-epoch-checkpoint'),
];

const perf = (args: string, more?: Partial<Form>): Form =>
  form('producer-perf-test', `--topic single --bootstrap-server $B ${args}`, more);

const PERFORMANCE: readonly Form[] = [
  perf('--num-records 10 --record-size 5 --throughput -1', { leftOut: /records sent/ }),
  perf('--num-records 10 --payload-monotonic --throughput 1000 --warmup-records 5', { leftOut: /records sent/ }),
  perf('--num-records 10 --payload-file $D/payloads --throughput -1', {
    leftOut: /records sent/,
    files: { payloads: 'a\nb\n' },
  }),
  perf('--num-records 10 --payload-file $D/payloads --throughput -1', {
    files: { payloads: '' },
    name: 'perf of an empty file',
  }),
  perf('--num-records 0 --record-size 5 --throughput -1'),
  perf('--num-records 5 --record-size 0 --throughput -1'),
  perf('--num-records 5 --record-size 5 --throughput -1 --warmup-records 5'),
  perf('--num-records 5 --record-size 5 --throughput -1 --reporting-interval 0'),
  perf('--num-records 5 --record-size 5 --throughput -1 --transaction-duration-ms 0'),
  perf('--num-records 5 --record-size 5 --throughput -1 --producer-props a=b --command-property c=d'),
  perf('--num-records 5 --record-size 5 --payload-monotonic --throughput -1'),
  perf('--num-records 5 --throughput -1'),
  perf('--num-records x --record-size 5 --throughput -1'),
  perf('--num-records 5 --record-size 5'),
  form('producer-perf-test', '--topic single --num-records 5 --record-size 5 --throughput -1'),
  form('consumer-perf-test', '--bootstrap-server $B --topic single --num-records 5', { leftOut: /^\d{4}-/ }),
  form('consumer-perf-test', '--bootstrap-server $B --topic single --num-records 5 --hide-header', {
    leftOut: /^\d{4}-/,
  }),
  form('consumer-perf-test', '--bootstrap-server $B --topic single --messages 5 --show-detailed-stats', {
    leftOut: /^\d{4}-/,
  }),
  form('consumer-perf-test', '--bootstrap-server $B --topic single'),
  form('consumer-perf-test', '--bootstrap-server $B --num-records 5'),
  form('consumer-perf-test', '--topic single --num-records 5'),
];

export const FORMS: readonly Form[] = numbered([
  ...USAGE,
  ...TOPICS,
  ...PRODUCER,
  ...CONSUMER,
  ...SHARED,
  ...OFFSETS,
  ...MAINTENANCE,
  ...REASSIGNMENT,
  ...STORAGE,
  ...DUMPS,
  ...PERFORMANCE,
  ...RARE_FORMS,
]);
