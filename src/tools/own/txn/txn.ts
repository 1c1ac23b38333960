// `ottla txn`: transactions.
import { noun, type Verb, wholeNumber } from '../command-frame.ts';
import { durationFlag } from '../flag-values.ts';

const verbs: readonly Verb[] = [
  {
    usage: 'list',
    aliases: ['ls'],
    summary: 'list transactional ids and their states',
    flags: [
      ['--states <names>', 'Ongoing, PrepareCommit, ...', { isCommaList: true }],
      ['--longer-than <time>', 'open for longer', { parse: durationFlag }],
    ],
    work: async () => (await import('./transactions.ts')).listTransactions,
  },
  {
    usage: 'describe [ids...]',
    summary: 'show transactional ids; all without names',
    flags: [['-p, --print-partitions', 'with the partitions']],
    work: async () => (await import('./transactions.ts')).describeTransactions,
  },
  {
    usage: 'describe-producers <topic>',
    summary: 'show who writes to a topic, and what of it is in a transaction',
    flags: [['-p, --partitions <ids>', 'in these only', { isCommaList: true, parse: wholeNumber(0) }]],
    work: async () => (await import('./transactions.ts')).describeProducers,
  },
  {
    usage: 'abort <id>',
    summary: 'end what is open under a transactional id, and shut out who has it',
    flags: [['--no-confirm', 'do not ask']],
    work: async () => (await import('./transactions.ts')).abortById,
  },
  {
    usage: 'abort-hanging <topic> <partition> <start-offset>',
    summary: 'end a transaction that nobody coordinates any more (KIP-664)',
    flags: [['--no-confirm', 'do not ask']],
    work: async () => (await import('./transactions.ts')).abortHanging,
  },
];

export const txn = noun('txn', 'Show and end transactions', verbs);
