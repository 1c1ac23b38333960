// The small text files beside the logs: offset checkpoints of a data directory (recovery points, log start offsets, high
// watermarks), `partition.metadata`, and the marker of a clean shutdown. Formats: Kafka's CheckpointFile,
// PartitionMetadataFile and CleanShutdownFileHandler.
import { type Disk, type Logger, readTextSync, replaceFileSync } from '../../runtime/index.ts';
import { DamagedFileError } from './damaged-file-error.ts';

export const RECOVERY_POINT_FILE = 'recovery-point-offset-checkpoint';
export const LOG_START_FILE = 'log-start-offset-checkpoint';
export const HIGH_WATERMARK_FILE = 'replication-offset-checkpoint';
export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown';
/**
 * Beside the marker, once a start has got as far as writing to the log of metadata, of which the marker tells nothing any more. Alone it
 * means nothing: another broker that has run here meanwhile has removed the marker, and does not know this file.
 */
export const METADATA_WRITTEN_FILE = '.kafka_cleanshutdown.metadata-written';
export const PARTITION_METADATA_FILE = 'partition.metadata';

/** `<topic>-<partition>` → offset. */
export type OffsetsByPartition = Map<string, number>;

/**
 * The entries of a checkpoint: version 0, their number, a line for each (Kafka's CheckpointFile). undefined when the text is
 * damaged; without any text there is no entry.
 */
export function parseCheckpoint(text: string): string[] | undefined {
  if (text === '') return [];
  const [version, count, ...entries] = text.split('\n');
  // Each line ends with a newline, the last one too.
  const isEnded = entries.pop() === '';
  return isEnded && version === '0' && count === String(entries.length) ? entries : undefined;
}

/** undefined for a file that is damaged, which is told; one that is missing or empty has no offsets. */
export function readOffsets(disk: Disk, path: string, logger: Logger): OffsetsByPartition | undefined {
  const offsets: OffsetsByPartition = new Map();
  for (const entry of parseCheckpoint(readTextSync(disk, path) ?? '') ?? ['']) {
    const match = /^(\S+) (\d{1,10}) (\d{1,19})$/.exec(entry);
    const offset = Number(match?.[3] ?? Number.NaN);
    if (match === null || !Number.isSafeInteger(offset)) {
      const remedy = 'it is written anew; what it said is found in the logs, as after a crash';
      logger.log('warn', 'a checkpoint file is damaged and passed over', { path, remedy });
      return undefined;
    }
    offsets.set(`${match[1]}-${match[2]}`, offset);
  }
  return offsets;
}

/** Entries are `topic partition offset`. */
export function checkpointText(entries: readonly string[]): string {
  return `0\n${entries.length}\n${entries.length === 0 ? '' : `${entries.join('\n')}\n`}`;
}

/**
 * The topic id in `partition.metadata`; undefined when the file is missing, or holds a part of what was written to it, as a power
 * failure may leave it. Throws DamagedFileError for anything else: whose records stand beside it cannot be known.
 */
export function readTopicId(disk: Disk, directory: string): string | undefined {
  const path = `${directory}/${PARTITION_METADATA_FILE}`;
  const text = readTextSync(disk, path);
  const topicId = /^version: 0\ntopic_id: ([\w-]{22})\n?$/.exec(text ?? '')?.[1];
  if (topicId !== undefined || text === undefined || isTorn(text)) return topicId;
  const remedy =
    'put the file back; or remove it, if the records beside it are those of the topic that has this name now';
  throw new DamagedFileError(path, 'does not hold the id of a topic', remedy);
}

/** Each character is as it was written, or was never written. */
function isTorn(text: string): boolean {
  const whole = partitionMetadataText('_'.repeat(22));
  return [...text].every((char, i) => char === '\0' || char === whole[i] || (whole[i] === '_' && /[\w-]/.test(char)));
}

/** No newline at the end, as Kafka writes it. */
export const partitionMetadataText = (topicId: string): string => `version: 0\ntopic_id: ${topicId}`;

/** The broker epoch of the last clean shutdown, -1 when the marker names none; undefined when there is no marker. */
export function readCleanShutdown(disk: Disk, logDir: string): number | undefined {
  const text = readTextSync(disk, `${logDir}/${CLEAN_SHUTDOWN_FILE}`);
  if (text === undefined) return undefined;
  try {
    const epoch = (JSON.parse(text) as { brokerEpoch?: unknown }).brokerEpoch;
    return typeof epoch === 'number' && Number.isSafeInteger(epoch) ? epoch : -1;
  } catch {
    return -1; // an empty marker, as versions before KIP-966 wrote it, is a marker
  }
}

/** The last thing that a clean shutdown writes. */
export function writeCleanShutdown(disk: Disk, logDir: string, brokerEpoch: number): void {
  replaceFileSync(disk, `${logDir}/${CLEAN_SHUTDOWN_FILE}`, `{"version":0,"brokerEpoch":${brokerEpoch}}`);
}
