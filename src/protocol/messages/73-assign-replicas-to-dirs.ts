// AssignReplicasToDirs, version 0, flexible. A broker tells the controller in which directory its replicas are
// (KIP-858).
import { api, array, int32, int64, type RequestOf, type ResponseOf, uuid } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs } from './fields.ts';

export const AssignReplicasToDirs = api({
  key: 73,
  name: 'AssignReplicasToDirs',
  versions: [0, 0],
  flexible: 0,
  request: {
    brokerId,
    brokerEpoch: int64.default(-1),
    directories: array({ id: uuid, topics: array({ topicId: uuid, partitions: array({ partitionIndex: int32 }) }) }),
  },
  response: {
    throttleTimeMs,
    errorCode,
    directories: array({
      id: uuid,
      topics: array({ topicId: uuid, partitions: array({ partitionIndex: int32, errorCode }) }),
    }),
  },
});
export interface AssignReplicasToDirsRequest extends RequestOf<typeof AssignReplicasToDirs> {}
export interface AssignReplicasToDirsResponse extends ResponseOf<typeof AssignReplicasToDirs> {}
