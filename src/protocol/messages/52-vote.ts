// Vote, versions 0 to 2, flexible. A candidate of the KRaft quorum asks for a vote (KIP-595).
//   v1 directory ids (KIP-853) · v2 pre-votes, which change nothing (KIP-996)
import { api, array, bool, int32, int64, type RequestOf, type ResponseOf, string, uint16, uuid } from '../schema.ts';
import { brokerId, errorCode, topicName } from './fields.ts';

export const Vote = api({
  key: 52,
  name: 'Vote',
  versions: [0, 2],
  flexible: 0,
  request: {
    clusterId: string.nullable().default(null),
    voterId: brokerId.since(1).default(-1).ignorable(),
    topics: array({
      topicName,
      partitions: array({
        partitionIndex: int32,
        replicaEpoch: int32.doc('The epoch to vote for.'),
        replicaId: brokerId.doc('The candidate.'),
        replicaDirectoryId: uuid.since(1).ignorable().doc('Directory of the replica (KIP-853).'),
        voterDirectoryId: uuid.since(1).ignorable().doc('Directory of the replica that is meant (KIP-853).'),
        lastOffsetEpoch: int32.doc('Epoch of its last record.'),
        lastOffset: int64.doc('End of the log of the candidate.'),
        preVote: bool.since(2).doc('true: only asks whether there would be a vote.'),
      }),
    }),
  },
  response: {
    errorCode,
    topics: array({
      topicName,
      partitions: array({
        partitionIndex: int32,
        errorCode,
        leaderId: brokerId,
        leaderEpoch: int32,
        voteGranted: bool,
      }),
    }),
    nodeEndpoints: array({ nodeId: brokerId.mapKey(), host: string, port: uint16 })
      .since(1)
      .tag(0)
      .doc('Where the leaders named above are.'),
  },
});
export interface VoteRequest extends RequestOf<typeof Vote> {}
export interface VoteResponse extends ResponseOf<typeof Vote> {}
