// What stands in a partition's directory, after renames that a crash left half done have been finished or taken back
// (Kafka's LogLoader). Swapped and cleaned files come from Kafka's cleaner.
import type { Disk } from '../../runtime/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { PARTITION_METADATA_FILE } from '../segments/checkpoints.ts';
import { LEADER_EPOCH_FILE } from '../segments/leader-epochs.ts';
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  offsetOfName,
  SNAPSHOT_SUFFIX,
  SWAP_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from '../segments/log-names.ts';
import { HAS_INDEX, HAS_LOG, HAS_TIME_INDEX, HAS_TRANSACTION_INDEX } from '../segments/segment-files.ts';

export interface PartitionDirectory {
  /** Base offsets of the segments, ascending, and which files each has (HAS_… bits). */
  readonly segments: readonly { readonly baseOffset: number; readonly existing: number }[];
  /** Offsets of producer snapshots. */
  readonly snapshots: number[];
  /** Base offsets of segments of which only other files were there than the log: those have been removed. */
  readonly withoutLog: readonly number[];
  readonly hasEpochs: boolean;
  readonly hasMetadata: boolean;
}

/** Offsets that this broker cannot count with. */
export class UnsupportedOffsetError extends Error {
  override readonly name = 'UnsupportedOffsetError';
}

/** Throws DiskError; UnsupportedOffsetError for a segment whose offsets are no exact numbers. */
export function readPartitionDirectory(disk: Disk, directory: string): PartitionDirectory {
  let names = disk.listSync(directory).map((entry) => entry.name);
  if (names.some(isWorking)) {
    finishRenames(disk, directory, names);
    names = disk.listSync(directory).map((entry) => entry.name);
  }
  const existing = new Map<number, number>();
  const snapshots: number[] = [];
  for (const name of names) {
    const offset = offsetOfName(name);
    if (isBeyondNumbers(name, offset)) {
      throw new UnsupportedOffsetError(
        `${directory}/${name} begins at an offset near or beyond 2^53, to which this broker cannot count: move the partition's directory away, or let Apache Kafka serve it`,
      );
    }
    if (offset < 0) continue;
    const suffix = name.slice(20);
    if (suffix === SNAPSHOT_SUFFIX) snapshots.push(offset);
    else if (suffixBits[suffix] !== undefined) existing.set(offset, (existing.get(offset) ?? 0) | suffixBits[suffix]);
  }
  const withoutLog = [...existing].flatMap(([offset, bits]) => ((bits & HAS_LOG) === 0 ? [offset] : []));
  for (const offset of withoutLog) {
    removeOrphans(disk, directory, names, offset);
    existing.delete(offset);
  }
  return {
    segments: [...existing]
      .map(([baseOffset, bits]) => ({ baseOffset, existing: bits }))
      .sort((a, b) => a.baseOffset - b.baseOffset),
    snapshots,
    withoutLog,
    hasEpochs: names.includes(LEADER_EPOCH_FILE),
    hasMetadata: names.includes(PARTITION_METADATA_FILE),
  };
}

const suffixBits: Readonly<Record<string, number>> = {
  [LOG_SUFFIX]: HAS_LOG,
  [INDEX_SUFFIX]: HAS_INDEX,
  [TIME_INDEX_SUFFIX]: HAS_TIME_INDEX,
  [TRANSACTION_INDEX_SUFFIX]: HAS_TRANSACTION_INDEX,
};

/** Offsets are numbers: a segment, and what is appended behind it, must end below 2^53. It is data, and not passed over. */
const LARGEST_BASE_OFFSET = Number.MAX_SAFE_INTEGER - 2 * 0x7fff_ffff;
const isBeyondNumbers = (name: string, offset: number): boolean =>
  (offset > LARGEST_BASE_OFFSET || offset < 0) && /^\d{20}\.log$/.test(name);

const isWorking = (name: string): boolean =>
  name.endsWith(DELETED_SUFFIX) || name.endsWith(CLEANED_SUFFIX) || name.endsWith(SWAP_SUFFIX);

/** Index files without a log. */
function removeOrphans(disk: Disk, directory: string, names: readonly string[], offset: number): void {
  for (const name of names) {
    if (offsetOfName(name) === offset && suffixBits[name.slice(20)] !== undefined)
      disk.removeSync(`${directory}/${name}`);
  }
}

function finishRenames(disk: Disk, directory: string, names: readonly string[]): void {
  const remove = (name: string): void => disk.removeSync(`${directory}/${name}`);
  const cleaned = names.filter((name) => name.endsWith(CLEANED_SUFFIX) && offsetOfName(name) >= 0);
  const firstCleaned = Math.min(...cleaned.map(offsetOfName), Number.MAX_SAFE_INTEGER);
  for (const name of names) if (name.endsWith(DELETED_SUFFIX)) remove(name);
  for (const name of cleaned) remove(name);
  const swaps = names.filter((name) => name.endsWith(SWAP_SUFFIX) && offsetOfName(name) >= 0);
  // A swap at or behind a half-cleaned segment belongs to a swap of several that had only begun: it is taken back.
  for (const name of swaps) if (offsetOfName(name) >= firstCleaned) remove(name);
  const valid = swaps.filter((name) => offsetOfName(name) < firstCleaned);
  if (valid.length > 0) replaceBySwaps(disk, directory, names, valid);
}

/** Segments that the swapped ones stand for are removed; then the swapped ones get their plain names. */
function replaceBySwaps(disk: Disk, directory: string, names: readonly string[], swaps: readonly string[]): void {
  const logs = swaps.filter((name) => name.endsWith(`${LOG_SUFFIX}${SWAP_SUFFIX}`));
  const from = Math.min(...logs.map(offsetOfName), Number.MAX_SAFE_INTEGER);
  const to = Math.max(...logs.map((name) => nextOffsetOf(disk, `${directory}/${name}`, offsetOfName(name))), 0);
  for (const name of names) {
    const offset = offsetOfName(name);
    const isPlain = suffixBits[name.slice(20)] !== undefined || name.endsWith(SNAPSHOT_SUFFIX);
    if (isPlain && offset >= from && offset < to) disk.removeSync(`${directory}/${name}`);
  }
  for (const name of swaps)
    disk.renameSync(`${directory}/${name}`, `${directory}/${name.slice(0, -SWAP_SUFFIX.length)}`);
}

function nextOffsetOf(disk: Disk, path: string, baseOffset: number): number {
  const file = disk.openSync(path, 'read');
  try {
    const header = Buffer.alloc(batch.HEADER_SIZE);
    const fileBytes = file.sizeSync();
    let next = baseOffset;
    for (let at = 0; at + batch.SMALLEST_BATCH <= fileBytes; ) {
      file.readSync(header, 0, batch.HEADER_SIZE, at);
      const sizeBytes = batch.sizeInBytes(header);
      const least = batch.magic(header) < batch.MAGIC_V2 ? batch.SMALLEST_BATCH : batch.HEADER_SIZE;
      if (sizeBytes < least || at + sizeBytes > fileBytes) break;
      next = batch.lastOffsetOf(header) + 1;
      at += sizeBytes;
    }
    return next;
  } finally {
    file.closeSync();
  }
}
