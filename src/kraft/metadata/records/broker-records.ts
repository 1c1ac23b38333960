// Metadata records about brokers and controllers: registered, fenced, gone (KIP-631, KIP-919).
import {
  array,
  bool,
  int16,
  int32,
  int64,
  int8,
  message,
  string,
  uint16,
  uuid,
  type ValueOf,
} from '../../../protocol/index.ts';
import { brokerId } from '../../../protocol/messages/fields.ts';

export const registerBrokerRecord = message('RegisterBrokerRecord', [0, 4], 0, {
  brokerId,
  isMigratingZkBroker: bool.since(2).default(false).doc('Of the time of ZooKeeper; always false.'),
  incarnationId: uuid.doc('Made anew whenever the process starts.'),
  brokerEpoch: int64.doc('Offset of this record.'),
  endPoints: array({ name: string.mapKey(), host: string, port: uint16, securityProtocol: int16 }).doc(
    'One for each listener.',
  ),
  features: array({ name: string.mapKey(), minSupportedVersion: int16, maxSupportedVersion: int16 }),
  rack: string.nullable(),
  fenced: bool.default(true),
  inControlledShutdown: bool.since(1).default(false),
  logDirs: array(uuid).since(3).tag(0).doc('Ids of the log directories.'),
  cordonedLogDirs: array(uuid).since(4).nullable().tag(1).default(null),
});
export interface RegisterBrokerRecord extends ValueOf<typeof registerBrokerRecord.fields> {
  readonly type: 'RegisterBrokerRecord';
  readonly version: number;
}

export const unregisterBrokerRecord = message('UnregisterBrokerRecord', [0, 0], 0, { brokerId, brokerEpoch: int64 });
export interface UnregisterBrokerRecord extends ValueOf<typeof unregisterBrokerRecord.fields> {
  readonly type: 'UnregisterBrokerRecord';
  readonly version: number;
}

export const fenceBrokerRecord = message('FenceBrokerRecord', [0, 0], 0, { id: brokerId, epoch: int64 });
export interface FenceBrokerRecord extends ValueOf<typeof fenceBrokerRecord.fields> {
  readonly type: 'FenceBrokerRecord';
  readonly version: number;
}

export const unfenceBrokerRecord = message('UnfenceBrokerRecord', [0, 0], 0, { id: brokerId, epoch: int64 });
export interface UnfenceBrokerRecord extends ValueOf<typeof unfenceBrokerRecord.fields> {
  readonly type: 'UnfenceBrokerRecord';
  readonly version: number;
}

export const brokerRegistrationChangeRecord = message('BrokerRegistrationChangeRecord', [0, 3], 0, {
  brokerId,
  brokerEpoch: int64,
  fenced: int8.tag(0).doc('-1 unfence, 0 unchanged, 1 fence.'),
  inControlledShutdown: int8.since(1).tag(1).doc('0 unchanged, 1 begins to shut down.'),
  logDirs: array(uuid).since(2).tag(2).doc('Ids of the log directories that are online.'),
  cordonedLogDirs: array(uuid).since(3).nullable().tag(3).default(null),
});
export interface BrokerRegistrationChangeRecord extends ValueOf<typeof brokerRegistrationChangeRecord.fields> {
  readonly type: 'BrokerRegistrationChangeRecord';
  readonly version: number;
}

export const registerControllerRecord = message('RegisterControllerRecord', [0, 0], 0, {
  controllerId: int32,
  incarnationId: uuid.doc('Made anew whenever the process starts.'),
  zkMigrationReady: bool.doc('Of the time of ZooKeeper; always false.'),
  endPoints: array({ name: string.mapKey(), host: string, port: uint16, securityProtocol: int16 }),
  features: array({ name: string.mapKey(), minSupportedVersion: int16, maxSupportedVersion: int16 }),
});
export interface RegisterControllerRecord extends ValueOf<typeof registerControllerRecord.fields> {
  readonly type: 'RegisterControllerRecord';
  readonly version: number;
}
