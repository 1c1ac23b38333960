// ShareFetch, versions 1 to 2, flexible. A member of a share group acquires records, and acknowledges others by the way
// (KIP-932).
//   v2 exact record limits (KIP-1206), renewed locks (KIP-1222)
import {
  api,
  array,
  bool,
  int16,
  int32,
  int64,
  int8,
  records,
  type RequestOf,
  type ResponseOf,
  string,
  struct,
  uuid,
} from '../schema.ts';
import { brokerId, errorCode, groupId, throttleTimeMs } from './fields.ts';

export const ShareFetch = api({
  key: 78,
  name: 'ShareFetch',
  versions: [1, 2],
  flexible: 0,
  request: {
    groupId: groupId.nullable().default(null),
    memberId: string.nullable(),
    shareSessionEpoch: int32.doc('0 begins a session, -1 ends it, else counts its requests.'),
    maxWaitMs: int32.doc('How long the broker may wait for minBytes.'),
    minBytes: int32,
    maxBytes: int32.default(0x7fffffff),
    maxRecords: int32,
    batchSize: int32,
    shareAcquireMode: int8.since(2).default(0).ignorable().doc('0 whole batches, 1 at most maxRecords records.'),
    isRenewAck: bool.since(2).default(false).doc('true: some acknowledgements renew locks (KIP-1222).'),
    topics: array({
      topicId: uuid.mapKey(),
      partitions: array({
        partitionIndex: int32.mapKey(),
        acknowledgementBatches: array({
          firstOffset: int64,
          lastOffset: int64,
          acknowledgeTypes: array(int8).doc(
            '0 gap, 1 accept, 2 release, 3 reject, 4 renew; one for the whole range or one per record.',
          ),
        }),
      }),
    }),
    forgottenTopicsData: array({ topicId: uuid, partitions: array(int32) }).doc('Partitions to drop from the session.'),
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable().default(null),
    acquisitionLockTimeoutMs: int32,
    responses: array({
      topicId: uuid.mapKey(),
      partitions: array({
        partitionIndex: int32,
        errorCode,
        errorMessage: string.nullable().default(null),
        acknowledgeErrorCode: int16,
        acknowledgeErrorMessage: string.nullable().default(null),
        currentLeader: struct({ leaderId: int32, leaderEpoch: int32 }).doc(
          'Set when the client asked the wrong broker.',
        ),
        records,
        acquiredRecords: array({ firstOffset: int64, lastOffset: int64, deliveryCount: int16 }).doc(
          'Ranges that are now locked for the member.',
        ),
      }),
    }),
    nodeEndpoints: array({
      nodeId: brokerId.mapKey(),
      host: string,
      port: int32,
      rack: string.nullable().default(null),
    }).doc('Where the leaders named above are.'),
  },
});
export interface ShareFetchRequest extends RequestOf<typeof ShareFetch> {}
export interface ShareFetchResponse extends ResponseOf<typeof ShareFetch> {}
