// `ottla topic`: rpk's verbs and flags.
import { type Flag, noun, type Verb, wholeNumber } from '../command-frame.ts';
import { consumeVerb, produceVerb } from '../record-verbs.ts';

const REGEX: Flag = ['-r, --regex', 'the names are regular expressions (RE2)'];
const DRY: Flag = ['-d, --dry', 'only say whether it would work'];

const verbs: readonly Verb[] = [
  {
    usage: 'create <topics...>',
    summary: 'make topics',
    flags: [
      [
        '-p, --partitions <count>',
        "partitions of each; -1: the cluster's default",
        { default: -1, parse: wholeNumber(-1) },
      ],
      [
        '-r, --replicas <count>',
        "replicas of each partition; -1: the cluster's default",
        { default: -1, parse: wholeNumber(-1) },
      ],
      ['-c, --topic-config <key=value>', 'a config of the topics; repeatable', { isList: true }],
      DRY,
      ['--if-not-exists', 'one that is there is no failure'],
    ],
    work: async () => (await import('./create.ts')).createTopics,
  },
  {
    usage: 'list [topics...]',
    aliases: ['ls'],
    summary: 'list topics',
    flags: [['-d, --detailed', 'with their partitions'], ['-i, --internal', 'internal topics too'], REGEX],
    work: async () => (await import('./list.ts')).listTopics,
  },
  {
    usage: 'describe <topics...>',
    aliases: ['info'],
    summary: 'configs and partitions of topics',
    flags: [
      ['-s, --print-summary', 'the summary'],
      ['-c, --print-configs', 'the configs'],
      ['-p, --print-partitions', 'the partitions with their offsets'],
      ['-a, --print-all', 'all three'],
      ['--stable', 'with the last stable offsets'],
      REGEX,
    ],
    work: async () => (await import('./describe.ts')).describeTopics,
  },
  {
    usage: 'delete <topics...>',
    summary: 'delete topics and what is in them',
    flags: [REGEX],
    work: async () => (await import('./delete.ts')).deleteTopics,
  },
  {
    usage: 'add-partitions <topics...>',
    summary: 'add partitions to topics',
    flags: [
      ['-n, --num <count>', 'so many more', { isRequired: true, parse: wholeNumber(1) }],
      ['-f, --force', 'to internal topics too'],
      DRY,
    ],
    work: async () => (await import('./add-partitions.ts')).addPartitions,
  },
  {
    usage: 'alter-config <topics...>',
    summary: 'change configs of topics',
    flags: [
      ['-s, --set <key=value>', 'give a key a value; repeatable', { isList: true }],
      ['-d, --delete <key>', 'back to the default; repeatable', { isList: true }],
      ['--append <key=value>', 'add to a list; repeatable', { isList: true }],
      ['--subtract <key=value>', 'take from a list; repeatable', { isList: true }],
      ['--dry', 'only say whether it would work'],
    ],
    work: async () => (await import('./alter-config.ts')).alterTopicConfigs,
  },
  {
    usage: 'trim-prefix [topic]',
    aliases: ['trim'],
    summary: 'delete the records before an offset',
    flags: [
      ['-o, --offset <offset>', 'up to where: 47, end, @TIME'],
      ['-p, --partitions <ids>', 'of these partitions only', { isCommaList: true, parse: wholeNumber(0) }],
      ['-f, --from-file <file>', 'lines TOPIC PARTITION OFFSET'],
      ['--no-confirm', 'do not ask'],
    ],
    work: async () => (await import('./trim-prefix.ts')).trimPrefix,
  },
  produceVerb,
  consumeVerb,
];

export const topic = noun('topic', 'Make, show, change and delete topics', verbs);
