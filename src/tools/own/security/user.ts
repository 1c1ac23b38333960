// `ottla user`: users with a password (SCRAM).
import { type Flag, noun, type Verb, wholeNumber } from '../command-frame.ts';

const MECHANISM: Flag = [
  '--mechanism <name>',
  'scram-sha-256, scram-sha-512',
  { default: 'scram-sha-256', choices: ['scram-sha-256', 'scram-sha-512'] },
];
const PASSWORD: readonly Flag[] = [
  ['-p, --password <password>', 'the password; others of this machine may see it'],
  ['--password-stdin', 'read it from standard input'],
  MECHANISM,
  ['--iterations <count>', 'from 4096 to 16384', { default: 4096, parse: wholeNumber(4096) }],
];

const verbs: readonly Verb[] = [
  {
    usage: 'list',
    aliases: ['ls'],
    summary: 'list users and their mechanisms',
    work: async () => (await import('./users.ts')).listUsers,
  },
  {
    usage: 'create <user>',
    summary: 'make a user',
    flags: PASSWORD,
    work: async () => (await import('./users.ts')).createUser,
  },
  {
    usage: 'update <user>',
    summary: 'give a user another password',
    flags: PASSWORD,
    work: async () => (await import('./users.ts')).createUser,
  },
  {
    usage: 'delete <user>',
    summary: 'delete a user, or one mechanism of theirs',
    flags: [['--mechanism <name>', 'this one only', { choices: ['scram-sha-256', 'scram-sha-512'] }]],
    work: async () => (await import('./users.ts')).deleteUser,
  },
];

export const user = noun('user', 'Show, make and delete users with a password (SCRAM)', verbs);
