// A member that vanishes: a process of its own that joins a group and is killed, so that nobody says good-bye.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The same program once more, as `… BOOTSTRAP member …`; it prints a line when it has joined. */
export async function startVanishing(main: string, args: readonly string[]): Promise<{ vanish(): Promise<void> }> {
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const joined = once(child.stdout, 'data');
  await Promise.race([joined, ended.then(() => Promise.reject(new Error('the member ended before it had joined')))]);
  return {
    vanish: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
