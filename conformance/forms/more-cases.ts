// Forms of the tools that are asked for less often: features, loads and what verifies them.
import { type Form, MORE_CLASSES, numbered } from './forms.ts';

const split = (text: string): string[] => text.split(' ').filter((one) => one !== '');

function form(tool: string, args: string | readonly string[], more: Partial<Form> = {}): Form {
  const list = typeof args === 'string' ? split(args) : args;
  return { name: `${tool} ${list.join(' ')}`.trim(), tool: `kafka-${tool}`, args: list, ...more };
}

const at = (tool: string, args: string, more?: Partial<Form>): Form =>
  form(tool, `--bootstrap-server $B ${args}`, more);

const USAGE: readonly Form[] = Object.keys(MORE_CLASSES)
  .map((tool) => tool.replace('kafka-', ''))
  .flatMap((tool) => ['', '--help', '--version', '--no-such-option'].map((args) => form(tool, args)));

const features = (args: string, more?: Partial<Form>): Form => at('features', args, more);
const COMMANDS = ['describe', 'upgrade', 'downgrade', 'disable', 'version-mapping', 'feature-dependencies'];

const FEATURES: readonly Form[] = [
  ...COMMANDS.map((command) => features(`${command} --help`)),
  ...COMMANDS.map((command) => form('features', command)),
  features(''),
  features('describ'),
  features('nothing'),
  form('features', '--bootstrap-server $B --bootstrap-controller $B describe'),
  form('features', '--bootstrap-server $B --command-config $D/none describe'),
  features('describe'),
  features('describe --node-id 1'),
  features('upgrade'),
  features('upgrade --release-version 4.3'),
  features('upgrade --release-version 4.3-IV0 --dry-run'),
  features('upgrade --release-version 4.0'),
  features('upgrade --release-version 3.2'),
  features('upgrade --release-version x'),
  features('upgrade --metadata 4.3'),
  features('upgrade --metadata 4.2 --dry-run'),
  features('upgrade --metadata x'),
  features('upgrade --feature group.version=1'),
  features('upgrade --feature group.version=1 --dry-run'),
  features('upgrade --feature share.version=0'),
  features('upgrade --feature group.version=9'),
  features('upgrade --feature group.version'),
  features('upgrade --feature group.version=x'),
  features('upgrade --feature group.version=1=2'),
  features('upgrade --feature metadata.version=30'),
  features('upgrade --feature nothing=1'),
  features('upgrade --feature group.version=1 --feature group.version=1'),
  features('upgrade --feature group.version=1 --feature share.version=1'),
  features('upgrade --feature group.version=1 --feature nothing=1'),
  features('upgrade --release-version 4.3 --feature group.version=1'),
  features('upgrade --release-version 4.3 --metadata 4.3'),
  features('upgrade --metadata 4.3 --feature group.version=1'),
  features('upgrade --unsafe'),
  features('downgrade'),
  features('downgrade --feature streams.version=0 --dry-run'),
  features('downgrade --feature streams.version=0'),
  features('downgrade --feature streams.version=1'),
  features('downgrade --feature streams.version=0 --unsafe'),
  features('downgrade --feature nothing=0'),
  features('downgrade --metadata 4.0 --dry-run'),
  features('downgrade --metadata 4.0'),
  features('downgrade --metadata 3.0 --unsafe'),
  features('downgrade --release-version 4.0 --dry-run'),
  features('downgrade --release-version 4.0 --unsafe --dry-run'),
  features('downgrade --release-version x'),
  features('describe '),
  features('upgrade --feature streams.version=1'),
  features('disable'),
  features('disable --feature streams.version --dry-run'),
  features('disable --feature streams.version'),
  features('disable --feature streams.version --unsafe'),
  features('disable --feature nothing'),
  features('disable --feature metadata.version'),
  features('disable --feature group.version=1'),
  features('disable --feature share.version --feature nothing'),
  features('upgrade --feature share.version=1'),
  features('version-mapping'),
  ...['4.3', '4.2-IV0', '4.0', '3.9', '3.3', '3.3-IV3', '3.2', 'x', '4.4'].map((release) =>
    features(`version-mapping --release-version ${release}`),
  ),
  form('features', 'version-mapping --release-version 4.1'),
  features('feature-dependencies --feature group.version=1'),
  features('feature-dependencies --feature eligible.leader.replicas.version=1 --feature share.version=1'),
  features('feature-dependencies --feature metadata.version=29'),
  features('feature-dependencies --feature metadata.version=99'),
  features('feature-dependencies --feature nothing=1'),
  features('feature-dependencies --feature group.version=7'),
  features('feature-dependencies --feature group.version=x'),
  features('feature-dependencies --feature group.version'),
  features('feature-dependencies --feature transaction.version=2'),
];

/** A listener without a login has no tokens. */
const TOKENS: readonly Form[] = [
  at('delegation-tokens', '--command-config $D/plain.properties --describe', {
    files: { 'plain.properties': 'client.id=plain\n' },
  }),
  at('delegation-tokens', '--command-config $D/plain.properties --create --max-life-time-period -1'),
  at('delegation-tokens', '--command-config $D/none --describe'),
];

/** Topics and records that the rest reads. */
const BEGIN: readonly Form[] = [
  at('topics', '--create --topic single --partitions 1'),
  at('topics', '--create --topic verified --partitions 1'),
  at('topics', '--create --topic delayed --partitions 1'),
  at('topics', '--create --topic two --partitions 2'),
  at('console-producer', '--topic single --sync', { input: 'a\nb\nc\nd\ne\nf\n' }),
  at('configs', '--alter --group perf --add-config share.auto.offset.reset=earliest'),
  at('configs', '--alter --group perf-2 --add-config share.auto.offset.reset=earliest'),
  at('configs', '--alter --group shared --add-config share.auto.offset.reset=earliest'),
];

const sharePerf = (args: string, more?: Partial<Form>): Form => at('share-consumer-perf-test', args, more);
const NUMBERS = { leftOut: /^\d{4}-|^Share consumer / };
/** Whether the records come in time is a matter of the machine. */
const NUMBERS_IN_TIME = { leftOut: /^\d{4}-|^Share consumer |^WARNING: Exiting before/ };

const SHARE_PERFORMANCE: readonly Form[] = [
  sharePerf('--topic single --num-records 5 --group perf --timeout 50000', NUMBERS),
  sharePerf(
    '--topic single --num-records 5 --group perf-2 --timeout 50000 --show-detailed-stats --reporting-interval 1',
    NUMBERS,
  ),
  sharePerf('--topic single --messages 5 --threads 0'),
  sharePerf('--topic single --num-records 5 --group perf --timeout 500 --threads 2', NUMBERS_IN_TIME),
  sharePerf('--topic single --num-records 5 --reporting-interval 0 --timeout 300', NUMBERS_IN_TIME),
  sharePerf(
    '--topic single --num-records 5 --group perf --timeout 300 --threads 2 --show-consumer-stats',
    NUMBERS_IN_TIME,
  ),
  sharePerf(
    '--topic single --num-records 5 --group perf --timeout 300 --fetch-size 1000 --socket-buffer-size 1000 --command-property client.id=c',
    NUMBERS_IN_TIME,
  ),
  sharePerf('--topic single --num-records 5 --threads 0'),
  sharePerf('--topic single --num-records x'),
  sharePerf('--topic single --num-records 5 --messages 5'),
  sharePerf('--topic single --num-records 5 --consumer.config $D/none'),
  sharePerf('--topic single --num-records 5 --command-config $D/none'),
  sharePerf('--topic single --num-records 5 --command-config $D/none --consumer.config $D/none'),
  sharePerf('--topic single --num-records 5 --date-format bogus --hide-header'),
  sharePerf('--topic single'),
  sharePerf('--num-records 5'),
  form('share-consumer-perf-test', '--topic single --num-records 5'),
];

const latency = (args: string, more?: Partial<Form>): Form => at('e2e-latency', args, more);
const LATENCIES = { leftOut: /^(Avg latency|Percentiles|\d+\t)/ };

const LATENCY: readonly Form[] = [
  latency('--topic delayed --num-records 3 --producer-acks 1 --record-size 10', LATENCIES),
  latency(
    '--topic delayed --num-records 2 --producer-acks all --record-size 10 --record-key-size 3 --num-headers 2 --record-header-size 4 --record-header-key-size 5',
    LATENCIES,
  ),
  latency('--topic delayed-new --num-records 1 --producer-acks 1 --record-size 10', LATENCIES),
  latency('--topic delayed --num-records 1 --producer-acks 0 --record-size 10'),
  latency('--topic delayed --num-records 1 --producer-acks x --record-size 10'),
  latency('--topic delayed --num-records 0 --producer-acks 1 --record-size 10', LATENCIES),
  latency('--topic delayed --num-records x --producer-acks 1 --record-size 10'),
  latency('--topic delayed --num-records 1 --producer-acks 1 --record-size 0', LATENCIES),
  latency('--topic delayed --num-records 1 --producer-acks 1 --record-size -1'),
  latency('--topic delayed --num-records 1 --producer-acks 1'),
  latency('--topic delayed --num-records 1 --record-size 10'),
  latency('--topic delayed --producer-acks 1 --record-size 10'),
  latency('--num-records 1 --producer-acks 1 --record-size 10'),
  form('e2e-latency', '--topic delayed --num-records 1 --producer-acks 1 --record-size 10'),
  form('e2e-latency', '$B delayed 1 1 10', LATENCIES),
  form('e2e-latency', '$B delayed 1'),
  latency('--topic delayed --num-records 1 --producer-acks 1 --record-size 10 --command-config $D/none'),
  latency('--topic delayed --num-records 1 --producer-acks 1 --record-size 10 --record-key-size -1'),
  latency('--topic delayed --num-records 1 --producer-acks 1 --record-size 10 --num-headers -1'),
];

const produced = (args: string, more?: Partial<Form>): Form => at('verifiable-producer', args, more);

const VERIFIABLE: readonly Form[] = [
  produced('--topic verified --max-messages 3'),
  produced('--topic verified --max-messages 2 --throughput 1000 --acks 1 --value-prefix 7'),
  produced('--topic verified --max-messages 3 --repeating-keys 2 --message-create-time 1000'),
  produced('--topic verified --max-messages 0'),
  produced('--topic bad/name --max-messages 1'),
  produced('--topic verified --max-messages x'),
  produced('--topic verified --max-messages 1 --acks 7'),
  produced('--topic verified --max-messages 1 --acks x'),
  produced('--topic verified --max-messages 1 --command-config none'),
  produced('--topic verified --max-messages 1 --producer.config none'),
  produced('--topic verified --max-messages 1 --producer.config none --command-config none'),
  produced('--topic verified --max-messages 1 --command-config $D/client.properties', {
    files: { 'client.properties': 'client.id=verifier\n' },
  }),
  produced('--max-messages 1'),
  form('verifiable-producer', '--topic verified --max-messages 1'),
  at('verifiable-consumer', '--topic verified --group-id checked --max-messages 3'),
  at('verifiable-consumer', '--topic verified --group-id checked-2 --max-messages 3 --verbose'),
  at(
    'verifiable-consumer',
    '--topic verified --group-id checked-3 --max-messages 2 --enable-autocommit --reset-policy earliest',
  ),
  at(
    'verifiable-consumer',
    '--topic verified --group-id checked-4 --max-messages 2 --group-protocol consumer --group-remote-assignor range',
  ),
  at(
    'verifiable-consumer',
    '--topic verified --group-id checked-5 --max-messages 2 --session-timeout 10000 --group-instance-id one --assignment-strategy org.apache.kafka.clients.consumer.RoundRobinAssignor',
  ),
  at('verifiable-consumer', '--topic verified --group-id checked --max-messages x'),
  at('verifiable-consumer', '--topic verified --group-id checked --reset-policy bogus'),
  at('verifiable-consumer', '--topic verified --group-id checked --group-protocol bogus'),
  at('verifiable-consumer', '--topic verified --group-id checked --max-messages 1 --command-config none'),
  at(
    'verifiable-consumer',
    '--topic verified --group-id checked --max-messages 1 --consumer.config none --command-config none',
  ),
  at('verifiable-consumer', '--topic verified'),
  at('verifiable-consumer', '--group-id checked'),
  form('verifiable-consumer', '--topic verified --group-id checked'),
  at('verifiable-share-consumer', '--topic single --group-id shared --max-messages 3'),
  at(
    'verifiable-share-consumer',
    '--topic single --group-id shared-2 --max-messages 3 --offset-reset-strategy earliest --verbose',
  ),
  at(
    'verifiable-share-consumer',
    '--topic single --group-id shared-3 --max-messages 2 --acknowledgement-mode sync --offset-reset-strategy earliest',
  ),
  at('verifiable-share-consumer', '--topic single --group-id shared --acknowledgement-mode bogus'),
  at('verifiable-share-consumer', '--topic single --group-id shared --offset-reset-strategy bogus'),
  at('verifiable-share-consumer', '--topic single --group-id shared --max-messages 1 --command-config none'),
  at('verifiable-share-consumer', '--topic single'),
  at('verifiable-share-consumer', '--group-id shared'),
  form('verifiable-share-consumer', '--topic single --group-id shared'),
];

const REPLICAS: readonly Form[] = [
  form('replica-verification', '--broker-list localhost'),
  form('replica-verification', '--topics-include single'),
  form('replica-verification', '--broker-list $B --topics-include nowhere'),
  form('replica-verification', '--broker-list $B --topics-include ['),
  form('replica-verification', '--broker-list $B --time x'),
  form('replica-verification', '--broker-list $B --bootstrap-server $B --topics-include nowhere'),
  form('replica-verification', '--bootstrap-server $B --topics-include nowhere'),
];

const ALL: readonly Form[] = [
  ...USAGE,
  ...FEATURES,
  ...TOKENS,
  ...BEGIN,
  ...SHARE_PERFORMANCE,
  ...LATENCY,
  ...VERIFIABLE,
  ...REPLICAS,
];

export const MORE_FORMS: readonly Form[] = numbered(ALL);
