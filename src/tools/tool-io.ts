// What a tool sees of the process that it runs in, so that tests run tools without one. A tool answers with its exit code.
import type { Clock, Disk, Logger, Network, Random } from '../runtime/index.ts';

/** Standard output or standard error. */
export interface ToolOutput {
  /** False: whoever reads is slow, `drained()` resolves when they have caught up. Never throws; after a closed pipe nothing is written. */
  write(chunk: string | Uint8Array): boolean;
  drained(): Promise<void>;
}

export interface ToolRuntime {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  /** Left out: Node's own. */
  readonly network?: Network;
  readonly logger?: Logger;
}

export interface ToolIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Bytes as they come; ends with the input. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: ToolOutput;
  readonly stderr: ToolOutput;
  /** Whether a person looks at standard output, and whether one types the input. */
  readonly isTerminal: boolean;
  readonly isInputTerminal: boolean;
  /** Whether the terminal shows colours and nobody has forbidden them (NO_COLOR). */
  readonly isColored: boolean;
  /** Width of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Aborted by Ctrl+C, by SIGTERM and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  readonly runtime: ToolRuntime;
  /** Throws DiskError. */
  readFile(path: string): Uint8Array;
  /** Creates or replaces. Throws DiskError. */
  writeFile(path: string, content: string | Uint8Array): void;
}

/** The arguments are those behind the tool's name; the number is the exit code. */
export type Tool = (args: readonly string[], io: ToolIo) => Promise<number>;

export function print(io: ToolIo, line: string): void {
  io.stdout.write(`${line}\n`);
}

export function complain(io: ToolIo, line: string): void {
  io.stderr.write(`${line}\n`);
}

/** The lines of the input without their ends (\n, \r\n or \r, as Java's BufferedReader takes them). */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    rest += decoder.decode(chunk, { stream: true });
    // A \r at the end may be half of \r\n: it waits for what follows.
    const parts = rest.split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() as string;
    yield* parts;
  }
  rest += decoder.decode();
  if (rest.endsWith('\r')) rest = rest.slice(0, -1);
  else if (rest === '') return;
  yield rest;
}
