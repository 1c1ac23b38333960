// Fetch sessions (KIP-227): a consumer names its partitions once, later requests carry only what changed and responses
// only what is new. The cache holds a bounded number of sessions and gives a slot away by the rules of Kafka's
// FetchSessionCache: first who has been idle for long, then who is smaller and no longer young.
import { Errors } from '../../protocol/index.ts';
import { assert, type Clock, type Random } from '../../runtime/index.ts';
import type { Partition } from '../partition.ts';
import { MAX_SESSION_PARTITIONS, SESSION_EVICTION_MS } from '../replication-config.ts';
import { FollowedTargets, type FollowerIdentity } from './followed-targets.ts';

/** No session: in a request "I have none", in a response "you have none". */
export const NO_SESSION = 0;
const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
const MAX_EPOCH = 0x7fff_ffff;

/** What a request says about one partition. */
export interface PartitionToFetch {
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: number;
  readonly partitionMaxBytes: number;
}

/** One partition of a fetch, of this request alone or remembered by a session. */
export class FetchTarget {
  /** Empty where topics are named by id. */
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  currentLeaderEpoch: number;
  fetchOffset: number;
  lastFetchedEpoch: number;
  logStartOffset: number;
  maxBytes: number;
  /** What the session's last answer said; -1 puts the partition into the next answer in any case. */
  answeredHighWatermark = -1;
  answeredLogStartOffset = -1;

  constructor(topic: string, topicId: string, from: PartitionToFetch) {
    this.topic = topic;
    this.topicId = topicId;
    this.partition = from.partition;
    this.currentLeaderEpoch = from.currentLeaderEpoch;
    this.fetchOffset = from.fetchOffset;
    this.lastFetchedEpoch = from.lastFetchedEpoch;
    this.logStartOffset = from.logStartOffset;
    this.maxBytes = from.partitionMaxBytes;
  }

  update(from: FetchTarget): void {
    this.currentLeaderEpoch = from.currentLeaderEpoch;
    this.fetchOffset = from.fetchOffset;
    this.lastFetchedEpoch = from.lastFetchedEpoch;
    this.logStartOffset = from.logStartOffset;
    this.maxBytes = from.maxBytes;
  }
}

/** What a session looks at in an answer to decide whether it is news. */
export interface TargetAnswer {
  readonly target: FetchTarget;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly sizeBytes: number;
  readonly isDiverging: boolean;
  /** The consumer is told of a replica that it had better read from. */
  readonly isElsewhere: boolean;
  /** That was looked at; left out: there is none. */
  readonly partition?: Partition | undefined;
}

/** A request as the sessions see it. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly usesTopicIds: boolean;
  readonly isFollower: boolean;
  /** Who it is, where it is a follower that says so. */
  readonly follower?: FollowerIdentity | undefined;
  /** Without doubles. */
  readonly targets: readonly FetchTarget[];
  readonly forgotten: Iterable<{ readonly topic: string; readonly topicId: string; readonly partition: number }>;
}

const keyOf = (usesTopicIds: boolean, from: { topic: string; topicId: string; partition: number }): string =>
  `${usesTopicIds ? from.topicId : from.topic}:${from.partition}`;

class FetchSession {
  readonly id: number;
  readonly usesTopicIds: boolean;
  /** Followers keep their slots against consumers. */
  readonly isPrivileged: boolean;
  readonly createdMs: number;
  lastUsedMs: number;
  /** The epoch that the next request must carry. */
  epoch = 1;
  /** In the order in which they are read; a partition that gave records goes to the end, so that all get their turn. */
  readonly partitions = new Map<string, FetchTarget>();
  /** Of a follower: which of them a fetch visits. */
  readonly followed: FollowedTargets | undefined;

  constructor(id: number, nowMs: number, request: SessionRequest) {
    this.id = id;
    this.usesTopicIds = request.usesTopicIds;
    this.isPrivileged = request.isFollower;
    this.createdMs = nowMs;
    this.lastUsedMs = nowMs;
    for (const target of request.targets) this.partitions.set(keyOf(this.usesTopicIds, target), target);
    assert(this.partitions.size === request.targets.length, 'a request names a partition once');
    this.followed = request.follower && new FollowedTargets(this.partitions);
  }

  update(request: SessionRequest): void {
    for (const target of request.targets) {
      const key = keyOf(this.usesTopicIds, target);
      const known = this.partitions.get(key);
      if (known === undefined) this.partitions.set(key, target);
      else known.update(target);
      this.followed?.named(known ?? target);
    }
    for (const gone of request.forgotten) this.#forget(keyOf(this.usesTopicIds, gone));
  }

  #forget(key: string): void {
    const target = this.partitions.get(key);
    if (target === undefined) return;
    this.partitions.delete(key);
    this.followed?.forgotten(target);
  }

  /** Which partitions a request visits. */
  visited({ follower }: SessionRequest, liveMs: () => number): FetchTarget[] {
    if (this.followed === undefined || follower === undefined) return [...this.partitions.values()];
    return this.followed.begin(follower, liveMs());
  }

  moveToEnd(target: FetchTarget): void {
    const key = keyOf(this.usesTopicIds, target);
    assert(this.partitions.get(key) === target, 'what was answered is a partition of the session');
    this.partitions.delete(key);
    this.partitions.set(key, target);
  }
}

export interface Conclusion<A> {
  readonly errorCode: number;
  readonly sessionId: number;
  readonly answers: readonly A[];
}

/** One request seen through its session: which partitions to read, and which of the answers to send. */
export class FetchContext {
  /** Not 0: the whole response is this error, and nothing is fetched. */
  readonly errorCode: number;
  readonly targets: readonly FetchTarget[];
  readonly #cache: FetchSessionCache;
  readonly #session: FetchSession | undefined;
  readonly #expectedEpoch: number;
  readonly #toCreate: SessionRequest | undefined;

  constructor(
    cache: FetchSessionCache,
    errorCode: number,
    targets: readonly FetchTarget[],
    session?: FetchSession,
    toCreate?: SessionRequest,
  ) {
    this.#cache = cache;
    this.errorCode = errorCode;
    this.targets = targets;
    this.#session = session;
    this.#expectedEpoch = session?.epoch ?? 0;
    this.#toCreate = toCreate;
  }

  /** Of a follower: partitions that were left out, since nothing has happened to them, come in when something does. */
  get followed(): FollowedTargets | undefined {
    return this.#session?.followed;
  }

  /** What is told beside an answer that brings nothing: the session stays as it is, and a new one is not made. */
  concludeThrottled(): Omit<Conclusion<never>, 'answers'> {
    const session = this.#session;
    if (session === undefined) return { errorCode: Errors.NONE, sessionId: NO_SESSION };
    const isCurrent = session.epoch === this.#expectedEpoch;
    return isCurrent
      ? { errorCode: Errors.NONE, sessionId: session.id }
      : { errorCode: Errors.INVALID_FETCH_SESSION_EPOCH, sessionId: NO_SESSION };
  }

  /** Chooses what is sent. `answers` has one entry for each target, in the order of the response. */
  conclude<A extends TargetAnswer>(answers: readonly A[]): Conclusion<A> {
    if (this.#toCreate !== undefined) {
      for (const answer of answers) remember(answer);
      return { errorCode: Errors.NONE, sessionId: this.#cache.create(this.#toCreate), answers };
    }
    const session = this.#session;
    if (session === undefined) return { errorCode: Errors.NONE, sessionId: NO_SESSION, answers };
    // Another request of the same session was answered while this one was parked.
    if (session.epoch !== this.#expectedEpoch) {
      return { errorCode: Errors.INVALID_FETCH_SESSION_EPOCH, sessionId: NO_SESSION, answers: [] };
    }
    const news: A[] = [];
    for (const answer of answers) {
      session.followed?.answered(answer);
      if (!isNews(answer)) continue;
      remember(answer);
      if (answer.sizeBytes > 0) session.moveToEnd(answer.target);
      news.push(answer);
    }
    return { errorCode: Errors.NONE, sessionId: session.id, answers: news };
  }
}

function isNews(answer: TargetAnswer): boolean {
  return (
    answer.sizeBytes > 0 ||
    answer.errorCode !== Errors.NONE ||
    answer.isDiverging ||
    answer.isElsewhere ||
    answer.highWatermark !== answer.target.answeredHighWatermark ||
    answer.logStartOffset !== answer.target.answeredLogStartOffset
  );
}

function remember(answer: TargetAnswer): void {
  const isBad = answer.errorCode !== Errors.NONE || answer.isDiverging;
  answer.target.answeredHighWatermark = isBad ? -1 : answer.highWatermark;
  answer.target.answeredLogStartOffset = answer.logStartOffset;
}

export class FetchSessionCache {
  readonly #slots: number;
  readonly #clock: Clock;
  readonly #random: Random;
  /** The one that has not been used for longest stands first. */
  readonly #sessions = new Map<number, FetchSession>();
  #partitionCount = 0;
  readonly #liveMs: () => number;

  /** `liveMs`: as in ClusterView. */
  constructor(slots: number, clock: Clock, random: Random, liveMs = (): number => clock.monotonicMs()) {
    this.#liveMs = liveMs;
    this.#slots = slots;
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The partitions that the session asks for; none when there is no such session. */
  targetsOf(sessionId: number): Iterable<FetchTarget> {
    return this.#sessions.get(sessionId)?.partitions.values() ?? [];
  }

  /** Finds the session of a request and brings it up to date. Never throws: errors stand in the context. */
  contextFor(request: SessionRequest): FetchContext {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      if (sessionId !== NO_SESSION) this.#remove(this.#sessions.get(sessionId));
      const toCreate = sessionEpoch === INITIAL_EPOCH ? request : undefined;
      return new FetchContext(this, Errors.NONE, request.targets, undefined, toCreate);
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return new FetchContext(this, Errors.FETCH_SESSION_ID_NOT_FOUND, []);
    if (session.epoch !== sessionEpoch) return new FetchContext(this, Errors.INVALID_FETCH_SESSION_EPOCH, []);
    if (session.usesTopicIds !== request.usesTopicIds) {
      return new FetchContext(this, Errors.FETCH_SESSION_TOPIC_ID_ERROR, []);
    }
    this.#partitionCount -= session.partitions.size;
    session.update(request);
    this.#partitionCount += session.partitions.size;
    assert(this.#partitionCount >= session.partitions.size, 'the partitions of all sessions are counted');
    if (session.partitions.size === 0) {
      this.#remove(session);
      return new FetchContext(this, Errors.NONE, request.targets);
    }
    session.lastUsedMs = this.#clock.monotonicMs();
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, session);
    session.epoch = session.epoch === MAX_EPOCH ? 1 : session.epoch + 1;
    assert(session.epoch > sessionEpoch || session.epoch === 1, 'the epochs of a session go up');
    return new FetchContext(this, Errors.NONE, session.visited(request, this.#liveMs), session);
  }

  /** The id of the new session, or NO_SESSION when there is no slot for it. */
  create(request: SessionRequest): number {
    const nowMs = this.#clock.monotonicMs();
    if (this.#slots === 0 || this.#partitionCount + request.targets.length > MAX_SESSION_PARTITIONS) return NO_SESSION;
    if (this.#sessions.size >= this.#slots && !this.#evict(request, nowMs)) return NO_SESSION;
    const session = new FetchSession(this.#newId(), nowMs, request);
    assert(this.#sessions.size < this.#slots, 'a new session has a slot');
    this.#sessions.set(session.id, session);
    this.#partitionCount += session.partitions.size;
    return session.id;
  }

  #evict(request: SessionRequest, nowMs: number): boolean {
    const [oldest] = this.#sessions.values();
    if (oldest === undefined) return false;
    if (nowMs - oldest.lastUsedMs > SESSION_EVICTION_MS) return this.#remove(oldest);
    let victim: FetchSession | undefined;
    for (const session of this.#sessions.values()) {
      const isOld = session.lastUsedMs - session.createdMs > SESSION_EVICTION_MS;
      const isOpenToAll = isOld || (request.isFollower && !session.isPrivileged);
      if (isOpenToAll && (victim === undefined || isBefore(session, victim))) victim = session;
    }
    if (victim === undefined) return false;
    // Kafka compares (privileged, size, id) with the newcomer's, whose id counts as 0.
    if (victim.isPrivileged && !request.isFollower) return false;
    if (victim.isPrivileged === request.isFollower && victim.partitions.size >= request.targets.length) return false;
    return this.#remove(victim);
  }

  #remove(session: FetchSession | undefined): boolean {
    if (session === undefined || !this.#sessions.delete(session.id)) return false;
    session.followed?.release();
    this.#partitionCount -= session.partitions.size;
    assert(this.#partitionCount >= 0, 'the partitions of all sessions are counted');
    return true;
  }

  #newId(): number {
    for (let attempt = 0; attempt < 1000; attempt++) {
      const id = Math.floor(this.#random.next() * MAX_EPOCH) + 1;
      if (!this.#sessions.has(id)) return id;
    }
    assert(false, 'no free fetch session id');
  }
}

function isBefore(left: FetchSession, right: FetchSession): boolean {
  if (left.isPrivileged !== right.isPrivileged) return !left.isPrivileged;
  if (left.partitions.size !== right.partitions.size) return left.partitions.size < right.partitions.size;
  return left.id < right.id;
}
