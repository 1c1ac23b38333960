// Reads the partitions that it is told to read, from where it is told, across changes of leaders. When a partition has another
// leader, the position is held against the new leader's epochs first: what was cut off is told, not passed over (KIP-320).
import { type DecodedResponseOf, type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { Fetch } from '../../protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../protocol/messages/02-list-offsets.ts';
import { OffsetForLeaderEpoch } from '../../protocol/messages/23-offset-for-leader-epoch.ts';
import { delay } from '../../runtime/index.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';
import { type ConsumedRecord, foundIn } from './fetched-records.ts';
import type { Leader } from '../connections/topics-view.ts';

export interface ConsumerOptions {
  readonly isolation?: 'read_uncommitted' | 'read_committed';
  /** fetch.max.wait.ms */
  readonly maxWaitMs?: number;
  /** max.partition.fetch.bytes */
  readonly maxPartitionBytes?: number;
  /** Told when the log of a partition was cut below the position, which goes back to `offset`. */
  readonly truncated?: (topic: string, partition: number, offset: number) => void;
}

interface Position {
  readonly topic: string;
  readonly partition: number;
  offset: number;
  /** Epoch of the last record that was read; -1 when not known. */
  offsetEpoch: number;
  /** In which epoch of the leader the offset was held against its log; -1: never. */
  validatedEpoch: number;
  highWatermark: number;
  lastStableOffset: number;
}

type FetchedPartition = DecodedResponseOf<typeof Fetch>['responses'][number]['partitions'][number];

const EARLIEST = -2;
const CONSUMER = -1;
const NO_SESSION = { sessionId: 0, sessionEpoch: -1 };

export class Consumer {
  readonly #client: ClusterClient;
  readonly #options: Required<Omit<ConsumerOptions, 'truncated'>> & Pick<ConsumerOptions, 'truncated'>;
  readonly #positions = new Map<string, Position>();
  #found: ConsumedRecord[] = [];
  readonly #asking = new Set<number>();
  #wake: () => void = () => undefined;
  /** What no broker can be blamed for. */
  #fault: unknown;

  constructor(client: ClusterClient, options: ConsumerOptions = {}) {
    this.#client = client.apart();
    this.#options = { isolation: 'read_uncommitted', maxWaitMs: 500, maxPartitionBytes: 1_048_576, ...options };
  }

  /** Reads this partition too, from `offset` on, whose predecessor has this leader epoch if that is known. */
  assign(topic: string, partition: number, offset: number, offsetEpoch = -1): void {
    this.#positions.set(keyOf(topic, partition), {
      topic,
      partition,
      offset,
      offsetEpoch,
      validatedEpoch: -1,
      highWatermark: -1,
      lastStableOffset: -1,
    });
  }

  /** Reads none of the partitions any more; what was fetched of them is forgotten. */
  unassignAll(): void {
    this.#positions.clear();
    this.#found = [];
  }

  /** The offset that is handed out next; undefined: the partition is not assigned. */
  position(topic: string, partition: number): number | undefined {
    const waiting = this.#found.find((record) => record.topic === topic && record.partition === partition);
    return waiting?.offset ?? this.#positions.get(keyOf(topic, partition))?.offset;
  }

  /** As the last answer told it, -1 before. */
  highWatermark(topic: string, partition: number): number {
    return this.#positions.get(keyOf(topic, partition))?.highWatermark ?? -1;
  }

  lastStableOffset(topic: string, partition: number): number {
    return this.#positions.get(keyOf(topic, partition))?.lastStableOffset ?? -1;
  }

  /** Records that have come, in the order of each partition; none when none come in so long. */
  async poll(timeoutMs: number): Promise<readonly ConsumedRecord[]> {
    const deadlineMs = this.#client.deadlineIn(timeoutMs);
    while (this.#found.length === 0 && this.#fault === undefined && !this.#client.isClosed) {
      const restMs = deadlineMs - this.#client.clock.monotonicMs();
      if (restMs <= 0) break;
      const news = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#askLeaders();
      await Promise.race([news, delay(this.#client.clock, restMs)]);
    }
    if (this.#fault !== undefined) throw this.#fault;
    const found = this.#found;
    this.#found = [];
    return found;
  }

  /** Asks nothing more. */
  close(): void {
    void this.#client.close();
    this.#wake();
  }

  /** The first offset of a partition that is kept. Rejects with KafkaError. */
  earliest(topic: string, partition: number): Promise<number> {
    return this.#client.retrying(this.#client.deadlineIn(this.#client.limits.apiTimeoutMs), async () => {
      const leader = await this.#client.leaderOf(topic, partition);
      const partitions = [{ partitionIndex: partition, currentLeaderEpoch: leader.epoch, timestamp: EARLIEST }];
      const answer = await this.#client
        .askNode(leader.nodeId, ListOffsets, {
          replicaId: CONSUMER,
          isolationLevel: 0,
          topics: [{ name: topic, partitions }],
          timeoutMs: this.#client.limits.requestTimeoutMs,
        })
        .catch((error: unknown) => this.#doubting(topic, error));
      const { errorCode = Errors.UNKNOWN_SERVER_ERROR, offset = -1 } = answer.topics[0]?.partitions[0] ?? {};
      if (errorCode !== Errors.NONE) this.#client.topics.doubt(topic);
      throwIfFailed(errorCode);
      return offset;
    });
  }

  #doubting(topic: string, error: unknown): never {
    this.#client.topics.doubt(topic);
    throw error;
  }

  /** One fetch at a time to each leader; what has no leader that is known is looked for. */
  #askLeaders(): void {
    const byLeader = new Map<number, [Position, Leader][]>();
    const unknown = new Set<string>();
    for (const position of this.#positions.values()) {
      const leader = this.#client.topics.leaderOf(position.topic, position.partition);
      if (leader === undefined) unknown.add(position.topic);
      else byLeader.set(leader.nodeId, [...(byLeader.get(leader.nodeId) ?? []), [position, leader]]);
    }
    if (unknown.size > 0) this.#once(-1, () => this.#client.topics.refresh([...unknown]));
    for (const [nodeId, positions] of byLeader) this.#once(nodeId, () => this.#askLeader(nodeId, positions));
  }

  /** Unless something is under way with that node already. A failure is followed by a pause. */
  #once(nodeId: number, ask: () => Promise<void>): void {
    if (this.#asking.has(nodeId)) return;
    this.#asking.add(nodeId);
    const over = (): void => {
      this.#asking.delete(nodeId);
      this.#wake();
    };
    ask()
      .catch(async (error: unknown) => {
        if (!(error instanceof KafkaError)) {
          this.#fault = error;
          return;
        }
        for (const { topic } of this.#positions.values()) this.#client.topics.doubt(topic);
        await this.#client.pause(1);
      })
      .finally(over);
  }

  async #askLeader(nodeId: number, positions: readonly [Position, Leader][]): Promise<void> {
    for (const [position, leader] of positions) {
      if (position.validatedEpoch !== leader.epoch) await this.#validate(position, leader);
    }
    const { isolation, maxWaitMs, maxPartitionBytes } = this.#options;
    const topics = positions.map(([{ topic, partition, offset }, { epoch, topicId }]) => ({
      topic,
      topicId,
      partitions: [{ partition, currentLeaderEpoch: epoch, fetchOffset: offset, partitionMaxBytes: maxPartitionBytes }],
    }));
    const asked = positions.map(([position]) => ({ position, offset: position.offset }));
    const answer = await this.#client.askNode(nodeId, Fetch, {
      ...NO_SESSION,
      replicaId: CONSUMER,
      maxWaitMs,
      minBytes: 1,
      isolationLevel: isolation === 'read_committed' ? 1 : 0,
      topics,
      forgottenTopicsData: [],
    });
    throwIfFailed(answer.errorCode);
    let failure: KafkaError | undefined;
    for (const { topic, topicId, partitions } of answer.responses) {
      const name = topic === '' ? this.#client.topics.nameOf(topicId) : topic;
      for (const fetched of partitions) {
        const question = asked.find(
          ({ position }) => position.topic === name && position.partition === fetched.partitionIndex,
        );
        if (question !== undefined) failure = (await this.#take(question, fetched)) ?? failure;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Holds the position against the log of the leader. Rejects with KafkaError. */
  async #validate(position: Position, { nodeId, epoch }: Leader): Promise<void> {
    const { topic, partition, offset, offsetEpoch } = position;
    if (offsetEpoch >= 0) {
      const partitions = [{ partition, currentLeaderEpoch: epoch, leaderEpoch: offsetEpoch }];
      const request = { replicaId: CONSUMER, topics: [{ topic, partitions }] };
      const answer = await this.#client.askNode(nodeId, OffsetForLeaderEpoch, request);
      const found = answer.topics[0]?.partitions[0];
      throwIfFailed(found?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR);
      const { endOffset = -1, leaderEpoch = -1 } = found ?? {};
      if (position.offset !== offset || !this.#isCurrent(position)) return;
      if (endOffset >= 0 && endOffset < offset) this.#cutBack(position, endOffset, leaderEpoch);
    }
    position.validatedEpoch = epoch;
  }

  #cutBack(position: Position, endOffset: number, leaderEpoch: number): void {
    position.offset = endOffset;
    position.offsetEpoch = leaderEpoch;
    this.#options.truncated?.(position.topic, position.partition, endOffset);
  }

  /** What could not be had of the partition, if so. */
  async #take(
    asked: { position: Position; offset: number },
    fetched: FetchedPartition,
  ): Promise<KafkaError | undefined> {
    const { position, offset } = asked;
    const { topic, partition } = position;
    const { errorCode, highWatermark, lastStableOffset, abortedTransactions, records } = fetched;
    if (!this.#isCurrent(position) || position.offset !== offset) return undefined;
    if (errorCode === Errors.OFFSET_OUT_OF_RANGE) {
      // Retention has passed it: it goes on where the log begins now (auto.offset.reset=earliest).
      const earliest = await this.earliest(topic, partition);
      if (earliest > position.offset) position.offset = earliest;
      return undefined;
    }
    if (errorCode !== Errors.NONE) return new KafkaError(errorCode as ErrorCode);
    position.highWatermark = highWatermark;
    position.lastStableOffset = lastStableOffset;
    const found = foundIn(Buffer.from(records ?? []), { topic, partition, offset }, abortedTransactions ?? []);
    position.offset = found.nextOffset;
    position.offsetEpoch = found.leaderEpoch ?? position.offsetEpoch;
    this.#found.push(...found.records);
    return undefined;
  }

  #isCurrent(position: Position): boolean {
    return this.#positions.get(keyOf(position.topic, position.partition)) === position;
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}-${partition}`;
