// kafkajs's consumer over ours: `run` hands out what has been fetched, batch by batch or record by record, and commits what has been
// resolved. A handler that throws is given the same records again.
import { delay } from '../../runtime/index.ts';
import { KafkaError } from '../../protocol/index.ts';
import { Admin } from '../admin/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { Consumer } from '../consumer/consumer.ts';
import { asClientErrors, clientErrorOf } from '../errors.ts';
import type { Place } from '../consumer/consumed-record.ts';
import { asKafkaJs, kafkaJsErrorOf, KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded } from './errors.ts';
import type { Listeners } from './listeners.ts';
import type { ConsumerConfig, RunConfig, TopicPartitions } from './consumer-options.ts';
import { PartitionBatch } from './partition-batch.ts';
import { RoundRobinAssigner } from './round-robin.ts';
import { describeAsKafkaJs } from './groups.ts';

export const CONSUMER_EVENTS = {
  HEARTBEAT: 'consumer.heartbeat',
  COMMIT_OFFSETS: 'consumer.commit_offsets',
  GROUP_JOIN: 'consumer.group_join',
  REBALANCING: 'consumer.rebalancing',
  FETCH: 'consumer.fetch',
  START_BATCH_PROCESS: 'consumer.start_batch_process',
  END_BATCH_PROCESS: 'consumer.end_batch_process',
  CONNECT: 'consumer.connect',
  DISCONNECT: 'consumer.disconnect',
  STOP: 'consumer.stop',
  CRASH: 'consumer.crash',
} as const;

const POLL_MS = 250;
const MOST_RECORDS = 5_000;
const RETRIES = 5;
const FIRST_RETRY_MS = 300;

export class KafkaJsConsumer {
  readonly events = CONSUMER_EVENTS;
  readonly #open: () => Promise<ClusterClient>;
  readonly #config: ConsumerConfig;
  readonly #listeners: Listeners;
  #client: ClusterClient | undefined;
  #consumer: Consumer | undefined;
  readonly #topics = new Set<string>();
  #fromBeginning = false;
  #running: Promise<void> | undefined;
  #isRunning = false;
  #commitsByItself = true;
  /** Next offset to commit, by partition. */
  readonly #resolved = new Map<string, Place & { readonly offset: number }>();
  readonly #committed = new Map<string, number>();
  #lastCommitMs = 0;
  /** Changes with every rebalance and seek: what was fetched before is stale. */
  readonly #sought = new Map<string, number>();

  constructor(open: () => Promise<ClusterClient>, config: ConsumerConfig, listeners: Listeners) {
    this.#open = open;
    this.#config = config;
    this.#listeners = listeners;
  }

  on(event: string, listener: (event: never) => unknown): () => void {
    return this.#listeners.on(event, listener);
  }

  async connect(): Promise<void> {
    this.#client ??= await this.#open();
    this.#listeners.tell(CONSUMER_EVENTS.CONNECT, {});
  }

  async disconnect(): Promise<void> {
    await this.stop();
    await this.#client?.close();
    this.#client = undefined;
    this.#listeners.tell(CONSUMER_EVENTS.DISCONNECT, {});
  }

  /** A regular expression stands for the topics that match it now. */
  async subscribe(what: {
    readonly topic?: string | RegExp;
    readonly topics?: readonly (string | RegExp)[];
    readonly fromBeginning?: boolean;
  }): Promise<void> {
    const { topic, topics = topic === undefined ? [] : [topic], fromBeginning = false } = what;
    const client = this.#connected();
    if (topics.length === 0) throw new KafkaJSNonRetriableError('Missing required argument "topics"');
    this.#fromBeginning = fromBeginning;
    for (const one of topics) {
      if (typeof one === 'string') await this.#add(client, one);
      else {
        const listed = await asKafkaJs(new Admin({ client }).listTopics());
        for (const { name } of listed) if (one.test(name)) this.#topics.add(name);
      }
    }
  }

  /** A topic that is not there is asked for, and may be made by that; kafkajs rejects all the same. */
  async #add(client: ClusterClient, topic: string): Promise<void> {
    await asKafkaJs(asClientErrors(client.topics.refresh([topic], this.#config.allowAutoTopicCreation ?? true)));
    const code = client.topics.errorOf(topic);
    if (code !== undefined) throw kafkaJsErrorOf(clientErrorOf(new KafkaError(code)));
    this.#topics.add(topic);
  }

  async run(how: RunConfig = {}): Promise<void> {
    if (this.#isRunning) return;
    const consumer = (this.#consumer = this.#made(this.#connected()));
    this.#isRunning = true;
    this.#commitsByItself = how.autoCommit !== false;
    this.#lastCommitMs = this.#nowMs();
    this.#running = this.#loop(consumer, how);
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#running;
    this.#running = undefined;
    await this.#consumer?.close();
    this.#consumer = undefined;
    this.#listeners.tell(CONSUMER_EVENTS.STOP, {});
  }

  async commitOffsets(
    offsets: readonly {
      readonly topic: string;
      readonly partition: number;
      readonly offset: string;
      readonly metadata?: string | null;
    }[],
  ): Promise<void> {
    const listed = offsets.map(({ topic, partition, offset, metadata }) => ({
      topic,
      partition,
      offset: Number(offset),
      metadata: metadata ?? '',
    }));
    await asKafkaJs(this.#reading().commit(listed));
    for (const { topic, partition, offset } of listed) this.#committed.set(`${topic}-${partition}`, offset);
  }

  seek({ topic, partition, offset }: Place & { readonly offset: string }): void {
    const place = `${topic}-${partition}`;
    this.#sought.set(place, (this.#sought.get(place) ?? 0) + 1);
    this.#resolved.delete(place);
    this.#reading().seek(topic, partition, Number(offset));
  }

  pause(what: readonly TopicPartitions[]): void {
    this.#reading().pause(this.#placesOf(what));
  }

  resume(what: readonly TopicPartitions[]): void {
    this.#reading().resume(this.#placesOf(what));
  }

  paused(): { topic: string; partitions: number[] }[] {
    const found = new Map<string, number[]>();
    for (const { topic, partition } of this.#reading().paused()) {
      found.set(topic, [...(found.get(topic) ?? []), partition]);
    }
    return [...found].map(([topic, partitions]) => ({ topic, partitions }));
  }

  describeGroup() {
    return describeAsKafkaJs(this.#connected(), this.#config.groupId);
  }

  #made(client: ClusterClient): Consumer {
    const { groupId, sessionTimeout, rebalanceTimeout, heartbeatInterval, maxBytesPerPartition } = this.#config;
    const { minBytes, maxBytes, maxWaitTimeInMs, readUncommitted, rackId } = this.#config;
    return new Consumer({
      client,
      group: groupId,
      groupProtocol: 'classic',
      assignors: [RoundRobinAssigner],
      topics: [...this.#topics],
      autoOffsetReset: this.#fromBeginning ? 'earliest' : 'latest',
      autoCommit: false,
      isolation: readUncommitted === true ? 'read_uncommitted' : 'read_committed',
      maxPollRecords: MOST_RECORDS,
      maxPollIntervalMs: rebalanceTimeout ?? 60_000,
      sessionTimeoutMs: sessionTimeout ?? 30_000,
      heartbeatIntervalMs: heartbeatInterval ?? 3_000,
      maxPartitionBytes: maxBytesPerPartition ?? 1_048_576,
      minBytes: minBytes ?? 1,
      maxBytes: maxBytes ?? 10_485_760,
      maxWaitMs: maxWaitTimeInMs ?? 5_000,
      ...(rackId !== undefined && { rack: rackId }),
      onAssigned: (places) => this.#joined(places),
      onRevoked: async () => {
        this.#listeners.tell(CONSUMER_EVENTS.REBALANCING, { groupId });
        if (this.#commitsByItself) await this.#commitResolved();
      },
    });
  }

  #joined(places: readonly Place[]): void {
    const consumer = this.#consumer;
    if (consumer === undefined) return;
    const { groupId, memberId } = consumer.groupMetadata();
    const memberAssignment: Record<string, number[]> = {};
    for (const { topic, partition } of places) (memberAssignment[topic] ??= []).push(partition);
    for (const place of places) this.#resolved.delete(`${place.topic}-${place.partition}`);
    this.#listeners.tell(CONSUMER_EVENTS.GROUP_JOIN, {
      groupId,
      memberId,
      memberAssignment,
      groupProtocol: RoundRobinAssigner.name,
    });
  }

  async #loop(consumer: Consumer, how: RunConfig): Promise<void> {
    let failures = 0;
    while (this.#isRunning) {
      try {
        const records = await consumer.poll(POLL_MS);
        await this.#handle(consumer, records, how);
        failures = 0;
        await this.#commitIfDue(how, true);
      } catch (error) {
        failures += 1;
        await this.#failed(error, failures);
      }
    }
    if (how.autoCommit !== false) await this.#commitResolved();
  }

  async #failed(error: unknown, failures: number): Promise<void> {
    const { retries = RETRIES, initialRetryTime = FIRST_RETRY_MS } = this.#config.retry ?? {};
    const said = kafkaJsErrorOf(error);
    if (failures > retries) {
      const crash = failures === 1 ? said : new KafkaJSNumberOfRetriesExceeded(said, retries);
      this.#listeners.tell(CONSUMER_EVENTS.CRASH, { error: crash, groupId: this.#config.groupId, restart: true });
    }
    const client = this.#client;
    if (client !== undefined) await delay(client.clock, initialRetryTime * 2 ** Math.min(failures - 1, 5));
  }

  async #handle(consumer: Consumer, records: Awaited<ReturnType<Consumer['poll']>>, how: RunConfig): Promise<void> {
    const batches = PartitionBatch.of(records, (topic, partition) => consumer.highWatermark(topic, partition));
    const atOnce = Math.max(1, how.partitionsConsumedConcurrently ?? 1);
    let failure: { readonly error: unknown } | undefined;
    const worker = async (): Promise<void> => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
        try {
          await this.#handleBatch(consumer, batch, how);
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    if (failure !== undefined) throw failure.error;
  }

  /** Goes back to what was not resolved when the handler throws. */
  async #handleBatch(consumer: Consumer, batch: PartitionBatch, how: RunConfig): Promise<void> {
    const { topic, partition } = batch;
    const place = `${topic}-${partition}`;
    const sought = this.#sought.get(place);
    const isStale = (): boolean => this.#sought.get(place) !== sought || !isOwned(consumer, batch);
    let next = Number(batch.firstOffset());
    const resolve = (offset: string): void => {
      if (isStale()) return;
      next = Number(offset) + 1;
      this.#resolved.set(place, { topic, partition, offset: next });
    };
    const own = {
      heartbeat: () => Promise.resolve(),
      pause: () => {
        consumer.pause([batch]);
        return () => consumer.resume([batch]);
      },
    };
    this.#listeners.tell(CONSUMER_EVENTS.START_BATCH_PROCESS, { topic, partition });
    try {
      if (how.eachMessage === undefined) {
        const commitOffsetsIfNecessary = (): Promise<void> => this.#commitIfDue(how, false);
        const uncommittedOffsets = () => ({ topics: [...this.#resolved.values()] });
        const isRunning = (): boolean => this.#isRunning;
        await how.eachBatch?.({
          batch,
          ...own,
          resolveOffset: resolve,
          isRunning,
          isStale,
          commitOffsetsIfNecessary,
          uncommittedOffsets,
        });
        if (how.eachBatchAutoResolve !== false) resolve(batch.lastOffset());
      } else {
        for (const message of batch.messages) {
          if (isStale() || !this.#isRunning) break;
          if (consumer.paused().some((one) => one.topic === topic && one.partition === partition)) break;
          await how.eachMessage({ topic, partition, message, ...own });
          resolve(message.offset);
          await this.#commitIfDue(how, false);
        }
      }
    } finally {
      if (next <= Number(batch.lastOffset()) && !isStale()) consumer.seek(topic, partition, next);
      this.#listeners.tell(CONSUMER_EVENTS.END_BATCH_PROCESS, { topic, partition });
    }
  }

  async #commitIfDue(how: RunConfig, isBetweenBatches: boolean): Promise<void> {
    if (how.autoCommit === false) return;
    const { autoCommitInterval, autoCommitThreshold } = how;
    const isTime = typeof autoCommitInterval === 'number' && this.#nowMs() - this.#lastCommitMs >= autoCommitInterval;
    const isMany = typeof autoCommitThreshold === 'number' && this.#uncommitted() >= autoCommitThreshold;
    const isPlain = typeof autoCommitInterval !== 'number' && typeof autoCommitThreshold !== 'number';
    if (isTime || isMany || (isPlain && isBetweenBatches)) await this.#commitResolved();
  }

  #uncommitted(): number {
    let count = 0;
    for (const [place, { offset }] of this.#resolved) count += offset - (this.#committed.get(place) ?? 0);
    return count;
  }

  async #commitResolved(): Promise<void> {
    const due = [...this.#resolved].filter(([place, { offset }]) => this.#committed.get(place) !== offset);
    this.#lastCommitMs = this.#nowMs();
    if (due.length === 0 || this.#consumer === undefined) return;
    // What cannot be committed now is with the next ones, or read again by who has the partition then.
    await this.#consumer.commit(due.map(([, offset]) => offset)).then(
      () => {
        for (const [place, { offset }] of due) this.#committed.set(place, offset);
        this.#listeners.tell(CONSUMER_EVENTS.COMMIT_OFFSETS, { groupId: this.#config.groupId });
      },
      () => undefined,
    );
  }

  #placesOf(what: readonly TopicPartitions[]): Place[] {
    const all = this.#reading().assignment();
    return all.filter((place) =>
      what.some(({ topic, partitions }) => topic === place.topic && (partitions?.includes(place.partition) ?? true)),
    );
  }

  #nowMs(): number {
    return this.#client?.clock.monotonicMs() ?? 0;
  }

  #connected(): ClusterClient {
    if (this.#client === undefined) throw new KafkaJSNonRetriableError('The consumer is disconnected');
    return this.#client;
  }

  #reading(): Consumer {
    if (this.#consumer === undefined) {
      throw new KafkaJSNonRetriableError('Consumer group was not initialized, consumer#run must be called first');
    }
    return this.#consumer;
  }
}

function isOwned(consumer: Consumer, { topic, partition }: PartitionBatch): boolean {
  return consumer.assignment().some((one) => one.topic === topic && one.partition === partition);
}
