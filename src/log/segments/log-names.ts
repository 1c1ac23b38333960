// Names in a data directory: `<topic>-<partition>` directories with their working suffixes, and the files of a
// partition, which are named after the first offset that they hold (Kafka's LocalLog and LogFileUtils).

export const LOG_SUFFIX = '.log';
export const INDEX_SUFFIX = '.index';
export const TIME_INDEX_SUFFIX = '.timeindex';
export const TRANSACTION_INDEX_SUFFIX = '.txnindex';
export const SNAPSHOT_SUFFIX = '.snapshot';
/** Renamed, and removed after `file.delete.delay.ms`. */
export const DELETED_SUFFIX = '.deleted';
/** Written by the cleaner, not yet valid. */
export const CLEANED_SUFFIX = '.cleaned';
/** Written by the cleaner, valid, on its way to replace what stands under the plain name. */
export const SWAP_SUFFIX = '.swap';

const LOG_FILE =
  /^(\d{20}\.(log|index|timeindex|txnindex|snapshot)(\.(deleted|cleaned|swap|tmp))?|(leader-epoch-checkpoint|partition\.metadata)(\.tmp)?)$/;

/** Is it the name of a file that a broker makes in a partition's directory? */
export const isLogFileName = (name: string): boolean => LOG_FILE.test(name);

/** Kafka cuts the topic in `<topic>-<p>.<32 hex>-delete` so that the name fits the file system. */
const LONGEST_NAME = 255;

export type DirectoryState = 'live' | 'delete' | 'stray' | 'future';

export interface PartitionDirectoryName {
  readonly topic: string;
  readonly partition: number;
  readonly state: DirectoryState;
}

const WORKING = /^(.+)-(\d+)\.([0-9a-f]{32})-(delete|stray|future)$/;

/** undefined for a name that is no partition's. */
export function parseDirectoryName(name: string): PartitionDirectoryName | undefined {
  const working = WORKING.exec(name);
  if (working !== null) {
    return { topic: working[1] as string, partition: Number(working[2]), state: working[4] as DirectoryState };
  }
  const dash = name.lastIndexOf('-');
  if (dash <= 0 || dash === name.length - 1 || /-(delete|stray|future)$/.test(name)) return undefined;
  const digits = name.slice(dash + 1);
  // No broker writes leading zeros: `notes-2024-01` is somebody else's.
  if (!/^(0|[1-9]\d{0,9})$/.test(digits) || Number(digits) > 0x7fff_ffff) return undefined;
  return { topic: name.slice(0, dash), partition: Number(digits), state: 'live' };
}

export const directoryName = (topic: string, partition: number): string => `${topic}-${partition}`;

/** `<topic>-<partition>.<hex>-<state>`, the topic cut where the name would be too long. */
export function workingDirectoryName(topic: string, partition: number, hex32: string, state: DirectoryState): string {
  const suffix = `-${partition}.${hex32}-${state}`;
  return topic.slice(0, LONGEST_NAME - suffix.length) + suffix;
}

/** The topic of a future log is not cut: the name must tell which partition it is. */
export const futureDirectoryNameLength = (topic: string, partition: number): number =>
  `${topic}-${partition}.${'0'.repeat(32)}-future`.length;

export const parentDirectory = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** 20 digits, so that the order of names is the order of offsets. */
export const offsetName = (offset: number): string => String(offset).padStart(20, '0');

/** The offset in a file's name, or -1 when the name does not begin with 20 digits. */
export function offsetOfName(name: string): number {
  if (name.length < 20) return -1;
  let offset = 0;
  for (let i = 0; i < 20; i++) {
    const digit = name.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    offset = offset * 10 + digit;
  }
  return Number.isSafeInteger(offset) ? offset : -1;
}
