// Fetches what is read: one request under way at a time to each broker, in a session (KIP-227), from the leader or the replica that
// the leader names (KIP-392). It asks when somebody wants records, and ahead of that as long as little is buffered. Kafka's
// AbstractFetch and FetchCollector.
import { type DecodedResponseOf, type ErrorCode, Errors, KafkaError, ZERO_UUID } from '../../protocol/index.ts';
import { Fetch } from '../../protocol/messages/01-fetch.ts';
import { delay } from '../../runtime/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import type { Leader } from '../connections/topics-view.ts';
import { FetchSession, type SessionRequest, type WantedPartition } from './fetch-session.ts';
import { endOfBatches, FetchedChunk } from './fetched-chunk.ts';
import type { PartitionState } from './partition-state.ts';
import type { ValidatePositions } from './validate-positions.ts';

export interface FetcherOptions {
  readonly isolation: 'read_uncommitted' | 'read_committed';
  readonly rack: string;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPartitionBytes: number;
  readonly maxBufferedBytes: number;
  readonly checksCrcs: boolean;
  readonly tellsBatches: boolean;
  readonly maxUnpackedBytes: number;
}

export interface FetcherHooks {
  /** All partitions that are read. */
  readonly states: () => Iterable<PartitionState>;
  /** Somebody waits for records. */
  readonly isWanted: () => boolean;
  /** There is something to look at. */
  readonly news: () => void;
  /** The log does not have the offset (any more). */
  readonly outOfRange: (state: PartitionState) => void;
  /** Told to the program with the next poll. */
  readonly fault: (error: unknown) => void;
  readonly validate: ValidatePositions;
}

type Answer = DecodedResponseOf<typeof Fetch>;
type FetchedPartition = Answer['responses'][number]['partitions'][number];

const CONSUMER = -1;
/** Topics go by name up to this version of Fetch (KIP-516). */
const NEWEST_BY_NAME = 12;
const METADATA = -1;
const SESSION_ERRORS: ReadonlySet<number> = new Set([
  Errors.FETCH_SESSION_ID_NOT_FOUND,
  Errors.INVALID_FETCH_SESSION_EPOCH,
  Errors.FETCH_SESSION_TOPIC_ID_ERROR,
]);
const DENIED: ReadonlySet<number> = new Set([Errors.TOPIC_AUTHORIZATION_FAILED, Errors.UNKNOWN_SERVER_ERROR]);

export class Fetcher {
  readonly #client: ClusterClient;
  readonly #options: FetcherOptions;
  readonly #hooks: FetcherHooks;
  readonly #sessions = new Map<number, FetchSession>();
  /** Brokers that something is under way with. */
  readonly #asking = new Set<number>();
  #failures = 0;
  #isClosed = false;

  constructor(client: ClusterClient, options: FetcherOptions, hooks: FetcherHooks) {
    this.#client = client;
    this.#options = options;
    this.#hooks = hooks;
  }

  /** Asks for whatever can be asked for. */
  advance(): void {
    if (this.#isClosed) return;
    const nowMs = this.#client.clock.monotonicMs();
    const byNode = new Map<number, [PartitionState, Leader][]>();
    const unknown = new Set<string>();
    let bufferedBytes = 0;
    for (const state of this.#hooks.states()) {
      if (state.mayDeliver) bufferedBytes += state.bufferedBytes;
      if (!state.mayFetch || state.notBeforeMs > nowMs || state.bufferedBytes > this.#options.maxPartitionBytes)
        continue;
      this.#client.topics.sawEpoch(state.topic, state.partition, state.fetchEpoch);
      const leader = this.#client.topics.leaderOf(state.topic, state.partition);
      if (leader === undefined) {
        unknown.add(state.topic);
        continue;
      }
      const nodeId = this.#sourceOf(state, leader, nowMs);
      const list = byNode.get(nodeId);
      if (list === undefined) byNode.set(nodeId, [[state, leader]]);
      else list.push([state, leader]);
    }
    if (unknown.size > 0) this.#once(METADATA, () => this.#client.topics.refresh([...unknown]));
    const roomBytes = this.#options.maxBufferedBytes - bufferedBytes;
    if (roomBytes <= 0) return;
    for (const [nodeId, states] of byNode) this.#once(nodeId, () => this.#ask(nodeId, states, roomBytes));
  }

  /** Ends the sessions, as far as that can be done at once; nothing is asked any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const endings = [...this.#sessions].map(async ([nodeId, session]) => {
      const final = session.final();
      if (final === undefined || this.#asking.has(nodeId)) return;
      await this.#client
        .askNode(nodeId, Fetch, this.#requestOf({ ...final, named: [], forgotten: [] }, 0))
        .catch(() => undefined);
    });
    await Promise.all(endings);
  }

  #sourceOf(state: PartitionState, leader: Leader, nowMs: number): number {
    const { preferred } = state;
    if (preferred === undefined) return leader.nodeId;
    if (preferred.untilMs > nowMs) return preferred.nodeId;
    state.preferred = undefined;
    return leader.nodeId;
  }

  /** Unless something is under way with that broker already. A failure is followed by a pause. */
  #once(nodeId: number, ask: () => Promise<boolean | void>): void {
    if (this.#asking.has(nodeId)) return;
    this.#asking.add(nodeId);
    void this.#run(nodeId, ask);
  }

  async #run(nodeId: number, ask: () => Promise<boolean | void>): Promise<void> {
    let hasMore: boolean | void = true;
    try {
      hasMore = await ask();
      this.#failures = 0;
    } catch (error) {
      if (this.#isClosed) return;
      if (!(error instanceof KafkaError)) this.#hooks.fault(error);
      this.#lost(nodeId);
      await this.#client.pause(++this.#failures);
    } finally {
      this.#asking.delete(nodeId);
    }
    this.#hooks.news();
    if (hasMore === true || this.#hooks.isWanted()) this.advance();
  }

  /** The broker cannot be asked now: who leads what it led is asked for again. */
  #lost(nodeId: number): void {
    this.#sessions.get(nodeId)?.reset(false);
    for (const state of this.#hooks.states()) {
      const leader = this.#client.topics.leaderOf(state.topic, state.partition);
      if (state.preferred?.nodeId === nodeId) state.preferred = undefined;
      else if (leader === undefined || leader.nodeId === nodeId) this.#client.topics.doubt(state.topic);
    }
  }

  /** Whether there is more to ask for at once. Rejects with KafkaError. */
  async #ask(nodeId: number, found: readonly [PartitionState, Leader][], roomBytes: number): Promise<boolean> {
    await this.#hooks.validate(nodeId, found);
    const wanted: WantedPartition[] = [];
    let mostBytes = 0;
    for (const [state, { topicId, epoch: leaderEpoch }] of found) {
      if (!state.mayFetch || state.validatedEpoch !== leaderEpoch) continue;
      wanted.push({ state, topicId, leaderEpoch, fetchOffset: state.fetchOffset, version: state.version });
      mostBytes += this.#options.maxPartitionBytes;
    }
    if (wanted.length === 0) return true;
    let session = this.#sessions.get(nodeId);
    if (session === undefined) this.#sessions.set(nodeId, (session = new FetchSession()));
    const request = session.next(wanted);
    const hasIds = wanted.every(({ topicId }) => topicId !== ZERO_UUID);
    const maxBytes = Math.min(this.#options.maxBytes, Math.max(roomBytes, 1), mostBytes);
    const answer = await this.#client.askNode(nodeId, Fetch, this.#requestOf(request, maxBytes), {
      newestVersion: hasIds ? undefined : NEWEST_BY_NAME,
      timeoutMs: this.#client.limits.requestTimeoutMs + this.#options.maxWaitMs,
    });
    if (SESSION_ERRORS.has(answer.errorCode)) {
      session.reset(answer.errorCode === Errors.FETCH_SESSION_ID_NOT_FOUND);
      if (answer.errorCode === Errors.FETCH_SESSION_TOPIC_ID_ERROR) throw new KafkaError(answer.errorCode);
      return true;
    }
    if (answer.errorCode !== Errors.NONE) throw new KafkaError(answer.errorCode as ErrorCode);
    session.answered(answer.sessionId);
    const hasRecords = this.#takeAll(nodeId, answer, request);
    if (answer.throttleTimeMs > 0) await delay(this.#client.clock, answer.throttleTimeMs);
    return hasRecords;
  }

  #requestOf(request: Omit<SessionRequest, 'asked'>, maxBytes: number) {
    const { isolation, rack, minBytes, maxWaitMs, maxPartitionBytes } = this.#options;
    const topics = byTopic(request.named, ({ state, leaderEpoch, fetchOffset }) => ({
      partition: state.partition,
      currentLeaderEpoch: leaderEpoch,
      fetchOffset,
      partitionMaxBytes: maxPartitionBytes,
    }));
    return {
      replicaId: CONSUMER,
      maxWaitMs: maxBytes === 0 ? 0 : maxWaitMs,
      minBytes,
      maxBytes,
      isolationLevel: isolation === 'read_committed' ? 1 : 0,
      sessionId: request.sessionId,
      sessionEpoch: request.sessionEpoch,
      topics,
      forgottenTopicsData: byTopic(request.forgotten, ({ state }) => state.partition),
      rackId: rack,
    };
  }

  #takeAll(nodeId: number, answer: Answer, { asked }: SessionRequest): boolean {
    const names = new Map<string, string>();
    for (const { topicId, state } of asked.values()) names.set(topicId, state.topic);
    let hasRecords = false;
    for (const { topic, topicId, partitions } of answer.responses) {
      const name = topic === '' ? names.get(topicId) : topic;
      for (const fetched of partitions) {
        const wanted = asked.get(`${name}-${fetched.partitionIndex}`);
        if (wanted === undefined || wanted.state.version !== wanted.version || wanted.state.isGone) continue;
        if (wanted.state.fetchOffset !== wanted.fetchOffset) continue;
        if (fetched.errorCode === Errors.NONE) {
          if (this.#take(wanted.state, fetched)) hasRecords = true;
        } else if (this.#hasNewLeader(nodeId, wanted, fetched, answer)) hasRecords = true;
        else this.#failed(nodeId, wanted, fetched);
      }
    }
    return hasRecords;
  }

  #take(state: PartitionState, fetched: FetchedPartition): boolean {
    const { highWatermark, lastStableOffset, abortedTransactions, records, preferredReadReplica } = fetched;
    state.highWatermark = highWatermark;
    state.lastStableOffset = lastStableOffset;
    if (preferredReadReplica >= 0) {
      const untilMs = this.#client.clock.monotonicMs() + this.#client.limits.metadataMaxAgeMs;
      state.preferred = { nodeId: preferredReadReplica, untilMs };
      return true;
    }
    if (records === null || records.length === 0) {
      state.settlePosition();
      return false;
    }
    try {
      const { topic, partition, fetchOffset: offset } = state;
      const { checksCrcs, tellsBatches, maxUnpackedBytes } = this.#options;
      const aborted = abortedTransactions ?? [];
      const end = endOfBatches(records, offset);
      const options = { topic, partition, offset, aborted, checksCrcs, tellsBatches, maxUnpackedBytes };
      state.chunks.push(new FetchedChunk(records, options));
      state.bufferedBytes += records.length;
      state.fetchOffset = end.offset;
      if (end.epoch >= 0) state.fetchEpoch = end.epoch;
    } catch (error) {
      state.failure = error;
    }
    return true;
  }

  /** Another broker is named that leads the partition: it is asked next (KIP-951). */
  #hasNewLeader(nodeId: number, { state }: WantedPartition, fetched: FetchedPartition, answer: Answer): boolean {
    const { errorCode, currentLeader } = fetched;
    if (errorCode !== Errors.NOT_LEADER_OR_FOLLOWER && errorCode !== Errors.FENCED_LEADER_EPOCH) return false;
    const { topic, partition } = state;
    const { nodeEndpoints } = answer;
    if (!this.#client.learnLeader(nodeId, { topic, partition, currentLeader, nodeEndpoints })) return false;
    state.preferred = undefined;
    return true;
  }

  #failed(nodeId: number, { state }: WantedPartition, { errorCode }: FetchedPartition): void {
    const isElsewhere = state.preferred?.nodeId === nodeId;
    state.preferred = undefined;
    if (errorCode === Errors.OFFSET_OUT_OF_RANGE && !isElsewhere) return this.#hooks.outOfRange(state);
    if (errorCode === Errors.CORRUPT_MESSAGE) {
      state.failure = new KafkaError(errorCode);
      return undefined;
    }
    if (DENIED.has(errorCode)) this.#hooks.fault(new KafkaError(errorCode as ErrorCode, state.name));
    this.#client.topics.doubt(state.topic);
    const restMs = this.#client.limits.firstBackoffMs;
    state.notBeforeMs = this.#client.clock.monotonicMs() + restMs;
    this.#client.clock.schedule(restMs, () => this.advance());
    return undefined;
  }
}

/** As a request groups partitions. */
function byTopic<T>(
  wanted: readonly WantedPartition[],
  element: (one: WantedPartition) => T,
): { topic: string; topicId: string; partitions: T[] }[] {
  const topics = new Map<string, { topic: string; topicId: string; partitions: T[] }>();
  for (const one of wanted) {
    const { topic } = one.state;
    const known = topics.get(`${topic} ${one.topicId}`);
    if (known === undefined) {
      topics.set(`${topic} ${one.topicId}`, { topic, topicId: one.topicId, partitions: [element(one)] });
    } else known.partitions.push(element(one));
  }
  return [...topics.values()];
}
