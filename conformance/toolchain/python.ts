// Python packages from their wheels, each set in a virtual environment of its own below the cache.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { exec, which } from './exec.ts';

const INSTALL_LIMIT_MS = 300_000;

export interface PythonEnvironment {
  /** Its interpreter. */
  readonly python: string;
}

/**
 * An environment that holds these packages, or why there is none. The first call takes some seconds.
 * @param packages with their versions, as pip writes them: `name==1.2.3`.
 */
export async function pythonEnvironment(
  name: string,
  packages: readonly string[],
): Promise<PythonEnvironment | string> {
  if ((await which('python3')) === undefined) return 'no python3';
  const isNew = await exec('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']);
  if (isNew.status !== 0) return 'python3 is older than 3.11';
  const directory = join(cacheDirectory(), 'python', `${name}-${packages.map((one) => one.split('==')[1]).join('-')}`);
  const python = join(directory, 'bin', 'python');
  const done = join(directory, 'installed');
  if (existsSync(done)) return { python };
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(dirname(directory), { recursive: true });
  const venv = await exec('python3', ['-m', 'venv', directory], { timeoutMs: INSTALL_LIMIT_MS });
  if (venv.status !== 0) return 'python3 makes no virtual environment (Debian package python3-venv)';
  const install = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', ...packages];
  const installed = await exec(python, install, { timeoutMs: INSTALL_LIMIT_MS });
  if (installed.status !== 0) return `pip could not install ${packages.join(' ')}`;
  // Last, so that a run that was ended half-way is not taken for one that is done.
  writeFileSync(done, `${packages.join('\n')}\n`);
  return { python };
}
