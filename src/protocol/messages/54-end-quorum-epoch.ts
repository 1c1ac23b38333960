// EndQuorumEpoch, versions 0 to 1. A leader of the KRaft quorum steps down and names successors (KIP-595).
//   v1 flexible; directory ids and endpoints (KIP-853)
import { api, array, int32, type RequestOf, type ResponseOf, string, uint16, uuid } from '../schema.ts';
import { brokerId, errorCode, topicName } from './fields.ts';

export const EndQuorumEpoch = api({
  key: 54,
  name: 'EndQuorumEpoch',
  versions: [0, 1],
  flexible: 1,
  request: {
    clusterId: string.nullable().default(null),
    topics: array({
      topicName,
      partitions: array({
        partitionIndex: int32,
        leaderId: brokerId,
        leaderEpoch: int32,
        preferredSuccessors: array(int32)
          .until(0)
          .ignorable()
          .doc('Voters by the end of their logs, the most complete first.'),
        preferredCandidates: array({ candidateId: brokerId, candidateDirectoryId: uuid })
          .since(1)
          .ignorable()
          .doc('Voters by the end of their logs, the most complete first.'),
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
export interface EndQuorumEpochRequest extends RequestOf<typeof EndQuorumEpoch> {}
export interface EndQuorumEpochResponse extends ResponseOf<typeof EndQuorumEpoch> {}
