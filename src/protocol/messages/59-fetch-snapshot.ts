// FetchSnapshot, versions 0 to 1, flexible. A piece of a snapshot of the metadata log (KIP-630).
//   v1 directory ids and endpoints (KIP-853)
import {
  api,
  array,
  int32,
  int64,
  records,
  type RequestOf,
  type ResponseOf,
  string,
  struct,
  uint16,
  uuid,
} from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const FetchSnapshot = api({
  key: 59,
  name: 'FetchSnapshot',
  versions: [0, 1],
  flexible: 0,
  request: {
    clusterId: string.nullable().tag(0).default(null),
    replicaId: brokerId.default(-1).doc('-1 for whoever is no replica.'),
    maxBytes: int32.default(0x7fffffff),
    topics: array({
      name: topicName,
      partitions: array({
        partition: int32,
        currentLeaderEpoch: int32.doc("The replica's view."),
        snapshotId: struct({ endOffset: int64, epoch: int32 }),
        position: int64.doc('Byte within the snapshot.'),
        replicaDirectoryId: uuid.since(1).tag(0).ignorable().doc('Directory of the replica (KIP-853).'),
      }),
    }),
  },
  response: {
    throttleTimeMs,
    errorCode,
    topics: array({
      name: topicName,
      partitions: array({
        index: int32,
        errorCode,
        snapshotId: struct({ endOffset: int64, epoch: int32 }),
        currentLeader: struct({ leaderId: brokerId, leaderEpoch: int32 })
          .tag(0)
          .doc('Set when the client asked the wrong broker.'),
        size: int64.doc('Of the whole snapshot, in bytes.'),
        position: int64.doc('Byte within the snapshot.'),
        unalignedRecords: records.doc('The bytes at position; they may begin and end within a batch.'),
      }),
    }),
    nodeEndpoints: array({ nodeId: brokerId.mapKey(), host: string, port: uint16 })
      .since(1)
      .tag(0)
      .doc('Where the leaders named above are.'),
  },
});
export interface FetchSnapshotRequest extends RequestOf<typeof FetchSnapshot> {}
export interface FetchSnapshotResponse extends ResponseOf<typeof FetchSnapshot> {}
