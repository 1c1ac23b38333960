// `ottla quota`: what clients and users may use up.
import { type Flag, noun, type Verb } from '../command-frame.ts';

const NAMES: readonly Flag[] = [
  ['--name <type=name>', 'user=alice, client-id=app, ip=10.0.0.1; repeatable', { isList: true }],
  ['--default <types>', 'the default of user, client-id or ip', { isCommaList: true }],
];

const verbs: readonly Verb[] = [
  {
    usage: 'describe',
    aliases: ['list', 'ls'],
    summary: 'show quotas; flags narrow it',
    flags: [
      ...NAMES,
      ['--any <types>', 'of anybody of these types', { isCommaList: true }],
      ['--strict', 'only those that have exactly these types'],
    ],
    work: async () => (await import('./quotas.ts')).describeQuotas,
  },
  {
    usage: 'alter',
    summary: 'set and delete quotas',
    flags: [
      ...NAMES,
      ['--add <key=value>', 'producer_byte_rate=1048576; repeatable', { isList: true }],
      ['--delete <key>', 'repeatable', { isList: true }],
      ['--dry', 'only say whether it would work'],
    ],
    work: async () => (await import('./quotas.ts')).alterQuotas,
  },
];

export const quota = noun('quota', 'Show and change what clients and users may use up', verbs);
