// BeginQuorumEpoch, versions 0 to 1. A new leader of the KRaft quorum tells the voters so (KIP-595).
//   v1 flexible; directory ids and endpoints (KIP-853)
import { api, array, int32, type RequestOf, type ResponseOf, string, uint16, uuid } from '../schema.ts';
import { brokerId, errorCode, topicName } from './fields.ts';

export const BeginQuorumEpoch = api({
  key: 53,
  name: 'BeginQuorumEpoch',
  versions: [0, 1],
  flexible: 1,
  request: {
    clusterId: string.nullable().default(null),
    voterId: brokerId.since(1).default(-1).ignorable(),
    topics: array({
      topicName,
      partitions: array({
        partitionIndex: int32,
        voterDirectoryId: uuid.since(1).ignorable().doc('Directory of the replica that is meant (KIP-853).'),
        leaderId: brokerId,
        leaderEpoch: int32,
      }),
    }),
    leaderEndpoints: array({ name: string.mapKey(), host: string, port: uint16 }).since(1).ignorable(),
  },
  response: {
    errorCode,
    topics: array({
      topicName,
      partitions: array({ partitionIndex: int32, errorCode, leaderId: brokerId, leaderEpoch: int32 }),
    }),
    nodeEndpoints: array({ nodeId: brokerId.mapKey(), host: string, port: uint16 })
      .since(1)
      .tag(0)
      .doc('Where the leaders named above are.'),
  },
});
export interface BeginQuorumEpochRequest extends RequestOf<typeof BeginQuorumEpoch> {}
export interface BeginQuorumEpochResponse extends ResponseOf<typeof BeginQuorumEpoch> {}
