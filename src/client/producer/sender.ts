// Sends what has been gathered: of every broker the next batch of each partition that it leads, in one request, a few requests at a
// time; again, what may succeed later (Kafka: Sender).
import { type DecodedResponseOf, Errors, isRetriable, KafkaError, ZERO_UUID } from '../../protocol/index.ts';
import { Produce } from '../../protocol/messages/00-produce.ts';
import type { Timer } from '../../runtime/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { clientErrorOf, isWorthAnother } from '../errors.ts';
import type { Accumulator, PartitionQueue } from './accumulator.ts';
import { isAboutLeaders, type Outcome, outcomeOf, outcomeOfFault, UNACKNOWLEDGED } from './produce-outcome.ts';
import type { ProducerBatch } from './producer-batch.ts';
import type { ProducerSettings } from './producer-settings.ts';
import type { Sequences } from './sequences.ts';

/** What the sender needs of a transactional producer. */
export interface TransactionGate {
  /** Of Produce: the newest version that says what the transactions of the brokers are by now; undefined: the newest. */
  readonly produceVersion: number | undefined;
  /** Whether a batch may go to the partition; otherwise it is added to the transaction, and the sender woken. */
  mayWrite(topic: string, partition: number): boolean;
  failed(error: KafkaError): void;
}

export interface SenderParts {
  readonly client: ClusterClient;
  readonly settings: ProducerSettings;
  readonly accumulator: Accumulator;
  /** undefined: the producer is not idempotent. */
  readonly sequences: Sequences | undefined;
  readonly transactions: TransactionGate | undefined;
  /** Gets another producer id, and wakes the sender. */
  readonly obtainIdentity: () => void;
}

type Answer = DecodedResponseOf<typeof Produce>;

/** Topics are named by id in newer ones. */
const NEWEST_WITH_NAMES = 12;
/** What a partition adds to a request beside its batch, about. */
const PARTITION_OVERHEAD = 64;

export class Sender {
  readonly #parts: SenderParts;
  readonly #inFlight = new Map<number, number>();
  #isWoken = false;
  #timer: Timer | undefined;
  #timerMs = Number.POSITIVE_INFINITY;
  #isRefreshing = false;
  #flushes = 0;
  #isClosed = false;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Something may be sent now: looked at behind the events of this turn. */
  wake(): void {
    if (this.#isWoken || this.#isClosed) return;
    this.#isWoken = true;
    this.#parts.client.clock.endOfTurn(() => {
      this.#isWoken = false;
      if (!this.#isClosed) this.#run();
    });
  }

  /** A batch was begun: it goes when its time has come. */
  expect(): void {
    const { lingerMs } = this.#parts.settings;
    if (lingerMs === 0) this.wake();
    else this.#wakeAt(this.#parts.client.clock.monotonicMs() + lingerMs);
  }

  /** Resolves when all that was sent before has been told what became of it. */
  async flush(): Promise<void> {
    this.#flushes += 1;
    this.wake();
    try {
      await Promise.all([...this.#parts.accumulator.incomplete].map((batch) => batch.whenDone()));
    } finally {
      this.#flushes -= 1;
    }
  }

  /** Ends what is under way, and what waits, with `error`. */
  close(error: unknown): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#parts.accumulator.refuseWaiting(error);
    this.failAll(error);
  }

  failAll(error: unknown): void {
    for (const batch of this.#parts.accumulator.incomplete) this.#end(batch, error);
  }

  /** Ends with `error` what has never left. */
  failUnsent(error: unknown): void {
    for (const batch of this.#parts.accumulator.incomplete) {
      if (!batch.hasSequence && !batch.isOnWire) this.#end(batch, error);
    }
  }

  #end(batch: ProducerBatch, error: unknown): void {
    const { accumulator } = this.#parts;
    const queue = accumulator.queueOf(batch.topic, batch.partition);
    if (!batch.isOnWire) accumulator.taken(queue, batch);
    accumulator.done(batch, false);
    batch.failed(error);
  }

  #run(): void {
    const { client, sequences, accumulator, transactions, obtainIdentity } = this.#parts;
    const nowMs = client.clock.monotonicMs();
    this.#expire(nowMs);
    if (accumulator.busy.size === 0) return this.#wakeAt(this.#nextDeadline());
    if (sequences?.settle() === true) {
      const why = 'nobody knows whether some of what was sent is in the log';
      transactions?.failed(new KafkaError(Errors.TRANSACTION_ABORTABLE, why));
    }
    if (sequences !== undefined && sequences.identity === undefined) {
      if (transactions === undefined) obtainIdentity();
      return this.#wakeAt(this.#nextDeadline());
    }
    let wakeMs = this.#nextDeadline();
    for (let isMore = true; isMore; ) {
      const round = this.#gather(nowMs);
      wakeMs = Math.min(wakeMs, round.wakeMs);
      for (const [nodeId, batches] of round.byNode) this.#send(nodeId, batches);
      if (round.unknown.size > 0) this.#findLeaders(round.unknown);
      isMore = round.byNode.size > 0;
    }
    this.#wakeAt(wakeMs);
  }

  /** What can leave now, at most one batch of a partition; and when to look again. */
  #gather(nowMs: number) {
    const { client, accumulator, sequences, transactions, settings } = this.#parts;
    const byNode = new Map<number, ProducerBatch[]>();
    const sizes = new Map<number, number>();
    const unknown = new Set<string>();
    let wakeMs = Number.POSITIVE_INFINITY;
    for (const queue of accumulator.busy) {
      const batch = queue.batches[0] as ProducerBatch;
      const dueMs = this.#dueMs(queue, batch);
      if (dueMs > nowMs) {
        wakeMs = Math.min(wakeMs, dueMs);
        continue;
      }
      if (settings.maxInFlight === 1 && queue.onWire > 0) continue;
      if (sequences?.maySend(batch) === false) continue;
      if (transactions?.mayWrite(batch.topic, batch.partition) === false) continue;
      const leader = client.topics.leaderOf(batch.topic, batch.partition);
      if (leader === undefined) {
        unknown.add(batch.topic);
        continue;
      }
      if ((this.#inFlight.get(leader.nodeId) ?? 0) >= settings.maxInFlight) continue;
      const size = (sizes.get(leader.nodeId) ?? 0) + batch.writer.sizeBytes + PARTITION_OVERHEAD;
      const batches = byNode.get(leader.nodeId);
      if (batches === undefined) byNode.set(leader.nodeId, [batch]);
      else if (size <= settings.maxRequestSize) batches.push(batch);
      else continue;
      sizes.set(leader.nodeId, size);
    }
    return { byNode, unknown, wakeMs };
  }

  /** When the first batch of a partition may leave. */
  #dueMs(queue: PartitionQueue, batch: ProducerBatch): number {
    if (batch.isRetry) return batch.notBeforeMs;
    const { accumulator, settings } = this.#parts;
    const isDue = queue.batches.length > 1 || batch.writer.isFull || this.#flushes > 0 || accumulator.isExhausted;
    return isDue ? 0 : batch.createdMs + settings.lingerMs;
  }

  #send(nodeId: number, batches: readonly ProducerBatch[]): void {
    const { client, settings, accumulator, sequences, transactions } = this.#parts;
    const { acks, codec, compressionLevel, transactionalId } = settings;
    const topicData = new Map<
      string,
      { name: string; topicId: string; partitionData: { index: number; records: Buffer }[] }
    >();
    let newestVersion = transactions?.produceVersion;
    for (const batch of batches) {
      const queue = accumulator.queueOf(batch.topic, batch.partition);
      accumulator.taken(queue, batch);
      sequences?.leaving(batch);
      batch.isOnWire = true;
      batch.attempts += 1;
      queue.onWire += 1;
      const records = batch.bytes(codec, compressionLevel, transactionalId !== null);
      accumulator.packed(batch, records.length);
      const topicId = client.topics.idOf(batch.topic) ?? ZERO_UUID;
      if (topicId === ZERO_UUID) newestVersion = Math.min(newestVersion ?? NEWEST_WITH_NAMES, NEWEST_WITH_NAMES);
      const topic = topicData.get(batch.topic) ?? { name: batch.topic, topicId, partitionData: [] };
      topic.partitionData.push({ index: batch.partition, records });
      topicData.set(batch.topic, topic);
    }
    const { requestTimeoutMs } = client.limits;
    const request = { transactionalId, acks, timeoutMs: requestTimeoutMs, topicData: [...topicData.values()] };
    this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 0) + 1);
    const how = { newestVersion, timeoutMs: requestTimeoutMs };
    const asked =
      acks === 0 ? client.tellNode(nodeId, Produce, request, how) : client.askNode(nodeId, Produce, request, how);
    asked.then(
      (answer) => this.#answered(nodeId, batches, topicData, answer),
      (error: unknown) => this.#unanswered(nodeId, batches, error),
    );
  }

  #answered(
    nodeId: number,
    batches: readonly ProducerBatch[],
    asked: ReadonlyMap<string, { readonly topicId: string }>,
    answer: Answer | undefined,
  ): void {
    this.#returned(nodeId);
    for (const batch of batches) {
      if (answer === undefined) {
        this.#settle(batch, UNACKNOWLEDGED);
        continue;
      }
      const topicId = asked.get(batch.topic)?.topicId;
      const topic = answer.responses.find(
        (one) => one.name === batch.topic || (one.topicId !== ZERO_UUID && one.topicId === topicId),
      );
      const found = topic?.partitionResponses.find(({ index }) => index === batch.partition);
      const outcome = outcomeOf(found);
      this.#settle(batch, outcome, this.#hasNewLeader(nodeId, batch, outcome, answer));
    }
    this.wake();
  }

  #unanswered(nodeId: number, batches: readonly ProducerBatch[], error: unknown): void {
    this.#returned(nodeId);
    for (const batch of batches) this.#settle(batch, outcomeOfFault(error));
    this.wake();
  }

  #returned(nodeId: number): void {
    this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 1) - 1);
  }

  /** Another broker is named that leads the partition: the batch goes there at once (KIP-951). */
  #hasNewLeader(nodeId: number, { topic, partition }: ProducerBatch, outcome: Outcome, answer: Answer): boolean {
    const { code, currentLeader } = outcome;
    if (code !== Errors.NOT_LEADER_OR_FOLLOWER && code !== Errors.FENCED_LEADER_EPOCH) return false;
    const { nodeEndpoints } = answer;
    return this.#parts.client.learnLeader(nodeId, { topic, partition, currentLeader, nodeEndpoints });
  }

  #settle(batch: ProducerBatch, outcome: Outcome, hasNewLeader = false): void {
    const { accumulator, sequences, settings, client } = this.#parts;
    const { code } = outcome;
    const queue = accumulator.queueOf(batch.topic, batch.partition);
    batch.isOnWire = false;
    queue.onWire -= 1;
    // DUPLICATE_SEQUENCE_NUMBER: it is in the log, where the broker no longer knows.
    if (code === Errors.NONE || code === Errors.DUPLICATE_SEQUENCE_NUMBER) {
      sequences?.acknowledged(batch, outcome.baseOffset);
      if (!batch.isDone) accumulator.done(batch, settings.acks !== 0);
      batch.placed(outcome.baseOffset, outcome.logAppendTimeMs);
      return;
    }
    if (isAboutLeaders(code) && !hasNewLeader) client.topics.doubt(batch.topic);
    if (batch.isDone) return;
    if (code === Errors.MESSAGE_TOO_LARGE && batch.writer.recordCount > 1) return this.#split(queue, batch);
    if (this.#mayRetry(batch, outcome)) {
      const restMs = hasNewLeader ? 0 : client.backoffMs(batch.attempts);
      batch.notBeforeMs = client.clock.monotonicMs() + restMs;
      accumulator.returned(queue, batch);
      return;
    }
    const error = new KafkaError(code, outcome.message);
    sequences?.refused(batch, code, batch.attempts > settings.retries);
    accumulator.done(batch, false);
    this.#parts.transactions?.failed(error);
    batch.failed(clientErrorOf(error, `${batch.topic}-${batch.partition}`));
  }

  #mayRetry(batch: ProducerBatch, { code, logStartOffset }: Outcome): boolean {
    const { client, settings, sequences } = this.#parts;
    if (client.clock.monotonicMs() >= batch.deadlineMs || batch.attempts > settings.retries || client.isClosed)
      return false;
    return sequences === undefined ? isRetriable(code) : sequences.canRetry(batch, { code, logStartOffset });
  }

  #split(queue: PartitionQueue, batch: ProducerBatch): void {
    const { accumulator, sequences, settings } = this.#parts;
    const size = batch.writer.sizeBytes;
    // Java cuts to batch.size; a batch that was no larger than that has to be halved.
    const parts = batch.split(size > settings.batchSize ? settings.batchSize : Math.ceil(size / 2));
    sequences?.replaced(batch, parts);
    accumulator.replaced(queue, batch, parts);
  }

  /** Batches whose time is over: their records are told, whatever becomes of them yet. */
  #expire(nowMs: number): void {
    const { accumulator, sequences, client, settings, transactions } = this.#parts;
    for (const batch of accumulator.incomplete) {
      if (batch.deadlineMs > nowMs) break;
      const { topic, partition } = batch;
      const code = client.topics.errorOf(topic) ?? Errors.REQUEST_TIMED_OUT;
      const why = `${batch.writer.recordCount} record(s) not delivered in ${settings.deliveryTimeoutMs} ms`;
      const error = new KafkaError(code, why);
      sequences?.givenUp(batch);
      transactions?.failed(error);
      this.#end(batch, clientErrorOf(error, `${topic}-${partition}`));
    }
  }

  #nextDeadline(): number {
    for (const { deadlineMs } of this.#parts.accumulator.incomplete) return deadlineMs;
    return Number.POSITIVE_INFINITY;
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#timerMs || atMs === Number.POSITIVE_INFINITY || this.#isClosed) return;
    this.#timer?.cancel();
    this.#timerMs = atMs;
    const { clock } = this.#parts.client;
    this.#timer = clock.schedule(Math.max(0, atMs - clock.monotonicMs()), () => {
      this.#timerMs = Number.POSITIVE_INFINITY;
      this.wake();
    });
  }

  #findLeaders(topics: ReadonlySet<string>): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const { client } = this.#parts;
    const over = (): void => {
      this.#isRefreshing = false;
      this.wake();
    };
    client.topics.refresh([...topics]).then(
      () => {
        const isLed = (queue: PartitionQueue) => client.topics.leaderOf(queue.topic, queue.partition) !== undefined;
        // As long as nobody leads what waits, it is asked for again, but not without a pause.
        if ([...this.#parts.accumulator.busy].some((queue) => topics.has(queue.topic) && !isLed(queue))) {
          void client.pause(1).then(over);
        } else over();
      },
      (error: unknown) => {
        // We are not let in, say: to go on asking would only use up their time.
        const isFinal = !(error instanceof KafkaError && isWorthAnother(error.code));
        if (isFinal) this.failAll(clientErrorOf(error));
        void client.pause(1).then(over);
      },
    );
  }
}
