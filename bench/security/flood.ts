// A producer that behaves, alone and beside two and a half thousand connections that do not: half frames, frames byte by byte, answers
// that nobody reads, logins and handshakes that come to no end (flood-clients.ts). Flood, broker and producer share the machine: what the
// flood takes of that alone is shown by the same flood on another broker beside.

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
  /** While the flood's questions, some seconds' worth of work, are being answered. */
  readonly askingP99Ms: number;
  /** The flood is on another broker of the same machine. */
  readonly elsewhereP99Ms: number;
  /** After the rounds. */
  readonly residentMegabytes: number;
}

const CLIENTS = join(import.meta.dirname, 'flood-clients.ts');
const RATE = 1_000;
/** For answers that are worth not being read. */
const PARTITIONS = 500;
/** What they have asked is answered by then, as far as somebody takes it. */
const SETTLE_MS = 6_000;
const ASKING = { seconds: 4, warmupSeconds: 1 };

export async function floodFigures(
  scratch: string,
  tools: LoneTools & { readonly drivers: Drivers },
  { rounds, seconds, warmupSeconds }: { rounds: number; seconds: number; warmupSeconds: number },
): Promise<FloodFigures> {
  const [flooded, other] = [await started('flooded', scratch, tools), await started('elsewhere', scratch, tools)];
  const { broker } = flooded;
  const least = { alone: Infinity, beside: Infinity, asking: Infinity, elsewhere: Infinity };
  const connection = await WireConnection.open(broker.bootstrap);
  try {
    for (let round = 0; round < rounds; round++) {
      const measure = async (name: keyof typeof least, pace: { seconds: number; warmupSeconds: number }) => {
        const topic = `${name}-${round}`;
        await createTopics(connection, [{ name: topic, partitions: 1 }]);
        const { p99 } = await latency(tools.drivers, { bootstrap: broker.bootstrap, topic }, { rate: RATE, ...pace });
        least[name] = Math.min(least[name], p99);
      };
      const whole = { seconds, warmupSeconds };
      await measure('alone', whole);
      await during(flooded, async () => {
        await measure('asking', ASKING);
        await later(SETTLE_MS);
        await measure('beside', whole);
      });
      await during(other, async () => {
        await later(SETTLE_MS);
        await measure('elsewhere', whole);
      });
    }
    return {
      aloneP99Ms: least.alone,
      besideP99Ms: least.beside,
      askingP99Ms: least.asking,
      elsewhereP99Ms: least.elsewhere,
      residentMegabytes: residentMegabytes(broker.pid),
    };
  } finally {
    await connection.close();
    await broker.stop();
    await other.broker.stop();
  }
}

/** A broker with a topic whose description is long. */
async function started(name: string, scratch: string, tools: LoneTools): Promise<SecuredBroker> {
  const secured = await startSecured('ottla', join(scratch, name), tools);
  if (typeof secured === 'string') throw new Error(secured);
  const connection = await WireConnection.open(secured.broker.bootstrap);
  await createTopics(connection, [{ name: 'wide', partitions: PARTITIONS }]);
  await connection.close();
  return secured;
}

/** Has the flood there while `action` runs. */
async function during(target: SecuredBroker, action: () => Promise<void>): Promise<void> {
  const stop = await flood(target);
  try {
    await action();
  } finally {
    await stop();
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
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}
