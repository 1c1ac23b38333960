// Runs one of the extras in this process. Ctrl+C asks the tool to end; the second one ends the process, and so does time.
import type { Readable, Writable } from 'node:stream';
import { NodeClock, nodeDisk, nodeRandom } from '../runtime/node/index.ts';
import type { Tool, ToolIo, ToolOutput } from '../tools/index.ts';
import { commands, unknownCommand } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { extras } from './extras.ts';

/** How long a tool may take to end once it was asked to. */
const GRACE_MS = 5000;
const INTERRUPTED = 130;
const SHIMS = 'shims';

/** The exit code. `name` may be that of one of Kafka's scripts, with its `.sh`. */
export async function runExtra(name: string, args: readonly string[], commandLine: CommandLine): Promise<number> {
  const run = await toolNamed(name.replace(/\.sh$/, ''));
  if (run === undefined) {
    commandLine.complain(`ottla: ${unknownCommand(name, [...commands, SHIMS, ...Object.keys(extras)]).message}\n`);
    return 1;
  }
  const stop = new AbortController();
  commandLine.onSignal(() => {
    if (stop.signal.aborted) commandLine.exit(INTERRUPTED);
    stop.abort();
    setTimeout(() => commandLine.exit(INTERRUPTED), GRACE_MS).unref();
  });
  const code = await run(args, ioOf(commandLine, stop));
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  return code;
}

async function toolNamed(name: string): Promise<Tool | undefined> {
  if (name === SHIMS) return (await import('./shims.ts')).shims(Object.keys(extras));
  return extras[name]?.();
}

function ioOf(commandLine: CommandLine, stop: AbortController): ToolIo {
  const { stdin, stdout, stderr } = process;
  return {
    environment: commandLine.environment,
    stdin: inputOf(stdin),
    stdout: outputOf(stdout, () => stop.abort()),
    stderr: outputOf(stderr, () => undefined),
    isTerminal: stdout.isTTY === true,
    isInputTerminal: stdin.isTTY === true,
    isColored: commandLine.isColored,
    columns: stdout.columns ?? 80,
    signal: stop.signal,
    runtime: { clock: new NodeClock(), random: nodeRandom, disk: nodeDisk },
    readFile: (path) => nodeDisk.readFileSync(path),
    writeFile: (path, content) => {
      nodeDisk.writeFileSync(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    },
  };
}

/** Opened when it is read: a tool that asks for no input does not hold on to it. */
async function* inputOf(stdin: Readable): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of stdin) yield chunk as Uint8Array;
}

/** A reader that goes away (`ottla kafka-console-consumer … | head`) ends the writing, not the process. */
function outputOf(stream: Writable, closed: () => void): ToolOutput {
  let isClosed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
    closed();
  });
  return {
    write: (chunk) => isClosed || stream.write(chunk),
    drained: () =>
      isClosed || !stream.writableNeedDrain
        ? Promise.resolve()
        : new Promise((resolve) => {
            const done = (): void => {
              stream.off('drain', done).off('error', done).off('close', done);
              resolve();
            };
            stream.on('drain', done).on('error', done).on('close', done);
          }),
  };
}

function flushed(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
