// One partition as a log, read from an offset on and written to with acks=all, over the kernel of the client. The registry needs its
// topic record by record and in its own time, which neither a consumer with its prefetching nor a batching producer is made for.
import type { ClusterClient } from '../../client/index.ts';
import {
  batchesOf,
  buildBatch,
  type ErrorCode,
  Errors,
  isControl,
  isRetriable,
  isTransactional,
  KafkaError,
  lastOffset,
  loadCodecs,
  recordsOf,
  ZERO_UUID,
} from '../../protocol/index.ts';
import { Produce } from '../../protocol/messages/00-produce.ts';
import { Fetch } from '../../protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../protocol/messages/02-list-offsets.ts';

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
const FETCH_BYTES = 4 * 1024 * 1024;
/** Batches of transactions that were aborted are left out by the broker's word alone: they are not looked into. */
const READ_COMMITTED = 1;

export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly #client: ClusterClient;

  /** `client` has connections of its own, since a fetch waits at the broker (ClusterClient.apart). */
  constructor(client: ClusterClient, topic: string, partition: number) {
    this.#client = client;
    this.topic = topic;
    this.partition = partition;
  }

  /** One try: the offset at which it stands. Rejects with KafkaError; the record may be in the log all the same. */
  async append(key: Uint8Array, value: Uint8Array | null, deadlineMs: number): Promise<number> {
    const { nodeId, topicId } = await this.#client.leaderOf(this.topic, this.partition, deadlineMs);
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
    const leader = await this.#client.leaderOf(this.topic, this.partition);
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
    const { records, highWatermark = -1, abortedTransactions } = found as NonNullable<typeof found>;
    const hidden = (abortedTransactions ?? []).length > 0;
    return { ...(await recordsIn(Buffer.from(records ?? []), offset, hidden)), highWatermark: Number(highWatermark) };
  }

  /** The first offset that is kept, or the one that comes next. Rejects with KafkaError. */
  bound(which: 'earliest' | 'latest'): Promise<number> {
    return this.#client.retrying(this.#client.deadlineIn(this.#client.limits.apiTimeoutMs), async () => {
      const leader = await this.#client.leaderOf(this.topic, this.partition);
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

async function recordsIn(
  bytes: Buffer,
  from: number,
  hidden: boolean,
): Promise<{ readonly records: readonly ReadRecord[]; readonly nextOffset: number }> {
  const records: ReadRecord[] = [];
  let nextOffset = from;
  for (const at of batchesOf(bytes)) {
    const isLeftOut = isControl(bytes, at) || (hidden && isTransactional(bytes, at));
    for (const record of isLeftOut ? [] : recordsOf(bytes, { at })) {
      const { offset, timestamp, key, value, headers } = record;
      if (offset >= from) records.push({ offset, timestampMs: Number(timestamp), key, value, headers });
    }
    nextOffset = Math.max(nextOffset, lastOffset(bytes, at) + 1);
  }
  return { records, nextOffset };
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

export { loadCodecs, ZERO_UUID };
