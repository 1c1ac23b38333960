// AlterReplicaLogDirs (KIP-113): in which log directory of this node a replica is to lie. A replica that lies there already
// stays; it is not carried over to another directory while it is in use.
import { Errors } from '../protocol/index.ts';
import {
  AlterReplicaLogDirs,
  type AlterReplicaLogDirsRequest,
} from '../protocol/messages/34-alter-replica-log-dirs.ts';
import type { ReplicaManager } from '../replication/index.ts';
import { defineHandler } from './handler.ts';

type Judge = (topic: string, partition: number, path: string) => number;

export const alterReplicaLogDirs = (replicas: ReplicaManager) =>
  defineHandler(AlterReplicaLogDirs, {
    handle: (request) => answer(request, (topic, index, path) => verdict(replicas, topic, index, path)),
    failed: (request, code) => answer(request, () => code),
  });

function verdict(replicas: ReplicaManager, topic: string, index: number, path: string): number {
  if (!replicas.logDirs.includes(path)) return Errors.LOG_DIR_NOT_FOUND;
  const partition = replicas.partition(topic, index);
  if (partition === undefined) {
    const missing = replicas.missingError(topic, index);
    return missing === Errors.KAFKA_STORAGE_ERROR ? missing : Errors.REPLICA_NOT_AVAILABLE;
  }
  const { directory } = partition.log;
  return directory.slice(0, directory.lastIndexOf('/')) === path ? Errors.NONE : Errors.POLICY_VIOLATION;
}

/** One row for each topic, whichever directories its partitions were asked for. */
function answer({ dirs }: AlterReplicaLogDirsRequest, judge: Judge) {
  const topics = new Map<string, { partitionIndex: number; errorCode: number }[]>();
  for (const { path, topics: asked } of dirs) {
    for (const { name, partitions } of asked) {
      const rows = topics.get(name) ?? [];
      for (const index of partitions) rows.push({ partitionIndex: index, errorCode: judge(name, index, path) });
      topics.set(name, rows);
    }
  }
  return { results: Array.from(topics, ([topicName, partitions]) => ({ topicName, partitions })) };
}
