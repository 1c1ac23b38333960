// What a controller writes when it becomes the active one (Kafka: ActivationRecordsGenerator): the bootstrap records into an
// empty log, the end of a metadata transaction that its predecessor left open, otherwise nothing.
import {
  hasMetadataTransactions,
  isElrEnabled,
  MetadataDelta,
  type MetadataImage,
  type MetadataRecord,
  RESOURCE_BROKER,
} from '../metadata/index.ts';
import type { ConfigPolicy } from './configs/config-policy.ts';

const MIN_INSYNC_REPLICAS = 'min.insync.replicas';

export interface ActivationFacts {
  readonly image: MetadataImage;
  readonly isInTransaction: boolean;
  readonly bootstrapRecords: readonly MetadataRecord[];
  readonly policy: ConfigPolicy;
}

export function activationRecords({
  image,
  isInTransaction,
  bootstrapRecords,
  policy,
}: ActivationFacts): MetadataRecord[] {
  const abort: MetadataRecord[] = isInTransaction ? [abortRecord(image.isEmpty)] : [];
  if (!image.isEmpty) return abort;
  const records = [...bootstrapRecords, ...elrSafetyRecords(image, bootstrapRecords, policy)];
  const { features } = afterRecords(image, records);
  if (!hasMetadataTransactions(features.metadataVersion)) return [...abort, ...records];
  return [
    ...abort,
    { type: 'BeginTransactionRecord', version: 0, name: 'Bootstrap records' },
    ...records,
    { type: 'EndTransactionRecord', version: 0 },
  ];
}

function abortRecord(isEmpty: boolean): MetadataRecord {
  const reason = isEmpty
    ? 'aborting a bootstrap transaction that was left open; it is written again'
    : 'there was a transaction open when a new controller became active';
  return { type: 'AbortTransactionRecord', version: 0, reason };
}

/** KIP-966: with eligible replicas, min.insync.replicas is a matter of the cluster, not of each broker's file. */
export function elrSafetyRecords(
  image: MetadataImage,
  bootstrapRecords: readonly MetadataRecord[],
  policy: ConfigPolicy,
): MetadataRecord[] {
  const { features, configs } = afterRecords(image, bootstrapRecords);
  if (!isElrEnabled(features) || configs.get(RESOURCE_BROKER, '').has(MIN_INSYNC_REPLICAS)) return [];
  return [
    {
      type: 'ConfigRecord',
      version: 0,
      resourceType: RESOURCE_BROKER,
      resourceName: '',
      name: MIN_INSYNC_REPLICAS,
      value: policy.brokerDefault(MIN_INSYNC_REPLICAS),
    },
  ];
}

function afterRecords(image: MetadataImage, records: readonly MetadataRecord[]): MetadataImage {
  const delta = new MetadataDelta(image);
  for (const record of records) delta.replay(record);
  return delta.apply(image.provenance);
}
