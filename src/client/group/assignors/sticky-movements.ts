// Which partitions were moved from whom to whom while an assignment is balanced: rather than moving two of a topic in opposite
// directions, the first one is moved back (Kafka: AbstractStickyAssignor.PartitionMovements).
import { JavaPartitionSet } from './java-partition-set.ts';
import type { Partition } from './sticky-owners.ts';

interface Movement {
  readonly from: string;
  readonly to: string;
}

export class Movements {
  readonly #byPartition = new Map<string, Movement>();
  /** Topic and movement → partitions. */
  readonly #byTopic = new Map<string, JavaPartitionSet>();
  readonly #topics = new Map<string, number>();

  /** The partition to be moved in place of `partition`: itself, or one that has come the other way. By name. */
  actual({ topic, name }: Partition, from: string, to: string): string {
    if ((this.#topics.get(topic) ?? 0) === 0) return name;
    const origin = this.#byPartition.get(name)?.from ?? from;
    return this.#byTopic.get(keyOf(topic, { from: to, to: origin }))?.first() ?? name;
  }

  moved(partition: Partition, from: string, to: string): void {
    const { name } = partition;
    const before = this.#byPartition.get(name);
    if (before === undefined) {
      this.#add(partition, { from, to });
      return;
    }
    this.#remove(partition, before);
    if (before.from !== to) this.#add(partition, { from: before.from, to });
  }

  #add(partition: Partition, movement: Movement): void {
    const key = keyOf(partition.topic, movement);
    const set = this.#byTopic.get(key) ?? new JavaPartitionSet();
    set.add(partition.name, partition);
    this.#byTopic.set(key, set);
    this.#byPartition.set(partition.name, movement);
    this.#topics.set(partition.topic, (this.#topics.get(partition.topic) ?? 0) + 1);
  }

  #remove(partition: Partition, movement: Movement): void {
    const key = keyOf(partition.topic, movement);
    const set = this.#byTopic.get(key);
    set?.delete(partition.name);
    if (set?.size === 0) this.#byTopic.delete(key);
    this.#byPartition.delete(partition.name);
    this.#topics.set(partition.topic, (this.#topics.get(partition.topic) ?? 0) - 1);
  }
}

const keyOf = (topic: string, { from, to }: Movement): string => JSON.stringify([topic, from, to]);
