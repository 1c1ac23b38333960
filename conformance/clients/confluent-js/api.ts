// The parts of @confluentinc/kafka-javascript 1.10.1 that the checks use, of both its faces. The package itself is
// fetched and built when the suite runs and is no dependency of this one, so that its types are written down here.

import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export type Settings = Readonly<Record<string, string | number | boolean | Callback>>;
// librdkafka's call-backs, each of its own shape.
export type Callback = (...values: never[]) => void;

export interface Message {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly partition?: number;
  readonly headers?: Record<string, Buffer | string | (Buffer | string)[]>;
  readonly timestamp?: string;
}

export interface KafkaMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly offset: string;
  readonly headers?: Record<string, Buffer | string | (Buffer | string)[]>;
}

export interface Producer {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  send(record: {
    topic: string;
    messages: Message[];
  }): Promise<{ topicName: string; partition: number; errorCode: number; baseOffset?: string }[]>;
  sendBatch(batch: { topicMessages: { topic: string; messages: Message[] }[] }): Promise<{ partition: number }[]>;
  flush(options?: { timeout?: number }): Promise<void>;
  transaction(): Promise<Transaction>;
}

export interface Transaction {
  send(record: { topic: string; messages: Message[] }): Promise<unknown>;
  sendOffsets(offsets: {
    consumer: Consumer;
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
  }): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface PlaceAndOffset extends Place {
  readonly offset: string;
  readonly metadata?: string | null;
}

export interface Consumer {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  subscribe(subscription: { topics: (string | RegExp)[]; replace?: boolean }): Promise<void>;
  run(config: RunConfig): Promise<void>;
  commitOffsets(offsets?: PlaceAndOffset[]): Promise<void>;
  committed(places?: Place[], timeout?: number): Promise<PlaceAndOffset[]>;
  seek(place: PlaceAndOffset): void;
  pause(topics: { topic: string; partitions?: number[] }[]): void;
  paused(): { topic: string; partitions: number[] }[];
  resume(topics: { topic: string; partitions?: number[] }[]): void;
  assignment(): Place[];
}

export interface RunConfig {
  readonly eachBatchAutoResolve?: boolean;
  readonly partitionsConsumedConcurrently?: number;
  readonly eachMessage?: (payload: {
    topic: string;
    partition: number;
    message: KafkaMessage;
    pause(): () => void;
  }) => Promise<void>;
  readonly eachBatch?: (payload: {
    batch: { topic: string; partition: number; messages: KafkaMessage[]; highWatermark: string; lastOffset(): string };
    resolveOffset: (offset: string) => void;
    heartbeat: () => Promise<void>;
  }) => Promise<void>;
}

export interface GroupDescription {
  readonly groupId: string;
  readonly state: number;
  readonly type: number;
  readonly protocol: string;
  readonly protocolType: string;
  readonly partitionAssignor: string;
  readonly isSimpleConsumerGroup: boolean;
  readonly coordinator: { readonly id: number };
  readonly authorizedOperations?: number[];
  readonly members: readonly {
    readonly clientId: string;
    readonly memberId: string;
    readonly groupInstanceId?: string | null;
    readonly assignment: { readonly topicPartitions: readonly Place[] };
  }[];
}

export interface GroupListing {
  readonly groupId: string;
  readonly state: number;
  readonly type: number;
  readonly isSimpleConsumerGroup: boolean;
}

export interface Admin {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  createTopics(options: {
    topics: {
      topic: string;
      numPartitions?: number;
      replicationFactor?: number;
      configEntries?: { name: string; value: string }[];
    }[];
  }): Promise<boolean>;
  deleteTopics(options: { topics: string[] }): Promise<void>;
  listTopics(): Promise<string[]>;
  listGroups(options?: {
    matchConsumerGroupStates?: number[];
    matchConsumerGroupTypes?: number[];
  }): Promise<{ groups: GroupListing[]; errors: unknown[] }>;
  describeGroups(
    groups: string[],
    options?: { includeAuthorizedOperations?: boolean },
  ): Promise<{ groups: GroupDescription[] }>;
  deleteGroups(groups: string[]): Promise<{ groupId: string; errorCode?: number }[]>;
  fetchOffsets(options: {
    groupId: string;
    topics?: string[];
    requireStableOffsets?: boolean;
  }): Promise<{ topic: string; partitions: { partition: number; offset: string; metadata: string | null }[] }[]>;
  deleteTopicRecords(options: {
    topic: string;
    partitions: { partition: number; offset: string }[];
  }): Promise<{ partition: number; lowWatermark: number }[]>;
  fetchTopicMetadata(options: { topics: string[]; includeAuthorizedOperations?: boolean }): Promise<
    {
      name: string;
      isInternal?: boolean;
      authorizedOperations?: number[];
      partitions: { partitionId: number; leader: number; replicas: number[]; isr: number[] }[];
    }[]
  >;
  fetchTopicOffsets(topic: string): Promise<{ partition: number; offset: string; high: string; low: string }[]>;
  fetchTopicOffsetsByTimestamp(topic: string, timestamp?: number): Promise<{ partition: number; offset: string }[]>;
}

export interface KafkaJs {
  readonly Kafka: new (config: {
    kafkaJS: Settings | { brokers: string[] };
  }) => {
    producer(config?: Settings | { kafkaJS: Settings }): Producer;
    consumer(config: Settings | { kafkaJS: Settings }): Consumer;
    admin(config?: Settings): Admin;
  };
  readonly logLevel: { readonly NOTHING: number };
}

// The other face: node-rdkafka's, with events and call-backs.

export interface RdPlace extends Place {
  readonly offset?: number | undefined;
  readonly metadata?: string | null;
}

export type Done<T = unknown> = (error: Error | null | undefined, result: T) => void;

export interface RdClient extends EventEmitter {
  connect(options: Record<string, never>, done: Done): void;
  disconnect(done: Done): void;
  getMetadata(options: { topic?: string; allTopics?: boolean; timeout?: number }, done: Done<RdMetadata>): void;
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeoutMs: number,
    done: Done<{ lowOffset: number; highOffset: number }>,
  ): void;
}

export interface RdMetadata {
  readonly topics: { name: string; partitions: { id: number; leader: number }[] }[];
  readonly brokers: { id: number; host: string; port: number }[];
}

export interface RdProducer extends RdClient {
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key?: Buffer | string | null,
    timestamp?: number | null,
    opaque?: unknown,
    headers?: Record<string, string | Buffer>[],
  ): unknown;
  setPollInterval(ms: number): void;
  flush(timeoutMs: number, done: Done): void;
  initTransactions(timeoutMs: number, done: Done): void;
  beginTransaction(done: Done): void;
  commitTransaction(timeoutMs: number, done: Done): void;
  abortTransaction(timeoutMs: number, done: Done): void;
}

export interface RdHighLevelProducer extends RdClient {
  produce(
    topic: string,
    partition: number | null,
    value: unknown,
    key: unknown,
    timestamp: number | null,
    done: (error: Error | null, offset?: number | null) => void,
  ): unknown;
  setValueSerializer(serialize: (value: unknown) => Buffer): void;
  flush(timeoutMs: number, done: Done): void;
}

export interface RdMessage extends Place {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers?: Record<string, Buffer>[];
}

export interface RdConsumer extends RdClient {
  subscribe(topics: (string | RegExp)[]): void;
  unsubscribe(): void;
  subscription(): string[];
  assign(places: RdPlace[]): void;
  unassign(): void;
  assignments(): RdPlace[];
  consume(): void;
  consume(count: number, done: Done<RdMessage[]>): void;
  setDefaultConsumeTimeout(ms: number): void;
  commit(places: RdPlace | RdPlace[]): void;
  commitSync(places: RdPlace | RdPlace[]): void;
  commitMessageSync(message: RdPlace): void;
  committed(places: Place[] | null, timeoutMs: number, done: Done<RdPlace[]>): void;
  position(places?: Place[]): RdPlace[];
  offsetsStore(places: RdPlace[]): void;
  offsetsForTimes(places: RdPlace[], timeoutMs: number, done: Done<RdPlace[]>): void;
  seek(place: RdPlace, timeoutMs: number, done: Done): void;
  pause(places: Place[]): void;
  resume(places: Place[]): void;
  getWatermarkOffsets(topic: string, partition: number): { lowOffset: number; highOffset: number };
}

export interface RdAdmin {
  createTopic(topic: Record<string, unknown>, timeoutMs: number, done: Done): void;
  deleteTopic(topic: string, timeoutMs: number, done: Done): void;
  createPartitions(topic: string, count: number, timeoutMs: number, done: Done): void;
  listTopics(options: { timeout?: number }, done: Done<string[]>): void;
  listGroups(options: { matchConsumerGroupStates?: number[] }, done: Done<{ groups: GroupListing[] }>): void;
  describeGroups(
    groups: string[],
    options: { includeAuthorizedOperations?: boolean },
    done: Done<{ groups: GroupDescription[] }>,
  ): void;
  deleteGroups(
    groups: string[],
    options: Record<string, never>,
    done: Done<{ groupId: string; error?: { code: number } }[]>,
  ): void;
  listConsumerGroupOffsets(
    groups: { groupId: string; partitions?: Place[] }[],
    options: { requireStableOffsets?: boolean },
    done: Done<{ groupId: string; partitions: RdPlace[] }[]>,
  ): void;
  deleteRecords(
    places: RdPlace[],
    options: Record<string, never>,
    done: Done<{ partition: number; lowWatermark: number; error?: Error }[]>,
  ): void;
  describeTopics(
    topics: string[],
    options: { includeAuthorizedOperations?: boolean },
    done: Done<
      {
        name: string;
        isInternal: boolean;
        authorizedOperations?: number[];
        error?: { code: number };
        partitions: RdLeaders[];
      }[]
    >,
  ): void;
  listOffsets(
    places: (Place & { offset: unknown })[],
    options: { isolationLevel?: number },
    done: Done<{ partition: number; offset: number; timestamp: number }[]>,
  ): void;
  disconnect(): void;
}

export interface RdLeaders {
  readonly partition: number;
  readonly leader: { id: number } | null;
  readonly isr: { id: number }[];
}

export interface Confluent {
  readonly KafkaJS: KafkaJs;
  readonly Producer: new (settings: Settings, topicSettings?: Settings) => RdProducer;
  readonly HighLevelProducer: new (settings: Settings, topicSettings?: Settings) => RdHighLevelProducer;
  readonly KafkaConsumer: (new (
    settings: Settings,
    topicSettings?: Settings,
  ) => RdConsumer) & {
    createReadStream(
      settings: Settings,
      topicSettings: Settings,
      options: { topics: string[] },
    ): Readable & { consumer: RdConsumer; close(done: () => void): void };
  };
  readonly AdminClient: { create(settings: Settings): RdAdmin };
  createWriteStream(
    settings: Settings,
    topicSettings: Settings,
    options: { topic: string },
  ): Writable & { close(done: () => void): void };
  readonly OffsetSpec: { new (timestamp: number): unknown; EARLIEST: unknown; LATEST: unknown; MAX_TIMESTAMP: unknown };
  readonly ConsumerGroupStates: { readonly STABLE: number; readonly EMPTY: number; readonly DEAD: number };
  readonly ConsumerGroupTypes: { readonly CONSUMER: number; readonly CLASSIC: number };
  readonly AclOperationTypes: { readonly READ: number; readonly DESCRIBE: number; readonly DELETE: number };
  readonly IsolationLevel: { readonly READ_COMMITTED: number };
}
