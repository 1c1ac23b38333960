// `ottla start --registry`: `ottla registry` in a thread beside the broker, or all of `--nodes`, which it reaches by its address like anybody else. Loaded
// where it is asked for. A thread that ends is started again, with longer and longer pauses; the broker goes on.
import { NodeClock } from '../runtime/node/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import type { StartFlags } from './arguments.ts';

export interface RegistryThreadOptions {
  readonly bootstrapServers: string;
  readonly port: number;
  /** A client.properties with which it logs in. */
  readonly commandConfig: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

type StartThread = typeof import('../runtime/node/program-thread.ts')['startProgramThread'];

const MAX_HEAP_MB = 512;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Beside what listens at `bootstrapServers`; undefined: the flags ask for none. */
export async function startRegistry(
  { registryPort: port, registryConfig: commandConfig }: StartFlags,
  bootstrapServers: string,
  logger: Logger,
): Promise<RegistryThread | undefined> {
  if (port === undefined) return undefined;
  const world = { clock: new NodeClock(), logger: logger.child('registry') };
  const registry = new RegistryThread({ bootstrapServers, port, commandConfig, ...world });
  await registry.start();
  return registry;
}

class RegistryThread {
  readonly #options: RegistryThreadOptions;
  #thread: { stop(): Promise<void> } | undefined;
  #isStopped = false;
  #failures = 0;

  constructor(options: RegistryThreadOptions) {
    this.#options = options;
  }

  /** Where it listens is told in the log. */
  async start(): Promise<void> {
    const { startProgramThread } = await import('../runtime/node/program-thread.ts');
    this.#run(startProgramThread);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#thread?.stop();
  }

  #run(startThread: StartThread): void {
    const { bootstrapServers, port, commandConfig, clock, logger } = this.#options;
    const config = commandConfig === undefined ? [] : ['--command-config', commandConfig];
    const args = ['registry', '--bootstrap', bootstrapServers, '--port', String(port), '--json', ...config];
    const thread = startThread({
      args,
      maxHeapMb: MAX_HEAP_MB,
      onLine: (line, isError) => this.#heard(line, isError),
    });
    this.#thread = thread;
    void thread.ended.then((code) => {
      if (this.#isStopped) return;
      this.#failures++;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
      logger.log('error', 'The schema registry has ended, and is started again', { code, pauseMs });
      clock.schedule(pauseMs, () => {
        if (!this.#isStopped) this.#run(startThread);
      });
    });
  }

  #heard(line: string, isError: boolean): void {
    const { logger } = this.#options;
    const url = isError ? undefined : /"url":"([^"]+)"/.exec(line)?.[1];
    if (url === undefined) {
      if (line.trim() !== '') logger.log(isError ? 'warn' : 'info', line);
      return;
    }
    this.#failures = 0;
    logger.log('info', 'The schema registry listens', { url });
  }
}
