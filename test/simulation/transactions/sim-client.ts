// A client of the simulated broker, on a machine of its own: requests in the versions that it is told, asked again while the
// broker is down or says that it may be asked again. `undefined`: no answer came, so that nobody knows what was done.
import { Channel, type ChannelLimits } from '../../../src/protocol/channel.ts';
import {
  type ApiSchema,
  Errors,
  type Fields,
  type InputOf,
  KafkaError,
  type ValueOf,
} from '../../../src/protocol/index.ts';
import { delay, type Clock } from '../../../src/runtime/index.ts';
import type { Simulation } from '../../../src/runtime/sim/index.ts';

export const BROKER = 'broker';
export const PORT = 9092;

const LIMITS: Partial<ChannelLimits> = { requestTimeoutMs: 4_000, maxInFlight: 1 };
const PAUSE_MS = 20;
/** Longer than the broker is ever down. */
const MOST_TRIES = 2_000;

/** What a client asks again on, as it stands. */
const RETRIABLE: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
  Errors.CONCURRENT_TRANSACTIONS,
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.LEADER_NOT_AVAILABLE,
  Errors.NOT_ENOUGH_REPLICAS,
  Errors.REQUEST_TIMED_OUT,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.NETWORK_EXCEPTION,
  Errors.OFFSET_NOT_AVAILABLE,
]);

/** How a request has ended. */
export interface Told {
  readonly code: number;
  /** An earlier try was sent and not answered: it may have been carried out. */
  readonly mayHaveBeenDone: boolean;
}

export class SimClient {
  readonly clock: Clock;
  readonly #channel: Channel;

  constructor(simulation: Simulation, name: string) {
    const { network, clock, random, logger } = simulation.machine(name).runtime;
    this.clock = clock;
    this.#channel = new Channel({
      network,
      clock,
      random,
      logger,
      host: BROKER,
      port: PORT,
      clientId: name,
      software: { name: 'simulated', version: '1' },
      limits: LIMITS,
    });
  }

  /** undefined: the broker is not there, or has gone before it answered. */
  async ask<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    version: number,
    request: InputOf<Q>,
  ): Promise<ValueOf<S> | undefined> {
    try {
      return await this.#channel.ask(api, request, { version });
    } catch (error) {
      if (error instanceof KafkaError) return undefined;
      throw error;
    }
  }

  /** Asks until there is an answer, whatever it says. */
  async insist<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    version: number,
    request: InputOf<Q>,
  ): Promise<ValueOf<S>> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const answer = await this.ask(api, version, request);
      if (answer !== undefined) return answer;
      await delay(this.clock, PAUSE_MS);
    }
    throw new Error(`${api.name} is never answered`);
  }

  /** Asks until the answer is one that a client does not ask again on. `tell` is given every answer. */
  async settle<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    version: number,
    request: InputOf<Q>,
    tell: (answer: ValueOf<S>) => number,
  ): Promise<Told> {
    let mayHaveBeenDone = false;
    let last: number | undefined;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const answer = await this.ask(api, version, request);
      const code = answer === undefined ? undefined : tell(answer);
      last = code;
      if (code !== undefined && !RETRIABLE.has(code)) return { code, mayHaveBeenDone };
      mayHaveBeenDone ||= code === undefined;
      await delay(this.clock, PAUSE_MS);
    }
    throw new Error(`${api.name} is never answered, at last with ${last}`);
  }

  close(): void {
    this.#channel.destroy();
  }
}
