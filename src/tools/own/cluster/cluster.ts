// `ottla cluster`: the cluster as a whole.
import { noun, type Verb, wholeNumber } from '../command-frame.ts';
import { durationFlag } from '../flag-values.ts';
import { withNouns } from '../nested-nouns.ts';

const LOG_DIRS: Verb = {
  usage: 'logdirs',
  summary: 'how large what is where',
  flags: [
    ['-b, --broker <id>', 'of this broker only', { parse: wholeNumber(0) }],
    ['--topics <topics>', 'of these only', { isCommaList: true }],
    [
      '--aggregate-into <level>',
      'broker, dir, topic, partition',
      { default: 'partition', choices: ['broker', 'dir', 'topic', 'partition'] },
    ],
    ['--sort-by-size', 'the largest first'],
    ['-H, --human-readable', '1.23MB in place of 1230000'],
  ],
  work: async () => (await import('./logdirs.ts')).describeLogDirs,
};

const verbs: readonly Verb[] = [
  {
    usage: 'info',
    aliases: ['status', 'metadata'],
    summary: 'brokers and topics',
    flags: [
      ['-c, --print-cluster', 'the id of the cluster'],
      ['-b, --print-brokers', 'the brokers'],
      ['-t, --print-topics', 'the topics'],
      ['-i, --print-internal', 'internal topics too'],
    ],
    work: async () => (await import('./info.ts')).clusterInfo,
  },
  {
    usage: 'health',
    summary: 'whether all partitions are led and in sync; the exit code tells',
    flags: [
      ['-w, --watch', 'again and again'],
      ['-e, --exit-when-healthy', 'until all is well'],
      ['--interval <time>', 'how often', { default: 2000, parse: durationFlag }],
    ],
    work: async () => (await import('./health.ts')).clusterHealth,
  },
  LOG_DIRS,
  {
    usage: 'quorum',
    summary: 'voters and observers of the metadata',
    work: async () => (await import('./quorum.ts')).describeQuorum,
  },
];

/** With rpk's nouns below it. */
export const cluster = withNouns(noun('cluster', 'Show the cluster as a whole', verbs), {
  logdirs: () => Promise.resolve(noun('cluster logdirs', LOG_DIRS.summary, [{ ...LOG_DIRS, usage: 'describe' }])),
  quotas: async () => (await import('../security/quota.ts')).quota,
  txn: async () => (await import('../txn/txn.ts')).txn,
});
