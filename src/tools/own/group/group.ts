// `ottla group`: consumer groups, classic ones and those of KIP-848. Share groups have a noun of their own.
import { noun, type Verb } from '../command-frame.ts';
import { durationFlag } from '../flag-values.ts';

const verbs: readonly Verb[] = [
  {
    usage: 'list',
    aliases: ['ls'],
    summary: 'list groups of all types',
    flags: [
      ['-s, --states <names>', 'only those in these states', { isCommaList: true }],
      ['-t, --types <names>', 'consumer, classic, share, streams', { isCommaList: true }],
    ],
    work: async () => (await import('./list.ts')).listGroups,
  },
  {
    usage: 'describe <groups...>',
    summary: 'members, offsets and lag',
    flags: [
      ['-s, --print-summary', 'the summary only'],
      ['-c, --print-commits', 'the offsets only'],
      ['-t, --print-lag-per-topic', 'the lag of each topic'],
      ['-r, --regex', 'the names are regular expressions (RE2)'],
      ['--follow', 'again and again, until Ctrl+C'],
      ['--interval <time>', 'how often', { default: 2000, parse: durationFlag }],
    ],
    work: async () => (await import('./describe.ts')).describeGroups,
  },
  {
    usage: 'seek <group>',
    summary: 'put a group without members somewhere else',
    flags: [
      ['--to <where>', 'start, end, or a time'],
      ['--to-group <group>', 'where that group is'],
      ['--to-file <file>', 'lines TOPIC PARTITION OFFSET'],
      ['--topics <topics>', 'only in these', { isCommaList: true }],
      ['--allow-new-topics', 'topics too of which it has committed nothing'],
      ['--dry', 'only show it'],
    ],
    work: async () => (await import('./seek.ts')).seekGroup,
  },
  {
    usage: 'delete <groups...>',
    summary: 'forget groups without members',
    work: async () => (await import('./delete.ts')).deleteGroups,
  },
  {
    usage: 'offset-delete <group>',
    summary: 'forget what a group has committed of topics',
    flags: [['-t, --topic <topic:partitions>', 'of this topic; repeatable', { isList: true, isRequired: true }]],
    work: async () => (await import('./delete.ts')).deleteOffsets,
  },
];

export const group = noun('group', 'Show consumer groups, move and delete their offsets', verbs);
