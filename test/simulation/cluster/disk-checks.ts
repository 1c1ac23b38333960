// The promises of E.3 that are judged from what is on the disks when the nodes have stopped: D3 and R3 (logs are the same as far as
// both reach), D6 (epochs as the batches have them).
import type { Cluster } from './cluster.ts';
import { batchesOn, type DiskBatch, epochsOn, partitionsOn } from './disk-logs.ts';
import { nameOf } from './node-config.ts';
import { ensure } from './violation.ts';

const METADATA = '__cluster_metadata-0';

export function checkDisks(cluster: Cluster): void {
  const logs = new Map<string, Map<number, DiskBatch[]>>();
  for (const { id, machine } of cluster.nodes) {
    for (const partition of partitionsOn(machine.disk)) {
      const batches = batchesOn(machine.disk, partition);
      const replicas = logs.get(partition) ?? new Map<number, DiskBatch[]>();
      logs.set(partition, replicas.set(id, batches));
      checkEpochs(`${partition} on ${nameOf(id)}`, batches, epochsOn(machine.disk, partition), partition === METADATA);
    }
  }
  for (const [partition, replicas] of logs) checkReplicas(partition, replicas);
}

function checkReplicas(partition: string, replicas: ReadonlyMap<number, readonly DiskBatch[]>): void {
  const promise = partition === METADATA ? 'R3' : 'D3';
  const [longest] = [...replicas].sort(([, a], [, b]) => (b.at(-1)?.last ?? -1) - (a.at(-1)?.last ?? -1));
  if (longest === undefined) return;
  const [leader, expected] = longest;
  const byFirst = new Map(expected.map((batch) => [batch.first, batch]));
  const start = expected[0]?.first ?? 0;
  for (const [id, batches] of replicas) {
    for (const { first, last, epoch, bytes } of batches) {
      if (last < start) continue;
      const other = byFirst.get(first);
      ensure(
        other !== undefined && other.bytes.equals(bytes),
        promise,
        () =>
          `${partition} at ${first}..${last} in epoch ${epoch} on ${nameOf(id)} is not what is on ${nameOf(leader)}` +
          (other === undefined ? '' : ` (${other.first}..${other.last} in epoch ${other.epoch})`),
      );
    }
  }
}

function checkEpochs(
  name: string,
  batches: readonly DiskBatch[],
  epochs: readonly [number, number][],
  isOptional: boolean,
): void {
  epochs.forEach(([epoch, start], index) => {
    const [epochBefore, startBefore] = epochs[index - 1] ?? [-1, -1];
    ensure(
      epoch > epochBefore && start >= startBefore,
      'D6',
      () => `${name}: epoch ${epoch} at ${start} behind ${epochBefore} at ${startBefore}`,
    );
  });
  if (isOptional && epochs.length === 0) return;
  let last = -1;
  for (const { first, epoch } of batches) {
    ensure(epoch >= last, 'D6', () => `${name}: a batch of epoch ${epoch} at ${first} behind one of ${last}`);
    last = epoch;
    const at = epochs.findLastIndex(([, start]) => start <= first);
    const held = epochs[at]?.[0];
    ensure(held === epoch, 'D6', () => `${name}: ${first} is of epoch ${epoch}, the checkpoint says ${held}`);
  }
}
