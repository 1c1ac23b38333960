// Directories of log.dirs that are not formatted, on a node that is: new disks, or disks that are not mounted. The metadata
// knows which: it names the directories that this node had (KIP-858).
import { FormatError } from '../../kraft/format/index.ts';
import { isReservedDirectory, type MetadataImage } from '../../kraft/metadata/index.ts';
import { holdsLog, holdsLogs } from '../../log/index.ts';
import { type Disk, DiskError, type Logger } from '../../runtime/index.ts';
import type { NodeDirectories } from './node-directories.ts';

export interface AddedDirectoriesOptions {
  readonly disk: Disk;
  readonly logger: Logger;
  readonly nodeId: number;
  readonly image: MetadataImage;
  readonly directories: NodeDirectories;
}

/**
 * Formats the new ones. An empty one, while the metadata knows a directory that is not here, is left out as one that has failed:
 * what lay there stays offline until the disk is back. Throws FormatError when none is left, DiskError.
 */
export function openAddedDirectories(options: AddedDirectoriesOptions): void {
  const { disk, logger, directories } = options;
  const { added } = directories.formatted;
  if (added.length === 0) return;
  const isDirectoryMissing = missingIds(options).size > 0 || isReplicaMissing(options);
  for (const path of added) {
    if (isDirectoryMissing && !holdsLogs(disk, path)) {
      const detail = 'it should hold partitions and is empty; is its disk mounted?';
      directories.logDirs.fail(path, new DiskError('ENOENT', path, detail));
      const message =
        'a log directory should hold partitions and is empty: they stay offline until its disk is mounted and the broker started again';
      logger.log('error', message, { path });
    } else directories.format(path);
  }
  if (directories.logDirs.online.length === 0) {
    throw new FormatError(`${added.join(', ')} should hold partitions but is empty: is the disk mounted?`);
  }
}

/** Ids of directories that this node had, by its last registration or by its replicas, and that are not here. */
function missingIds({ image, nodeId, directories }: AddedDirectoriesOptions): Set<string> {
  const ids = new Set(image.cluster.brokers.get(nodeId)?.directories);
  for (const { directoryId } of replicas(image, nodeId)) if (!isReservedDirectory(directoryId)) ids.add(directoryId);
  for (const id of directories.ids.values()) ids.delete(id);
  return ids;
}

/** Levels of metadata before 3.7-IV2 know no directories, and where a replica lies may not have been told: its log tells. */
function isReplicaMissing({ disk, image, nodeId, directories }: AddedDirectoriesOptions): boolean {
  const paths = [...directories.ids.keys()];
  for (const { topic, partition, directoryId } of replicas(image, nodeId)) {
    if (!isReservedDirectory(directoryId)) continue;
    if (!paths.some((path) => holdsLog(disk, path, topic, partition))) return true;
  }
  return false;
}

interface Replica {
  readonly topic: string;
  readonly partition: number;
  readonly directoryId: string;
}

function* replicas(image: MetadataImage, nodeId: number): Generator<Replica> {
  for (const { name, partitions } of image.topics.byName.values()) {
    for (const { partition, replicas: nodes, directories } of partitions) {
      const directoryId = directories[nodes.indexOf(nodeId)];
      if (directoryId !== undefined) yield { topic: name, partition, directoryId };
    }
  }
}
