// ElectLeaders, versions 0 to 2. Has leaders elected: the preferred replica, or any replica at the price of data
// (KIP-183).
//   v1 kind of election (KIP-460) · v2 flexible
import { api, array, int32, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs, topicName } from './fields.ts';

export const ElectLeaders = api({
  key: 43,
  name: 'ElectLeaders',
  versions: [0, 2],
  flexible: 2,
  request: {
    electionType: int8.since(1).doc('0 preferred, 1 unclean.'),
    topicPartitions: array({ topic: topicName.mapKey(), partitions: array(int32) })
      .nullable()
      .doc('null: all partitions.'),
    timeoutMs: int32.default(60000).doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
  },
  response: {
    throttleTimeMs,
    errorCode: errorCode.since(1),
    replicaElectionResults: array({
      topic: topicName,
      partitionResult: array({ partitionId: int32, errorCode, errorMessage: string.nullable() }),
    }),
  },
});
export interface ElectLeadersRequest extends RequestOf<typeof ElectLeaders> {}
export interface ElectLeadersResponse extends ResponseOf<typeof ElectLeaders> {}
