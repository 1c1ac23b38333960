// rpk's nouns below `registry`, with its flags; what our own verbs do already is the same there.
import { type Flag, noun, type Verb, wholeNumber } from '../command-frame.ts';

const URL: Flag = ['--registry <url>', 'where it is (-X registry.hosts=...)'];
const CONTEXT: Flag = ['--context <name>', 'in this context, not in the default one'];
const SCHEMA: Flag = ['--schema <file>', 'the schema', { isRequired: true }];
const TYPE: Flag = ['--type <type>', 'avro, protobuf, json', { choices: ['avro', 'protobuf', 'json'] }];
const DELETED: Flag = ['--deleted', 'deleted ones too'];
const GLOBAL: Flag = ['--global', 'that of all subjects too'];
const VERSION: Flag = ['--schema-version <number>', 'a number, or latest', { isRequired: true }];

const schemaVerbs: readonly Verb[] = [
  {
    usage: 'create <subject>',
    summary: 'register a schema',
    flags: [URL, CONTEXT, SCHEMA, TYPE],
    work: async () => (await import('./calls.ts')).registerSchema,
  },
  {
    usage: 'get [subject]',
    summary: 'show a schema by version, by id, or the version that a file is',
    flags: [
      URL,
      CONTEXT,
      ['--schema-version <number>', 'a number, or latest; of this subject'],
      ['--id <id>', 'the one with this id, of all subjects or of one', { parse: wholeNumber(1) }],
      ['--schema <file>', 'the one that is in this file; of this subject'],
      TYPE,
      DELETED,
      ['--print-schema', 'nothing but the schema'],
    ],
    work: async () => (await import('./rpk-calls.ts')).getSchemas,
  },
  {
    usage: 'list [subjects...]',
    aliases: ['ls'],
    summary: 'list schemas of these subjects, or of all',
    flags: [URL, CONTEXT, DELETED],
    work: async () => (await import('./rpk-calls.ts')).listSchemas,
  },
  {
    usage: 'delete <subject>',
    summary: 'delete a version of a subject',
    flags: [URL, CONTEXT, VERSION, ['--permanent', 'for good: what was deleted before']],
    work: async () => (await import('./rpk-calls.ts')).deleteVersion,
  },
  {
    usage: 'check-compatibility <subject>',
    summary: 'say whether a schema may follow a version',
    flags: [URL, CONTEXT, SCHEMA, TYPE, VERSION],
    work: async () => (await import('./rpk-calls.ts')).checkCompatibility,
  },
  {
    usage: 'references <subject>',
    summary: 'list the schemas that refer to a version',
    flags: [URL, CONTEXT, VERSION, DELETED],
    work: async () => (await import('./rpk-calls.ts')).listReferences,
  },
];

const subjectVerbs: readonly Verb[] = [
  {
    usage: 'list',
    aliases: ['ls'],
    summary: 'list subjects',
    flags: [URL, CONTEXT, DELETED],
    work: async () => (await import('./calls.ts')).listSubjects,
  },
  {
    usage: 'delete <subjects...>',
    summary: 'delete subjects',
    flags: [URL, CONTEXT, ['--permanent', 'for good: what was deleted before']],
    work: async () => (await import('./rpk-calls.ts')).deleteSubjects,
  },
];

const levelVerbs: readonly Verb[] = [
  {
    usage: 'get [subjects...]',
    summary: 'show the level of these subjects, or the one of all',
    flags: [URL, CONTEXT, GLOBAL],
    work: async () => (await import('./rpk-calls.ts')).getLevels,
  },
  {
    usage: 'set [subjects...]',
    summary: 'set the level of these subjects, or the one of all',
    flags: [URL, CONTEXT, GLOBAL, ['--level <level>', 'NONE, BACKWARD, FORWARD, FULL, ...', { isRequired: true }]],
    work: async () => (await import('./rpk-calls.ts')).setLevels,
  },
];

const modeVerbs: readonly Verb[] = [
  {
    usage: 'get [subjects...]',
    summary: 'show the mode of these subjects, or the one of all',
    flags: [URL, CONTEXT, GLOBAL],
    work: async () => (await import('./rpk-calls.ts')).getModes,
  },
  {
    usage: 'set [subjects...]',
    summary: 'set the mode of these subjects, or the one of all',
    flags: [
      URL,
      CONTEXT,
      GLOBAL,
      ['--mode <mode>', 'READWRITE, READONLY, IMPORT', { isRequired: true }],
      ['--force', 'IMPORT where there are schemas too'],
    ],
    work: async () => (await import('./rpk-calls.ts')).setModes,
  },
  {
    usage: 'reset <subjects...>',
    summary: 'give these subjects the mode of all',
    flags: [URL, CONTEXT],
    work: async () => (await import('./rpk-calls.ts')).resetModes,
  },
];

export const schema = noun('registry schema', 'Show, register, check and delete schemas', schemaVerbs);
export const subject = noun('registry subject', 'List and delete subjects', subjectVerbs);
export const compatibilityLevel = noun('registry compatibility-level', 'Show and set levels', levelVerbs);
export const mode = noun('registry mode', 'Show, set and reset modes', modeVerbs);
