// The forms of the tools that write and read records: the consoles, and the loads that are measured.
import type { Form } from './forms.ts';
import { form } from './making-forms.ts';

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

/** In the order in which they run: what is consumed was produced before. */
export const CONSOLE_FORMS: readonly Form[] = [...PRODUCER, ...CONSUMER, ...SHARED];

const perf = (args: string, more?: Partial<Form>): Form =>
  form('producer-perf-test', `--topic single --bootstrap-server $B ${args}`, more);

export const LOAD_FORMS: readonly Form[] = [
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
