// Which partition a record goes to: the one of its key as in Java (murmur2), else one that is stuck to until a batch's worth of
// bytes has gone there (KIP-480, KIP-794; without its weighing of slow brokers).
import { partitionForKey } from '../../protocol/index.ts';
import { type Random, randomInt } from '../../runtime/index.ts';

export interface PartitionChoice {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** How many there are. */
  readonly partitions: number;
}

/** The number of a partition, from 0. */
export type Partitioner = (choice: PartitionChoice) => number;

/** As Kafka's producer does by its key; without key or by any other way of counting write your own. */
export const murmur2Partitioner: Partitioner = ({ key, partitions }) =>
  key === null ? 0 : partitionForKey(key, partitions);

interface Stuck {
  partition: number;
  sizeBytes: number;
}

export class StickyPartitions {
  readonly #random: Random;
  readonly #batchSize: number;
  readonly #topics = new Map<string, Stuck>();

  constructor(random: Random, batchSize: number) {
    this.#random = random;
    this.#batchSize = Math.max(1, batchSize);
  }

  /** `hasLeader`: those without one are not chosen as long as there are others. */
  current(topic: string, partitions: number, hasLeader: (partition: number) => boolean): number {
    const stuck = this.#topics.get(topic);
    if (stuck !== undefined && stuck.partition < partitions) return stuck.partition;
    const partition = this.#another(partitions, hasLeader);
    this.#topics.set(topic, { partition, sizeBytes: 0 });
    return partition;
  }

  /** So much has gone to the partition that is stuck to; `isAtBoundary`: the next record begins a batch anyway. */
  appended(topic: string, sizeBytes: number, isAtBoundary: boolean): void {
    const stuck = this.#topics.get(topic);
    if (stuck === undefined) return;
    stuck.sizeBytes += sizeBytes;
    const isDue = stuck.sizeBytes >= this.#batchSize && isAtBoundary;
    // However it falls, it does not stay for more than twice as much.
    if (isDue || stuck.sizeBytes >= 2 * this.#batchSize) this.#topics.delete(topic);
  }

  #another(partitions: number, hasLeader: (partition: number) => boolean): number {
    const all = Array.from({ length: partitions }, (_, index) => index);
    const led = all.filter(hasLeader);
    const choice = led.length === 0 ? all : led;
    return choice[randomInt(this.#random, 0, choice.length)] as number;
  }
}
