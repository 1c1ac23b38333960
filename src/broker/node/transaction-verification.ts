// Whether a partition is part of a transaction, asked of the transaction coordinator of this node; for clients of
// transaction.version 2 it is added on the way (KIP-890; Kafka: AddPartitionsToTxnManager, and what ReplicaManager does with
// its answers).
import { Errors } from '../../protocol/index.ts';
import type { TransactionalAppend, TransactionVerifier } from '../../replication/index.ts';
import { type Clock, type ConfigOf, delay } from '../../runtime/index.ts';
import type {
  PartitionsOfProducer,
  TransactionCoordinator,
  transactionConfig,
} from '../../transaction-coordinator/index.ts';
import type { CoordinatorHost } from './coordinator-host.ts';

/** By this transaction.version a client works that leaves it to the broker to add partitions. */
const ADDS_PARTITION = 2;

type Host = Pick<CoordinatorHost<TransactionCoordinator>, 'made' | 'coordinator'>;

export class CoordinatorVerifier implements TransactionVerifier {
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #config: () => ConfigOf<typeof transactionConfig>;

  constructor(host: Host, clock: Clock, config: () => ConfigOf<typeof transactionConfig>) {
    this.#host = host;
    this.#clock = clock;
    this.#config = config;
  }

  verify(append: TransactionalAppend): number | Promise<number> {
    const { transactionalId, producerId, producerEpoch, partition, addsPartition } = append;
    const topics = [{ topic: partition.topic, partitions: [partition.index] }];
    const asked = { transactionalId, producerId, producerEpoch, topics };
    const { made } = this.#host;
    // Nobody has a transaction where no coordinator is needed yet; it is made all the same, to say so in its words.
    if (made === undefined)
      return this.#host.coordinator().then((coordinator) => this.#ask(coordinator, asked, addsPartition));
    return this.#ask(made, asked, addsPartition);
  }

  #ask(
    coordinator: TransactionCoordinator,
    asked: PartitionsOfProducer,
    addsPartition: boolean,
  ): number | Promise<number> {
    if (addsPartition) return this.#add(coordinator, asked);
    const { topic, partitions } = asked.topics[0] as PartitionsOfProducer['topics'][number];
    const verdict = coordinator.verifyPartitions(asked);
    const code = (of: (topic: string, partition: number) => number): number => told(of(topic, partitions[0] as number));
    return verdict instanceof Promise ? verdict.then(code) : code(verdict);
  }

  /**
   * While the transaction before is being ended it is tried again: the client would wait longer, and send the records anew
   * (ReplicaManager.handleProduceAppend).
   */
  #add(coordinator: TransactionCoordinator, asked: PartitionsOfProducer): number | Promise<number> {
    const code = coordinator.addPartitions(asked, ADDS_PARTITION);
    if (typeof code === 'number' && code !== Errors.CONCURRENT_TRANSACTIONS) return told(code);
    return this.#addAgain(coordinator, asked, code);
  }

  async #addAgain(
    coordinator: TransactionCoordinator,
    asked: PartitionsOfProducer,
    first: number | Promise<number>,
  ): Promise<number> {
    const { addPartitionsToTxnRetryBackoffMs: pauseMs, addPartitionsToTxnRetryBackoffMaxMs: longestMs } =
      this.#config();
    const untilMs = this.#clock.monotonicMs() + longestMs;
    let code = await first;
    while (code === Errors.CONCURRENT_TRANSACTIONS && this.#clock.monotonicMs() < untilMs) {
      await delay(this.#clock, pauseMs);
      code = await coordinator.addPartitions(asked, ADDS_PARTITION);
    }
    return told(code);
  }
}

/** Producers expect this of an append when another one has taken their place. */
const told = (code: number): number => (code === Errors.PRODUCER_FENCED ? Errors.INVALID_PRODUCER_EPOCH : code);
