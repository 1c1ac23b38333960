// The forms that are held against the originals: each tool without arguments, with help, with what it refuses, and its work on a broker
// of one node that begins empty. They run in this order.
import { extras } from '../../src/cli/extras.ts';
import { DUMP_FORMS, STORAGE_FORMS } from './file-cases.ts';
import { type Form, MAIN_CLASSES, numbered } from './forms.ts';
import { form, usageOf } from './making-forms.ts';
import { RARE_FORMS } from './rare-cases.ts';
import { CONSOLE_FORMS, LOAD_FORMS } from './record-cases.ts';

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

export const FORMS: readonly Form[] = numbered([
  ...USAGE,
  ...TOPICS,
  ...CONSOLE_FORMS,
  ...OFFSETS,
  ...MAINTENANCE,
  ...REASSIGNMENT,
  ...STORAGE_FORMS,
  ...DUMP_FORMS,
  ...LOAD_FORMS,
  ...RARE_FORMS,
]);
