// Under which producer id and epoch records are written (KIP-98): an idempotent producer without transactions gets an id when it
// first sends, and another one when its epochs are used up (KIP-360).
import { type Int64, KafkaError } from '../../protocol/index.ts';
import { InitProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';
import { isWorthAnother } from '../errors.ts';

export interface Identity {
  readonly producerId: Int64;
  readonly epoch: number;
}

/** What a request without transactions says for its time-out: as Kafka's producer does. */
const NO_TIMEOUT_MS = 2_147_483_647;

export interface IdentityListener {
  readonly isWanted: () => boolean;
  readonly got: (identity: Identity) => void;
  readonly refused: (error: unknown) => void;
}

export class ProducerIdentity {
  readonly #client: ClusterClient;
  #isAsking = false;

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  /** Asks until `got` can be told, as long as somebody `isWanted`; `refused` with what can never succeed. */
  obtain(told: IdentityListener): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#ask(told.isWanted)
      .then((identity) => {
        this.#isAsking = false;
        if (identity !== undefined) told.got(identity);
      })
      .catch((error: unknown) => {
        this.#isAsking = false;
        told.refused(error);
      });
  }

  async #ask(isWanted: () => boolean): Promise<Identity | undefined> {
    for (let failures = 1; isWanted(); failures++) {
      try {
        const request = { transactionalId: null, transactionTimeoutMs: NO_TIMEOUT_MS };
        const { errorCode, producerId, producerEpoch } = await this.#client.askAny(InitProducerId, request);
        throwIfFailed(errorCode);
        return { producerId, epoch: producerEpoch };
      } catch (error) {
        if (!(error instanceof KafkaError) || !isWorthAnother(error.code) || this.#client.isClosed) throw error;
      }
      await this.#client.pause(failures);
    }
    return undefined;
  }
}
