// `ottla producer` and `ottla consumer`: a line a record, nothing to learn.
import { singleCommand, wholeNumber } from '../command-frame.ts';

export const producer = singleCommand({
  usage: 'producer [topic]',
  summary: 'write each line of standard input as a record',
  flags: [
    ['-t, --topic <name>', 'the topic, where it is not the first word'],
    ['--key-separator <text>', 'what stands before it is the key'],
    ['-n, --num <count>', 'stop after so many lines', { parse: wholeNumber(1) }],
  ],
  work: async () => (await import('./lines.ts')).produceLines,
});

export const consumer = singleCommand({
  usage: 'consumer [topic]',
  summary: 'print each record as a line, new ones as they come',
  flags: [
    ['-t, --topic <name>', 'the topic, where it is not the first word'],
    ['-g, --group <name>', 'go on where this group is'],
    ['--from-beginning', 'old records too'],
    ['--key-separator <text>', 'print the key before it'],
    ['-n, --num <count>', 'stop after so many records', { parse: wholeNumber(1) }],
  ],
  work: async () => (await import('./lines.ts')).consumeLines,
});
