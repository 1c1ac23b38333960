// One Produce request on its way: every partition is appended in the order of the request in one synchronous run, the
// answers are laid out at once, and what is not safe yet is counted until the last acknowledgement is in.
import { Errors, HEADER_SIZE, type Int64, isTransactional, MAGIC_V2, magic, ZERO_UUID } from '../protocol/index.ts';
import type { ProduceRequest, ProduceResponse } from '../protocol/messages/00-produce.ts';
import type { AckWaiter, Partition, ReplicaManager } from '../replication/index.ts';
import type { Timer } from '../runtime/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { CLOSE, NO_RESPONSE, type Outcome, type RequestContext } from './handler.ts';
import { LeaderHints } from './leader-hints.ts';
import { isInternalTopic } from './topic-names.ts';

type ProducedTopic = ProduceRequest['topicData'][number];
type ProducedPartition = ProducedTopic['partitionData'][number];
type ProduceOutcome = Outcome<ProduceResponse>;

/** Topics are named by id alone from here on (KIP-516). */
const BY_ID_SINCE = 13;
/** KIP-951. */
const HINTS_SINCE = 10;
/** KIP-890: an error that the producer may abort on. */
const ABORTABLE_SINCE = 11;
/** Kafka's admin client may write to internal topics. */
const ADMIN_CLIENT = '__admin_client';

/** The answer for one partition, as it is being filled. */
interface PartitionAnswer {
  readonly index: number;
  errorCode: number;
  baseOffset: number;
  logAppendTimeMs: Int64;
  logStartOffset: number;
  recordErrors: readonly { batchIndex: number; batchIndexErrorMessage: string | null }[];
  errorMessage: string | null;
  currentLeader: { leaderId: number; leaderEpoch: number } | undefined;
}

interface TopicAnswer {
  readonly name: string;
  readonly topicId: string;
  readonly partitionResponses: PartitionAnswer[];
}

const NO_RECORD_ERRORS: PartitionAnswer['recordErrors'] = [];

function refused(index: number, errorCode: number, errorMessage: string | null = null): PartitionAnswer {
  return {
    index,
    errorCode,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    recordErrors: NO_RECORD_ERRORS,
    errorMessage,
    currentLeader: undefined,
  };
}

/** Every partition of the request refused with one code; with acks=0 the closed connection is the answer. */
export function failedProduce(request: ProduceRequest, code: number, message: string | null): ProduceOutcome {
  if (request.acks === 0) return CLOSE;
  const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(({ index }) => refused(index, code, message)),
  }));
  return { responses };
}

/** Use once: `execute`. */
export class ProduceExchange implements AckWaiter {
  readonly #replicas: ReplicaManager;
  readonly #identity: BrokerIdentity;
  readonly #request: ProduceRequest;
  readonly #context: RequestContext;
  readonly #topics: TopicAnswer[] = [];
  /** Answers that wait, by the slot that their acknowledgement names. */
  readonly #slots: PartitionAnswer[] = [];
  /** Where other nodes are waited for. */
  #slowPartitions: Set<Partition> | undefined;
  #pendingCount = 0;
  #hasError = false;
  #hints: LeaderHints | undefined;
  #timer: Timer | undefined;
  #resolve: ((outcome: ProduceOutcome) => void) | undefined;

  constructor(replicas: ReplicaManager, identity: BrokerIdentity, request: ProduceRequest, context: RequestContext) {
    this.#replicas = replicas;
    this.#identity = identity;
    this.#request = request;
    this.#context = context;
  }

  /**
   * Appends everything. With acks=0 too the outcome comes when the records are written: until then the disk reads from the
   * frame, which belongs to the connection again when there is an outcome.
   */
  execute(): ProduceOutcome | Promise<ProduceOutcome> {
    for (const topic of withoutDoubles(this.#request.topicData)) this.#produceTopic(topic);
    if (this.#pendingCount === 0) return this.#outcome();
    if (this.#slowPartitions !== undefined) this.#startTimer();
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  #produceTopic(topic: ProducedTopic): void {
    const { topicId, partitionData } = topic;
    const isById = this.#context.apiVersion >= BY_ID_SINCE;
    const name = isById ? this.#replicas.topicNameOf(topicId) : topic.name;
    const partitionResponses: PartitionAnswer[] = [];
    this.#topics.push({ name: topic.name, topicId, partitionResponses });
    for (const data of partitionData) {
      const answer =
        name === undefined ? refused(data.index, Errors.UNKNOWN_TOPIC_ID) : this.#producePartition(name, topicId, data);
      if (answer.errorCode !== Errors.NONE) this.#hasError = true;
      partitionResponses.push(answer);
    }
  }

  #producePartition(topic: string, topicId: string, data: ProducedPartition): PartitionAnswer {
    const { index, records } = data;
    const partition =
      topicId === ZERO_UUID ? this.#replicas.partition(topic, index) : this.#replicas.partitionById(topicId, index);
    if (partition === undefined) return this.#refuse(topic, index, this.#replicas.missingError(topic, index));
    // Kafka fails inside here and never answers; a batch is missing, which INVALID_RECORD says.
    if (records === null) return refused(index, Errors.INVALID_RECORD);
    const { acks } = this.#request;
    if (acks < -1 || acks > 1) return refused(index, Errors.INVALID_REQUIRED_ACKS);
    if (isInternalTopic(topic) && this.#context.clientId !== ADMIN_CLIENT) {
      return refused(index, Errors.INVALID_TOPIC_EXCEPTION);
    }
    if (this.#request.transactionalId !== null && isTransactionalBatch(records))
      return this.#refuseTransactional(index);
    const error = partition.checkAppend(acks);
    if (error === Errors.NONE) return this.#append(partition, index, records);
    const answer = this.#refuse(topic, index, error);
    if (error === Errors.NOT_ENOUGH_REPLICAS) answer.logStartOffset = partition.log.logStartOffset;
    return answer;
  }

  /** No partition has been added to a transaction here, which is what Kafka says of one that was not (KIP-890). */
  #refuseTransactional(index: number): PartitionAnswer {
    if (this.#context.apiVersion >= ABORTABLE_SINCE) return refused(index, Errors.TRANSACTION_ABORTABLE);
    return refused(index, Errors.INVALID_TXN_STATE, 'Partition was not added to the transaction');
  }

  #append(partition: Partition, index: number, records: Buffer): PartitionAnswer {
    const info = partition.append(records, {
      origin: 'client',
      leaderEpoch: partition.leaderEpoch,
      now: this.#replicas.clock.nowMs(),
      apiVersion: this.#context.apiVersion,
      validation: partition.log.config.produceValidation,
    });
    const answer = refused(index, info.errorCode, info.errorMessage);
    answer.logStartOffset = info.logStartOffset;
    if (info.errorCode !== Errors.NONE) {
      if (info.recordErrors.length > 0) {
        answer.recordErrors = info.recordErrors.map(({ batchIndex, message }) => ({
          batchIndex,
          batchIndexErrorMessage: message,
        }));
      }
      return answer;
    }
    answer.baseOffset = info.firstOffset;
    answer.logAppendTimeMs = info.logAppendTimeMs;
    this.#replicas.bytesIn.count += info.bytes;
    this.#await(partition, info.lastOffset + 1, answer);
    return answer;
  }

  #await(partition: Partition, endOffset: number, answer: PartitionAnswer): void {
    const { acks } = this.#request;
    this.#slots.push(answer);
    this.#pendingCount += 1;
    if (acks === -1 && partition.waitsForOthers) (this.#slowPartitions ??= new Set()).add(partition);
    partition.awaitAck(endOffset, acks, this, this.#slots.length - 1);
  }

  acknowledged(slot: number, errorCode: number): void {
    if (errorCode !== Errors.NONE) this.#fail(this.#slots[slot] as PartitionAnswer, errorCode);
    this.#pendingCount -= 1;
    if (this.#pendingCount > 0 || this.#resolve === undefined) return;
    this.#timer?.cancel();
    this.#resolve(this.#outcome());
  }

  /** Data that was written stays in the log and keeps its offset in the answer; what the disk refused has none. */
  #fail(answer: PartitionAnswer, errorCode: number): void {
    this.#hasError = true;
    answer.errorCode = errorCode;
    if (errorCode !== Errors.KAFKA_STORAGE_ERROR) return;
    answer.baseOffset = -1;
    answer.logAppendTimeMs = -1;
    answer.logStartOffset = -1;
  }

  #startTimer(): void {
    this.#timer = this.#replicas.clock.schedule(Math.max(0, this.#request.timeoutMs), () => {
      for (const partition of this.#slowPartitions ?? []) partition.abandon(this, Errors.REQUEST_TIMED_OUT);
    });
  }

  #refuse(topic: string, index: number, errorCode: number): PartitionAnswer {
    const answer = refused(index, errorCode);
    if (errorCode === Errors.NOT_LEADER_OR_FOLLOWER && this.#context.apiVersion >= HINTS_SINCE) {
      this.#hints ??= new LeaderHints(this.#replicas, this.#identity, this.#context);
      answer.currentLeader = this.#hints.leaderOf(topic, index);
    }
    return answer;
  }

  #outcome(): ProduceOutcome {
    if (this.#request.acks === 0) return this.#hasError ? CLOSE : NO_RESPONSE;
    if (this.#hints === undefined) return { responses: this.#topics };
    return { responses: this.#topics, nodeEndpoints: this.#hints.nodeEndpoints() };
  }
}

/** A partition that is named twice counts once, in its first place with the last batch given for it. */
function withoutDoubles(topics: readonly ProducedTopic[]): readonly ProducedTopic[] {
  if (!mayHaveDoubles(topics)) return topics;
  const byTopic = new Map<string, { topic: ProducedTopic; byIndex: Map<number, ProducedPartition> }>();
  for (const topic of topics) {
    const key = `${topic.topicId} ${topic.name}`;
    let merged = byTopic.get(key);
    if (merged === undefined) byTopic.set(key, (merged = { topic, byIndex: new Map() }));
    for (const data of topic.partitionData) merged.byIndex.set(data.index, data);
  }
  return Array.from(byTopic.values(), ({ topic, byIndex }) => ({ ...topic, partitionData: [...byIndex.values()] }));
}

/** False when the indexes of each topic ascend and no topic comes twice, as clients send them. */
function mayHaveDoubles(topics: readonly ProducedTopic[]): boolean {
  for (const { partitionData } of topics) {
    for (let at = 1; at < partitionData.length; at++) {
      if ((partitionData[at] as ProducedPartition).index <= (partitionData[at - 1] as ProducedPartition).index)
        return true;
    }
  }
  if (topics.length === 1) return false;
  return new Set(topics.map(({ topicId, name }) => `${topicId} ${name}`)).size < topics.length;
}

function isTransactionalBatch(records: Uint8Array): boolean {
  return records.length >= HEADER_SIZE && magic(records) === MAGIC_V2 && isTransactional(records);
}
