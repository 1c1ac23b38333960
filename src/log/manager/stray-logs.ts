// Directories in a log directory that are not this broker's to use, and the removal of those that are. Kafka sets aside every
// log that the metadata does not give to this broker, as `<topic>-<partition>.<hex>-stray`, and keeps its files (LogManager's
// isStrayReplica); here a directory without a file of a log in it, which Kafka would take for one, stays as it is.
import type { DirectoryEntry, Disk, Logger } from '../../runtime/index.ts';
import { isLogFileName } from '../segments/log-names.ts';

const WAY_BACK =
  'a log that belongs to no topic of the cluster is set aside and never touched again. The way back: create the topic, stop ' +
  'the broker, put the directory in the place of the new one under its old name, remove its partition.metadata';

/** True when the directory has a file that only a partition's directory has. Throws DiskError. */
export function looksLikeLog(disk: Disk, directory: string): boolean {
  return disk.listSync(directory).some(({ name, isDirectory }) => !isDirectory && isLogFileName(name));
}

/** True when the directory is not empty, and nothing in it is a log's. Throws DiskError. */
export function isForeign(disk: Disk, directory: string): boolean {
  return !looksLikeLog(disk, directory) && disk.listSync(directory).length > 0;
}

/** True when the directory holds nothing but the files that a log has before its first record. Throws DiskError. */
export function isEmptyLog(disk: Disk, directory: string): boolean {
  return disk.listSync(directory).every(({ name, isDirectory }) => !isDirectory && BEFORE_RECORDS.test(name));
}

const BEFORE_RECORDS = /^(leader-epoch-checkpoint|partition\.metadata)(\.tmp)?$/;

export function tellWayBack(logger: Logger, directory: string, renamedTo: string): void {
  logger.log('warn', WAY_BACK, { directory, renamedTo });
}

/** Removes the directory of a copy that was begun and holds nothing yet. False when there is something in it. Throws DiskError. */
export function removeEmptyCopy(disk: Disk, directory: string): boolean {
  const entries = disk.listSync(directory);
  const isEmpty = ({ name, isDirectory }: DirectoryEntry): boolean =>
    !isDirectory &&
    (BEFORE_RECORDS.test(name) || (isLogFileName(name) && disk.infoSync(`${directory}/${name}`)?.sizeBytes === 0));
  if (!entries.every(isEmpty)) return false;
  for (const { name } of entries) disk.removeSync(`${directory}/${name}`);
  disk.removeSync(directory);
  return true;
}

/**
 * Removes the directory of a deleted partition. Should there be something in it that is no file of a log, that stays, and the
 * directory with it. Rejects with DiskError.
 */
export async function removeLogDirectory(disk: Disk, directory: string, logger: Logger): Promise<void> {
  if (!disk.existsSync(directory)) return;
  const entries = disk.listSync(directory);
  const foreign = entries.filter(({ name, isDirectory }) => isDirectory || !isLogFileName(name));
  if (foreign.length === 0) return disk.removeTree(directory);
  for (const entry of entries) if (!foreign.includes(entry)) disk.removeSync(`${directory}/${entry.name}`);
  logger.log('warn', 'the directory of a deleted partition stays, as there is something else in it', {
    directory,
    kept: foreign.map(({ name }) => name).join(', '),
  });
}
