// Partitions with the epoch in which a member got each of them (KIP-1251): a commit of an older epoch than that is too late.
import { type TopicPartitions, type TopicPartitionsRow } from '../modern/index.ts';

/** Topic id → partition → epoch. */
export type PartitionEpochs = ReadonlyMap<string, ReadonlyMap<number, number>>;

export const NO_EPOCHS: PartitionEpochs = new Map();

interface EpochsRow extends TopicPartitionsRow {
  /** Records of older versions do not have them. */
  readonly assignmentEpochs: readonly number[] | null;
}

/** `epoch` stands for those that a record does not tell. */
export function epochsOf(rows: readonly EpochsRow[], epoch: number): PartitionEpochs {
  const all = new Map<string, Map<number, number>>();
  for (const { topicId, partitions, assignmentEpochs } of rows) {
    const known = all.get(topicId) ?? new Map<number, number>();
    all.set(topicId, known);
    partitions.forEach((partition, index) => known.set(partition, assignmentEpochs?.[index] ?? epoch));
  }
  return all;
}

export function inEpoch(all: TopicPartitions, epoch: number): PartitionEpochs {
  const epochs = new Map<string, Map<number, number>>();
  for (const [topicId, partitions] of all) {
    epochs.set(topicId, new Map(Array.from(partitions, (partition) => [partition, epoch])));
  }
  return epochs;
}

export function withoutEpochs(all: PartitionEpochs): TopicPartitions {
  return new Map(Array.from(all, ([topicId, epochs]) => [topicId, new Set(epochs.keys())]));
}

/** As a record writes them. */
export function epochRows(
  all: PartitionEpochs,
): { topicId: string; partitions: number[]; assignmentEpochs: number[] | null }[] {
  return Array.from(all, ([topicId, epochs]) => ({
    topicId,
    partitions: [...epochs.keys()],
    assignmentEpochs: [...epochs.values()],
  }));
}

/** As an answer tells them. */
export function partitionRows(all: PartitionEpochs): { topicId: string; partitions: number[] }[] {
  return Array.from(all, ([topicId, epochs]) => ({ topicId, partitions: [...epochs.keys()].sort((a, b) => a - b) }));
}

export function sameEpochs(one: PartitionEpochs, other: PartitionEpochs): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [topicId, epochs] of one) {
    const others = other.get(topicId);
    if (others?.size !== epochs.size) return false;
    for (const [partition, epoch] of epochs) if (others.get(partition) !== epoch) return false;
  }
  return true;
}

export function hasPartition(all: PartitionEpochs, topicId: string, partition: number): boolean {
  return all.get(topicId)?.has(partition) === true;
}

/** Every partition that `owned` names is one of `all`. */
export function hasAllOf(all: PartitionEpochs, owned: readonly TopicPartitionsRow[]): boolean {
  return owned.every(({ topicId, partitions }) => {
    const known = all.get(topicId);
    return known !== undefined && partitions.every((partition) => known.has(partition));
  });
}

/** One of the partitions that `owned` names is one of `all`. */
export function hasAnyOf(all: PartitionEpochs, owned: readonly TopicPartitionsRow[]): boolean {
  return owned.some(({ topicId, partitions }) => {
    const known = all.get(topicId);
    return known !== undefined && partitions.some((partition) => known.has(partition));
  });
}
