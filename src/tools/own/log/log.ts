// `ottla log`: what lies in the files of a log.
import { noun, type Verb, wholeNumber } from '../command-frame.ts';

const verbs: readonly Verb[] = [
  {
    usage: 'dump <files...>',
    summary: 'show batches and records of .log files, or of the directory of a partition',
    flags: [
      ['-r, --records', 'with the records'],
      ['-n, --num <count>', 'stop after so many batches', { parse: wholeNumber(1) }],
      ['--from <offset>', 'from the batch with this offset on', { parse: wholeNumber(0) }],
    ],
    work: async () => (await import('./dump.ts')).dumpLog,
  },
];

export const log = noun('log', 'Show what lies in the files of a log', verbs);
