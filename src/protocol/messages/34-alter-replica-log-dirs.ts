// AlterReplicaLogDirs, versions 1 to 2. Moves replicas between the log directories of one broker (KIP-113).
//   v2 flexible
import { api, array, int32, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs, topicName } from './fields.ts';

export const AlterReplicaLogDirs = api({
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: [1, 2],
  flexible: 2,
  request: {
    dirs: array({ path: string.mapKey(), topics: array({ name: topicName.mapKey(), partitions: array(int32) }) }),
  },
  response: { throttleTimeMs, results: array({ topicName, partitions: array({ partitionIndex: int32, errorCode }) }) },
});
export interface AlterReplicaLogDirsRequest extends RequestOf<typeof AlterReplicaLogDirs> {}
export interface AlterReplicaLogDirsResponse extends ResponseOf<typeof AlterReplicaLogDirs> {}
