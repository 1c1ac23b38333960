// Under which producer id and epoch records are written (KIP-98, KIP-360). A producer without transactions gets one id when it
// first sends; where a batch was given up and may be in the log all the same, the partition goes on in the next epoch.
import type { Int64 } from '../../protocol/index.ts';
import { InitProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';

export interface Identity {
  readonly producerId: Int64;
  readonly epoch: number;
}

const LAST_EPOCH = 32_767;
/** What a request without transactions says for its time-out: as Kafka's producer does. */
const NO_TIMEOUT_MS = 2_147_483_647;

export class ProducerIdentity {
  readonly #client: ClusterClient;
  #identity: Promise<Identity> | undefined;

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  /** Rejects with KafkaError when none is given until the deadline. */
  async current(deadlineMs: number): Promise<Identity> {
    const asked = (this.#identity ??= this.#ask(deadlineMs));
    try {
      return await asked;
    } catch (error) {
      if (this.#identity === asked) this.#identity = undefined;
      throw error;
    }
  }

  /** The one in which a partition goes on behind `identity`; undefined: it needs another id. */
  next({ producerId, epoch }: Identity): Identity | undefined {
    if (epoch < LAST_EPOCH) return { producerId, epoch: epoch + 1 };
    this.#identity = undefined;
    return undefined;
  }

  #ask(deadlineMs: number): Promise<Identity> {
    return this.#client.retrying(deadlineMs, async () => {
      const request = { transactionalId: null, transactionTimeoutMs: NO_TIMEOUT_MS };
      const { errorCode, producerId, producerEpoch } = await this.#client.askAny(InitProducerId, request);
      throwIfFailed(errorCode);
      return { producerId, epoch: producerEpoch };
    });
  }
}
