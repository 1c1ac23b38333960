// BrokerHeartbeat, versions 0 to 2, flexible. A registered broker shows that it lives, and hears whether it is fenced
// (KIP-631).
//   v1 lost log directories (KIP-858) · v2 cordoned log directories (KIP-1066)
import { api, array, bool, int64, type RequestOf, type ResponseOf, uuid } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs } from './fields.ts';

export const BrokerHeartbeat = api({
  key: 63,
  name: 'BrokerHeartbeat',
  versions: [0, 2],
  flexible: 0,
  request: {
    brokerId,
    brokerEpoch: int64.default(-1),
    currentMetadataOffset: int64.doc('Up to where the broker has applied the metadata log.'),
    wantFence: bool,
    wantShutDown: bool.doc('The broker wants its leaderships moved away.'),
    offlineLogDirs: array(uuid).since(1).tag(0).doc('Ids of directories that have failed.'),
    cordonedLogDirs: array(uuid)
      .since(2)
      .nullable()
      .tag(1)
      .default(null)
      .doc('Ids of directories that take no new replicas (KIP-1066).'),
  },
  response: {
    throttleTimeMs,
    errorCode,
    isCaughtUp: bool.default(false).doc('The broker has applied the log up to its own registration.'),
    isFenced: bool.default(true),
    shouldShutDown: bool.doc('Leaderships are moved: the broker may go.'),
  },
});
export interface BrokerHeartbeatRequest extends RequestOf<typeof BrokerHeartbeat> {}
export interface BrokerHeartbeatResponse extends ResponseOf<typeof BrokerHeartbeat> {}
