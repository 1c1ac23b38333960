// `ottla acl`: rpk's flags: resources, operations, and whom they are allowed or denied.
import { type Flag, noun, type Verb } from '../command-frame.ts';

const RESOURCES: readonly Flag[] = [
  ['--topic <names>', 'topics', { isCommaList: true }],
  ['--group <names>', 'groups', { isCommaList: true }],
  ['--transactional-id <names>', 'transactional ids', { isCommaList: true }],
  ['--cluster', 'the cluster'],
];

const WHOM: readonly Flag[] = [
  ['--operation <names>', 'all, read, write, create, delete, alter, describe, ...', { isCommaList: true }],
  ['--allow-principal <principals>', 'User:alice', { isCommaList: true }],
  ['--allow-host <hosts>', 'from where', { isCommaList: true }],
  ['--deny-principal <principals>', 'User:mallory', { isCommaList: true }],
  ['--deny-host <hosts>', 'from where', { isCommaList: true }],
];

const verbs: readonly Verb[] = [
  {
    usage: 'create',
    summary: 'allow or deny something to somebody',
    flags: [
      ...RESOURCES,
      ['--resource-pattern-type <type>', 'literal, prefixed', { default: 'literal', choices: ['literal', 'prefixed'] }],
      ...WHOM,
    ],
    work: async () => (await import('./acls.ts')).createAcls,
  },
  {
    usage: 'list',
    aliases: ['ls', 'describe'],
    summary: 'show what is allowed and denied; flags narrow it',
    flags: [
      ...RESOURCES,
      [
        '--resource-pattern-type <type>',
        'any, match, literal, prefixed',
        { default: 'any', choices: ['any', 'match', 'literal', 'prefixed'] },
      ],
      ...WHOM,
    ],
    work: async () => (await import('./acls.ts')).listAcls,
  },
  {
    usage: 'delete',
    summary: 'take back what flags choose',
    flags: [
      ...RESOURCES,
      [
        '--resource-pattern-type <type>',
        'any, match, literal, prefixed',
        { default: 'any', choices: ['any', 'match', 'literal', 'prefixed'] },
      ],
      ...WHOM,
      ['-d, --dry', 'only show it'],
      ['--no-confirm', 'do not ask'],
    ],
    work: async () => (await import('./acls.ts')).deleteAcls,
  },
];

export const acl = noun('acl', 'Show and change who may do what', verbs);
