// AlterReplicaLogDirs, versions 1 to 2: replicas of this node move to other log directories while they are in use (KIP-113). A
// partition that is not here yet comes into the directory once it is made. Long lists are taken in slices, other connections
// between them.
import {
  AlterReplicaLogDirs,
  type AlterReplicaLogDirsRequest,
} from '../protocol/messages/34-alter-replica-log-dirs.ts';
import { alterReplicaLogDir, type ReplicaManager } from '../replication/index.ts';
import { delay } from '../runtime/index.ts';
import { defineHandler } from './handler.ts';

/** Each move begins with a few flushes of directories: after so long the other connections get their turn. */
const SLICE_MS = 20;

export const alterReplicaLogDirs = (replicas: ReplicaManager) =>
  defineHandler(AlterReplicaLogDirs, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    async handle(request) {
      const { clock } = replicas;
      let sliceEndMs = clock.monotonicMs() + SLICE_MS;
      const results: Result[] = [];
      for (const [topicName, paths] of wantedPaths(request)) {
        const partitions: Result['partitions'][number][] = [];
        for (const [partitionIndex, path] of paths) {
          const errorCode = alterReplicaLogDir(replicas, path, topicName, partitionIndex);
          partitions.push({ partitionIndex, errorCode });
          if (clock.monotonicMs() < sliceEndMs) continue;
          await delay(clock, 0);
          sliceEndMs = clock.monotonicMs() + SLICE_MS;
        }
        results.push({ topicName, partitions });
      }
      return { results };
    },
    // A row for each place at which a topic is named (AlterReplicaLogDirsRequest.getErrorResponse).
    failed: (request, errorCode) => ({
      results: request.dirs.flatMap(({ topics }) =>
        topics.map(({ name, partitions }) => ({
          topicName: name,
          partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode })),
        })),
      ),
    }),
  });

interface Result {
  readonly topicName: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
}

/** By topic and partition. A replica that is named with several directories goes to the last of them, and is answered once. */
function wantedPaths({ dirs }: AlterReplicaLogDirsRequest): Map<string, Map<number, string>> {
  const wanted = new Map<string, Map<number, string>>();
  for (const { path, topics } of dirs) {
    for (const { name, partitions } of topics) {
      if (partitions.length === 0) continue;
      let paths = wanted.get(name);
      if (paths === undefined) wanted.set(name, (paths = new Map()));
      for (const partition of partitions) paths.set(partition, path);
    }
  }
  return wanted;
}
