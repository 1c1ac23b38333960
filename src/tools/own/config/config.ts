// `ottla config`: configs of brokers, topics, groups and client metrics.
import { type Flag, noun, type Verb } from '../command-frame.ts';

const OF: readonly Flag[] = [
  ['--topic <name>', 'of this topic'],
  ['--broker <id>', 'of this broker; default: of all brokers'],
  ['--broker-logger <id>', "of this broker's log levels"],
  ['--group <name>', 'of this group'],
  ['--client-metrics <name>', 'of this subscription of client metrics'],
];

const verbs: readonly Verb[] = [
  {
    usage: 'get [keys...]',
    aliases: ['describe', 'list', 'ls'],
    summary: 'show configs; all that were set, or the keys named',
    flags: [...OF, ['-a, --all', 'defaults too'], ['--doc', 'with what they mean']],
    work: async () => (await import('./configs.ts')).getConfigs,
  },
  {
    usage: 'set <pairs...>',
    summary: 'give keys values: key=value',
    flags: [...OF, ['--dry', 'only say whether it would work']],
    work: async () => (await import('./configs.ts')).setConfigs,
  },
  {
    usage: 'delete <keys...>',
    aliases: ['unset'],
    summary: 'back to the defaults',
    flags: [...OF, ['--dry', 'only say whether it would work']],
    work: async () => (await import('./configs.ts')).deleteConfigs,
  },
  {
    usage: 'resources',
    summary: 'list what has configs of its own',
    work: async () => (await import('./configs.ts')).listResources,
  },
];

export const config = noun('config', 'Show and change configs of brokers, topics and groups', verbs);
