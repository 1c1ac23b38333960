// Small Go programs of ours, built when they run; their modules come through Go's own module proxy.

import { join } from 'node:path';
import { exec, which } from './exec.ts';

const BUILD_LIMIT_MS = 600_000;

/** Builds the module in `sources` and gives the path of the program in `output`, or why there is none. */
export async function buildGo(sources: string, output: string): Promise<{ readonly program: string } | string> {
  if ((await which('go')) === undefined) return 'no go';
  const program = join(output, 'program');
  const built = await exec('go', ['build', '-o', program, '.'], { cwd: sources, timeoutMs: BUILD_LIMIT_MS });
  return built.status === 0 ? { program } : `go build: ${built.stderr.trim().slice(-300)}`;
}
