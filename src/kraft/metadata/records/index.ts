// The records of __cluster_metadata (KIP-631): schemas, and the frame around each: frame version, record type and
// version as varints, then the body.
import { codecOf, DecodeError, type MessageSchema, Reader, Writer } from '../../../protocol/index.ts';
import * as brokers from './broker-records.ts';
import * as cluster from './cluster-records.ts';
import * as security from './security-records.ts';
import * as topics from './topic-records.ts';

export * from './broker-records.ts';
export * from './cluster-records.ts';
export * from './security-records.ts';
export * from './topic-records.ts';

export type MetadataRecord =
  | brokers.RegisterBrokerRecord
  | brokers.UnregisterBrokerRecord
  | topics.TopicRecord
  | topics.PartitionRecord
  | cluster.ConfigRecord
  | topics.PartitionChangeRecord
  | brokers.FenceBrokerRecord
  | brokers.UnfenceBrokerRecord
  | topics.RemoveTopicRecord
  | security.DelegationTokenRecord
  | security.UserScramCredentialRecord
  | cluster.FeatureLevelRecord
  | security.ClientQuotaRecord
  | cluster.ProducerIdsRecord
  | brokers.BrokerRegistrationChangeRecord
  | security.AccessControlEntryRecord
  | security.RemoveAccessControlEntryRecord
  | cluster.NoOpRecord
  | cluster.ZkMigrationStateRecord
  | security.RemoveUserScramCredentialRecord
  | cluster.BeginTransactionRecord
  | cluster.EndTransactionRecord
  | cluster.AbortTransactionRecord
  | security.RemoveDelegationTokenRecord
  | brokers.RegisterControllerRecord
  | topics.ClearElrRecord;

/** Schemas by the number that stands in the frame. */
export const metadataRecordSchemas: ReadonlyMap<number, MessageSchema> = new Map<number, MessageSchema>([
  [0, brokers.registerBrokerRecord],
  [1, brokers.unregisterBrokerRecord],
  [2, topics.topicRecord],
  [3, topics.partitionRecord],
  [4, cluster.configRecord],
  [5, topics.partitionChangeRecord],
  [7, brokers.fenceBrokerRecord],
  [8, brokers.unfenceBrokerRecord],
  [9, topics.removeTopicRecord],
  [10, security.delegationTokenRecord],
  [11, security.userScramCredentialRecord],
  [12, cluster.featureLevelRecord],
  [14, security.clientQuotaRecord],
  [15, cluster.producerIdsRecord],
  [17, brokers.brokerRegistrationChangeRecord],
  [18, security.accessControlEntryRecord],
  [19, security.removeAccessControlEntryRecord],
  [20, cluster.noOpRecord],
  [21, cluster.zkMigrationStateRecord],
  [22, security.removeUserScramCredentialRecord],
  [23, cluster.beginTransactionRecord],
  [24, cluster.endTransactionRecord],
  [25, cluster.abortTransactionRecord],
  [26, security.removeDelegationTokenRecord],
  [27, brokers.registerControllerRecord],
  [28, topics.clearElrRecord],
]);

const numbers = new Map<string, number>();
for (const [number, { name }] of metadataRecordSchemas) numbers.set(name, number);

/** A record of a type, or in a version, that is not known here. */
export class UnknownRecordError extends DecodeError {
  override readonly name = 'UnknownRecordError';
}

const FRAME_VERSION = 1;
const writer = new Writer();

/** The value of a record of the metadata log. Throws EncodeError when the version cannot carry it. */
export function encodeMetadataRecord(record: MetadataRecord): Buffer {
  const number = numbers.get(record.type) as number;
  const schema = metadataRecordSchemas.get(number) as MessageSchema;
  writer.reset();
  writer.uvarint(FRAME_VERSION);
  writer.uvarint(number);
  writer.uvarint(record.version);
  codecOf(schema, record.version).encode(writer, record as never);
  return writer.finishToBytes();
}

/** Throws DecodeError; UnknownRecordError, which is one, for a type or a version that is not known. */
export function decodeMetadataRecord(bytes: Uint8Array): MetadataRecord {
  const reader = new Reader(bytes);
  const frameVersion = reader.uvarint();
  if (frameVersion !== FRAME_VERSION) throw new DecodeError(`metadata record with frame version ${frameVersion}`);
  const number = reader.uvarint();
  const schema = metadataRecordSchemas.get(number);
  if (schema === undefined) throw new UnknownRecordError(`a metadata record of the unknown type ${number}`);
  const version = reader.uvarint();
  if (version > schema.versions[1]) throw new UnknownRecordError(`a ${schema.name} of the unknown version ${version}`);
  const fields = codecOf(schema, version).decode(reader);
  if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes behind a ${schema.name}`);
  return Object.assign(fields, { type: schema.name, version }) as unknown as MetadataRecord;
}
