// DescribeLogDirs, versions 1 to 5: how full the log directories of this node are, and with what (KIP-113, KIP-827).
//   v3 an error of the whole answer · v4 the volume's size and room, -1 where the disk does not tell · v5 cordoned directories (KIP-1066)
import { Errors } from '../protocol/index.ts';
import { DescribeLogDirs, type DescribeLogDirsRequest } from '../protocol/messages/35-describe-log-dirs.ts';
import { describeLogDirs as describe, type ReplicaManager } from '../replication/index.ts';
import { defineHandler } from './handler.ts';

export const describeLogDirs = (replicas: ReplicaManager) =>
  defineHandler(DescribeLogDirs, {
    authorize: [
      { operation: 'DESCRIBE', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: (request) => ({ errorCode: Errors.NONE, results: describe(replicas, filterOf(request)) }),
    failed: (_request, code) => ({ errorCode: code, results: [] }),
    refused(request, code, _message, { apiVersion }) {
      if (apiVersion >= ERROR_SINCE) return { errorCode: code, results: [] };
      const directories = describe(replicas, filterOf(request));
      return { results: directories.map(({ logDir }) => ({ errorCode: code, logDir, topics: [] })) };
    },
  });

/** Before, only a directory could fail. */
const ERROR_SINCE = 3;

function filterOf({ topics }: DescribeLogDirsRequest): (topic: string, partition: number) => boolean {
  if (topics === null) return () => true;
  const wanted = new Map<string, Set<number>>();
  for (const { topic, partitions } of topics) {
    const known = wanted.get(topic) ?? new Set();
    for (const partition of partitions) known.add(partition);
    wanted.set(topic, known);
  }
  return (topic, partition) => wanted.get(topic)?.has(partition) ?? false;
}
