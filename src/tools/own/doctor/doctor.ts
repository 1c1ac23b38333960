// `ottla doctor`: what is wrong with a cluster of any kind, or with a data directory, in sentences, and what to do.
import { singleCommand } from '../command-frame.ts';

export const doctor = singleCommand({
  usage: 'doctor [directory]',
  summary: 'say what is wrong with a cluster, or with a data directory, and what to do',
  help: `say what is wrong with a cluster, or with a data directory, and what to do

Asks questions and reads files; changes nothing. A directory is read as it lies there: best while its broker is stopped.
The exit code is 0 when nothing is wrong, 1 for warnings, 2 for errors.`,
  flags: [['--deep', 'of a directory: read every batch of every segment']],
  work: async () => (await import('./examine.ts')).examine,
});
