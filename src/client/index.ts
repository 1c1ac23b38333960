// The client library: connections, metadata, producer, consumer, group member. It reaches brokers over the network port only.
export { ClusterClient } from './connections/cluster-client.ts';
export type { Address, ClientConfig, ClientLimits, SaslOptions, TlsOptions } from './connections/client-options.ts';
export { Consumer, type ConsumerOptions } from './consumer/consumer.ts';
export type { ConsumedRecord } from './consumer/fetched-records.ts';
export { GroupMember, type GroupMemberOptions, type GroupShare } from './group/group-member.ts';
export type { ProducerRecord, SentRecord } from './producer/partition-sender.ts';
export { Producer, type ProducerOptions } from './producer/producer.ts';
export { TransactionError } from './producer/producer-identity.ts';
export type { ConsumedOffsets, ConsumerPlace } from './producer/transactions.ts';
