// The log directories of this node: how much room they have, and which replicas take how much of it (KIP-113, KIP-827).
import { parentDirectory, type PartitionLog } from '../log/index.ts';
import { Errors } from '../protocol/index.ts';
import { DiskError } from '../runtime/index.ts';
import type { ReplicaManager } from './replica-manager.ts';

export interface ReplicaDescription {
  readonly partitionIndex: number;
  readonly partitionSize: number;
  readonly offsetLag: number;
  readonly isFutureKey: boolean;
}

export interface LogDirDescription {
  readonly errorCode: number;
  readonly logDir: string;
  readonly topics: readonly { readonly name: string; readonly partitions: readonly ReplicaDescription[] }[];
  /** -1 where it is not known. */
  readonly totalBytes: number;
  readonly usableBytes: number;
  /** No new replicas come here. */
  readonly isCordoned: boolean;
}

/** Every directory, with those of its replicas, current and future, that `isWanted` picks. */
export function describeLogDirs(
  replicas: ReplicaManager,
  isWanted: (topic: string, partition: number) => boolean,
): LogDirDescription[] {
  const { logManager } = replicas;
  const byDir = new Map<string, Map<string, ReplicaDescription[]>>();
  const add = (log: PartitionLog, isFutureKey: boolean, offsetLag: number): void => {
    const dir = parentDirectory(log.directory);
    let topics = byDir.get(dir);
    if (topics === undefined) byDir.set(dir, (topics = new Map()));
    let described = topics.get(log.topic);
    if (described === undefined) topics.set(log.topic, (described = []));
    described.push({ partitionIndex: log.partition, partitionSize: log.sizeBytes, offsetLag, isFutureKey });
  };
  for (const { topic, index, log } of replicas.partitions()) {
    if (isWanted(topic, index)) add(log, false, Math.max(log.highWatermark - log.logEndOffset, 0));
  }
  for (const future of logManager.futureLogs) {
    if (!isWanted(future.topic, future.partition)) continue;
    const current = replicas.partition(future.topic, future.partition)?.log;
    add(future, true, current === undefined ? LAG_NOT_KNOWN : current.logEndOffset - future.logEndOffset);
  }
  const { directories } = logManager;
  return directories.paths.map((dir) => {
    if (!directories.isOnline(dir)) return { ...NOT_USABLE, logDir: dir, topics: [], isCordoned: false };
    const topics = Array.from(byDir.get(dir) ?? [], ([name, partitions]) => ({ name, partitions }));
    const isCordoned = replicas.canCordon && directories.isCordoned(dir);
    return { logDir: dir, topics, isCordoned, ...spaceOf(replicas, dir) };
  });
}

/** The current replica is offline. */
const LAG_NOT_KNOWN = -1;
const NOT_USABLE = { errorCode: Errors.KAFKA_STORAGE_ERROR, totalBytes: -1, usableBytes: -1 };

function spaceOf(
  replicas: ReplicaManager,
  dir: string,
): Pick<LogDirDescription, 'errorCode' | 'totalBytes' | 'usableBytes'> {
  try {
    const { totalBytes, usableBytes } = replicas.disk.spaceSync(dir);
    return { errorCode: Errors.NONE, totalBytes, usableBytes };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return NOT_USABLE;
  }
}
