// What the metadata says of a partition that node 1 leads and nobody follows, where a test does not say otherwise.
import type { PartitionImage } from '../../src/kraft/metadata/index.ts';

export function partitionImage(parts: Partial<PartitionImage> = {}): PartitionImage {
  return {
    partition: 0,
    replicas: [1],
    directories: [],
    isr: [1],
    addingReplicas: [],
    removingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
    ...parts,
  };
}
