// One partition as a log, read from an offset on and written to with acks=all, over the kernel of the client. The registry needs its
// topic record by record and in its own time, which neither a consumer with its prefetching nor a batching producer is made for.
import {
  batchesOf,
  buildBatch,
  type CodecId,
  codecReady,
  Codecs,
  compression,
  ControlRecordType,
  controlRecordType,
  type ErrorCode,
  Errors,
  type Int64,
  isControl,
  isRetriable,
  isTransactional,
  KafkaError,
  lastOffset,
  loadCodec,
  magic,
  MAGIC_V2,
  producerId,
  recordsOf,
} from '../../protocol/index.ts';
import { Produce } from '../../protocol/messages/00-produce.ts';
import { Fetch } from '../../protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../protocol/messages/02-list-offsets.ts';
import type { Kernel } from './kernel.ts';

export interface ReadRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

export interface ReadResult {
  readonly records: readonly ReadRecord[];
  readonly nextOffset: number;
  readonly highWatermark: number;
}

const EARLIEST = -2;
const LATEST = -1;
const CONSUMER = -1;
const ACKS_ALL = -1;
/** Before somebody says that nobody leads it, or that there is no such topic. */
const LEADER_WAIT_MS = 2000;
const FETCH_BYTES = 4 * 1024 * 1024;
const READ_COMMITTED = 1;

type Leader = Awaited<ReturnType<Kernel['leaderOf']>>;

export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly #client: Kernel;
  /** Of the topic as it was first found; one that was made anew under the name is another topic. */
  #topicId: string | undefined;

  /** `client` has connections of its own, since a fetch waits at the broker (ClusterClient.apart). */
  constructor(client: Kernel, topic: string, partition: number) {
    this.#client = client;
    this.topic = topic;
    this.partition = partition;
  }

  /** Whatever stands under the name now is meant. */
  forget(): void {
    this.#topicId = undefined;
    this.#client.topics.doubt(this.topic);
  }

  /** One try: the offset at which it stands. Rejects with KafkaError; the record may be in the log all the same. */
  async append(key: Uint8Array, value: Uint8Array | null, deadlineMs: number): Promise<number> {
    const { nodeId, topicId } = await this.#leader(deadlineMs);
    const timeoutMs = Math.max(1, Math.ceil(deadlineMs - this.#client.clock.monotonicMs()));
    const records = buildBatch([{ key, value, timestamp: this.#client.clock.nowMs() }]);
    const request = {
      transactionalId: null,
      acks: ACKS_ALL,
      timeoutMs,
      topicData: [{ name: this.topic, topicId, partitionData: [{ index: this.partition, records }] }],
    };
    const answer = await this.#doubting(this.#client.askNode(nodeId, Produce, request, { timeoutMs }));
    const { errorCode = Errors.UNKNOWN_SERVER_ERROR, baseOffset = -1 } =
      answer.responses[0]?.partitionResponses[0] ?? {};
    this.#check(errorCode);
    return baseOffset;
  }

  /** One try: what has come from `offset` on; nothing when nothing comes in so long. Rejects with KafkaError. */
  async read(offset: number, maxWaitMs: number): Promise<ReadResult> {
    const leader = await this.#leader(this.#client.deadlineIn(LEADER_WAIT_MS));
    const partitions = [
      {
        partition: this.partition,
        currentLeaderEpoch: leader.epoch,
        fetchOffset: offset,
        partitionMaxBytes: FETCH_BYTES,
      },
    ];
    const answer = await this.#doubting(
      this.#client.askNode(leader.nodeId, Fetch, {
        replicaId: CONSUMER,
        maxWaitMs,
        minBytes: 1,
        isolationLevel: READ_COMMITTED,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [{ topic: this.topic, topicId: leader.topicId, partitions }],
        forgottenTopicsData: [],
      }),
    );
    this.#check(answer.errorCode);
    const found = answer.responses[0]?.partitions[0];
    this.#check(found?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR);
    const { records, highWatermark, abortedTransactions } = found as NonNullable<typeof found>;
    const visible = await recordsIn(Buffer.from(records ?? []), offset, abortedTransactions ?? []);
    return { ...visible, highWatermark: Number(highWatermark) };
  }

  /** The first offset that is kept, or the one that comes next. Rejects with KafkaError. */
  bound(which: 'earliest' | 'latest'): Promise<number> {
    return this.#client.retrying(this.#client.deadlineIn(this.#client.limits.apiTimeoutMs), async () => {
      const leader = await this.#leader(this.#client.deadlineIn(LEADER_WAIT_MS));
      const timestamp = which === 'earliest' ? EARLIEST : LATEST;
      const partitions = [{ partitionIndex: this.partition, currentLeaderEpoch: leader.epoch, timestamp }];
      const request = {
        replicaId: CONSUMER,
        isolationLevel: READ_COMMITTED,
        topics: [{ name: this.topic, partitions }],
        timeoutMs: this.#client.limits.requestTimeoutMs,
      };
      const answer = await this.#doubting(this.#client.askNode(leader.nodeId, ListOffsets, request));
      const { errorCode = Errors.UNKNOWN_SERVER_ERROR, offset = -1 } = answer.topics[0]?.partitions[0] ?? {};
      this.#check(errorCode);
      return Number(offset);
    });
  }

  async #leader(deadlineMs: number): Promise<Leader> {
    const leader = await this.#client.leaderOf(this.topic, this.partition, deadlineMs);
    if (this.#topicId !== undefined && leader.topicId !== this.#topicId)
      throw new KafkaError(Errors.INCONSISTENT_TOPIC_ID);
    this.#topicId = leader.topicId;
    return leader;
  }

  #check(code: number): void {
    if (code === Errors.NONE) return;
    const error = new KafkaError(code as ErrorCode);
    if (isRetriable(error.code)) this.#client.topics.doubt(this.topic);
    throw error;
  }

  async #doubting<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      this.#client.topics.doubt(this.topic);
      throw error;
    }
  }
}

interface Aborted {
  readonly producerId: Int64;
  readonly firstOffset: Int64;
}

/** What aborted transactions wrote is left out, and so are the marks of their ends (Kafka: CompletedFetch). */
async function recordsIn(
  bytes: Buffer,
  from: number,
  abortedTransactions: readonly Aborted[],
): Promise<{ readonly records: readonly ReadRecord[]; readonly nextOffset: number }> {
  const upcoming = [...abortedTransactions].sort((one, other) => Number(one.firstOffset) - Number(other.firstOffset));
  const aborted = new Set<Int64>();
  const records: ReadRecord[] = [];
  let nextOffset = from;
  for (const at of batchesOf(bytes)) {
    const end = lastOffset(bytes, at);
    while (upcoming[0] !== undefined && upcoming[0].firstOffset <= end)
      aborted.add((upcoming.shift() as Aborted).producerId);
    await openable(bytes, at);
    if (isControl(bytes, at)) {
      if (endsAborted(bytes, at)) aborted.delete(producerId(bytes, at));
    } else if (!(isTransactional(bytes, at) && aborted.has(producerId(bytes, at)))) {
      for (const { offset, timestamp, key, value, headers } of recordsOf(bytes, { at })) {
        if (offset >= from) records.push({ offset, timestampMs: Number(timestamp), key, value, headers });
      }
    }
    nextOffset = Math.max(nextOffset, end + 1);
  }
  return { records, nextOffset };
}

/** Resolves when the codec of the batch is loaded. */
async function openable(bytes: Buffer, at: number): Promise<void> {
  const codec = (magic(bytes, at) < MAGIC_V2 ? Codecs.NONE : compression(bytes, at)) as CodecId;
  if (!codecReady(codec)) await loadCodec(codec);
}

function endsAborted(bytes: Buffer, at: number): boolean {
  for (const { key } of recordsOf(bytes, { at })) return controlRecordType(key) === ControlRecordType.ABORT;
  return false;
}

/** A topic that nobody knows: there is none, or its id is another one now. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof KafkaError)) return false;
  return (
    error.code === Errors.UNKNOWN_TOPIC_OR_PARTITION ||
    error.code === Errors.UNKNOWN_TOPIC_ID ||
    error.code === Errors.INCONSISTENT_TOPIC_ID
  );
}
