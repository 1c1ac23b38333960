// Metadata records about the cluster as a whole: configs, features, producer ids, and the transactions that bind
// records together (KIP-868).
import { exactInt64, int16, int64, int8, message, string, type ValueOf } from '../../../protocol/index.ts';
import { brokerId } from '../../../protocol/messages/fields.ts';

export const configRecord = message('ConfigRecord', [0, 0], 0, {
  resourceType: int8.doc('2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.'),
  resourceName: string.doc("'' for the default of all brokers."),
  name: string,
  value: string.nullable().doc('null: back to the default.'),
});
export interface ConfigRecord extends ValueOf<typeof configRecord.fields> {
  readonly type: 'ConfigRecord';
  readonly version: number;
}

export const featureLevelRecord = message('FeatureLevelRecord', [0, 0], 0, {
  name: string,
  featureLevel: int16.doc('0: the feature is off.'),
});
export interface FeatureLevelRecord extends ValueOf<typeof featureLevelRecord.fields> {
  readonly type: 'FeatureLevelRecord';
  readonly version: number;
}

export const producerIdsRecord = message('ProducerIdsRecord', [0, 0], 0, {
  brokerId,
  brokerEpoch: int64.default(-1),
  nextProducerId: exactInt64.doc('Where the next block begins.'),
});
export interface ProducerIdsRecord extends ValueOf<typeof producerIdsRecord.fields> {
  readonly type: 'ProducerIdsRecord';
  readonly version: number;
}

export const noOpRecord = message('NoOpRecord', [0, 0], 0, {});
export interface NoOpRecord extends ValueOf<typeof noOpRecord.fields> {
  readonly type: 'NoOpRecord';
  readonly version: number;
}

export const zkMigrationStateRecord = message('ZkMigrationStateRecord', [0, 0], 0, { zkMigrationState: int8 });
export interface ZkMigrationStateRecord extends ValueOf<typeof zkMigrationStateRecord.fields> {
  readonly type: 'ZkMigrationStateRecord';
  readonly version: number;
}

export const beginTransactionRecord = message('BeginTransactionRecord', [0, 0], 0, {
  name: string.nullable().tag(0).default(null),
});
export interface BeginTransactionRecord extends ValueOf<typeof beginTransactionRecord.fields> {
  readonly type: 'BeginTransactionRecord';
  readonly version: number;
}

export const endTransactionRecord = message('EndTransactionRecord', [0, 0], 0, {});
export interface EndTransactionRecord extends ValueOf<typeof endTransactionRecord.fields> {
  readonly type: 'EndTransactionRecord';
  readonly version: number;
}

export const abortTransactionRecord = message('AbortTransactionRecord', [0, 0], 0, {
  reason: string.nullable().tag(0).default(null),
});
export interface AbortTransactionRecord extends ValueOf<typeof abortTransactionRecord.fields> {
  readonly type: 'AbortTransactionRecord';
  readonly version: number;
}
