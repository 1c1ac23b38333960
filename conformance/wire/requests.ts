// The requests that the suites send themselves. Each in one version that every broker of the last years serves and, where
// there is a choice, the last one before flexible fields.

import type { WireConnection } from './connection.ts';
import type { WireReader } from './primitives.ts';

export interface PartitionInfo {
  readonly errorCode: number;
  readonly index: number;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicInfo {
  readonly errorCode: number;
  readonly name: string;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionInfo[];
}

export interface BrokerAddress {
  readonly id: number;
  /** `host:port` */
  readonly address: string;
}

export interface ClusterInfo {
  readonly brokers: readonly BrokerAddress[];
  readonly clusterId: string | null;
  readonly controllerId: number;
  readonly topics: readonly TopicInfo[];
}

/** ApiVersions v0: API key to the advertised range. */
export async function apiVersions(connection: WireConnection): Promise<Map<number, readonly [number, number]>> {
  const reader = await connection.request({ key: 18, version: 0, flexible: false }, () => undefined);
  const errorCode = reader.int16();
  if (errorCode !== 0) throw new Error(`ApiVersions answered error ${errorCode}`);
  return new Map(reader.array((r) => [r.int16(), [r.int16(), r.int16()]] as const));
}

/** Metadata v12, never creating a topic; null asks for all. */
export async function metadata(connection: WireConnection, topics: readonly string[] | null): Promise<ClusterInfo> {
  const reader = await connection.request({ key: 3, version: 12, flexible: true }, (body) => {
    body.compactArray(topics, (name) => body.raw(Buffer.alloc(16)).compactString(name).noTags());
    body.bool(false).bool(false).noTags();
  });
  reader.int32();
  const brokers = reader.compactArray((r) => {
    const id = r.int32();
    const host = r.compactString() ?? '';
    const address = `${host}:${r.int32()}`;
    r.compactString();
    r.skipTags();
    return { id, address };
  });
  const clusterId = reader.compactString();
  const controllerId = reader.int32();
  return { brokers, clusterId, controllerId, topics: reader.compactArray(readTopic) };
}

function readTopic(r: WireReader): TopicInfo {
  const errorCode = r.int16();
  const name = r.compactString() ?? '';
  const topicId = r.uuid();
  const isInternal = r.bool();
  const partitions = r.compactArray(readPartition);
  r.int32();
  r.skipTags();
  return { errorCode, name, topicId, isInternal, partitions };
}

function readPartition(r: WireReader): PartitionInfo {
  const errorCode = r.int16();
  const index = r.int32();
  const leader = r.int32();
  const leaderEpoch = r.int32();
  const replicas = r.compactArray((x) => x.int32());
  const isr = r.compactArray((x) => x.int32());
  r.compactArray((x) => x.int32());
  r.skipTags();
  return { errorCode, index, leader, leaderEpoch, replicas, isr };
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** Left out: 1. */
  readonly replicas?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** CreateTopics v4. Throws for any error code; waits until every partition is led. */
export async function createTopics(connection: WireConnection, topics: readonly NewTopic[]): Promise<void> {
  const reader = await connection.request({ key: 19, version: 4, flexible: false }, (body) => {
    body.array(topics, (topic) => {
      body
        .string(topic.name)
        .int32(topic.partitions)
        .int16(topic.replicas ?? 1)
        .int32(0);
      body.array(Object.entries(topic.configs ?? {}), ([key, value]) => body.string(key).string(value));
    });
    body.int32(60_000).bool(false);
  });
  reader.int32();
  const results = reader.array((r) => ({ name: r.string(), errorCode: r.int16(), message: r.string() }));
  for (const { name, errorCode, message } of results) {
    if (errorCode !== 0) throw new Error(`CreateTopics ${name}: error ${errorCode} ${message ?? ''}`);
  }
  await untilLed(connection, topics);
}

/** DescribeQuorum v0: the leader of the metadata quorum. Throws for any error code. */
export async function quorumLeader(connection: WireConnection): Promise<number> {
  const reader = await connection.request({ key: 55, version: 0, flexible: true }, (body) => {
    body.compactArray(['__cluster_metadata'], (name) => {
      body.compactString(name).compactArray([0], (partition) => body.int32(partition).noTags());
      body.noTags();
    });
    body.noTags();
  });
  const errorCode = reader.int16();
  if (errorCode !== 0) throw new Error(`DescribeQuorum answered error ${errorCode}`);
  reader.uvarint();
  reader.compactString();
  reader.uvarint();
  reader.int32();
  const partitionError = reader.int16();
  if (partitionError !== 0) throw new Error(`DescribeQuorum answered error ${partitionError} for the partition`);
  return reader.int32();
}

/** DeleteTopics v3. Throws for any error code. */
export async function deleteTopics(connection: WireConnection, names: readonly string[]): Promise<void> {
  const reader = await connection.request({ key: 20, version: 3, flexible: false }, (body) =>
    body.array(names, (name) => body.string(name)).int32(60_000),
  );
  reader.int32();
  for (const result of reader.array((r) => ({ name: r.string(), errorCode: r.int16() }))) {
    if (result.errorCode !== 0) throw new Error(`DeleteTopics ${result.name}: error ${result.errorCode}`);
  }
}

async function untilLed(connection: WireConnection, topics: readonly NewTopic[]): Promise<void> {
  const names = topics.map((topic) => topic.name);
  for (let attempt = 0; attempt < 300; attempt++) {
    const seen = (await metadata(connection, names)).topics;
    const led = (topic: NewTopic): boolean => {
      const partitions = seen.find((info) => info.name === topic.name)?.partitions ?? [];
      return partitions.length >= topic.partitions && partitions.every((p) => p.leader >= 0 && p.errorCode === 0);
    };
    if (topics.every(led)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`topics not led after 15 s: ${names.join(', ')}`);
}

export interface ProduceResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  readonly logStartOffset: number;
}

/** Produce v7, one batch to one partition. */
export async function produce(
  connection: WireConnection,
  to: {
    readonly topic: string;
    readonly partition: number;
    readonly acks: number;
    readonly transactionalId?: string;
  },
  batch: Uint8Array,
  timeoutMs = 30_000,
): Promise<ProduceResult> {
  const reader = await connection.request(
    { key: 0, version: 7, flexible: false },
    (body) => {
      body
        .string(to.transactionalId ?? null)
        .int16(to.acks)
        .int32(timeoutMs)
        .int32(1)
        .string(to.topic);
      body.int32(1).int32(to.partition).bytes(batch);
    },
    timeoutMs,
  );
  const [result] = reader.array((topic) => {
    topic.string();
    return topic.array((r) => {
      const partition = r.int32();
      const errorCode = r.int16();
      const baseOffset = r.int64();
      r.int64();
      return { partition, errorCode, baseOffset, logStartOffset: r.int64() };
    });
  });
  const partition = result?.[0];
  if (partition === undefined) throw new Error('Produce answered without the partition');
  return partition;
}

export interface FetchedPartition {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[];
  readonly records: Buffer;
}

/** Fetch v11 of one partition, without a session. */
export async function fetch(
  connection: WireConnection,
  from: { readonly topic: string; readonly partition: number; readonly offset: number },
  options: { readonly maxBytes?: number; readonly readCommitted?: boolean; readonly maxWaitMs?: number } = {},
): Promise<FetchedPartition> {
  const maxBytes = options.maxBytes ?? 4 << 20;
  const reader = await connection.request({ key: 1, version: 11, flexible: false }, (body) => {
    body
      .int32(-1)
      .int32(options.maxWaitMs ?? 0)
      .int32(1)
      .int32(maxBytes);
    body
      .int8(options.readCommitted === true ? 1 : 0)
      .int32(0)
      .int32(-1);
    body.int32(1).string(from.topic).int32(1);
    body.int32(from.partition).int32(-1).int64(from.offset).int64(-1).int32(maxBytes);
    body.int32(0).string('');
  });
  reader.int32();
  const errorCode = reader.int16();
  if (errorCode !== 0) throw new Error(`Fetch answered error ${errorCode}`);
  reader.int32();
  const [topic] = reader.array((r) => {
    r.string();
    return r.array(readFetched);
  });
  const partition = topic?.[0];
  if (partition === undefined) throw new Error('Fetch answered without the partition');
  return partition;
}

function readFetched(r: WireReader): FetchedPartition {
  r.int32();
  const errorCode = r.int16();
  const highWatermark = r.int64();
  const lastStableOffset = r.int64();
  const logStartOffset = r.int64();
  const abortedTransactions = r.array((a) => ({ producerId: a.int64(), firstOffset: a.int64() }));
  r.int32();
  const records = r.bytesField() ?? Buffer.alloc(0);
  return { errorCode, highWatermark, lastStableOffset, logStartOffset, abortedTransactions, records };
}

export interface ListedOffset {
  readonly errorCode: number;
  readonly timestamp: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

/** ListOffsets: v5 (-1 latest, -2 earliest, or a timestamp), v7 for -3 (offset of the largest timestamp). */
export async function listOffset(
  connection: WireConnection,
  of: { readonly topic: string; readonly partition: number; readonly timestamp: number },
): Promise<ListedOffset> {
  const flexible = of.timestamp === -3;
  const reader = await connection.request({ key: 2, version: flexible ? 7 : 5, flexible }, (body) => {
    body.int32(-1).int8(0);
    if (flexible) body.uvarint(2).compactString(of.topic).uvarint(2);
    else body.int32(1).string(of.topic).int32(1);
    body.int32(of.partition).int32(-1).int64(of.timestamp);
    if (flexible) body.noTags().noTags().noTags();
  });
  reader.int32();
  if (flexible) reader.uvarint();
  else reader.int32();
  if (flexible) reader.compactString();
  else reader.string();
  if (flexible) reader.uvarint();
  else reader.int32();
  reader.int32();
  return { errorCode: reader.int16(), timestamp: reader.int64(), offset: reader.int64(), leaderEpoch: reader.int32() };
}

/** As listOffset; a broker that has just started may not know its high watermark yet, says so, and is asked again. */
export async function knownOffset(
  connection: WireConnection,
  of: { readonly topic: string; readonly partition: number; readonly timestamp: number },
): Promise<ListedOffset> {
  for (let attempt = 0; ; attempt++) {
    const listed = await listOffset(connection, of);
    if (listed.errorCode === 0) return listed;
    if (attempt === 100) throw new Error(`ListOffsets answers error ${listed.errorCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** InitProducerId v1 without a transactional id. */
export async function initProducerId(
  connection: WireConnection,
): Promise<{ readonly errorCode: number; readonly producerId: number; readonly producerEpoch: number }> {
  const reader = await connection.request({ key: 22, version: 1, flexible: false }, (body) =>
    body.string(null).int32(-1),
  );
  reader.int32();
  return { errorCode: reader.int16(), producerId: reader.int64(), producerEpoch: reader.int16() };
}

export interface ProducerRow {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  readonly currentTransactionStartOffset: number;
}

/** DescribeProducers v0 of one partition. */
export async function describeProducers(
  connection: WireConnection,
  of: { readonly topic: string; readonly partition: number },
): Promise<readonly ProducerRow[]> {
  const reader = await connection.request({ key: 61, version: 0, flexible: true }, (body) => {
    body.uvarint(2).compactString(of.topic).uvarint(2).int32(of.partition).noTags().noTags();
  });
  reader.int32();
  reader.uvarint();
  reader.compactString();
  reader.uvarint();
  reader.int32();
  const errorCode = reader.int16();
  const message = reader.compactString();
  if (errorCode !== 0) throw new Error(`DescribeProducers: error ${errorCode} ${message ?? ''}`);
  return reader.compactArray((r) => {
    const row = {
      producerId: r.int64(),
      producerEpoch: r.int32(),
      lastSequence: r.int32(),
      lastTimestamp: r.int64(),
      coordinatorEpoch: r.int32(),
      currentTransactionStartOffset: r.int64(),
    };
    r.skipTags();
    return row;
  });
}
