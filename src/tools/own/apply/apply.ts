// `ottla apply`: topics as code.
import { singleCommand } from '../command-frame.ts';

export const apply = singleCommand({
  usage: 'apply',
  summary: 'make topics be as a file says: plan, difference, doing',
  help: `make topics be as a file says: plan, difference, doing

  topics:
    orders:
      partitions: 6
      replicas: 3
      configs:
        retention.ms: 604800000

What the file does not name of a topic's configs goes back to its default; topics that it does not name are left alone, unless
--delete is given. With --check nothing is done: the exit code is 2 when something differs.`,
  flags: [
    ['-f, --file <file>', 'YAML or JSON; - reads standard input', { isRequired: true }],
    ['--check', 'only tell the difference; exit code 2 when there is one'],
    ['--delete', 'delete topics that the file does not name (internal ones stay)'],
    ['--no-confirm', 'do not ask'],
  ],
  work: async () => (await import('./apply-topics.ts')).applyTopics,
});
