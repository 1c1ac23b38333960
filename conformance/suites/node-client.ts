// Starts a client's program (clients/) and turns the lines that it prints into cases.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { CheckLine, Plan } from '../clients/checks.ts';
import type { Cases } from '../suite.ts';

export interface ClientProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limitMs: number;
}

const LOG_TAIL_CHARS = 2_000;

/** Every check of its plan becomes a case; those that it did not come to have failed with it. */
export async function runClientProgram(cases: Cases, program: ClientProgram): Promise<void> {
  const child = spawn(program.command, program.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...program.env },
  });
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-LOG_TAIL_CHARS);
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(`${code ?? signal}`));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), program.limitMs);
  const open = new Set<string>();
  let isPlanned = false;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = lineOf(text);
    if (line === undefined) continue;
    if ('plan' in line) {
      isPlanned = true;
      for (const name of line.plan) open.add(name);
    } else {
      open.delete(line.check);
      cases.judge(line.check, line);
    }
  }
  const end = await ended.finally(() => clearTimeout(timer));
  if (!isPlanned) throw new Error(`${program.args.join(' ')} ended with ${end} before it began: ${tail}`);
  for (const name of open) cases.judge(name, { durationMs: 0, error: `the program ended with ${end}: ${tail}` });
}

/** Clients write on standard output too: what is no line of ours is theirs. */
function lineOf(text: string): Plan | CheckLine | undefined {
  if (!text.startsWith('{"plan":') && !text.startsWith('{"check":')) return undefined;
  return JSON.parse(text) as Plan | CheckLine;
}
