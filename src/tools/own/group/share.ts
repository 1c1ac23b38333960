// `ottla share`: share groups (KIP-932).
import { noun, type Verb } from '../command-frame.ts';

const verbs: readonly Verb[] = [
  {
    usage: 'list',
    aliases: ['ls'],
    summary: 'list share groups',
    flags: [['-s, --states <names>', 'only those in these states', { isCommaList: true }]],
    work: async () => {
      const { listGroups } = await import('./list.ts');
      return (context, words, options: object) => listGroups(context, words, { ...options, types: ['Share'] });
    },
  },
  {
    usage: 'describe <groups...>',
    summary: 'members, start offsets and lag',
    work: async () => (await import('./share-groups.ts')).describeShareGroups,
  },
  {
    usage: 'seek <group>',
    summary: 'put a share group without members somewhere else',
    flags: [
      ['--to <where>', 'start, end, or a time', { isRequired: true }],
      ['--topics <topics>', 'in these', { isCommaList: true, isRequired: true }],
    ],
    work: async () => (await import('./share-groups.ts')).seekShareGroup,
  },
  {
    usage: 'delete <groups...>',
    summary: 'forget share groups without members',
    work: async () => (await import('./delete.ts')).deleteGroups,
  },
  {
    usage: 'offset-delete <group>',
    summary: 'forget where a group is in topics',
    flags: [['-t, --topic <topic>', 'in this topic; repeatable', { isList: true, isRequired: true }]],
    work: async () => (await import('./share-groups.ts')).deleteShareOffsets,
  },
];

export const share = noun('share', 'Show share groups, move and delete their offsets', verbs);
