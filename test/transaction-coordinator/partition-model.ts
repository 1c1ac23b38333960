// A partition as transactions see it: data of producers, markers, and what became of each transaction. As a log does, it
// refuses older epochs, and data of which a marker has come since it was verified.
import { Errors, type Int64 } from '../../src/protocol/index.ts';
import type { MarkerToWrite } from '../../src/transaction-coordinator/index.ts';

export type Outcome = 'commit' | 'abort';

interface ProducerModel {
  epoch: number;
  markers: number;
  open: Set<string>;
}

export class PartitionModel {
  readonly #producers = new Map<Int64, ProducerModel>();
  /** By the name of the transaction; what is not in here is open. */
  readonly outcomes = new Map<string, Set<Outcome>>();
  readonly failures: string[] = [];

  get open(): string[] {
    return [...this.#producers.values()].flatMap(({ open }) => [...open]);
  }

  #producer(producerId: Int64): ProducerModel {
    let known = this.#producers.get(producerId);
    if (known === undefined) this.#producers.set(producerId, (known = { epoch: -1, markers: 0, open: new Set() }));
    return known;
  }

  /** Counts the markers of a producer: the guard of a verification. */
  guard(producerId: Int64): number {
    return this.#producer(producerId).markers;
  }

  /** Whether the data was taken. */
  append(producerId: Int64, epoch: number, transaction: string, guard: number): boolean {
    const producer = this.#producer(producerId);
    const isOpen = producer.open.size > 0 && producer.epoch === epoch;
    if (epoch < producer.epoch || (!isOpen && guard !== producer.markers)) return false;
    producer.epoch = epoch;
    producer.open.add(transaction);
    if (producer.open.size > 1) this.failures.push(`${[...producer.open].join(' and ')} are open at once`);
    return true;
  }

  mark({ producerId, producerEpoch, isCommit, transactionVersion }: MarkerToWrite): number {
    const producer = this.#producer(producerId);
    if (producerEpoch < producer.epoch) return Errors.INVALID_PRODUCER_EPOCH;
    const isLate = transactionVersion >= 2 && producerEpoch === producer.epoch && producer.open.size > 0;
    if (isLate && producerEpoch < 32_767) return Errors.INVALID_PRODUCER_EPOCH;
    producer.epoch = producerEpoch;
    producer.markers++;
    for (const transaction of producer.open) {
      const outcomes = this.outcomes.get(transaction) ?? new Set();
      this.outcomes.set(transaction, outcomes.add(isCommit ? 'commit' : 'abort'));
    }
    producer.open.clear();
    return Errors.NONE;
  }
}
