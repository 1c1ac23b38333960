// `ottla registry`: subjects, schemas, levels and modes of any schema registry with Confluent's calls; and one of our own, beside any Kafka.
import type { Tool } from '../../tool-io.ts';
import { type Flag, type Noun, noun, singleCommand, type Verb, wholeNumber } from '../command-frame.ts';
import { withNouns } from '../nested-nouns.ts';

const URL: Flag = ['--registry <url>', 'where it is (-X registry.hosts=...)'];
const CONTEXT: Flag = ['--context <name>', 'in this context, not in the default one'];
const VERSION: Flag = ['--version <number>', 'a number, or latest', { default: 'latest' }];
const TYPE: Flag = [
  '--type <type>',
  'avro, protobuf, json; without it by the name of the file (.proto, .json), else avro',
  { choices: ['avro', 'protobuf', 'json'] },
];
const TOPIC: Flag = ['--topic <name>', 'the topic of the registry', { default: '_schemas' }];
const WAYS = ['BACKWARD', 'BACKWARD_TRANSITIVE', 'FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE', 'NONE'];

const verbs: readonly Verb[] = [
  {
    usage: 'subjects',
    summary: 'list subjects',
    flags: [URL, CONTEXT, ['--deleted', 'deleted ones too']],
    work: async () => (await import('./calls.ts')).listSubjects,
  },
  {
    usage: 'contexts',
    summary: 'list contexts',
    flags: [URL],
    work: async () => (await import('./calls.ts')).listContexts,
  },
  {
    usage: 'get <subject>',
    summary: 'show a schema',
    flags: [URL, CONTEXT, VERSION, ['--print-schema', 'nothing but the schema']],
    work: async () => (await import('./calls.ts')).getSchema,
  },
  {
    usage: 'versions <subject>',
    summary: 'list the versions of a subject',
    flags: [URL, CONTEXT, ['--deleted', 'deleted ones too']],
    work: async () => (await import('./calls.ts')).listVersions,
  },
  {
    usage: 'schema <id>',
    summary: 'show the schema with this id',
    flags: [URL, CONTEXT],
    work: async () => (await import('./calls.ts')).schemaById,
  },
  {
    usage: 'create <subject>',
    aliases: ['register'],
    summary: 'register a schema',
    flags: [URL, CONTEXT, ['--schema <file>', 'the schema', { isRequired: true }], TYPE],
    work: async () => (await import('./calls.ts')).registerSchema,
  },
  {
    usage: 'check <subject>',
    aliases: ['check-compatibility'],
    summary: 'say whether a schema may follow those of a subject',
    flags: [URL, CONTEXT, VERSION, ['--schema <file>', 'the schema', { isRequired: true }], TYPE],
    work: async () => (await import('./calls.ts')).checkSchema,
  },
  {
    usage: 'delete <subject>',
    summary: 'delete a subject, or one version',
    flags: [
      URL,
      CONTEXT,
      ['--version <number>', 'this one only', { parse: wholeNumber(1) }],
      ['--permanent', 'for good: what was deleted before'],
    ],
    work: async () => (await import('./calls.ts')).deleteSchema,
  },
  {
    usage: 'compatibility [subject]',
    summary: 'show or set the level, of a subject or of all',
    flags: [URL, CONTEXT, ['--set <level>', WAYS.join(', '), { choices: WAYS }]],
    work: async () => (await import('./calls.ts')).compatibilityLevel,
  },
  {
    usage: 'mode [subject]',
    summary: 'show or set the mode, of a subject or of all',
    flags: [
      URL,
      CONTEXT,
      ['--set <mode>', 'READWRITE, READONLY, IMPORT', { choices: ['READWRITE', 'READONLY', 'IMPORT'] }],
    ],
    work: async () => (await import('./calls.ts')).mode,
  },
  {
    usage: 'export',
    summary: 'print all schemas, levels and modes of a cluster with their ids, a line of JSON a record',
    flags: [TOPIC, ['--registry <url>', 'ask this registry, of any make, in place of reading its topic']],
    work: async () => (await import('./transfer.ts')).exportRegistry,
  },
  {
    usage: 'import [file]',
    summary: 'bring in what `export` has printed, ids and versions as they are',
    flags: [TOPIC, ['--force', 'also where there are schemas already']],
    work: async () => (await import('./transfer.ts')).importRegistry,
  },
  {
    usage: 'used [id]',
    summary: 'show which topics and offsets carry an id, or all of them',
    flags: [
      ['--topics <names>', 'only these', { isCommaList: true }],
      ['--context <name>', 'only ids of this context; of all when left out'],
      ['--last <number>', 'only so many of the newest records of each', { parse: wholeNumber(1) }],
      ['--schemas-topic <name>', 'the topic of the registry', { default: '_schemas' }],
    ],
    work: async () => (await import('./transfer.ts')).usedIds,
  },
];

const calls = noun(
  'registry',
  "Show and change what a schema registry holds; `ottla registry --brokers ...` runs one. rpk's nouns are there too: registry schema get, subject list, compatibility-level set, mode reset, ...",
  verbs,
);

const serve = singleCommand({
  usage: 'registry',
  summary: 'run a schema registry beside a Kafka',
  flags: [
    ['--host <host>', 'listen on this address', { default: '127.0.0.1' }],
    ['--port <port>', 'listen on this port; 0 picks a free one', { default: 8081, parse: wholeNumber(0) }],
    ['--topic <name>', 'the topic that keeps the schemas', { default: '_schemas' }],
    ['--bootstrap <addresses>', 'the same as --brokers'],
    ['--compatibility <level>', 'the level where nobody has set one', { choices: WAYS }],
    ['--advertised-host <host>', 'where other registries of the topic reach this one'],
    ['--group <id>', 'the group in which registries agree who writes', { default: 'schema-registry' }],
    ['--no-lead', 'never be the one that writes'],
    ['--broker-users', 'only who can log in to the broker may call'],
  ],
  work: async () => (await import('./serve.ts')).serveRegistry,
});

const asked = withNouns(calls, {
  schema: async () => (await import('./rpk-verbs.ts')).schema,
  subject: async () => (await import('./rpk-verbs.ts')).subject,
  'compatibility-level': async () => (await import('./rpk-verbs.ts')).compatibilityLevel,
  mode: async () => (await import('./rpk-verbs.ts')).mode,
});

/** With flags only it runs one, with a verb it asks one. */
const served: Tool = (args, io) => {
  const isServing =
    args.length > 0 && args.every((word, at) => word.startsWith('-') || args[at - 1]?.startsWith('-') === true);
  const isHelp = args[0] === '--help' || args[0] === '-h';
  return isServing && !isHelp ? serve(args, io) : asked(args, io);
};

export const registry: Noun = Object.assign(served, { verbs: asked.verbs ?? [] });
