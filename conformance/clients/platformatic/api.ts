// The parts of @platformatic/kafka 2.12.1 that the checks use. The package itself is fetched when the suite runs and is
// no dependency of this one, so that its types are written down here.

import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export interface ToProduce {
  readonly topic: string;
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  readonly partition?: number;
  readonly timestamp?: bigint;
  readonly headers?: Map<Buffer, Buffer>;
}

export interface SendOptions {
  readonly acks?: number;
  readonly compression?: Codec;
  readonly idempotent?: boolean;
  readonly autocreateTopics?: boolean;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
}

export interface Transaction {
  send(options: SendOptions & { messages: ToProduce[] }): Promise<unknown>;
  addConsumer(consumer: Consumer): Promise<void>;
  addOffset(message: Message): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export interface Producer {
  readonly producerId: bigint | undefined;
  send(options: SendOptions & { messages: ToProduce[] }): Promise<{ offsets?: Place[]; unwritableNodes?: number[] }>;
  asStream(options: SendOptions & { batchSize?: number; batchTime?: number; reportMode?: string }): Writable & {
    close(): Promise<void>;
  };
  beginTransaction(options?: SendOptions): Promise<Transaction>;
  close(force?: boolean): Promise<void>;
}

export interface Message extends Place {
  readonly key: Buffer | null | undefined;
  readonly value: Buffer | null | undefined;
  readonly headers: Map<Buffer, Buffer>;
  readonly timestamp: bigint;
  commit(): Promise<void>;
}

export interface MessagesStream extends Readable {
  readonly offsetsCommitted: Map<string, bigint>;
  close(): Promise<void>;
  [Symbol.asyncIterator](): NodeJS.AsyncIterator<Message>;
}

export interface Owned {
  readonly topic: string;
  readonly partitions: number[];
}

export interface MemberOfGroup {
  readonly memberId: string;
  readonly topics?: string[];
  readonly metadata?: Buffer | string;
}

export type Assigner = (
  current: string,
  members: Map<string, MemberOfGroup>,
  topics: Set<string>,
  metadata: { readonly topics: Map<string, { readonly partitionsCount: number }> },
) => { memberId: string; assignments: Map<string, Owned> }[];

export interface GroupOptions {
  readonly groupProtocol?: 'classic' | 'consumer';
  readonly groupRemoteAssignor?: string;
  readonly groupInstanceId?: string;
  readonly sessionTimeout?: number;
  readonly rebalanceTimeout?: number;
  readonly heartbeatInterval?: number;
  readonly protocols?: { name: string; version: number; metadata?: Buffer | string }[];
  readonly partitionAssigner?: Assigner;
}

export interface ConsumeOptions {
  readonly topics: string[];
  readonly mode?: 'latest' | 'earliest' | 'committed' | 'manual';
  readonly fallbackMode?: 'latest' | 'earliest' | 'fail';
  readonly offsets?: Place[];
  readonly autocommit?: boolean | number;
  readonly maxFetches?: number;
  readonly maxWaitTime?: number;
  readonly maxBytes?: number;
  readonly isolationLevel?: number;
}

export interface Consumer extends EventEmitter {
  readonly memberId: string | null;
  readonly generationId: number;
  readonly assignments: Owned[] | null;
  consume(options: ConsumeOptions): Promise<MessagesStream>;
  commit(options: { offsets: (Place & { leaderEpoch: number })[] }): Promise<void>;
  listOffsets(options: { topics: string[]; timestamp?: bigint }): Promise<Map<string, bigint[]>>;
  listOffsetsWithTimestamps(options: {
    topics: string[];
    timestamp?: bigint;
  }): Promise<Map<string, Map<number, { offset: bigint; timestamp: bigint }>>>;
  listCommittedOffsets(options: { topics: Owned[] }): Promise<Map<string, bigint[]>>;
  getLag(options: { topics: string[] }): Promise<Map<string, bigint[]>>;
  findGroupCoordinator(): Promise<number>;
  joinGroup(options?: GroupOptions): Promise<string>;
  leaveGroup(force?: boolean): Promise<void>;
  close(force?: boolean): Promise<void>;
}

export interface ConfigResource<Config> {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: Config[];
}

export interface Admin {
  listApis(): Promise<{ name: string; minVersion: number; maxVersion: number }[]>;
  metadata(options: { topics: string[]; forceUpdate?: boolean }): Promise<{
    id: string;
    controllerId: number;
    brokers: Map<number, { host: string; port: number }>;
    topics: Map<string, { id: string; partitionsCount: number; partitions: { leader: number; isr: number[] }[] }>;
  }>;
  listTopics(options?: { includeInternals?: boolean }): Promise<string[]>;
  createTopics(options: {
    topics: (string | { topic: string; assignments?: { partition: number; brokers: number[] }[] })[];
    partitions?: number;
    replicas?: number;
    configs?: { name: string; value: string }[];
  }): Promise<
    { id: string; name: string; partitions: number; replicas: number; configuration: Record<string, string | null> }[]
  >;
  deleteTopics(options: { topics: string[] }): Promise<void>;
  createPartitions(options: {
    topics: { name: string; count: number; assignments?: { brokerIds: number[] }[] }[];
    validateOnly?: boolean;
  }): Promise<void>;
  listGroups(options?: {
    states?: string[];
    types?: string[];
  }): Promise<Map<string, { id: string; state: string; groupType?: string; protocolType: string }>>;
  describeGroups(options: { groups: string[]; includeAuthorizedOperations?: boolean }): Promise<Map<string, Group>>;
  deleteGroups(options: { groups: string[] }): Promise<void>;
  removeMembersFromConsumerGroup(options: {
    groupId: string;
    members?: { memberId: string; reason?: string }[];
  }): Promise<void>;
  findCoordinator(options: {
    keyType: number;
    keys: string[];
  }): Promise<{ key: string; nodeId: number; port: number }[]>;
  describeLogDirs(options: { topics: { name: string; partitions: number[] }[] }): Promise<
    {
      broker: number;
      results: {
        totalBytes: bigint;
        topics: { name: string; partitions: { partitionIndex: number; partitionSize: bigint }[] }[];
      }[];
    }[]
  >;
  listConsumerGroupOffsets(options: {
    groups: (string | { groupId: string; topics?: { name: string; partitionIndexes: number[] }[] })[];
    requireStable?: boolean;
  }): Promise<
    { groupId: string; topics: { name: string; partitions: { partitionIndex: number; committedOffset: bigint }[] }[] }[]
  >;
  alterConsumerGroupOffsets(options: {
    groupId: string;
    topics: { name: string; partitionOffsets: { partition: number; offset: bigint }[] }[];
  }): Promise<void>;
  deleteConsumerGroupOffsets(options: {
    groupId: string;
    topics: { name: string; partitionIndexes: number[] }[];
  }): Promise<{ name: string; partitionIndexes: number[] }[]>;
  describeConfigs(options: {
    resources: { resourceType: number; resourceName: string; configurationKeys?: string[] }[];
    includeSynonyms?: boolean;
    includeDocumentation?: boolean;
  }): Promise<ConfigResource<DescribedConfig>[]>;
  alterConfigs(options: {
    resources: ConfigResource<{ name: string; value: string }>[];
    validateOnly?: boolean;
  }): Promise<void>;
  incrementalAlterConfigs(options: {
    resources: ConfigResource<{ name: string; configOperation: number; value?: string }>[];
    validateOnly?: boolean;
  }): Promise<void>;
  listOffsets(options: {
    topics: { name: string; partitions: { partitionIndex: number; timestamp: bigint }[] }[];
    isolationLevel?: number;
  }): Promise<
    { name: string; partitions: { partitionIndex: number; offset: bigint; timestamp: bigint; leaderEpoch: number }[] }[]
  >;
  deleteRecords(options: {
    topics: { name: string; partitions: { partition: number; offset: bigint }[] }[];
  }): Promise<{ name: string; partitions: { partition: number; lowWatermark: bigint }[] }[]>;
  close(): Promise<void>;
}

export interface DescribedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly configType: number;
  readonly documentation: string | null;
  readonly synonyms: { name: string; value: string | null; source: number }[];
}

export interface Group {
  readonly id: string;
  readonly state: string;
  readonly protocol: string;
  readonly protocolType: string;
  readonly authorizedOperations: number;
  readonly members: Map<
    string,
    { id: string; groupInstanceId: string | null; clientId: string; assignments?: Map<string, Owned> }
  >;
}

export interface Platformatic {
  readonly Admin: new (options: BaseOptions) => Admin;
  readonly Producer: new (options: BaseOptions & SendOptions & { transactionalId?: string }) => Producer;
  readonly Consumer: new (options: BaseOptions & GroupOptions & { groupId: string; maxWaitTime?: number }) => Consumer;
}

export interface BaseOptions {
  readonly clientId: string;
  readonly bootstrapBrokers: string[];
  readonly retries?: number;
  readonly retryDelay?: number;
  readonly strict?: boolean;
  readonly metadataMaxAge?: number;
  readonly autocreateTopics?: boolean;
}
