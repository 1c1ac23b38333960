// `ottla shims DIR`: Kafka's scripts by their own names, each of which calls this program, for whatever starts kafka-topics.sh.
import { chmodSync } from 'node:fs';
import { nodeDisk } from '../runtime/node/index.ts';
import { complain, print, type Tool } from '../tools/index.ts';

const EXECUTABLE = 0o755;

/** For those of the commands that are Kafka's. */
export const shims =
  (commands: readonly string[]): Tool =>
  (args, io) => {
    const [directory, ...others] = args;
    if (directory === undefined || directory.startsWith('-') || others.length > 0) {
      complain(
        io,
        'Usage: ottla shims DIR\nWrites kafka-topics.sh and the other scripts of Kafka into DIR, which call ottla.',
      );
      return Promise.resolve(directory === '--help' ? 0 : 1);
    }
    nodeDisk.makeDirectorySync(directory);
    const names = commands.filter((name) => name.startsWith('kafka-'));
    for (const name of names) {
      const path = `${directory}/${name}.sh`;
      io.writeFile(path, shimOf(name));
      chmodSync(path, EXECUTABLE);
    }
    print(io, `${names.length} scripts in ${directory}`);
    return Promise.resolve(0);
  };

/** Calls the program that wrote it, whatever PATH says. */
function shimOf(name: string): string {
  const program = [process.execPath, process.argv[1] ?? 'ottla'].map(quoted).join(' ');
  return `#!/bin/sh\nexec ${program} ${name} "$@"\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
