// ShareAcknowledge, versions 1 to 2, flexible. A member of a share group acknowledges records (KIP-932).
//   v2 renewed locks (KIP-1222)
import {
  api,
  array,
  bool,
  int32,
  int64,
  int8,
  type RequestOf,
  type ResponseOf,
  string,
  struct,
  uuid,
} from '../schema.ts';
import { brokerId, errorCode, groupId, throttleTimeMs } from './fields.ts';

export const ShareAcknowledge = api({
  key: 79,
  name: 'ShareAcknowledge',
  versions: [1, 2],
  flexible: 0,
  request: {
    groupId: groupId.nullable().default(null),
    memberId: string.nullable(),
    shareSessionEpoch: int32.doc('0 begins a session, -1 ends it, else counts its requests.'),
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
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable().default(null),
    acquisitionLockTimeoutMs: int32.since(2).ignorable(),
    responses: array({
      topicId: uuid.mapKey(),
      partitions: array({
        partitionIndex: int32,
        errorCode,
        errorMessage: string.nullable().default(null),
        currentLeader: struct({ leaderId: int32, leaderEpoch: int32 }).doc(
          'Set when the client asked the wrong broker.',
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
export interface ShareAcknowledgeRequest extends RequestOf<typeof ShareAcknowledge> {}
export interface ShareAcknowledgeResponse extends ResponseOf<typeof ShareAcknowledge> {}
