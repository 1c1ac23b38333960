// Before something is done that cannot be undone.
import { linesOf } from '../tool-io.ts';
import type { CommandContext } from './command-frame.ts';
import { Failure } from './failure.ts';

/** Whether the person at the terminal says yes. Rejects with Failure where nobody can be asked. */
export async function confirmed({ io }: CommandContext, question: string): Promise<boolean> {
  if (!io.isInputTerminal) throw new Failure(`${question} Nobody can be asked here: --no-confirm answers yes`);
  io.stderr.write(`${question} [y/N] `);
  for await (const line of linesOf(io.stdin)) return /^y(es)?$/i.test(line.trim());
  return false;
}
