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

/** Refused twice, so far apart: a listener that is only just being opened anew is no death. */
const SECOND_DIAL_MS = 30;
const DIAL_TIMEOUT_MS = 1000;
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
    if (endpoint === undefined || !(await this.#refuses(endpoint))) return false;
    await delay(this.#options.clock, SECOND_DIAL_MS);
    return this.#refuses(endpoint);
  }

  async #refuses({ host, port }: { readonly host: string; readonly port: number }): Promise<boolean> {
    const { network, clock } = this.#options;
    const attempt = new AbortController();
    const timer = clock.schedule(DIAL_TIMEOUT_MS, () => attempt.abort(new Error('no answer')));
    try {
      const connection = await network.connect({ host, port, signal: attempt.signal }, nothingIsSaid);
      connection.destroy();
      return false;
    } catch (error) {
      return (error as { readonly code?: unknown }).code === 'ECONNREFUSED';
    } finally {
      timer.cancel();
    }
  }
}

function nothingIsSaid(): ConnectionEvents {
  const buffer = new Uint8Array(64);
  return {
    receiveBuffer: () => buffer,
    onReceived: () => undefined,
    onDrained: () => undefined,
    onEnded: () => undefined,
    onClosed: () => undefined,
  };
}
