// Logs as they stand on the simulated disks, read without any code of the broker's: the batches of a partition, one after the other.
import {
  baseOffset,
  batchesOf,
  batchSizeAt,
  CorruptRecordError,
  lastOffset,
  partitionLeaderEpoch,
  sizeInBytes,
} from '../../../src/protocol/index.ts';
import { readTextSync } from '../../../src/runtime/index.ts';
import type { SimDisk } from '../../../src/runtime/sim/index.ts';

export interface DiskBatch {
  readonly first: number;
  readonly last: number;
  readonly epoch: number;
  readonly bytes: Buffer;
}

const DATA = '/data';

/** Directories of partitions, the metadata's among them. */
export function partitionsOn(disk: SimDisk): string[] {
  const found = disk.listSync(DATA).filter(({ name, isDirectory }) => isDirectory && /^.+-\d+$/.test(name));
  return found.map(({ name }) => name).sort();
}

/** `isDurable`: only what no power failure can take away. */
export function batchesOn(disk: SimDisk, partition: string, isDurable = false): DiskBatch[] {
  const directory = `${DATA}/${partition}`;
  const names = disk.listSync(directory).map(({ name }) => name);
  const batches: DiskBatch[] = [];
  for (const name of names.filter((one) => one.endsWith('.log')).sort()) {
    const path = `${directory}/${name}`;
    const bytes = Buffer.from(isDurable ? disk.durableFileSync(path) : disk.readFileSync(path));
    for (const at of batchesOf(bytes, 0, readableBytes(bytes))) {
      const epoch = partitionLeaderEpoch(bytes, at);
      const [first, last] = [baseOffset(bytes, at), lastOffset(bytes, at)];
      batches.push({ first, last, epoch, bytes: bytes.subarray(at, at + sizeInBytes(bytes, at)) });
    }
  }
  return batches;
}

/** Up to the first thing that is no batch: what a machine had not synced when it lost its power may be a page of zeros. */
function readableBytes(bytes: Buffer): number {
  let end = 0;
  try {
    for (let size = batchSizeAt(bytes, 0); size > 0; size = batchSizeAt(bytes, end)) end += size;
  } catch (error) {
    if (!(error instanceof CorruptRecordError)) throw error;
  }
  return end;
}

/** The lines of `leader-epoch-checkpoint`: epochs and where they began. */
export function epochsOn(disk: SimDisk, partition: string): [number, number][] {
  const text = readTextSync(disk, `${DATA}/${partition}/leader-epoch-checkpoint`) ?? '';
  const lines = text.split('\n').slice(2);
  return lines.filter((line) => line !== '').map((line) => line.split(' ').map(Number) as [number, number]);
}
