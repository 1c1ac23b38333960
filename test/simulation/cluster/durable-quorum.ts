// R6: what the metadata log has committed is on stable storage of a majority of the voters, whoever loses power now.
import type { SimDisk } from '../../../src/runtime/sim/index.ts';
import type { Cluster } from './cluster.ts';
import { batchesOn } from './disk-logs.ts';
import { controllersOf } from './node-config.ts';
import { ensure } from './violation.ts';

const METADATA = '__cluster_metadata-0';
const DIRECTORY = `/data/${METADATA}`;

/** The last record that any node has been told of as committed. Throws Violation. */
export function checkDurable(cluster: Cluster, committed: { readonly offset: number; readonly epoch: number }): void {
  const voters = controllersOf(cluster.plan.topology);
  const holders = voters.filter((id) => holds(cluster.node(id).machine.disk, committed));
  ensure(
    2 * holders.length > voters.length,
    'R6',
    () => `${committed.offset} of epoch ${committed.epoch} is committed, and durable on ${holders.join()} only`,
  );
}

function holds(disk: SimDisk, { offset, epoch }: { readonly offset: number; readonly epoch: number }): boolean {
  if (!disk.existsSync(DIRECTORY)) return false;
  const batches = batchesOn(disk, METADATA, true);
  const found = batches.find(({ first, last }) => first <= offset && offset <= last);
  if (found !== undefined) return found.epoch === epoch;
  return disk
    .listSync(DIRECTORY)
    .some(({ name }) => name.endsWith('.checkpoint') && Number(name.split('-')[0]) > offset);
}
