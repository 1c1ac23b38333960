// BrokerRegistration, versions 0 to 4, flexible. A broker joins the cluster and gets its epoch (KIP-631).
//   v1 migration from ZooKeeper (KIP-866) · v2 log directories (KIP-858) · v3 epoch before a clean shutdown (KIP-966)
//   v4 features whose lowest level is 0 (KIP-1022)
import { api, array, bool, int16, int64, type RequestOf, type ResponseOf, string, uint16, uuid } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs } from './fields.ts';

export const BrokerRegistration = api({
  key: 62,
  name: 'BrokerRegistration',
  versions: [0, 4],
  flexible: 0,
  request: {
    brokerId,
    clusterId: string,
    incarnationId: uuid.doc('Made anew whenever the process starts.'),
    listeners: array({
      name: string.mapKey(),
      host: string,
      port: uint16,
      securityProtocol: int16.doc('0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.'),
    }),
    features: array({ name: string.mapKey(), minSupportedVersion: int16, maxSupportedVersion: int16 }),
    rack: string.nullable(),
    isMigratingZkBroker: bool.since(1).default(false).doc('Of the time of ZooKeeper; always false.'),
    logDirs: array(uuid).since(2).ignorable().doc('Ids of the log directories.'),
    previousBrokerEpoch: int64.since(3).default(-1).ignorable().doc('Epoch before a clean shutdown; -1 after a crash.'),
  },
  response: { throttleTimeMs, errorCode, brokerEpoch: int64.default(-1) },
});
export interface BrokerRegistrationRequest extends RequestOf<typeof BrokerRegistration> {}
export interface BrokerRegistrationResponse extends ResponseOf<typeof BrokerRegistration> {}
