// Forms of flags that are seldom given, so that each one that a tool documents is held against the original
// (test/tools/kafka/documented-flags.test.ts). On the brokers that cases.ts and group-cases.ts have left.
import type { Form } from './forms.ts';
import { ANY_STATES, at, form } from './making-forms.ts';

const FILE: Partial<Form> = { files: { 'c.properties': 'client.id=tool\n' } };
const CONFIG = '--command-config $D/c.properties';
const READ = '--topic single --partition 0 --offset earliest --max-messages 2 --timeout-ms 20000';
const consume = (args: string, more?: Partial<Form>): Form => at('console-consumer', `${READ} ${args}`, more);
const DESERIALIZER = 'org.apache.kafka.common.serialization';

const CONSOLES: readonly Form[] = [
  consume(CONFIG, FILE),
  consume('--command-config $D/none.properties'),
  consume('--consumer.config $D/c.properties', FILE),
  consume(`--consumer.config $D/c.properties ${CONFIG}`, FILE),
  consume('--enable-systest-events'),
  consume('--formatter-config $D/f.properties', { files: { 'f.properties': 'print.key=true\nprint.offset=true\n' } }),
  consume('--formatter-config $D/none.properties'),
  consume('--isolation-level read_committed'),
  consume('--isolation-level read_uncommitted'),
  consume('--isolation-level bogus'),
  consume(`--key-deserializer ${DESERIALIZER}.StringDeserializer --formatter-property print.key=true`),
  consume(`--value-deserializer ${DESERIALIZER}.StringDeserializer`),
  consume(`--value-deserializer ${DESERIALIZER}.LongDeserializer`),
  consume(`--value-deserializer ${DESERIALIZER}.LongDeserializer --skip-message-on-error`),
  at('console-producer', '--topic single --sync --batch-size 1 --command-property acks=1 --max-block-ms 60000', {
    input: 'more',
  }),
  at('console-producer', '--topic single --sync --max-memory-bytes 100000 --message-send-max-retries 1 --timeout 1', {
    input: 'more',
  }),
  at('console-producer', '--topic single --sync --metadata-expiry-ms 1000 --request-timeout-ms 1000', {
    input: 'more',
  }),
  at('console-producer', '--topic single --sync --retry-backoff-ms 10 --socket-buffer-size 1000', { input: 'more' }),
  at('console-producer', '--topic single --sync --reader-config $D/r.properties', {
    files: { 'r.properties': 'parse.key=true\nkey.separator=:\n' },
    input: 'a:b',
  }),
  at('console-producer', '--topic single --batch-size x'),
  at('console-producer', '--topic single --max-block-ms x'),
];

const OTHERS: readonly Form[] = [
  at('broker-api-versions', CONFIG, FILE),
  at('broker-api-versions', '--command-config $D/none.properties'),
  at('delete-records', `--offset-json-file $D/offsets.json ${CONFIG}`, {
    files: { ...FILE.files, 'offsets.json': '{"partitions":[],"version":1}' },
  }),
  form('dump-log', '--files $K/codec-none-0/00000000000000000000.log --max-message-size 100'),
  at('leader-election', `--election-type preferred --topic three --partition 0 ${CONFIG}`, FILE),
  at('leader-election', '--election-type preferred --topic three --partition 0 --admin.config $D/c.properties', FILE),
  at('log-dirs', `--describe --topic-list three ${CONFIG}`, { ...FILE, leftOut: /^\{/ }),
  at('get-offsets', `--topic three ${CONFIG}`, FILE),
  at('get-offsets', '--exclude-internal-topics --topic three'),
  at('get-offsets', '--exclude-internal-topics --topic __consumer_offsets'),
  at('reassign-partitions', `--list ${CONFIG}`, FILE),
  at(
    'reassign-partitions',
    '--generate --topics-to-move-json-file $D/topics.json --broker-list 1 --disable-rack-aware',
    {
      files: { 'topics.json': '{"topics":[{"topic":"single"}],"version":1}' },
    },
  ),
  at('reassign-partitions', '--execute --reassignment-json-file $D/plan.json --timeout 20000', {
    files: { 'plan.json': '{"version":1,"partitions":[{"topic":"three","partition":0,"replicas":[1]}]}' },
  }),
  at('topics', `--list ${CONFIG}`, FILE),
  at('topics', '--list --command-config $D/none.properties'),
  at('topics', '--describe --topic three --partition-size-limit-per-response 1'),
];

export const RARE_FORMS: readonly Form[] = [...CONSOLES, ...OTHERS];

/** The same for the tools of groups, security and the cluster. */
export const RARE_GROUP_FORMS: readonly Form[] = [
  at('consumer-groups', `--list ${CONFIG}`, FILE),
  at('consumer-groups', '--list --command-config $D/none.properties'),
  at('consumer-groups', '--describe --group other --timeout 20000'),
  at('consumer-groups', '--describe --group other --timeout x'),
  at('consumer-groups', '--list --state empty,preparing_rebalance', ANY_STATES),
  at('consumer-groups', '--reset-offsets --group other --topic nowhere --to-latest --dry-run'),
  at('consumer-groups', '--reset-offsets --group other --topic g-orders --to-offset x --dry-run'),
  at('consumer-groups', '--reset-offsets --group other --topic g-orders --shift-by x --dry-run'),
  at('consumer-groups', '--list --state --type'),
  at('groups', `--list ${CONFIG}`, FILE),
  at('groups', '--list --command-config $D/none.properties'),
  at('acls', `--list --topic nothing ${CONFIG}`, FILE),
  at('acls', '--add --topic u --allow-principal User:a --allow-host 1.2.3.4 --operation Read'),
  at('acls', '--add --delegation-token token --allow-principal User:a --operation Describe'),
  at('acls', '--add --transactional-id tx --allow-principal User:a --operation Write'),
  at('acls', '--add --user-principal User:b --allow-principal User:a --operation CreateTokens'),
  at('acls', '--list --user-principal User:b'),
  at('acls', '--list --transactional-id tx'),
  at('client-metrics', `--list ${CONFIG}`, FILE),
  form('metadata-quorum', '--bootstrap-controller $B --bootstrap-server $B describe --status'),
  at('transactions', `${CONFIG} list`, FILE),
  at('transactions', '--command-config $D/none.properties list'),
  at('configs', `--describe --topic g-orders ${CONFIG}`, FILE),
  at('configs', '--describe --topic g-orders --command-config $D/none.properties'),
  at('configs', '--alter --topic g-orders --add-config-file $D/add.properties', {
    files: { 'add.properties': 'retention.ms=1234\n' },
  }),
  at('configs', '--describe --topic g-orders'),
  at('configs', '--alter --topic g-orders --add-config-file $D/none.properties'),
  at('configs', '--alter --topic g-orders --add-config a=b --add-config-file $D/add.properties'),
  at('configs', '--describe --topic g-orders --all'),
  at('configs', '--describe --broker-logger x'),
  at('configs', '--alter --client-defaults --add-config consumer_byte_rate=7'),
  at('configs', '--describe --client-defaults'),
  at('configs', '--describe --entity-type clients --entity-default'),
  at('configs', '--alter --ip-defaults --add-config connection_creation_rate=9'),
  at('configs', '--describe --ip-defaults'),
  at('configs', '--bootstrap-controller $B --describe --topic g-orders'),
  form('configs', '--bootstrap-controller $B --describe --topic g-orders'),
  at('configs', '--describe --topic nowhere'),
  at('configs', '--describe --broker 77'),
  at('configs', '--describe --group nobody'),
  at('configs', '--describe --client-metrics nothing'),
  at('configs', '--describe --user nobody'),
];
