// A program of ours in a thread of its own: what it does cannot stall the event loop of the broker, and its end is not the broker's.
import { Worker } from 'node:worker_threads';

export interface ProgramThread {
  /** Resolves when the thread has ended, with its exit code. */
  readonly ended: Promise<number>;
  /** Ends it at once. */
  stop(): Promise<void>;
}

export interface ProgramThreadOptions {
  readonly args: readonly string[];
  /** The heap may not grow beyond this; then the thread ends. */
  readonly maxHeapMb: number;
  /** Each line that it writes to its standard output, and to its standard error. */
  readonly onLine: (line: string, isError: boolean) => void;
}

/** Starts the program that this process runs once more, with other arguments. */
export function startProgramThread({ args, maxHeapMb, onLine }: ProgramThreadOptions): ProgramThread {
  const worker = new Worker(process.argv[1] as string, {
    argv: [...args],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  });
  for (const [stream, isError] of [
    [worker.stdout, false],
    [worker.stderr, true],
  ] as const) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) onLine(line, isError);
    });
  }
  const ended = new Promise<number>((resolve) => {
    worker.once('exit', resolve);
    worker.once('error', (error: unknown) => onLine(error instanceof Error ? error.message : String(error), true));
  });
  return { ended, stop: async () => void (await worker.terminate()) };
}
