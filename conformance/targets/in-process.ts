// Ottla started from code, with a clock of the caller's: directories of the past are read at the time they were written.

import { writeFileSync } from 'node:fs';
import { startBroker } from '../../src/index.ts';
import { NodeClock } from '../../src/runtime/node/index.ts';
import type { RunningBroker, StartOptions, Target } from './target.ts';

/** @param nowMs what the broker's wall clock says when it starts; it runs on from there. */
export function ottlaInProcess(nowMs: number): Target {
  return { name: 'ottla', version: 'from source', start: (options) => start(nowMs, options) };
}

async function start(nowMs: number, options: StartOptions): Promise<RunningBroker> {
  // As a file, in which keys of plugins are no errors.
  const configFile = `${options.dataDirectory}.properties`;
  const lines = Object.entries(options.properties ?? {}).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(configFile, lines.join(''));
  const clock = new ShiftedClock(nowMs);
  const broker = await startBroker({ port: 0, host: '127.0.0.1', dataDir: options.dataDirectory, clock, configFile });
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
