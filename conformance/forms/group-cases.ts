// Forms of the tools of groups, security and the cluster: usage, refusals, and their work.
import { type Form, GROUP_CLASSES, numbered } from './forms.ts';
import { CONSUMER_MEMBER_FORMS } from './consumer-member-cases.ts';
import { ANY_ORDER, at, form, KEYED, usageOf } from './making-forms.ts';
import { RARE_GROUP_FORMS } from './rare-cases.ts';

const topics = (args: string): Form => at('topics', args);
const consumers = (args: string, more?: Partial<Form>): Form => at('consumer-groups', args, more);

const CONSUMER_GROUPS: readonly Form[] = [
  topics('--create --topic g-orders --partitions 2'),
  form('console-producer', '--bootstrap-server $B --topic g-orders --timeout 1 --property parse.key=true', {
    input: KEYED,
  }),
  form('consumer-groups', '--list'),
  consumers(''),
  consumers('--list --describe --group g'),
  consumers('--list'),
  consumers('--list --state'),
  consumers('--list --type'),
  consumers('--list --state Bogus', ANY_ORDER),
  consumers('--list --type bogus', ANY_ORDER),
  consumers('--list --members'),
  consumers('--describe', ANY_ORDER),
  consumers('--describe --group nobody'),
  consumers('--describe --all-groups'),
  consumers('--describe --group g --members --offsets'),
  consumers('--describe --group g --state Stable'),
  consumers('--describe --group g --all-groups'),
  consumers('--describe --group g --topic g-orders'),
  consumers('--delete', ANY_ORDER),
  consumers('--delete --group nobody'),
  consumers('--delete --group g --topic g-orders'),
  consumers('--delete-offsets --group g', ANY_ORDER),
  consumers('--reset-offsets', ANY_ORDER),
  consumers('--reset-offsets --group g --dry-run --execute'),
  consumers('--reset-offsets --group g --to-earliest --to-latest'),
  consumers('--reset-offsets --group g --dry-run', ANY_ORDER),
  consumers('--reset-offsets --group g --topic g-orders --dry-run', ANY_ORDER),
  consumers('--reset-offsets --group g --topic g-orders:7 --to-earliest --dry-run'),
  consumers('--reset-offsets --group g --topic g-orders:x --to-earliest --dry-run'),
  consumers('--reset-offsets --group g --topic g-orders --to-earliest'),
  consumers('--reset-offsets --group g --topic g-orders --to-latest --execute'),
  consumers('--list'),
  consumers('--list --state'),
  consumers('--list --type --state empty'),
  consumers('--list --type classic'),
  consumers('--describe --group g'),
  consumers('--describe --group g --offsets --verbose'),
  consumers('--describe --group g --members'),
  consumers('--describe --group g --members --verbose'),
  consumers('--describe --group g --state'),
  consumers('--describe --group g --state --verbose'),
  consumers('--reset-offsets --group g --all-topics --shift-by -1 --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-offset 99 --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-current --dry-run'),
  consumers('--reset-offsets --group g --all-topics --by-duration PT1H --dry-run'),
  consumers('--reset-offsets --group g --all-topics --by-duration nonsense --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-datetime 2020-01-01T00:00:00.000 --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-datetime 2099-01-01T00:00:00.000 --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-datetime nonsense --dry-run'),
  consumers('--reset-offsets --group g --all-topics --to-earliest --export --dry-run'),
  consumers('--reset-offsets --all-groups --all-topics --to-earliest --export --dry-run'),
  consumers('--reset-offsets --group g --from-file $D/plan.csv --dry-run', {
    files: { 'plan.csv': 'g-orders,0,1\ng-orders,1,0\n' },
  }),
  consumers('--reset-offsets --group g --from-file $D/nowhere.csv --dry-run'),
  consumers('--reset-offsets --group other --topic g-orders --shift-by 1 --dry-run'),
  consumers('--delete-offsets --group g --topic g-orders:0'),
  consumers('--delete-offsets --group g --topic g-orders --topic nowhere'),
  consumers('--delete-offsets --group nobody --topic g-orders'),
  consumers('--delete --group g --group nobody'),
  form('consumer-groups', '--validate-regex a.*'),
  form('consumer-groups', '--validate-regex ['),
];

const GROUPS: readonly Form[] = [
  form('groups', '--list'),
  at('groups', ''),
  at('groups', '--list'),
  consumers('--reset-offsets --group other --topic g-orders --to-latest --execute'),
  at('groups', '--list'),
  at('groups', '--list --consumer'),
  at('groups', '--list --share'),
  at('groups', '--list --streams'),
  at('groups', '--list --group-type classic'),
  at('groups', '--list --group-type bogus'),
  at('groups', '--list --protocol consumer'),
  at('groups', '--list --consumer --share'),
];

const metrics = (args: string, more?: Partial<Form>): Form => at('client-metrics', args, more);

const CLIENT_METRICS: readonly Form[] = [
  form('client-metrics', '--list'),
  metrics(''),
  metrics('--list'),
  metrics('--list --name a'),
  metrics('--describe --list'),
  metrics('--alter'),
  metrics('--alter --name m --interval 1000 --metrics org.apache.kafka,other --match client_id=a'),
  metrics('--alter --name m --interval x'),
  metrics('--alter --name m --generate-name'),
  metrics('--alter --name n --interval 1'),
  metrics('--alter --name n --match bogus=1'),
  metrics('--list'),
  metrics('--describe'),
  metrics('--describe --name m'),
  metrics('--describe --name nowhere'),
  form('client-metrics', ['--bootstrap-server', '$B', '--alter', '--name', 'm', '--interval', '']),
  metrics('--describe --name m'),
  metrics('--delete'),
  metrics('--delete --name m --interval 1'),
  metrics('--delete --name m'),
  metrics('--list'),
];

const quorum = (args: string, more?: Partial<Form>): Form => at('metadata-quorum', args, more);
const DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAg';

const METADATA_QUORUM: readonly Form[] = [
  quorum(''),
  quorum('describe'),
  quorum('describe --help'),
  quorum('describe --status', { leftOut: /HighWatermark|ClusterId|CurrentVoters/ }),
  quorum('describe --replication', { leftOut: /Leader/ }),
  quorum('describe --status --replication'),
  quorum('describe --status --human-readable'),
  quorum('describe --replication --human-readable', { leftOut: /Leader/ }),
  quorum('add-controller'),
  quorum('add-controller --help'),
  quorum('remove-controller'),
  quorum('remove-controller --help'),
  quorum(`remove-controller --controller-id -1 --controller-directory-id ${DIRECTORY}`),
  quorum('remove-controller --controller-id 9 --controller-directory-id bogus'),
  quorum(`remove-controller --controller-id 9 --controller-directory-id ${DIRECTORY} --dry-run`),
  quorum(`remove-controller --controller-id 9 --controller-directory-id ${DIRECTORY}`, { leftOut: /ReplicaKey/ }),
  form('metadata-quorum', '--bootstrap-server $B --command-config $D/none.properties describe --status'),
  form('metadata-quorum', '--bootstrap-server $B --command-config $D/empty.properties add-controller', {
    files: { 'empty.properties': '' },
  }),
  form('metadata-quorum', '--bootstrap-server $B --command-config $D/c.properties add-controller --dry-run', {
    files: { 'c.properties': 'node.id=3\nprocess.roles=broker\n' },
  }),
];

const txn = (args: string, more?: Partial<Form>): Form => at('transactions', args, more);

const TRANSACTIONS: readonly Form[] = [
  txn(''),
  txn('list'),
  txn('list --help'),
  txn('list --duration-filter 1'),
  txn('list --duration-filter x'),
  txn('list --transactional-id-pattern t.*'),
  txn('list --transactional-id-pattern [', { leftOut: /Failed to list/ }),
  txn('describe'),
  txn('describe --help'),
  txn('describe --transactional-id nobody'),
  txn('describe-producers'),
  txn('describe-producers --help'),
  txn('describe-producers --topic g-orders --partition 0', { leftOut: /^\d/ }),
  txn('describe-producers --topic g-orders --partition 0 --broker-id 1', { leftOut: /^\d/ }),
  txn('abort'),
  txn('abort --help'),
  txn('abort --topic g-orders --partition 0'),
  txn('abort --topic g-orders --partition 0 --producer-id 1'),
  txn('abort --topic g-orders --partition 0 --producer-id 1 --producer-epoch 0'),
  txn('abort --topic g-orders --partition 0 --start-offset 1'),
  txn('find-hanging'),
  txn('find-hanging --help'),
  txn('find-hanging --broker-id 1 --partition 0'),
  txn('find-hanging --broker-id 1'),
  txn('find-hanging --topic g-orders'),
  txn('forceTerminateTransaction'),
  txn('forceTerminateTransaction --help'),
  txn('forceTerminateTransaction --transactionalId fresh'),
  txn('bogus'),
];

/** Java's sets of operations have an order of their own in each JVM; the originals ask a console alone. */
const OPERATIONS = { leftOut: /^\s+\t\w+\s*$|only supports operations/ };
const UNORDERED = { isUnordered: true, ...OPERATIONS } as const;
const acl = (args: string, more: Partial<Form> = OPERATIONS): Form => at('acls', args, more);

const ACLS: readonly Form[] = [
  form('acls', '--list', OPERATIONS),
  form('acls', '--bootstrap-server $B --bootstrap-controller $B --list', OPERATIONS),
  acl(''),
  acl('--list --add'),
  acl('--list'),
  acl('--list --producer'),
  acl('--add'),
  acl('--add --topic t'),
  acl('--add --topic t --allow-principal User:a'),
  acl('--add --topic t --allow-principal a'),
  acl('--add --topic t --allow-principal User:a --operation Read --operation Write', {
    ...UNORDERED,
    leftOut: /^\s*\t/,
  }),
  acl('--add --topic t --allow-principal User:a --operation Bogus', OPERATIONS),
  acl('--add --topic t --allow-principal User:a --operation IdempotentWrite', OPERATIONS),
  acl('--add --topic t --deny-principal User:b --deny-host 1.1.1.1 --operation Read'),
  acl('--add --topic p- --resource-pattern-type prefixed --allow-principal User:a --operation Read'),
  acl('--add --topic t --resource-pattern-type any --allow-principal User:a'),
  acl('--add --topic t --resource-pattern-type bogus --allow-principal User:a'),
  acl('--add --topic t --producer --allow-principal User:a', UNORDERED),
  acl('--add --producer --allow-principal User:a'),
  acl('--add --topic t --idempotent --allow-principal User:a'),
  acl('--add --topic t --consumer --allow-principal User:a'),
  acl('--add --topic t --consumer --group g --allow-principal User:a', UNORDERED),
  acl('--add --cluster --allow-principal User:a --operation Alter'),
  acl('--list --topic t --principal User:a', UNORDERED),
  acl('--list --topic t', UNORDERED),
  acl('--list --topic p-x --resource-pattern-type match'),
  acl('--list', UNORDERED),
  acl('--add --topic t --principal User:a --allow-principal User:a'),
  acl('--remove'),
  acl('--remove --topic p- --resource-pattern-type prefixed --force'),
  acl('--list', UNORDERED),
];

const config = (args: string, more?: Partial<Form>): Form => at('configs', args, more);

const CONFIGS: readonly Form[] = [
  config('--describe --topic g-orders'),
  config('--alter --topic g-orders --add-config retention.ms=1000,cleanup.policy=[compact,delete]'),
  config('--describe --topic g-orders'),
  config('--describe --entity-type topics --entity-name g-orders'),
  config('--alter --topic g-orders --delete-config retention.ms,cleanup.policy'),
  config('--alter --topic g-orders --delete-config retention.ms'),
  config('--alter --topic g-orders --add-config retention.ms'),
  config('--alter --topic g-orders --add-config retention.ms=x'),
  config('--describe --broker x'),
  config('--alter --broker-defaults --add-config log.retention.ms=5000000'),
  config('--describe --broker-defaults'),
  config('--alter --broker-defaults --delete-config log.retention.ms'),
  config('--alter --user a --add-config consumer_byte_rate=1000'),
  config('--describe --user a'),
  config('--alter --user a --client c --add-config producer_byte_rate=5'),
  config('--describe --user a --client c'),
  config('--alter --user-defaults --add-config request_percentage=20'),
  config('--describe --entity-type users'),
  config('--alter --user a --delete-config consumer_byte_rate'),
  config('--alter --user a --add-config consumer_byte_rate=x'),
  config('--alter --user a --add-config SCRAM-SHA-256=[iterations=8192,password=secret]'),
  config('--alter --user a --add-config SCRAM-SHA-256=[iterations=1,password=secret]'),
  config('--describe --user a'),
  config('--alter --ip 127.0.0.9 --add-config connection_creation_rate=9'),
  config('--describe --ip 127.0.0.9'),
  config('--alter --group g --add-config consumer.session.timeout.ms=50000'),
  config('--describe --group g'),
  config('--alter --client-metrics m --add-config interval.ms=1000'),
  config('--describe --client-metrics m'),
];

const USAGE: readonly Form[] = Object.keys(GROUP_CLASSES)
  .map((tool) => tool.replace('kafka-', ''))
  .flatMap((tool) => usageOf(tool, tool === 'acls' ? OPERATIONS : {}));

export const GROUP_FORMS: readonly Form[] = numbered([
  ...USAGE,
  ...CONSUMER_GROUPS,
  ...GROUPS,
  ...CLIENT_METRICS,
  ...METADATA_QUORUM,
  ...TRANSACTIONS,
  ...ACLS,
  ...CONFIGS,
  ...CONSUMER_MEMBER_FORMS,
  ...RARE_GROUP_FORMS,
]);
