// DescribeQuorum, versions 0 to 2, flexible. Voters and observers of the KRaft quorum and how far they are (KIP-595).
//   v1 when they fetched last (KIP-836) · v2 directory ids and endpoints (KIP-853)
import { api, array, int32, int64, type RequestOf, type ResponseOf, string, uint16, uuid } from '../schema.ts';
import { brokerId, errorCode, topicName } from './fields.ts';

const replicaState = {
  replicaId: brokerId,
  replicaDirectoryId: uuid.since(2).doc('Directory of the replica (KIP-853).'),
  logEndOffset: int64,
  lastFetchTimestamp: int64.since(1).default(-1).ignorable().doc("On the leader's clock; -1 when not known."),
  lastCaughtUpTimestamp: int64.since(1).default(-1).ignorable().doc("On the leader's clock; -1 when not known."),
};

export const DescribeQuorum = api({
  key: 55,
  name: 'DescribeQuorum',
  versions: [0, 2],
  flexible: 0,
  request: { topics: array({ topicName, partitions: array({ partitionIndex: int32 }) }) },
  response: {
    errorCode,
    errorMessage: string.since(2).nullable().ignorable(),
    topics: array({
      topicName,
      partitions: array({
        partitionIndex: int32,
        errorCode,
        errorMessage: string.since(2).nullable().ignorable(),
        leaderId: brokerId,
        leaderEpoch: int32,
        highWatermark: int64,
        currentVoters: array(replicaState),
        observers: array(replicaState),
      }),
    }),
    nodes: array({
      nodeId: brokerId.mapKey(),
      listeners: array({ name: string.mapKey(), host: string, port: uint16 }),
    }).since(2),
  },
});
export interface DescribeQuorumRequest extends RequestOf<typeof DescribeQuorum> {}
export interface DescribeQuorumResponse extends ResponseOf<typeof DescribeQuorum> {}
