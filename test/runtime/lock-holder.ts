// A process that holds the lock of a directory, for tests: tells in lines what becomes of it, and writes the file `written` in
// the directory whenever it is sent a line.
import { createInterface } from 'node:readline';
import { lockFile } from '../../src/runtime/node/lock.ts';
import { nodeDisk } from '../../src/runtime/node/index.ts';
import { QUICK } from './lock-times.ts';

const directory = process.argv[2] as string;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const lock = await lockFile(
  `${directory}/.lock`,
  { waiting: () => say('waiting'), lost: (error) => say(`lost ${error.code}`) },
  QUICK,
);
say(lock === undefined ? 'refused' : 'held');
const lines = createInterface({ input: process.stdin });
if (lock === undefined) lines.close();
lines.on('line', (line) => {
  try {
    nodeDisk.writeFileSync(`${directory}/written`, Buffer.from(line));
    say('written');
  } catch (error) {
    say(`refused to write: ${String(error)}`);
  }
});
