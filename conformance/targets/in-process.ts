// Ottla started from code, with a clock of the caller's: directories of the past are read at the time they were written.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NodeClock } from '../../src/runtime/node/index.ts';
import type { RunningBroker, StartOptions, Target } from './target.ts';

interface Broker {
  readonly bootstrapServers: string;
  readonly port: number;
  close(): Promise<void>;
}

type StartBroker = (options: {
  readonly port: number;
  readonly dataDir: string;
  readonly clock: unknown;
  readonly config: Readonly<Record<string, string>>;
}) => Promise<Broker>;

const SOURCE = join(import.meta.dirname, '..', '..', 'src');

/** @param nowMs what the broker's wall clock says when it starts; it runs on from there. */
export function ottlaInProcess(nowMs: number): Target {
  return { name: 'ottla', version: 'from source', start: (options) => start(nowMs, options) };
}

async function start(nowMs: number, options: StartOptions): Promise<RunningBroker> {
  const { startBroker } = (await import(pathToFileURL(join(SOURCE, 'index.ts')).href)) as { startBroker: StartBroker };
  const broker = await startBroker({
    port: 0,
    dataDir: options.dataDirectory,
    clock: new ShiftedClock(nowMs),
    config: options.properties ?? {},
  });
  const close = async (): Promise<number> => {
    await broker.close();
    return 0;
  };
  return {
    bootstrap: broker.bootstrapServers,
    port: broker.port,
    pid: process.pid,
    stop: close,
    kill: async () => void (await close()),
    log: () => '',
  };
}

/** The real clock, its wall time moved. */
class ShiftedClock extends NodeClock {
  readonly #shiftMs: number;

  constructor(nowMs: number) {
    super();
    this.#shiftMs = nowMs - super.nowMs();
  }

  override nowMs(): number {
    return super.nowMs() + this.#shiftMs;
  }
}
