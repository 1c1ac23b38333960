// A producer that behaves, alone and beside two and a half thousand connections that do not: half frames, frames byte by byte, answers
// that nobody reads, logins and handshakes that come to no end (flood-clients.ts).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WireConnection } from '../../conformance/wire/connection.ts';
import { createTopics } from '../../conformance/wire/requests.ts';
import { later, type LoneTools } from '../alone.ts';
import { type Drivers, latency } from '../drivers.ts';
import { residentMegabytes } from '../process-cost.ts';
import { type SecuredBroker, startSecured } from './secured-target.ts';

export interface FloodFigures {
  /** End to end at a thousand records a second: the least of the rounds. */
  readonly aloneP99Ms: number;
  readonly besideP99Ms: number;
  /** After the rounds. */
  readonly residentMegabytes: number;
}

const CLIENTS = join(import.meta.dirname, 'flood-clients.ts');
const RATE = 1_000;
/** For answers that are worth not being read. */
const PARTITIONS = 500;
/** What they have asked is answered by then, as far as somebody takes it: that they ask is not what is measured. */
const SETTLE_MS = 6_000;

export async function floodFigures(
  scratch: string,
  tools: LoneTools & { readonly drivers: Drivers },
  { rounds, seconds, warmupSeconds }: { rounds: number; seconds: number; warmupSeconds: number },
): Promise<FloodFigures> {
  const started = await startSecured('ottla', join(scratch, 'flooded'), tools);
  if (typeof started === 'string') throw new Error(started);
  const { broker } = started;
  const least = { alone: Number.POSITIVE_INFINITY, beside: Number.POSITIVE_INFINITY };
  const connection = await WireConnection.open(broker.bootstrap);
  await createTopics(connection, [{ name: 'wide', partitions: PARTITIONS }]);
  try {
    for (let round = 0; round < rounds; round++) {
      const p99 = async (name: string): Promise<number> => {
        const topic = `${name}-${round}`;
        await createTopics(connection, [{ name: topic, partitions: 1 }]);
        const pace = { rate: RATE, seconds, warmupSeconds };
        return (await latency(tools.drivers, { bootstrap: broker.bootstrap, topic }, pace)).p99;
      };
      least.alone = Math.min(least.alone, await p99('alone'));
      const stop = await flood(started);
      try {
        least.beside = Math.min(least.beside, await p99('beside'));
      } finally {
        await stop();
      }
    }
    const resident = residentMegabytes(broker.pid);
    return { aloneP99Ms: least.alone, besideP99Ms: least.beside, residentMegabytes: resident };
  } finally {
    await connection.close();
    await broker.stop();
  }
}

/** Resolves, when all of it is there, to what ends it. */
async function flood({ broker, tlsPort, loginPort }: SecuredBroker): Promise<() => Promise<void>> {
  const args = ['--import=tsx', CLIENTS, ...[broker.port, tlsPort, loginPort].map(String)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('the flood ended before it began'))),
  ]);
  await later(SETTLE_MS);
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}
