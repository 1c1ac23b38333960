// The client library: connections, metadata, producer, consumer, group member. It reaches brokers over the network port only.
export { ClusterClient } from './cluster-client.ts';
export type { ClientOptions } from './client-options.ts';
export { Consumer, type ConsumerOptions } from './consumer.ts';
export type { ConsumedRecord } from './fetched-records.ts';
export { GroupMember, type GroupMemberOptions, type GroupShare } from './group-member.ts';
export type { ProducerRecord, SentRecord } from './partition-sender.ts';
export { Producer, type ProducerOptions } from './producer.ts';
export { TransactionError } from './producer-identity.ts';
export type { ConsumedOffsets, ConsumerPlace } from './transactions.ts';
