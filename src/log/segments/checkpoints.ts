// The small text files beside the logs: offset checkpoints of a data directory (recovery points, log start offsets, high
// watermarks), `partition.metadata`, and the marker of a clean shutdown. Formats: Kafka's CheckpointFile,
// PartitionMetadataFile and CleanShutdownFileHandler.
import { type Disk, type Logger, readTextSync, replaceFileSync } from '../../runtime/index.ts';

export const RECOVERY_POINT_FILE = 'recovery-point-offset-checkpoint';
export const LOG_START_FILE = 'log-start-offset-checkpoint';
export const HIGH_WATERMARK_FILE = 'replication-offset-checkpoint';
export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown';
export const PARTITION_METADATA_FILE = 'partition.metadata';

/** `<topic>-<partition>` → offset. */
export type OffsetsByPartition = Map<string, number>;

/** A file that is missing, empty or damaged gives no offsets (Kafka warns and uses 0 too). */
export function readOffsets(disk: Disk, path: string, logger: Logger): OffsetsByPartition {
  const offsets: OffsetsByPartition = new Map();
  const text = readTextSync(disk, path);
  if (text === undefined || text === '') return offsets;
  const lines = text.split('\n');
  const count = Number(lines[1]);
  for (let i = 0; lines[0] === '0' && i < count; i++) {
    const match = /^(\S+) (\d+) (-?\d+)$/.exec(lines[i + 2] ?? '');
    if (match === null) {
      logger.log('warn', 'a checkpoint file is damaged and passed over', { path, line: i + 3 });
      return new Map();
    }
    offsets.set(`${match[1]}-${match[2]}`, Number(match[3]));
  }
  return offsets;
}

/** Entries are `topic partition offset`. Throws DiskError. */
export function writeOffsets(disk: Disk, path: string, entries: readonly string[]): void {
  replaceFileSync(disk, path, `0\n${entries.length}\n${entries.length === 0 ? '' : `${entries.join('\n')}\n`}`);
}

/** The topic id in `partition.metadata`; undefined when the file is missing or not whole. */
export function readTopicId(disk: Disk, directory: string): string | undefined {
  const text = readTextSync(disk, `${directory}/${PARTITION_METADATA_FILE}`);
  return text === undefined ? undefined : /^version: 0\ntopic_id: ([\w-]{22})\n?$/.exec(text)?.[1];
}

/** No newline at the end, as Kafka writes it. */
export const partitionMetadataText = (topicId: string): string => `version: 0\ntopic_id: ${topicId}`;

/** The broker epoch of the last clean shutdown, -1 when the marker names none; undefined when there is no marker. */
export function readCleanShutdown(disk: Disk, logDir: string): number | undefined {
  const text = readTextSync(disk, `${logDir}/${CLEAN_SHUTDOWN_FILE}`);
  if (text === undefined) return undefined;
  try {
    const epoch = (JSON.parse(text) as { brokerEpoch?: unknown }).brokerEpoch;
    return typeof epoch === 'number' ? epoch : -1;
  } catch {
    return -1; // an empty marker, as versions before KIP-966 wrote it, is a marker
  }
}

/** The last thing that a clean shutdown writes. */
export function writeCleanShutdown(disk: Disk, logDir: string, brokerEpoch: number): void {
  replaceFileSync(disk, `${logDir}/${CLEAN_SHUTDOWN_FILE}`, `{"version":0,"brokerEpoch":${brokerEpoch}}`);
}
