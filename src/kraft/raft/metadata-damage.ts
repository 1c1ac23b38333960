// The files that hold the cluster's metadata are damaged: the start is refused, with the file and the way out. A broker without
// part of its metadata would take the logs of topics that it no longer knows for somebody else's.
import { DecodeError, KafkaError } from '../../protocol/index.ts';
import { InvalidRecordError } from '../../protocol/records/index.ts';
import { AssertionFailure, type Logger } from '../../runtime/index.ts';
import { CorruptBatchError } from './raft-batches.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import { snapshotFileName, type SnapshotFile, type SnapshotFiles } from './snapshot-files.ts';

export class MetadataDamagedError extends Error {
  override readonly name = 'MetadataDamagedError';
}

/** Turns an error of reading the metadata in `directory` into a refusal, where damage can have caused it. */
export function asDamage(error: unknown, directory: string): unknown {
  const isDamage =
    error instanceof CorruptBatchError ||
    error instanceof DecodeError ||
    error instanceof InvalidRecordError ||
    error instanceof KafkaError ||
    error instanceof AssertionFailure ||
    error instanceof TypeError ||
    error instanceof RangeError;
  if (!isDamage) return error;
  const reason = `the metadata of the cluster in ${directory} is damaged: ${error.message}`;
  return new MetadataDamagedError(`${reason}. Put its files back from a copy`, { cause: error });
}

/**
 * Sees to it that the latest snapshot is whole. A damaged one is set aside where an older one, or nothing, and the log behind
 * it tell the same. Throws MetadataDamagedError where they do not; DiskError.
 */
export function setDamagedSnapshotsAside(
  snapshots: SnapshotFiles,
  log: ReplicatedLog,
  directory: string,
  logger: Logger,
): void {
  for (let latest = snapshots.latest; latest !== undefined; latest = snapshots.latest) {
    const reason = damageOf(snapshots, latest);
    if (reason === undefined) return;
    const path = `${directory}/${snapshotFileName(latest)}`;
    const before = snapshots.all.at(-2)?.endOffset ?? 0;
    if (log.startOffset > before || log.endOffset < latest.endOffset || log.endOffset === 0) {
      const why = 'and the log does not reach back to what an older one holds';
      throw new MetadataDamagedError(`${path} is damaged (${reason}), ${why}. Put it back from a copy`);
    }
    const setAside = snapshots.setAside(latest);
    logger.log('error', 'a damaged metadata snapshot is set aside; the log tells what it held', {
      path,
      reason,
      setAside,
    });
  }
}

function damageOf(snapshots: SnapshotFiles, snapshot: SnapshotFile): string | undefined {
  try {
    let expected = 0;
    for (const { baseOffset, lastOffset, epoch } of snapshots.read(snapshot)) {
      if (baseOffset !== expected || epoch !== snapshot.epoch)
        return `a batch of offset ${baseOffset} and epoch ${epoch}`;
      expected = lastOffset + 1;
    }
    snapshots.timestampOf(snapshot);
    return undefined;
  } catch (error) {
    if (error instanceof CorruptBatchError || error instanceof DecodeError || error instanceof KafkaError) {
      return error.message;
    }
    if (error instanceof InvalidRecordError || error instanceof RangeError) return error.message;
    throw error;
  }
}
