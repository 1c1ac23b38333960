// The client library: connections, metadata, producer, consumer, group member. It reaches brokers over the network port only.
export * from './admin/index.ts';
export { Cluster as ClusterClient } from './cluster.ts';
export type { Address, ClientConfig, ClientLimits, SaslOptions, TlsOptions } from './connections/client-options.ts';
export type { ClientSource } from './connections/client-source.ts';
export type { CallOptions, CancelSignal } from './connections/patience.ts';
export { Consumer, type ConsumerOptions } from './consumer/consumer.ts';
export type { ConsumedRecord } from './consumer/fetched-records.ts';
export {
  AuthenticationError,
  AuthorizationError,
  ClientError,
  ClosedError,
  ConfigurationError,
  ConnectionError,
  FencedError,
  RecordTooLargeError,
  SerializationError,
  TimeoutError,
  TransactionError,
  UnknownTopicError,
  UnsupportedVersionError,
} from './errors.ts';
export { GroupMember, type GroupMemberOptions, type GroupShare } from './group/group-member.ts';
export { Producer, type ProducerOptions, type TransactionScope } from './producer/producer.ts';
export type { ProducerRecord, RecordMetadata } from './producer/producer-record.ts';
export type { ConsumedOffsets, ConsumerPlace } from './producer/transactions.ts';
export type {
  Bytes,
  Deserializer,
  RecordHeader,
  Serde,
  SerdeContext,
  Serializer,
} from './serializers.ts';
