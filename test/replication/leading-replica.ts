// The only replica of a partition, over a log of the test's: the high watermark moves as in a broker, when writes end.
import type { PartitionLog } from '../../src/log/index.ts';
import { Partition } from '../../src/replication/index.ts';
import { partitionImage } from './partition-image.ts';

const LOCAL_ID = 1;

/** Leads in `leaderEpoch` from the end of `log` on. */
export function leadingReplica(log: PartitionLog, leaderEpoch: number): Partition {
  const partition = new Partition(log, LOCAL_ID);
  partition.update(partitionImage({ leaderEpoch }));
  return partition;
}
