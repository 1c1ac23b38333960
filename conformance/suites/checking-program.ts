// Programs of ours in conformance/clients that use a foreign client, in any language: `list` names their checks, `run ADDRESS CHECK`
// runs one and tells in a line of JSON how it went. One process a check, so that a client that hangs or crashes hides no other.

import type { Suite, SuiteContext } from '../suite.ts';
import { describeEnd, exec, execOk } from '../toolchain/exec.ts';
import { goProgram } from '../toolchain/go.ts';
import { pythonEnvironment } from '../toolchain/python.ts';

/** How to call one, in front of `list` and `run ADDRESS CHECK`. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What a program is given to talk to. */
export interface Served {
  readonly address: string;
  readonly checkLimitMs: number;
  readonly close?: () => Promise<void>;
}

interface Told {
  readonly check: string;
  readonly passed?: boolean;
  readonly detail?: string;
}

export interface ProgramSuite {
  readonly name: string;
  /** Of the client. */
  readonly version: string;
  /** The program, or why there is none. */
  readonly program: () => Promise<Program | string>;
  readonly serve: (context: SuiteContext) => Promise<Served>;
}

export function programSuite({ name, version, program, serve }: ProgramSuite): Suite {
  return {
    name,
    isBlackBox: true,
    available: async () => {
      const found = await program();
      return typeof found === 'string' ? { missing: found } : { version };
    },
    run: async (context) => {
      const found = await program();
      if (typeof found === 'string') throw new Error(found);
      const served = await serve(context);
      try {
        await runChecks(found, served, context);
      } finally {
        await served.close?.();
      }
    },
  };
}

async function runChecks({ command, args, env }: Program, served: Served, { cases }: SuiteContext): Promise<void> {
  const { address, checkLimitMs } = served;
  const listed = await execOk(command, [...args, 'list'], { env });
  for (const { check } of lines(listed.stdout)) {
    const body = async (): Promise<void> => {
      const finished = await exec(command, [...args, 'run', address, check], { env, timeoutMs: checkLimitMs });
      const told = lines(finished.stdout).find((line) => line.check === check);
      if (told === undefined) throw new Error(describeEnd(finished));
      if (told.passed !== true) throw new Error(told.detail ?? 'no reason given');
    };
    await cases.run(check, body, checkLimitMs + 10_000);
  }
}

/** Clients write on standard output too: what is no line of ours is theirs. */
function lines(output: string): Told[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"check"'))
    .map((line) => JSON.parse(line) as Told);
}

/** `environment`: what the virtual environment of these packages is called. */
export async function pythonProgram(
  environment: string,
  packages: readonly string[],
  program: { readonly path: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Program | string> {
  const found = await pythonEnvironment(environment, packages);
  if (typeof found === 'string') return found;
  const env = { ...program.env, PYTHONDONTWRITEBYTECODE: '1' };
  return { command: found.python, args: [program.path], env };
}

/** A program in Go, called `name` in the cache, from its directory. */
export async function builtGoProgram(name: string, source: string): Promise<Program | string> {
  const built = await goProgram(name, source);
  return typeof built === 'string' ? built : { command: built.program, args: [], env: {} };
}
