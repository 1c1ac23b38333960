// The log directories of this node: how much room they have, and which replicas take how much of it (KIP-113, KIP-827).
import { Errors } from '../protocol/index.ts';
import { DiskError } from '../runtime/index.ts';
import type { Partition } from './partition.ts';
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
}

/** Every directory, with those of its replicas that `isWanted` picks. */
export function describeLogDirs(
  replicas: ReplicaManager,
  isWanted: (topic: string, partition: number) => boolean,
): LogDirDescription[] {
  const byDir = new Map<string, Map<string, ReplicaDescription[]>>();
  for (const partition of replicas.partitions()) {
    if (!isWanted(partition.topic, partition.index)) continue;
    const dir = parentOf(partition.log.directory);
    let topics = byDir.get(dir);
    if (topics === undefined) byDir.set(dir, (topics = new Map()));
    let described = topics.get(partition.topic);
    if (described === undefined) topics.set(partition.topic, (described = []));
    described.push(describe(partition));
  }
  return replicas.logDirs.map((dir) => {
    const topics = Array.from(byDir.get(dir) ?? [], ([name, partitions]) => ({ name, partitions }));
    return { logDir: dir, topics, ...spaceOf(replicas, dir) };
  });
}

const parentOf = (directory: string): string => directory.slice(0, directory.lastIndexOf('/'));

function describe({ index, log }: Partition): ReplicaDescription {
  return {
    partitionIndex: index,
    partitionSize: log.sizeBytes,
    offsetLag: Math.max(log.highWatermark - log.logEndOffset, 0),
    isFutureKey: false,
  };
}

function spaceOf(
  replicas: ReplicaManager,
  dir: string,
): Pick<LogDirDescription, 'errorCode' | 'totalBytes' | 'usableBytes'> {
  try {
    const { totalBytes, usableBytes } = replicas.disk.spaceSync(dir);
    return { errorCode: Errors.NONE, totalBytes, usableBytes };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return { errorCode: Errors.KAFKA_STORAGE_ERROR, totalBytes: -1, usableBytes: -1 };
  }
}
