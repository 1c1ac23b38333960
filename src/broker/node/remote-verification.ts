// Partitions to be added to transactions, or looked for in them, by transaction coordinators on other brokers: gathered by
// broker, one request under way (Kafka: AddPartitionsToTxnManager, KIP-890). Where Kafka tells the second of two questions about
// one transaction that the first has failed, both go into one row here.
import { type ErrorCode, Errors, type Int64, KafkaError, type Peers } from '../../protocol/index.ts';
import {
  AddPartitionsToTxn,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
} from '../../protocol/messages/24-add-partitions-to-txn.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import { GatheredRequests, type SentRequest } from './gathered-requests.ts';

export interface PartitionOfTransaction {
  readonly transactionalId: string;
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly topic: string;
  readonly partition: number;
  /** false: it is only looked for. */
  readonly isAdded: boolean;
}

export interface RemoteVerificationOptions {
  readonly peers: Peers;
  readonly clock: Clock;
  readonly logger: Logger;
}

const LINE = 'add-partitions-to-txn';
/** Transactions in one request; of more, the others wait for the next one. */
const MOST_TRANSACTIONS = 1_000;

export class RemoteVerification {
  readonly #options: RemoteVerificationOptions;
  readonly #queues = new Map<number, VerificationQueue>();

  constructor(options: RemoteVerificationOptions) {
    this.#options = options;
  }

  /** The coordinator's answer; NETWORK_EXCEPTION when there is none. Never rejects. */
  ask(brokerId: number, asked: PartitionOfTransaction): Promise<ErrorCode> {
    let queue = this.#queues.get(brokerId);
    if (queue === undefined) this.#queues.set(brokerId, (queue = new VerificationQueue(brokerId, this.#options)));
    return queue.add(asked);
  }

  /** Coordinators have moved: who still waits for one that is no longer there is told so, and need not wait for its broker. */
  coordinatorsMoved(coordinatorOf: (transactionalId: string) => number): void {
    for (const queue of this.#queues.values()) queue.coordinatorsMoved(coordinatorOf);
  }
}

interface Waiting extends PartitionOfTransaction {
  readonly answer: (errorCode: ErrorCode) => void;
}

class VerificationQueue {
  readonly #brokerId: number;
  readonly #options: RemoteVerificationOptions;
  readonly #requests: GatheredRequests<Waiting>;
  readonly #unanswered = new Set<Waiting>();

  constructor(brokerId: number, options: RemoteVerificationOptions) {
    this.#brokerId = brokerId;
    this.#options = options;
    this.#requests = new GatheredRequests(options.clock, (waiting) => this.#send(waiting));
  }

  add(asked: PartitionOfTransaction): Promise<ErrorCode> {
    return new Promise((resolve) => {
      const answer = (errorCode: ErrorCode): void => {
        this.#unanswered.delete(waiting);
        resolve(errorCode);
      };
      const waiting: Waiting = { ...asked, answer };
      this.#unanswered.add(waiting);
      this.#requests.add(waiting);
    });
  }

  coordinatorsMoved(coordinatorOf: (transactionalId: string) => number): void {
    for (const { transactionalId, answer } of this.#unanswered) {
      if (coordinatorOf(transactionalId) !== this.#brokerId) answer(Errors.NOT_COORDINATOR);
    }
  }

  #send(waiting: readonly Waiting[]): SentRequest<Waiting> {
    const batch = new VerificationBatch();
    const left = waiting.filter((one) => this.#unanswered.has(one) && !batch.takes(one));
    return { left, answered: batch.isEmpty ? Promise.resolve() : this.#ask(batch) };
  }

  async #ask(batch: VerificationBatch): Promise<void> {
    const channel = this.#options.peers.to(this.#brokerId, LINE);
    if (channel === undefined) return batch.fail(Errors.COORDINATOR_NOT_AVAILABLE);
    try {
      batch.answered(await channel.ask(AddPartitionsToTxn, batch.request));
    } catch (error) {
      const isExpected = error instanceof KafkaError;
      const fields = { broker: this.#brokerId, reason: String(error) };
      this.#options.logger.log(isExpected ? 'debug' : 'error', 'transactions could not be verified', fields);
      batch.fail(isExpected ? Errors.NETWORK_EXCEPTION : Errors.UNKNOWN_SERVER_ERROR);
    }
  }
}

interface TransactionRow {
  readonly of: PartitionOfTransaction;
  /** By topic, then by partition: all who ask for it. */
  readonly topics: Map<string, Map<number, Waiting[]>>;
}

class VerificationBatch {
  readonly #rows = new Map<string, TransactionRow>();

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  /** Whether it is answered with this batch, or has been at once. */
  takes(one: Waiting): boolean {
    const row = this.#rows.get(one.transactionalId);
    if (row === undefined) {
      if (this.#rows.size >= MOST_TRANSACTIONS) return false;
      this.#rows.set(one.transactionalId, rowOf(one));
      return true;
    }
    const { of } = row;
    if (of.producerId !== one.producerId) return false;
    if (of.producerEpoch !== one.producerEpoch) {
      // Of two epochs of a producer one has been replaced by the other.
      if (one.producerEpoch < of.producerEpoch) {
        one.answer(Errors.INVALID_PRODUCER_EPOCH);
      } else {
        tellAll(row, Errors.INVALID_PRODUCER_EPOCH);
        this.#rows.set(one.transactionalId, rowOf(one));
      }
      return true;
    }
    if (of.isAdded !== one.isAdded) return false;
    place(row, one);
    return true;
  }

  get request(): Pick<AddPartitionsToTxnRequest, 'transactions'> {
    const transactions = Array.from(this.#rows.values(), ({ of, topics }) => ({
      transactionalId: of.transactionalId,
      producerId: of.producerId,
      producerEpoch: of.producerEpoch,
      verifyOnly: !of.isAdded,
      topics: Array.from(topics, ([name, partitions]) => ({ name, partitions: [...partitions.keys()] })),
    }));
    return { transactions };
  }

  answered({ errorCode = Errors.NONE, resultsByTransaction }: AddPartitionsToTxnResponse): void {
    if (errorCode !== Errors.NONE) return this.fail(refusalOf(errorCode));
    for (const { transactionalId, topicResults } of resultsByTransaction ?? []) {
      const row = this.#rows.get(transactionalId);
      for (const { name, resultsByPartition } of topicResults) {
        for (const { partitionIndex, partitionErrorCode } of resultsByPartition) {
          for (const { answer } of row?.topics.get(name)?.get(partitionIndex) ?? []) answer(partitionErrorCode);
        }
      }
    }
    // Who was told is told no more by this.
    this.fail(Errors.UNKNOWN_SERVER_ERROR);
  }

  fail(errorCode: ErrorCode): void {
    for (const row of this.#rows.values()) tellAll(row, errorCode);
  }
}

function rowOf(one: Waiting): TransactionRow {
  const row = { of: one, topics: new Map() };
  place(row, one);
  return row;
}

function place({ topics }: TransactionRow, one: Waiting): void {
  let partitions = topics.get(one.topic);
  if (partitions === undefined) topics.set(one.topic, (partitions = new Map()));
  const asking = partitions.get(one.partition);
  if (asking === undefined) partitions.set(one.partition, [one]);
  else asking.push(one);
}

/** That this broker may not ask is nothing that its clients could do something about (AddPartitionsToTxnHandler.onComplete). */
function refusalOf(errorCode: ErrorCode): ErrorCode {
  return errorCode === Errors.CLUSTER_AUTHORIZATION_FAILED ? Errors.INVALID_TXN_STATE : errorCode;
}

function tellAll({ topics }: TransactionRow, errorCode: ErrorCode): void {
  for (const partitions of topics.values()) {
    for (const waiting of partitions.values()) for (const { answer } of waiting) answer(errorCode);
  }
}
