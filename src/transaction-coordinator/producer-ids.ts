// Producer ids for idempotent and transactional producers (KIP-98): handed out of blocks that the controller gives to this
// node, unique in the cluster for ever. The next block is fetched before the present one is used up (KIP-730).
import { addInt64, Errors, type Int64, KafkaError } from '../protocol/index.ts';

export interface ProducerIdBlock {
  /** The first id, and how many there are. */
  readonly start: Int64;
  readonly length: number;
}

/** The controller's side; rejects with a KafkaError while it cannot give a block, or cannot be reached. */
export type AllocateProducerIds = () => Promise<ProducerIdBlock>;

/** The next block is asked for when this part of the present one is left (RPCProducerIdManager). */
const PREFETCH_SHARE = 0.1;

export class ProducerIds {
  readonly #allocate: AllocateProducerIds;
  #nextId: Int64 = 0;
  #endId: Int64 = 0;
  #prefetchAt: Int64 = 0;
  #following: ProducerIdBlock | undefined;
  #pending: Promise<void> | undefined;

  constructor(allocate: AllocateProducerIds) {
    this.#allocate = allocate;
  }

  /**
   * An id that nobody had before; waits for a block when none is left. Rejects with COORDINATOR_LOAD_IN_PROGRESS when there is
   * none to be had now, whatever the reason: what goes wrong between brokers and controllers is no producer's fault.
   */
  async next(): Promise<Int64> {
    for (;;) {
      const id = this.take();
      if (id !== undefined) return id;
      await this.ready();
    }
  }

  /** An id that nobody had before; undefined when none is at hand: the next block is on its way then. */
  take(): Int64 | undefined {
    this.#open();
    const id = this.#nextId;
    const isThere = id < this.#endId;
    if (isThere) this.#nextId = addInt64(id, 1);
    // Nobody waits for this one: if it fails, the request that needs it asks again and hears why.
    if (this.#nextId >= this.#prefetchAt && this.#following === undefined) this.#fetch().catch(() => undefined);
    return isThere ? id : undefined;
  }

  /** Resolves when an id is at hand. Rejects as `next` does. */
  async ready(): Promise<void> {
    if (this.#nextId >= this.#endId && this.#following === undefined) await this.#fetch();
  }

  #open(): void {
    const block = this.#following;
    if (block === undefined || this.#nextId < this.#endId) return;
    this.#following = undefined;
    this.#nextId = block.start;
    this.#endId = addInt64(block.start, block.length);
    this.#prefetchAt = addInt64(this.#endId, -Math.floor(block.length * PREFETCH_SHARE));
  }

  #fetch(): Promise<void> {
    this.#pending ??= this.#allocate()
      .then(
        (block) => {
          this.#following = block;
        },
        (error: unknown) => {
          throw error instanceof KafkaError ? new KafkaError(Errors.COORDINATOR_LOAD_IN_PROGRESS) : error;
        },
      )
      .finally(() => {
        this.#pending = undefined;
      });
    return this.#pending;
  }
}
