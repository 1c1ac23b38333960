// The flags of `produce` and `consume`, which stand below `ottla topic` too, as in rpk.
import { type Flag, type Verb, wholeNumber } from './command-frame.ts';
import { durationFlag } from './flag-values.ts';

export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

const TOLD = 'Produced to partition %p at offset %o with timestamp %d.\\n';

const PRODUCE_HELP = `write records from standard input

In --format %v is the value, %k the key, %t the topic, %p the partition, %h{%k=%v } the headers, of which %H is the number;
%V, %K and %T are sizes, which stand before what they measure. {hex}, {base64}, {json} behind a text and {big32}, {little16},
{hex8}, {3} behind a number say how it is written. A field without a size ends at the text behind it.`;

const CONSUME_HELP = `print records of topics

In --format %v is the value, %k the key, %t the topic, %p the partition, %o the offset, %d the time, %e the leader epoch, %i the
count, %h{%k=%v } the headers; %V, %K, %T and %H are their sizes; %x and %y are id and epoch of the producer, %a{compression},
%a{timestamp-type} and %a{transactional-bit} attributes, %[ %| %] bounds of the partition. {hex}, {base64}, {unpack[>iHs$]} behind a text, {big32},
{hex64} behind a number and {strftime[%F %T]}, {go[15:04:05]} behind %d say how it is printed.

In --where stand key, value, topic, partition, offset, timestamp, headers.NAME, and, where keys and values are JSON, what is in
them (value.items[0].price): == != < <= > >= =~ !~ in contains startsWith endsWith, and, or, not, + - * / %, and functions
(exists length lower upper trim number text abs floor round time).`;

const produceFlags: readonly Flag[] = [
  ['-f, --format <format>', 'what a record of the input is', { default: '%v\\n' }],
  ['-o, --output-format <format>', 'what is told of a record that was written', { default: TOLD }],
  ['-k, --key <key>', 'the key of all records that have none of their own'],
  ['-H, --header <key:value>', 'a header of all records; repeatable', { isList: true }],
  ['-p, --partition <id>', 'the partition; -1: by the key', { default: -1, parse: wholeNumber(-1) }],
  ['-z, --compression <codec>', COMPRESSIONS.join(', '), { default: 'snappy', choices: COMPRESSIONS }],
  ['-Z, --tombstone', 'empty values are null'],
  ['--acks <count>', '-1 all in sync, 1 the leader, 0 nobody', { default: '-1', choices: ['-1', '0', '1', 'all'] }],
  ['--delivery-timeout <time>', 'how long a record may take (30s)', { parse: durationFlag }],
  ['--max-message-bytes <count>', 'the largest request', { parse: wholeNumber(1) }],
  ['--allow-auto-topic-creation', 'let the cluster make a topic that is not there'],
  ['--schema-id <id>', 'values are JSON, encoded with this schema; topic: the latest of TOPIC-value'],
  ['--schema-key-id <id>', 'the same for keys'],
  ['--schema-type <name>', 'the Protobuf message of values, where the schema has several'],
  ['--schema-key-type <name>', 'the same for keys'],
];

export const produceVerb: Verb = {
  usage: 'produce [topic]',
  summary: 'write records from standard input',
  help: PRODUCE_HELP,
  flags: produceFlags,
  hasOwnFormat: true,
  work: async () => (await import('./produce.ts')).produce,
};

const consumeFlags: readonly Flag[] = [
  ['-o, --offset <range>', 'start, end, 47, +2, -3, 10:20, :end, @TIME, @TIME:TIME'],
  ['-p, --partitions <ids>', 'these only', { isCommaList: true, parse: wholeNumber(0) }],
  ['-r, --regex', 'the names are regular expressions (RE2)'],
  ['-g, --group <name>', 'as a member of this group, which commits'],
  ['-n, --num <count>', 'stop after so many; 0: never', { default: 0, parse: wholeNumber(0) }],
  ['-f, --format <format>', 'json, or what to print of a record', { default: 'json' }],
  ['--pretty-print [yes]', 'JSON over several lines', { default: true, parse: (text) => text !== 'false' }],
  ['--json', 'JSON, one object a line'],
  ['--meta-only', "in JSON the value's size in place of the value"],
  ['--where <condition>', 'only records for which it holds: value.amount > 100'],
  ['--from <time>', 'from this time on: -1h, 2026-11-29, 2026-11-29T10:00:00Z'],
  ['--until <time>', 'up to this time, or end for the end as it is now'],
  ['--follow', 'go on behind the end'],
  ['--read-committed', 'only what was committed'],
  ['--rack <name>', 'read from a replica in this rack'],
  ['--fetch-max-bytes <count>', 'the largest answer', { parse: wholeNumber(1) }],
  ['--fetch-max-wait <time>', 'how long a broker may wait for records', { parse: durationFlag }],
  ['--fetch-max-partition-bytes <count>', 'of one partition', { parse: wholeNumber(1) }],
  ['--use-schema-registry [parts]', 'decode key, value, or key,value'],
  ['-b, --balancer <name>', 'range, roundrobin, sticky, cooperative-sticky'],
];

export const consumeVerb: Verb = {
  usage: 'consume <topics...>',
  summary: 'print records of topics',
  help: CONSUME_HELP,
  flags: consumeFlags,
  hasOwnFormat: true,
  work: async () => (await import('./consume.ts')).consume,
};
