// `ottla streams`: groups of Kafka Streams applications (KIP-1071).
import { noun, type Verb } from '../command-frame.ts';

const verbs: readonly Verb[] = [
  {
    usage: 'list',
    aliases: ['ls'],
    summary: 'list streams groups',
    flags: [['-s, --states <names>', 'only those in these states', { isCommaList: true }]],
    work: async () => {
      const { listGroups } = await import('./list.ts');
      return (context, words, options: object) => listGroups(context, words, { ...options, types: ['Streams'] });
    },
  },
  {
    usage: 'describe <groups...>',
    summary: 'members and their tasks, offsets and lag of what they read',
    work: async () => (await import('./streams-groups.ts')).describeStreamsGroups,
  },
  {
    usage: 'reset <group>',
    summary: 'let an application without members begin again',
    help: `let an application without members begin again: its input is read from --to on, and what it has made for itself
(changelogs, repartition topics) is deleted. Its local state is its own: KafkaStreams.cleanUp().`,
    flags: [
      ['--to <where>', 'start, end, or a time', { default: 'start' }],
      ['--topics <topics>', 'only these of its input topics', { isCommaList: true }],
      ['--keep-internal-topics', 'delete no changelogs and repartition topics'],
      ['--dry', 'only show it'],
      ['--no-confirm', 'do not ask'],
    ],
    work: async () => (await import('./streams-groups.ts')).resetStreamsGroup,
  },
  {
    usage: 'delete <groups...>',
    summary: 'forget streams groups without members',
    work: async () => (await import('./delete.ts')).deleteGroups,
  },
];

export const streams = noun('streams', 'Show streams groups, and let them begin again', verbs);
