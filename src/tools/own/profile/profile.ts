// `ottla profile`: clusters by name.
import { noun, type Verb } from '../command-frame.ts';

const verbs: readonly Verb[] = [
  {
    usage: 'list',
    aliases: ['ls'],
    summary: 'list profiles; * is in use',
    work: async () => (await import('./profiles.ts')).listProfiles,
  },
  {
    usage: 'create <name>',
    summary: 'make a profile, and use it',
    flags: [['-s, --set <key=value>', 'brokers=host:9092, user=..., tls.ca=...; repeatable', { isList: true }]],
    work: async () => (await import('./profiles.ts')).createProfile,
  },
  {
    usage: 'use <name>',
    summary: 'use a profile from now on',
    work: async () => (await import('./profiles.ts')).useProfile,
  },
  {
    usage: 'current',
    summary: 'print the name of the profile in use',
    work: async () => (await import('./profiles.ts')).currentProfile,
  },
  {
    usage: 'print [name]',
    summary: 'show the settings of a profile; secrets are not shown',
    work: async () => (await import('./profiles.ts')).printProfile,
  },
  {
    usage: 'set <pairs...>',
    summary: 'change settings of the profile in use: key=value; key= takes one away',
    work: async () => (await import('./profiles.ts')).setProfile,
  },
  {
    usage: 'rename <old> <new>',
    summary: 'give a profile another name',
    work: async () => (await import('./profiles.ts')).renameProfile,
  },
  {
    usage: 'delete <name>',
    summary: 'forget a profile',
    work: async () => (await import('./profiles.ts')).deleteProfile,
  },
];

export const profile = noun('profile', 'Keep clusters by name, so that nobody types their addresses', verbs);
