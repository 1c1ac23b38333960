// What happens to one topic between two images.
import { assert } from '../../../runtime/index.ts';
import { changedPartition, type PartitionImage, partitionFromRecord } from '../image/partition-image.ts';
import type { PartitionChangeRecord, PartitionRecord } from '../records/index.ts';
import type { TopicImage } from '../image/topics-image.ts';

export class TopicDelta {
  readonly name: string;
  readonly id: string;
  /** The topic as it was; undefined when it is new. */
  readonly base: TopicImage | undefined;
  readonly #changed = new Map<number, PartitionImage>();

  constructor(name: string, id: string, base: TopicImage | undefined) {
    this.name = name;
    this.id = id;
    this.base = base;
  }

  /** New and changed partitions as they are now, in the order of their first change. */
  get changedPartitions(): ReadonlyMap<number, PartitionImage> {
    return this.#changed;
  }

  partition(index: number): PartitionImage | undefined {
    return this.#changed.get(index) ?? this.base?.partitions[index];
  }

  replayPartition(record: PartitionRecord): void {
    this.#changed.set(record.partitionId, partitionFromRecord(record));
  }

  replayChange(record: PartitionChangeRecord): void {
    const before = this.partition(record.partitionId);
    assert(before !== undefined, `a change of partition ${this.name}-${record.partitionId}, which does not exist`);
    this.#changed.set(record.partitionId, changedPartition(before, record));
  }

  /** ClearElrRecord: as if every partition that has any had been told to drop its eligible replicas. */
  clearEligibleReplicas(): void {
    const partitionCount = Math.max(this.base?.partitions.length ?? 0, this.#changed.size);
    for (let index = 0; index < partitionCount; index++) {
      const before = this.partition(index);
      if (before === undefined || (before.elr.length === 0 && before.lastKnownElr.length === 0)) continue;
      this.#changed.set(index, { ...before, elr: [], lastKnownElr: [], partitionEpoch: before.partitionEpoch + 1 });
    }
  }

  /** The topic as it is now. */
  apply(): TopicImage {
    const partitions = this.base === undefined ? [] : this.base.partitions.slice();
    for (const [index, partition] of this.#changed) partitions[index] = partition;
    for (let index = 0; index < partitions.length; index++) {
      assert(partitions[index] !== undefined, `topic ${this.name} lacks partition ${index}`);
    }
    return { name: this.name, id: this.id, partitions };
  }
}
