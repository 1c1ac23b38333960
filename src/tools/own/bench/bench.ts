// `ottla bench`: how fast a cluster takes and gives records from here.
import { type Flag, noun, type Verb, wholeNumber } from '../command-frame.ts';
import { durationFlag } from '../flag-values.ts';
import { COMPRESSIONS } from '../record-verbs.ts';

const COUNTS: readonly Flag[] = [
  ['-n, --num <count>', 'records', { default: 1_000_000, parse: wholeNumber(1) }],
  ['--duration <time>', 'at most so long', { default: 30_000, parse: durationFlag }],
];

const verbs: readonly Verb[] = [
  {
    usage: 'producer <topic>',
    aliases: ['produce'],
    summary: 'write records, and tell how many a second and how late they were acknowledged',
    flags: [
      ...COUNTS,
      ['-s, --size <bytes>', 'of each value', { default: 100, parse: wholeNumber(0) }],
      ['-z, --compression <codec>', COMPRESSIONS.join(', '), { default: 'none', choices: COMPRESSIONS }],
      ['--acks <count>', 'all, 1, 0', { default: 'all', choices: ['all', '1', '0'] }],
      ['--rate <count>', 'at most so many a second', { parse: wholeNumber(1) }],
      ['--linger <time>', 'how long a batch waits for more', { default: 5, parse: durationFlag }],
    ],
    work: async () => (await import('./loads.ts')).benchProducer,
  },
  {
    usage: 'consumer <topic>',
    aliases: ['consume'],
    summary: 'read records from the start, and tell how many a second',
    flags: COUNTS,
    work: async () => (await import('./loads.ts')).benchConsumer,
  },
];

export const bench = noun('bench', 'Write or read as fast as it goes, and tell figures', verbs);
