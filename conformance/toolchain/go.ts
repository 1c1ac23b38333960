// Go modules: fetched and compiled by the go command, products kept in the cache.

import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { type ExecOptions, exec, execOk, which } from './exec.ts';

const FETCH_LIMIT_MS = 300_000;
const COMPILE_LIMIT_MS = 600_000;

export interface GoTests {
  /** The module's top: a test runs in the directory of its package. */
  readonly directory: string;
  /** Package, relative to the top, to its compiled tests. */
  readonly programs: ReadonlyMap<string, string>;
}

/**
 * The compiled tests of a module that carries its own, or why there are none. The first call takes a minute or two.
 * @param packages relative to the module's top, '.' for the top itself.
 */
export async function goTests(module: string, version: string, packages: readonly string[]): Promise<GoTests | string> {
  const missing = await missingGo();
  if (missing !== undefined) return missing;
  const name = module.slice(module.lastIndexOf('/') + 1);
  const directory = join(cacheDirectory(), `${name}-${version}`);
  const program = (of: string): string => join(directory, `${of === '.' ? 'top' : of}.test`);
  const programs = new Map(packages.map((of) => [of, program(of)]));
  if ([...programs.values()].every((path) => existsSync(path))) return { directory, programs };
  process.stderr.write(`compiling the tests of ${module}, a minute or two\n`);
  try {
    const options = { timeoutMs: FETCH_LIMIT_MS };
    const { stdout } = await execOk('go', ['mod', 'download', '-json', `${module}@${version}`], options);
    rmSync(directory, { recursive: true, force: true });
    cpSync((JSON.parse(stdout) as { Dir: string }).Dir, directory, { recursive: true });
    makeWritable(directory);
    for (const [of, product] of programs) await compile(['test', '-c', '-o', product], join(directory, of));
    return { directory, programs };
  } catch (error) {
    return `the tests of ${module} did not compile: ${(error as Error).message.slice(-200)}`;
  }
}

/**
 * A program of our own over foreign modules, or why there is none; compiled anew whenever it is asked for, which go's
 * own cache makes a matter of a second.
 * @param source a directory with go.mod, go.sum and the program.
 */
export async function goProgram(name: string, source: string): Promise<{ readonly program: string } | string> {
  const missing = await missingGo();
  if (missing !== undefined) return missing;
  const program = join(cacheDirectory(), name);
  try {
    await compile(['build', '-mod=readonly', '-o', program], source);
    return { program };
  } catch (error) {
    return `${name} did not compile: ${(error as Error).message.slice(-200)}`;
  }
}

async function compile(args: readonly string[], cwd: string): Promise<void> {
  const options: ExecOptions = { cwd, timeoutMs: COMPILE_LIMIT_MS };
  // The module's own go.mod may be a little behind what it asks for.
  const mode = args.some((arg) => arg.startsWith('-mod=')) ? [] : ['-mod=mod'];
  const [verb = '', ...rest] = args;
  await execOk('nice', ['go', verb, '-buildvcs=false', ...mode, ...rest, '.'], options);
}

async function missingGo(): Promise<string | undefined> {
  if ((await which('go')) === undefined) return 'no go (1.23 or newer)';
  const { status } = await exec('go', ['version']);
  return status === 0 ? undefined : 'go does not run';
}

/** The module cache is read-only, and so is its copy. */
function makeWritable(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
