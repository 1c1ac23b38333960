// The channel to the active controller, wherever that is (Kafka: NodeToControllerChannelManager and ForwardingManager): in this
// process it is asked as it is, elsewhere by the protocol, at the controller listener of Raft's leader. A controller that is
// no longer the active one, or a connection that has broken, is no answer: it is looked for again and asked again until a
// deadline, so that what is sent here has to bear being sent twice, as with Kafka.
import type { Address, ControllerChannel, ForwardedFrom } from '../../api-handlers/index.ts';
import {
  type ApiSchema,
  type Channel,
  ChannelError,
  Errors,
  type Fields,
  type InputOf,
  KafkaError,
  type ValueOf,
} from '../../protocol/index.ts';
import type { Clock, Random, Timer } from '../../runtime/index.ts';

/** What is known of the active controller. */
export interface ControllerLocation {
  /** undefined: nobody is known to lead. */
  readonly leaderId: number | undefined;
  /** Where it listens for brokers, when that is elsewhere and known. */
  readonly endpoint: Address | undefined;
}

export interface ActiveControllerOptions {
  readonly nodeId: number;
  /** The controller in this process; undefined where there is none. */
  readonly local: ControllerChannel | undefined;
  readonly location: () => ControllerLocation;
  /** No other node votes: who leads is not asked, and a refusal stands. */
  readonly isAlone: () => boolean;
  /** A channel to a controller of these; loaded when it is first needed. */
  readonly connect: (endpoint: Address) => Promise<RemoteController>;
  readonly clock: Clock;
  readonly random: Random;
  /** How long a request may take over all attempts. */
  readonly deadlineMs: number;
}

export interface RemoteController {
  readonly channel: Channel;
  readonly controller: ControllerChannel;
}

interface Connected {
  readonly endpoint: Address;
  readonly remote: Promise<RemoteController>;
}

/** Kafka's NodeToControllerRequestThread looks again after 100 ms. */
const RETRY_MS = 100;
const JITTER = 0.2;

export class ActiveControllerChannel implements ControllerChannel {
  readonly #options: ActiveControllerOptions;
  #connected: Connected | undefined;
  /** Those who wait for another leader, or for the next attempt. */
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(options: ActiveControllerOptions) {
    this.#options = options;
  }

  send<Q extends Fields, S extends Fields>(api: ApiSchema<Q, S>, request: ValueOf<Q>): Promise<InputOf<S>> {
    const { local, isAlone } = this.#options;
    if (local !== undefined && isAlone()) return local.send(api, request);
    return this.#ask((controller) => controller.send(api, request));
  }

  forward<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: ValueOf<Q>,
    context: ForwardedFrom,
  ): Promise<InputOf<S>> {
    const { local, isAlone } = this.#options;
    if (local !== undefined && isAlone()) return local.forward(api, request, context);
    return this.#ask((controller) => controller.forward(api, request, context));
  }

  /** Another leader, or none: who waits for the former one asks the new one. */
  leaderChanged(): void {
    const { endpoint } = this.#options.location();
    if (!isSame(this.#connected?.endpoint, endpoint)) this.#disconnect();
    for (const wake of this.#waiting) wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#disconnect();
    for (const wake of this.#waiting) wake();
  }

  async #ask<A>(ask: (controller: ControllerChannel) => Promise<A>): Promise<A> {
    const { clock, deadlineMs } = this.#options;
    const untilMs = clock.monotonicMs() + deadlineMs;
    let refusal: KafkaError | undefined;
    while (!this.#isClosed) {
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) throw refusal ?? new KafkaError(Errors.REQUEST_TIMED_OUT);
      try {
        const controller = await this.#controller();
        if (controller !== undefined) return await ask(controller);
      } catch (error) {
        if (!isOfTheMoment(error)) throw error;
        // What a client of ours is told at the end: the controller was not found in time.
        refusal = new KafkaError(Errors.REQUEST_TIMED_OUT, error.message);
      }
      if (!this.#isClosed) await this.#pause(Math.min(leftMs, RETRY_MS));
    }
    throw new KafkaError(Errors.NETWORK_EXCEPTION, 'the node is stopping');
  }

  async #controller(): Promise<ControllerChannel | undefined> {
    const { nodeId, local, location, connect } = this.#options;
    const { leaderId, endpoint } = location();
    if (leaderId === nodeId && local !== undefined) return local;
    if (leaderId === undefined || endpoint === undefined) return undefined;
    if (!isSame(this.#connected?.endpoint, endpoint)) {
      this.#disconnect();
      this.#connected = { endpoint, remote: connect(endpoint) };
    }
    return (await (this.#connected as Connected).remote).controller;
  }

  #disconnect(): void {
    const left = this.#connected?.remote;
    this.#connected = undefined;
    void left?.then(({ channel }) => channel.destroy());
  }

  /** Until something is known of another leader, or the time is over. */
  #pause(ms: number): Promise<void> {
    const { clock, random } = this.#options;
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const wake = (): void => {
        timer?.cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      timer = clock.schedule(ms * (1 + JITTER * (2 * random.next() - 1)), wake);
    });
  }
}

function isSame(one: Address | undefined, other: Address | undefined): boolean {
  return one?.host === other?.host && one?.port === other?.port;
}

/** Another attempt may bring another answer. What a peer cannot understand stays as it is. */
function isOfTheMoment(error: unknown): error is KafkaError {
  if (error instanceof ChannelError) return error.fault !== 'unsupported version' && error.fault !== 'too many waiting';
  return error instanceof KafkaError && error.code === Errors.NOT_CONTROLLER;
}
