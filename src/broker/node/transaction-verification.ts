// Whether a partition is part of a transaction, asked of its transaction coordinator, here or on the broker that leads its
// partition of __transaction_state; for clients of transaction.version 2 it is added on the way (KIP-890; Kafka:
// AddPartitionsToTxnManager, and what ReplicaManager does with its answers).
import type { MetadataDelta, MetadataImage } from '../../kraft/metadata/index.ts';
import { Errors, partitionForId, type Peers } from '../../protocol/index.ts';
import type { TransactionalAppend, TransactionVerifier } from '../../replication/index.ts';
import { type Clock, type ConfigOf, delay, type Logger } from '../../runtime/index.ts';
import {
  type PartitionsOfProducer,
  type TransactionCoordinator,
  type transactionConfig,
  transactionState,
} from '../../transaction-coordinator/index.ts';
import type { CoordinatorHost } from './coordinator-host.ts';
import type { RemoteVerification } from './remote-verification.ts';

/** By this transaction.version a client works that leaves it to the broker to add partitions. */
const ADDS_PARTITION = 2;

type Host = Pick<CoordinatorHost<TransactionCoordinator>, 'made' | 'coordinator'>;

export interface CoordinatorVerifierOptions {
  readonly nodeId: number;
  readonly host: Host;
  readonly image: () => MetadataImage;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: () => ConfigOf<typeof transactionConfig>;
}

export class CoordinatorVerifier implements TransactionVerifier {
  readonly #options: CoordinatorVerifierOptions;
  readonly #clock: Clock;
  readonly #config: () => ConfigOf<typeof transactionConfig>;
  #remote: RemoteVerification | undefined;

  constructor(options: CoordinatorVerifierOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#config = options.config;
  }

  verify(append: TransactionalAppend): number | Promise<number> {
    const { transactionalId, producerId, producerEpoch, partition, addsPartition } = append;
    const leader = this.#leaderOf(transactionalId);
    if (leader !== this.#options.nodeId) return this.#askElsewhere(leader, append);
    const topics = [{ topic: partition.topic, partitions: [partition.index] }];
    const asked = { transactionalId, producerId, producerEpoch, topics };
    const { host } = this.#options;
    const { made } = host;
    // Nobody has a transaction where no coordinator is needed yet; it is made all the same, to say so in its words.
    if (made === undefined)
      return host.coordinator().then((coordinator) => this.#ask(coordinator, asked, addsPartition));
    return this.#ask(made, asked, addsPartition);
  }

  /** The metadata is new: who waits for a coordinator that has moved need not wait for its broker. */
  metadataChanged({ changedTopics, deletedTopics }: MetadataDelta): void {
    if (this.#remote === undefined || changedTopics.size + deletedTopics.size === 0) return;
    const isOwn = ({ name }: { readonly name: string }): boolean => name === transactionState.name;
    if (![...changedTopics.values(), ...deletedTopics.values()].some(isOwn)) return;
    this.#remote.coordinatorsMoved((transactionalId) => this.#leaderOf(transactionalId));
  }

  /** This node where there are no transactions yet; -1: nobody coordinates them now. */
  #leaderOf(transactionalId: string): number {
    const { image, nodeId } = this.#options;
    const partitions = image().topics.byName.get(transactionState.name)?.partitions;
    if (partitions === undefined) return nodeId;
    return partitions[partitionForId(transactionalId, partitions.length)]?.leader ?? -1;
  }

  /** What a client of transaction.version 2 would have to wait for is waited for as it is here. */
  async #askElsewhere(leader: number, append: TransactionalAppend): Promise<number> {
    const patience = this.#patience();
    let code = await this.#askBroker(leader, append);
    while (append.addsPartition && code === Errors.CONCURRENT_TRANSACTIONS && patience.isLeft()) {
      await delay(this.#clock, patience.pauseMs);
      code = await this.#askBroker(this.#leaderOf(append.transactionalId), append);
    }
    return told(code);
  }

  /**
   * For one append: until the longest time has passed, and has been spent in pauses. What the asking takes on a busy machine, where
   * ends of transactions take as long, does not count: franz-go waits for 5 seconds before it sends such records again.
   */
  #patience(): { readonly pauseMs: number; readonly isLeft: () => boolean } {
    const { addPartitionsToTxnRetryBackoffMs: pauseMs, addPartitionsToTxnRetryBackoffMaxMs: longestMs } =
      this.#config();
    const untilMs = this.#clock.monotonicMs() + longestMs;
    let pausedMs = 0;
    const isLeft = (): boolean => {
      const isOver = pausedMs >= longestMs && this.#clock.monotonicMs() >= untilMs;
      pausedMs += pauseMs;
      return !isOver;
    };
    return { pauseMs, isLeft };
  }

  async #askBroker(leader: number, append: TransactionalAppend): Promise<number> {
    if (leader < 0) return Errors.COORDINATOR_NOT_AVAILABLE;
    const { transactionalId, producerId, producerEpoch, partition, addsPartition: isAdded } = append;
    const remote = this.#remote ?? this.#remoteOf(await loadRemoteVerification());
    const { topic, index } = partition;
    return remote.ask(leader, { transactionalId, producerId, producerEpoch, topic, partition: index, isAdded });
  }

  #remoteOf(room: typeof import('./remote-verification.ts')): RemoteVerification {
    this.#remote ??= new room.RemoteVerification(this.#options);
    return this.#remote;
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
    const patience = this.#patience();
    let code = await first;
    while (code === Errors.CONCURRENT_TRANSACTIONS && patience.isLeft()) {
      await coordinator.free(asked.transactionalId, patience.pauseMs);
      code = await coordinator.addPartitions(asked, ADDS_PARTITION);
    }
    return told(code);
  }
}

let room: Promise<typeof import('./remote-verification.ts')> | undefined;

/** The code of what is asked of others, loaded once. */
export function loadRemoteVerification(): Promise<typeof import('./remote-verification.ts')> {
  room ??= import('./remote-verification.ts');
  return room;
}

/** Producers expect this of an append when another one has taken their place. */
const told = (code: number): number => (code === Errors.PRODUCER_FENCED ? Errors.INVALID_PRODUCER_EPOCH : code);
