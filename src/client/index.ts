// The client library: connections, metadata, producer, consumer, group member. It reaches brokers over the network port only.
export * from './admin/index.ts';
export { Cluster as ClusterClient } from './cluster.ts';
export type { Address, ClientConfig, ClientLimits, SaslOptions, TlsOptions } from './connections/client-options.ts';
export type { ClientSource } from './connections/client-source.ts';
export { readProperties } from './connections/resolve-config.ts';
export type { CallOptions, CancelSignal } from './connections/patience.ts';
export type { ConsumedRecord, Place, RecordBatchFacts } from './consumer/consumed-record.ts';
export {
  type AssignedPlace,
  type CloseOptions,
  Consumer,
  type ConsumerGroupMetadata,
  type PartitionLag,
} from './consumer/consumer.ts';
export type { AssignorName, ConsumerOptions } from './consumer/consumer-options.ts';
export type { ForEachOptions } from './consumer/for-each.ts';
export type { FoundOffset } from './consumer/offset-lookups.ts';
export type { RecordBatch } from './consumer/reading.ts';
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
export type { Assignment, Assignor, AssignorMember, TopicPartitions } from './group/assignors/assignor.ts';
export type { CommittedOffset } from './group/group-offsets.ts';
export { murmur2Partitioner, type PartitionChoice, type Partitioner } from './producer/partitioner.ts';
export type { CompressionName } from './producer/producer-settings.ts';
export { type OffsetSource, Producer, type ProducerOptions, type TransactionScope } from './producer/producer.ts';
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
export type { AcknowledgeType } from './share/acknowledgements.ts';
export {
  type AcknowledgedPartition,
  ShareConsumer,
  type ShareConsumerOptions,
  type ShareRecord,
} from './share/share-consumer.ts';
