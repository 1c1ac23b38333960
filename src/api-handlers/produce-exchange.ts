// One Produce request on its way: every partition is appended in the order of the request in one synchronous run, save those
// that have to wait; the answers are laid out at once, and what is not safe yet is counted until the last acknowledgement is
// in.
import {
  baseSequence,
  Errors,
  HEADER_SIZE,
  isTransactional,
  MAGIC_V2,
  magic,
  producerEpoch,
  producerId,
  ZERO_UUID,
} from '../protocol/index.ts';
import type { ProduceRequest, ProduceResponse } from '../protocol/messages/00-produce.ts';
import {
  type AckWaiter,
  type Partition,
  type ReplicaManager,
  type TransactionVerifier,
  type Verdict,
  type VerificationGuard,
  verifyAppend,
} from '../replication/index.ts';
import type { Timer, WaitingLines } from '../runtime/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { CLOSE, NO_RESPONSE, type Outcome, type RequestContext } from './handler.ts';
import { LeaderHints } from './leader-hints.ts';
import { answerFor, type PartitionAnswer, refuse, type TopicAnswer } from './produce-answer.ts';
import { withoutDoubles } from './produce-doubles.ts';
import { isInternalTopic } from './topic-names.ts';
import { transactionRefusal } from './transaction-refusal.ts';
import { type AppendOwner, lineOf, WaitingAppend, type WaitingAppendOptions } from './waiting-append.ts';

type ProducedTopic = ProduceRequest['topicData'][number];
type ProducedPartition = ProducedTopic['partitionData'][number];
type ProduceOutcome = Outcome<ProduceResponse>;

/** Topics are named by id alone from here on (KIP-516). */
const BY_ID_SINCE = 13;
/** KIP-951. */
const HINTS_SINCE = 10;
/** KIP-890: partitions are added to a transaction by being written to. */
const ADDS_PARTITION_SINCE = 12;
/** Kafka's admin client may write to internal topics. */
const ADMIN_CLIENT = '__admin_client';

/** Every partition of the request refused with one code; with acks=0 the closed connection is the answer. */
export function failedProduce(request: ProduceRequest, code: number, message: string | null): ProduceOutcome {
  if (request.acks === 0) return CLOSE;
  const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(({ index }) => refuse(answerFor(index), code, message)),
  }));
  return { responses };
}

/** What all exchanges of a broker share. */
export interface ProduceParts {
  readonly replicas: ReplicaManager;
  readonly identity: BrokerIdentity;
  readonly verifier: TransactionVerifier;
  /** Appends that wait, in a line for each producer at each partition. */
  readonly lines: WaitingLines<string>;
}

/** An answer that waits, and where. */
interface Slot {
  readonly answer: PartitionAnswer;
  readonly partition: Partition;
}

/** Use once: `execute`. */
export class ProduceExchange implements AckWaiter, AppendOwner {
  readonly #parts: ProduceParts;
  readonly #replicas: ReplicaManager;
  readonly #request: ProduceRequest;
  readonly #context: RequestContext;
  readonly #topics: TopicAnswer[] = [];
  /** What waits, by the slot that its acknowledgement names. */
  #slots: Slot[] | undefined;
  /** Where other nodes are waited for. */
  #slowPartitions: Set<Partition> | undefined;
  /** Appends that have not been made, and those that have not been acknowledged. */
  #pendingCount = 0;
  #waitingCount = 0;
  #hasError = false;
  #fault: Error | undefined;
  #hints: LeaderHints | undefined;
  #timer: Timer | undefined;
  #resolve: ((outcome: ProduceOutcome) => void) | undefined;
  #reject: ((fault: Error) => void) | undefined;

  constructor(parts: ProduceParts, request: ProduceRequest, context: RequestContext) {
    this.#parts = parts;
    this.#replicas = parts.replicas;
    this.#request = request;
    this.#context = context;
  }

  /**
   * Appends everything. With acks=0 too the outcome comes when the records are written: until then the disk reads from the
   * frame, which belongs to the connection again when there is an outcome.
   */
  execute(): ProduceOutcome | Promise<ProduceOutcome> {
    try {
      for (const topic of withoutDoubles(this.#request.topicData)) this.#produceTopic(topic);
    } catch (error) {
      // What was appended or waits before it still needs the frame.
      this.#fault = error instanceof Error ? error : new Error(String(error));
    }
    if (this.#pendingCount === 0 && this.#fault === undefined) return this.#outcome();
    if (this.#waitingCount === 0) this.#startTimer();
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#settleIfOver();
    });
  }

  #produceTopic(topic: ProducedTopic): void {
    const { topicId, partitionData } = topic;
    // Kafka lays its answer out by partitions: a topic without one is not in it.
    if (partitionData.length === 0) return;
    const isById = this.#context.apiVersion >= BY_ID_SINCE;
    const name = isById ? this.#replicas.topicNameOf(topicId) : topic.name;
    const partitionResponses = partitionData.map(({ index }) => answerFor(index));
    this.#topics.push({ name: topic.name, topicId, partitionResponses });
    for (let at = 0; at < partitionData.length; at++) {
      const data = partitionData[at] as ProducedPartition;
      const answer = partitionResponses[at] as PartitionAnswer;
      if (name === undefined) this.#refuse(answer, Errors.UNKNOWN_TOPIC_ID);
      else this.#producePartition(name, topicId, data, answer);
    }
  }

  #producePartition(topic: string, topicId: string, data: ProducedPartition, answer: PartitionAnswer): void {
    const { index, records } = data;
    const partition =
      topicId === ZERO_UUID ? this.#replicas.partition(topic, index) : this.#replicas.partitionById(topicId, index);
    if (partition === undefined) {
      this.#refuse(answer, this.#replicas.missingError(topic, index));
      return this.#hint(topic, answer);
    }
    // Kafka fails inside here and never answers; a batch is missing, which INVALID_RECORD says.
    if (records === null) return this.#refuse(answer, Errors.INVALID_RECORD);
    const { acks } = this.#request;
    const areAcksWrong = acks < -1 || acks > 1;
    if (areAcksWrong || (isInternalTopic(topic) && this.#context.clientId !== ADMIN_CLIENT)) {
      const fault = partition.log.requestFault(records, this.#context.apiVersion);
      const code = areAcksWrong ? Errors.INVALID_REQUIRED_ACKS : Errors.INVALID_TOPIC_EXCEPTION;
      return this.#refuse(answer, fault?.errorCode ?? code, fault?.errorMessage);
    }
    const { lines } = this.#parts;
    // Nearly always nobody waits anywhere: then no line is looked for.
    if (lines.size > 0 && lines.isHeld(lineOf(partition, records, this.#context.connection))) {
      return this.#wait({ owner: this, partition, records, answer });
    }
    const verdict = this.verify(partition, records);
    if (verdict instanceof Promise) return this.#wait({ owner: this, partition, records, answer, verdict });
    if (typeof verdict === 'number' && verdict !== Errors.NONE) return this.refuseTransaction(answer, verdict);
    const codec = this.codecFor(partition, records);
    if (codec !== 0) return this.#wait({ owner: this, partition, records, answer, verdict, codec });
    this.append(partition, records, answer, typeof verdict === 'number' ? undefined : verdict);
  }

  #wait(options: WaitingAppendOptions): void {
    this.#pendingCount += 1;
    this.#waitingCount += 1;
    const line = lineOf(options.partition, options.records, this.#context.connection);
    this.#parts.lines.add(line, new WaitingAppend(options));
  }

  waitOver(fault: Error | undefined): void {
    this.#fault ??= fault;
    this.#pendingCount -= 1;
    this.#waitingCount -= 1;
    if (this.#waitingCount === 0 && this.#resolve !== undefined) this.#startTimer();
    this.#settleIfOver();
  }

  verify(partition: Partition, records: Buffer): Verdict | Promise<Verdict> {
    const { transactionalId } = this.#request;
    if (transactionalId === null || !isTransactionalBatch(records)) return Errors.NONE;
    // Who does not lead says so when it comes to the append, and who leads instead. A batch without a producer is of none.
    if (!partition.isLeader || producerId(records) < 0) return Errors.NONE;
    return verifyAppend(this.#parts.verifier, {
      transactionalId,
      partition,
      producerId: producerId(records),
      producerEpoch: producerEpoch(records),
      sequence: baseSequence(records),
      addsPartition: this.#context.apiVersion >= ADDS_PARTITION_SINCE,
    });
  }

  codecFor({ log }: Partition, records: Buffer): number {
    return log.needsCodec(records, log.config.produceValidation);
  }

  refuseTransaction(answer: PartitionAnswer, code: number): void {
    const { errorCode, message } = transactionRefusal(code, this.#context.apiVersion);
    this.#refuse(answer, errorCode, message);
  }

  append(partition: Partition, records: Buffer, answer: PartitionAnswer, guard: VerificationGuard | undefined): void {
    const refusal = partition.isDeleted ? Errors.UNKNOWN_TOPIC_OR_PARTITION : partition.checkAppend(this.#request.acks);
    if (refusal !== Errors.NONE) {
      this.#refuse(answer, refusal);
      if (refusal === Errors.NOT_ENOUGH_REPLICAS) answer.logStartOffset = partition.log.logStartOffset;
      return this.#hint(partition.topic, answer);
    }
    const info = partition.append(records, {
      origin: 'client',
      leaderEpoch: partition.leaderEpoch,
      now: this.#replicas.clock.nowMs(),
      apiVersion: this.#context.apiVersion,
      validation: partition.log.config.produceValidation,
      guard,
    });
    answer.logStartOffset = info.logStartOffset;
    if (info.errorCode !== Errors.NONE) {
      this.#refuse(answer, info.errorCode, info.errorMessage);
      if (info.recordErrors.length > 0) {
        answer.recordErrors = info.recordErrors.map(({ batchIndex, message }) => ({
          batchIndex,
          batchIndexErrorMessage: message,
        }));
      }
      return;
    }
    answer.baseOffset = info.firstOffset;
    answer.logAppendTimeMs = info.logAppendTimeMs;
    this.#replicas.bytesIn.count += info.bytes;
    this.#await(partition, info.lastOffset + 1, answer);
  }

  #await(partition: Partition, endOffset: number, answer: PartitionAnswer): void {
    const { acks } = this.#request;
    // Most requests have one: an array that is made with it costs half of one that is pushed to.
    if (this.#slots === undefined) this.#slots = [{ answer, partition }];
    else this.#slots.push({ answer, partition });
    this.#pendingCount += 1;
    if (acks === -1 && partition.waitsForOthers) (this.#slowPartitions ??= new Set()).add(partition);
    partition.awaitAck(endOffset, acks, this, this.#slots.length - 1);
  }

  acknowledged(slot: number, errorCode: number): void {
    if (errorCode !== Errors.NONE) this.#fail(slot, errorCode);
    this.#pendingCount -= 1;
    this.#settleIfOver();
  }

  /** A fault too is told only when the disk no longer reads from the frame. */
  #settleIfOver(): void {
    if (this.#pendingCount > 0 || this.#resolve === undefined) return;
    this.#timer?.cancel();
    if (this.#fault === undefined) this.#resolve(this.#outcome());
    else this.#reject?.(this.#fault);
  }

  /** Data that was written stays in the log and keeps its offset in the answer; what the disk refused has none. */
  #fail(slot: number, errorCode: number): void {
    const { answer, partition } = (this.#slots as Slot[])[slot] as Slot;
    this.#hasError = true;
    answer.errorCode = errorCode;
    this.#hint(partition.topic, answer);
    if (errorCode !== Errors.KAFKA_STORAGE_ERROR) return;
    answer.baseOffset = -1;
    answer.logAppendTimeMs = -1;
    answer.logStartOffset = -1;
  }

  /** The client's time begins when everything is appended, as in Kafka. */
  #startTimer(): void {
    if (this.#slowPartitions === undefined) return;
    this.#timer = this.#replicas.clock.schedule(Math.max(0, this.#request.timeoutMs), () => {
      for (const partition of this.#slowPartitions ?? []) partition.abandon(this, Errors.REQUEST_TIMED_OUT);
    });
  }

  #refuse(answer: PartitionAnswer, errorCode: number, message: string | null = null): void {
    this.#hasError = true;
    refuse(answer, errorCode, message);
  }

  /** Who leads instead. */
  #hint(topic: string, answer: PartitionAnswer): void {
    if (answer.errorCode !== Errors.NOT_LEADER_OR_FOLLOWER || this.#context.apiVersion < HINTS_SINCE) return;
    this.#hints ??= new LeaderHints(this.#replicas, this.#parts.identity, this.#context);
    answer.currentLeader = this.#hints.leaderOf(topic, answer.index);
  }

  #outcome(): ProduceOutcome {
    if (this.#request.acks === 0) return this.#hasError ? CLOSE : NO_RESPONSE;
    if (this.#hints === undefined) return { responses: this.#topics };
    return { responses: this.#topics, nodeEndpoints: this.#hints.nodeEndpoints() };
  }
}

export function isTransactionalBatch(records: Uint8Array): boolean {
  return records.length >= HEADER_SIZE && magic(records) === MAGIC_V2 && isTransactional(records);
}
