// The promises of E.3 that are judged from what is on the disks when the nodes have stopped: D3 and R3 (logs are the same as far as
// both reach), D6 (epochs only go up; the checkpoint may lag behind, recovery makes it whole).
import type { Cluster } from './cluster.ts';
import { batchesOn, type DiskBatch, epochsOn, partitionsOn } from './disk-logs.ts';
import { nameOf } from './node-config.ts';
import { ensure } from './violation.ts';

const METADATA = '__cluster_metadata-0';
/** Each replica cleans by itself. */
const COMPACTED = /^__(consumer_offsets|transaction_state)-/;

export function checkDisks(cluster: Cluster): void {
  const logs = new Map<string, Map<number, DiskBatch[]>>();
  for (const { id, machine } of cluster.nodes) {
    for (const partition of partitionsOn(machine.disk)) {
      const batches = batchesOn(machine.disk, partition);
      const replicas = logs.get(partition) ?? new Map<number, DiskBatch[]>();
      logs.set(partition, replicas.set(id, batches));
      checkEpochs(`${partition} on ${nameOf(id)}`, batches, epochsOn(machine.disk, partition));
    }
  }
  for (const [partition, replicas] of logs) if (!COMPACTED.test(partition)) checkReplicas(partition, replicas);
}

/**
 * Where two logs have a batch of the same offset and epoch, everything before is the same; behind it, what was not committed may part.
 */
function checkReplicas(partition: string, replicas: ReadonlyMap<number, readonly DiskBatch[]>): void {
  const promise = partition === METADATA ? 'R3' : 'D3';
  const all = [...replicas];
  for (const [index, [id, batches]] of all.entries()) {
    for (const [other, others] of all.slice(index + 1)) {
      const byFirst = new Map(others.map((batch) => [batch.first, batch]));
      const common = batches.findLast(({ first, epoch }) => byFirst.get(first)?.epoch === epoch)?.first ?? -1;
      const start = Math.max(batches[0]?.first ?? 0, others[0]?.first ?? 0);
      for (const { first, last, epoch, bytes } of batches) {
        if (first < start || first > common) continue;
        const found = byFirst.get(first);
        ensure(
          found?.bytes.equals(bytes) === true,
          promise,
          () =>
            `${partition} at ${first}..${last} in epoch ${epoch} on ${nameOf(id)} is not what is on ${nameOf(other)}` +
            (found === undefined ? '' : ` (${found.first}..${found.last} in epoch ${found.epoch})`),
        );
      }
    }
  }
}

function checkEpochs(name: string, batches: readonly DiskBatch[], epochs: readonly [number, number][]): void {
  epochs.forEach(([epoch, start], index) => {
    const [epochBefore, startBefore] = epochs[index - 1] ?? [-1, -1];
    ensure(
      epoch > epochBefore && start >= startBefore,
      'D6',
      () => `${name}: epoch ${epoch} at ${start} behind ${epochBefore} at ${startBefore}`,
    );
  });
  let last = -1;
  for (const { first, epoch } of batches) {
    ensure(epoch >= last, 'D6', () => `${name}: a batch of epoch ${epoch} at ${first} behind one of ${last}`);
    last = epoch;
  }
}
