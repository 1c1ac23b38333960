// A ToolIo without a process: what a tool writes is kept, what it reads was given.
import type { ToolIo } from '../../src/tools/tool-io.ts';
import { NodeClock, nodeDisk, nodeRandom } from '../../src/runtime/node/index.ts';

export interface MemoryIo extends ToolIo {
  readonly out: () => string;
  readonly err: () => string;
  readonly stop: AbortController;
}

export interface MemoryIoSettings {
  readonly input?: string;
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether output and input are a terminal. */
  readonly isTerminal?: boolean;
}

export function memoryIo(settings: MemoryIoSettings = {}): MemoryIo {
  const { input = '', columns = 80, environment = {}, isTerminal = false } = settings;
  const chunks = { out: [] as Uint8Array[], err: [] as Uint8Array[] };
  const output = (kept: Uint8Array[]): ToolIo['stdout'] => ({
    write: (chunk) => {
      kept.push(typeof chunk === 'string' ? Buffer.from(chunk) : Uint8Array.from(chunk));
      return true;
    },
    drained: () => Promise.resolve(),
  });
  const stop = new AbortController();
  return {
    environment,
    stdin: inputOf(input),
    stdout: output(chunks.out),
    stderr: output(chunks.err),
    isTerminal,
    isInputTerminal: isTerminal,
    isColored: false,
    columns,
    signal: stop.signal,
    stop,
    runtime: { clock: new NodeClock(), random: nodeRandom, disk: nodeDisk },
    readFile: (path) => nodeDisk.readFileSync(path),
    writeFile: (path, content) => nodeDisk.writeFileSync(path, Buffer.from(content)),
    out: () => Buffer.concat(chunks.out).toString(),
    err: () => Buffer.concat(chunks.err).toString(),
  };
}

async function* inputOf(text: string): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(Buffer.from(text));
}
