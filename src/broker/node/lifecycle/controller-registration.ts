// How this node's controller is known to the cluster (KIP-919; Kafka: ControllerRegistrationManager): it registers with the
// active controller when the image does not know this incarnation, where the level of the metadata knows controllers.
import type { ControllerChannel } from '../../../api-handlers/index.ts';
import {
  hasControllerRegistrations,
  type MetadataDelta,
  type MetadataImage,
  type MetadataPublisher,
  SUPPORTED_FEATURES,
} from '../../../kraft/metadata/index.ts';
import { ControllerRegistration as Api } from '../../../protocol/messages/70-controller-registration.ts';
import type { Clock, Logger, Timer } from '../../../runtime/index.ts';
import { type ProtectedEndpoint, registeredEndpoint } from '../../configs/listener-security.ts';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 60_000;

export interface ControllerRegistrationOptions {
  readonly controller: ControllerChannel;
  readonly nodeId: number;
  readonly incarnationId: string;
  readonly listeners: readonly ProtectedEndpoint[];
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ControllerRegistration implements MetadataPublisher {
  readonly name = 'controller registration';
  readonly #options: ControllerRegistrationOptions;
  #isDue = false;
  #sending: Promise<void> | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(options: ControllerRegistrationOptions) {
    this.#options = options;
  }

  /** The first attempt has ended, one way or the other, when this resolves. */
  async register(image: MetadataImage): Promise<void> {
    this.#look(image);
    await this.#sending;
  }

  publish(_delta: MetadataDelta, image: MetadataImage): void {
    this.#look(image);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #look({ cluster, features }: MetadataImage): void {
    const { nodeId, incarnationId } = this.#options;
    const isKnown = cluster.controllers.get(nodeId)?.incarnationId === incarnationId;
    this.#isDue = !isKnown && hasControllerRegistrations(features.metadataVersion);
    if (this.#isDue && this.#timer === undefined) this.#send();
  }

  #send(): void {
    if (this.#isClosed || this.#sending !== undefined) return;
    // Not awaited by publish: what it writes is published in its turn, after this.
    this.#sending = this.#sendOnce().finally(() => (this.#sending = undefined));
  }

  async #sendOnce(): Promise<void> {
    const { controller, nodeId, incarnationId, listeners, clock, logger } = this.#options;
    try {
      await controller.send(Api, {
        controllerId: nodeId,
        incarnationId,
        zkMigrationReady: false,
        listeners: listeners.map(registeredEndpoint),
        features: [...SUPPORTED_FEATURES],
      });
      this.#failures = 0;
    } catch (error) {
      if (this.#isClosed) return;
      this.#failures += 1;
      const pauseMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.#failures - 1));
      logger.log('warn', 'the active controller has not registered this one; it is tried again', {
        nodeId,
        reason: String(error),
      });
      this.#timer = clock.schedule(pauseMs, () => {
        this.#timer = undefined;
        if (this.#isDue) this.#send();
      });
    }
  }
}
