// FindCoordinator, versions 0 to 6. Which broker coordinates a group, transactional id or share partition.
//   v1 key types · v3 flexible · v4 several keys (KIP-699) · v5 TRANSACTION_ABORTABLE (KIP-890)
//   v6 share groups (KIP-932)
import { api, array, int32, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs } from './fields.ts';

export const FindCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexible: 3,
  request: {
    key: string.until(3),
    keyType: int8.since(1).default(0).doc('0 group, 1 transaction, 2 share partition.'),
    coordinatorKeys: array(string).since(4).doc('A share partition is written group:topicId:partition.'),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(1).ignorable(),
    errorCode: errorCode.until(3),
    errorMessage: string.since(1).until(3).nullable().ignorable(),
    nodeId: brokerId.until(3),
    host: string.until(3),
    port: int32.until(3),
    coordinators: array({
      key: string,
      nodeId: brokerId,
      host: string,
      port: int32,
      errorCode,
      errorMessage: string.nullable(),
    }).since(4),
  },
});
export interface FindCoordinatorRequest extends RequestOf<typeof FindCoordinator> {}
export interface FindCoordinatorResponse extends ResponseOf<typeof FindCoordinator> {}
