// AlterReplicaLogDirs: in which log directory of this node a replica is to lie (KIP-113; Kafka:
// ReplicaManager.alterReplicaLogDirs, whose order of checks decides on the error).
import { futureDirectoryNameLength, type LogManager, parentDirectory } from '../log/index.ts';
import { Errors } from '../protocol/index.ts';
import { DiskError } from '../runtime/index.ts';
import type { Partition } from './partition.ts';
import type { ReplicaManager } from './replica-manager.ts';

const LONGEST_DIRECTORY_NAME = 255;

/** Begins, redirects or cancels the move of one replica to the log directory `path`; the error code that answers for it. */
export function alterReplicaLogDir(replicas: ReplicaManager, path: string, topic: string, index: number): number {
  const { logManager } = replicas;
  const { directories } = logManager;
  if (futureDirectoryNameLength(topic, index) > LONGEST_DIRECTORY_NAME) return Errors.INVALID_TOPIC_EXCEPTION;
  if (!directories.isConfigured(path)) return Errors.LOG_DIR_NOT_FOUND;
  if (!directories.isOnline(path)) return Errors.KAFKA_STORAGE_ERROR;
  if (directories.isCordoned(path)) return Errors.INVALID_REPLICA_ASSIGNMENT;
  if (replicas.isOffline(topic, index)) return Errors.KAFKA_STORAGE_ERROR;
  const partition = replicas.partition(topic, index);
  if (partition === undefined) {
    // The replica may come to this node later: its log is then made in this directory.
    logManager.preferDirectory(topic, index, path);
    return replicas.isKnown(topic, index) ? Errors.REPLICA_NOT_AVAILABLE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
  }
  try {
    return alter(replicas, logManager, partition, path);
  } catch (error) {
    if (error instanceof DiskError) return Errors.KAFKA_STORAGE_ERROR;
    throw error;
  }
}

function alter(replicas: ReplicaManager, logManager: LogManager, partition: Partition, path: string): number {
  const { topic, index } = partition;
  const future = logManager.futureLogs.get(topic, index);
  if (future !== undefined && parentDirectory(future.directory) !== path) {
    replicas.replicaDirectories.cancelMove(partition);
    logManager.futureLogs.delete(topic, index);
  } else if (future !== undefined) return Errors.NONE;
  if (parentDirectory(partition.log.directory) === path) return Errors.NONE;
  // A future log of the same partition may lie in a directory that cannot be looked at.
  if (logManager.directories.failed.size > 0) return Errors.KAFKA_STORAGE_ERROR;
  replicas.replicaDirectories.beginMove(partition, path);
  return Errors.NONE;
}
