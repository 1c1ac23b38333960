// Who has which partition of a group: the epoch of the one member that has it, or was told to give it up and has not said that
// it did (Kafka: ConsumerGroup.currentPartitionEpoch). A partition goes to the next member only once it is free.
import type { ConsumerMember } from './consumer-member.ts';
import type { PartitionEpochs } from './partition-epochs.ts';

const FREE = -1;

export class PartitionOwners {
  /** Topic id → partition → member epoch. */
  readonly #epochs = new Map<string, Map<number, number>>();

  epochOf(topicId: string, partition: number): number {
    return this.#epochs.get(topicId)?.get(partition) ?? FREE;
  }

  /** `after` has taken the place of `before`; undefined: there was no such member, or there is none now. */
  replace(before: ConsumerMember | undefined, after: ConsumerMember | undefined): void {
    if (before !== undefined) {
      this.#release(before.assigned, before.memberEpoch);
      this.#release(before.pendingRevocation, before.memberEpoch);
    }
    if (after !== undefined) {
      this.#take(after.assigned, after.memberEpoch);
      this.#take(after.pendingRevocation, after.memberEpoch);
    }
  }

  /** What another epoch has by now is not touched: a log that was compacted may tell of the next owner first. */
  #release(partitions: PartitionEpochs, epoch: number): void {
    for (const [topicId, epochs] of partitions) {
      const known = this.#epochs.get(topicId);
      if (known === undefined) continue;
      for (const partition of epochs.keys()) if (known.get(partition) === epoch) known.delete(partition);
      if (known.size === 0) this.#epochs.delete(topicId);
    }
  }

  #take(partitions: PartitionEpochs, epoch: number): void {
    for (const [topicId, epochs] of partitions) {
      let known = this.#epochs.get(topicId);
      if (known === undefined) this.#epochs.set(topicId, (known = new Map()));
      for (const partition of epochs.keys()) known.set(partition, epoch);
    }
  }
}
