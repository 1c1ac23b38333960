// Whether a broker whose connection to the active controller has broken is dead. Where its port refuses, the system of its machine
// says that nobody listens there any more: that is knowledge, and no session need run out. One that cannot be reached, or
// does not answer, may live. A new active controller has no connections yet: those who do not come by themselves are looked for.
import type { BrokerRegistration, MetadataImage } from '../../../kraft/metadata/index.ts';
import {
  type Clock,
  type ConnectionEvents,
  delay,
  type Logger,
  type Network,
  type Timer,
} from '../../../runtime/index.ts';

export interface BrokerWatchOptions {
  readonly nodeId: number;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly image: () => MetadataImage;
  /** The broker of this epoch is dead, unless the controller has heard of it since. */
  readonly gone: (brokerId: number, brokerEpoch: number) => Promise<void>;
}

/** Refused twice in a row, so far apart: a listener that is only just being opened anew is no death. */
const NEXT_DIAL_MS = 30;
const DIAL_TIMEOUT_MS = 1000;
/**
 * A process that dies loses its connections before its listeners (Linux closes what was opened last first): those take up a dial
 * yet, and it breaks with them. One that still stands after so long is with somebody who lives, or is only held up.
 */
const STANDS_MS = 1000;
/** Behind so many that broke it is left to the session: a broker with connections enough closes them, too. */
const MOST_DIALS = 10;
/** When a new active controller looks for the brokers, which it knows from the metadata alone. */
const LOOKS_AFTER_MS = [0, 300, 1000];

export class BrokerWatch {
  readonly #options: BrokerWatchOptions;
  readonly #suspected = new Set<number>();
  #looks: readonly Timer[] = [];
  #isActive = false;

  constructor(options: BrokerWatchOptions) {
    this.#options = options;
  }

  /** The controller of this node is the active one from now on, or is no longer. */
  activeChanged(isActive: boolean): void {
    for (const timer of this.#looks) timer.cancel();
    this.#isActive = isActive;
    const { clock, image } = this.#options;
    this.#looks = (isActive ? LOOKS_AFTER_MS : []).map((afterMs) =>
      clock.schedule(afterMs, () => {
        for (const broker of image().cluster.brokers.values()) this.suspect(broker);
      }),
    );
  }

  /** The connection of the broker has broken, or there is none. */
  suspect(broker: BrokerRegistration): void {
    const { nodeId, gone, logger } = this.#options;
    const { id, epoch, isFenced } = broker;
    if (!this.#isActive || isFenced || id === nodeId || this.#suspected.has(id)) return;
    this.#suspected.add(id);
    this.#isRefused(broker)
      .then((isDead) => (isDead && this.#isActive ? gone(id, epoch) : undefined))
      .catch((error: unknown) => {
        logger.log('warn', 'a broker that is gone could not be fenced', { brokerId: id, reason: String(error) });
      })
      .finally(() => this.#suspected.delete(id));
  }

  close(): void {
    this.activeChanged(false);
  }

  async #isRefused({ listeners }: BrokerRegistration): Promise<boolean> {
    const endpoint = listeners[0];
    if (endpoint === undefined) return false;
    let wasRefused = false;
    for (let dials = 0; dials < MOST_DIALS; dials++) {
      const answer = await this.#dial(endpoint);
      if (answer === 'stands' || answer === 'silent') return false;
      if (answer === 'refused' && wasRefused) return true;
      wasRefused = answer === 'refused';
      await delay(this.#options.clock, NEXT_DIAL_MS);
    }
    return false;
  }

  async #dial({ host, port }: { readonly host: string; readonly port: number }): Promise<Answer> {
    const { network, clock } = this.#options;
    const attempt = new AbortController();
    const timer = clock.schedule(DIAL_TIMEOUT_MS, () => attempt.abort(new Error('no answer')));
    const broken = new Broken();
    try {
      const connection = await network.connect({ host, port, signal: attempt.signal }, () => broken);
      const answer = await broken.within(clock, STANDS_MS);
      connection.destroy();
      return answer;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === 'ECONNRESET') return 'broken';
      return code === 'ECONNREFUSED' ? 'refused' : 'silent';
    } finally {
      timer.cancel();
    }
  }
}

type Answer = 'refused' | 'broken' | 'stands' | 'silent';

/** A connection on which nothing is said, until it breaks. */
class Broken implements ConnectionEvents {
  readonly #buffer = new Uint8Array(64);
  #isBroken = false;
  #told: (() => void) | undefined;

  async within(clock: Clock, durationMs: number): Promise<'broken' | 'stands'> {
    let timer: Timer | undefined;
    if (!this.#isBroken) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
        timer = clock.schedule(durationMs, resolve);
      });
    }
    timer?.cancel();
    return this.#isBroken ? 'broken' : 'stands';
  }

  receiveBuffer(): Uint8Array {
    return this.#buffer;
  }
  onReceived(): void {}
  onDrained(): void {}
  onEnded(): void {
    this.onClosed();
  }
  onClosed(): void {
    this.#isBroken = true;
    this.#told?.();
  }
}
