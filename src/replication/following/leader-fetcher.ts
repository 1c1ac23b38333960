// Fetches partitions from one leader, over a connection of its own: one request at a time, all partitions in it, what comes
// appended as it is. A partition that fails rests by itself (Kafka: AbstractFetcherThread, ReplicaFetcherThread).
import { Errors, errorName, KafkaError, type Channel, type ChannelError, type Peers } from '../../protocol/index.ts';
import { Fetch } from '../../protocol/messages/01-fetch.ts';
import { assert, type Clock, type Logger, type Timer } from '../../runtime/index.ts';
import { fetchRequest, type FetchTerms, OLDEST_FETCH_VERSION } from './fetch-request.ts';
import { FetcherSession } from './fetcher-session.ts';
import { type FollowedPartition, keyOf } from './followed-partition.ts';
import type { ReplicationQuota } from '../replication-quota.ts';
import { PartitionKeeper, type PartitionAnswer } from './partition-keeper.ts';

export interface FetcherOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly peers: Peers;
  readonly clientId: string;
  readonly nodeId: number;
  /** As they are now. */
  readonly terms: () => FetchTerms;
  readonly quota: ReplicationQuota;
}

/** The records of an answer are written when the next request goes. */
const REQUEST_LIMITS = { maxInFlight: 1, areAnswersShortLived: true };

export class LeaderFetcher {
  readonly leaderId: number;
  readonly #options: FetcherOptions;
  readonly #isStarter: boolean;
  readonly #session = new FetcherSession();
  readonly #keeper: PartitionKeeper;
  /** All that is followed here, also what rests. */
  readonly #followed = new Map<string, FollowedPartition>();
  readonly #resting = new Map<FollowedPartition, Timer>();
  #channel: Channel | undefined;
  #failures = 0;
  /** A version that the leader does not know is not tried again. */
  #newestVersion = Fetch.versions[1];
  #isRunning = false;
  /** A request is under way, which may be parked at the leader for a while. */
  #isAsking = false;
  /** Asks for those that have come meanwhile, so that they need not wait; they come back here with the answer. */
  #starter: LeaderFetcher | undefined;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(leaderId: number, options: FetcherOptions, isStarter = false) {
    this.#isStarter = isStarter;
    this.leaderId = leaderId;
    this.#options = options;
    this.#keeper = new PartitionKeeper(options.clock, options.logger, options.nodeId);
  }

  followed(key: string): FollowedPartition | undefined {
    return this.#followed.get(key) ?? this.#starter?.followed(key);
  }

  follow(followed: FollowedPartition): void {
    const before = this.followed(followed.key);
    if (before !== undefined) this.forget(before);
    if (!this.#isAsking || this.#isStarter) return this.#add(followed);
    this.#starter ??= new LeaderFetcher(this.leaderId, this.#options, true);
    this.#starter.follow(followed);
  }

  #add(followed: FollowedPartition): void {
    this.#followed.set(followed.key, followed);
    this.#whenIdle(followed);
    if (!this.#isRunning) void this.#run();
  }

  /** What was appended before, by whomever, is written first: the offset asked for is a promise to have all before it. */
  #whenIdle(followed: FollowedPartition): void {
    if (!this.#isFollowed(followed)) return;
    const { log } = followed.partition;
    if (!log.isIdle) return log.onWritten(log.logEndOffset, { written: () => this.#afterWrite(followed) });
    if (!this.#keeper.isReadable(followed)) return this.#rest(followed);
    this.#session.ask(followed);
    this.#wake?.();
  }

  #afterWrite(followed: FollowedPartition): void {
    this.#options.clock.endOfTurn(() => this.#whenIdle(followed));
  }

  #isFollowed(followed: FollowedPartition): boolean {
    return this.#followed.get(followed.key) === followed && !this.#isClosed;
  }

  forget(followed: FollowedPartition): void {
    this.#starter?.forget(followed);
    if (!this.#isFollowed(followed)) return;
    this.#followed.delete(followed.key);
    this.#session.drop(followed);
    this.#resting.get(followed)?.cancel();
    this.#resting.delete(followed);
  }

  /** Those that the starter has begun with. */
  #adopt(): void {
    const starter = this.#starter;
    if (starter === undefined) return;
    const begun = Array.from(starter.#followed.values());
    for (const followed of begun) {
      starter.forget(followed);
      this.#add(followed);
    }
  }

  /** The leader has been started anew, or has moved: it is looked for where it is now, at once. */
  reconnect(): void {
    this.#starter?.reconnect();
    this.#channel?.destroy();
    this.#channel = undefined;
    this.#failures = 0;
    this.#newestVersion = Fetch.versions[1];
    const resting = Array.from(this.#resting.keys());
    for (const followed of resting) this.#rested(followed);
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#starter?.close();
    for (const timer of this.#resting.values()) timer.cancel();
    this.#resting.clear();
    this.#channel?.destroy();
    this.#channel = undefined;
    this.#wake?.();
  }

  /** Ends when nothing is followed any more. */
  async #run(): Promise<void> {
    assert(!this.#isRunning, 'one request at a time');
    this.#isRunning = true;
    // The others that come in this turn go into the first request too.
    await new Promise<void>((resolve) => this.#options.clock.endOfTurn(resolve));
    while (!this.#isClosed && this.#followed.size > 0) {
      if (this.#session.size === 0) await this.#sleep(undefined);
      else await this.#fetch();
      this.#adopt();
    }
    this.#isRunning = false;
    this.#channel?.destroy();
    this.#channel = undefined;
    this.#session.failed();
  }

  /** Until something is there to do, or at most so long. */
  #sleep(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : this.#options.clock.schedule(ms, () => this.#wake?.());
      this.#wake = () => {
        timer?.cancel();
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #channelNow({ socketTimeoutMs: requestTimeoutMs }: FetchTerms): Channel | undefined {
    const { peers, clientId } = this.#options;
    this.#channel ??= peers.open(this.leaderId, clientId, { ...REQUEST_LIMITS, requestTimeoutMs });
    return this.#channel;
  }

  async #fetch(): Promise<void> {
    const terms = this.#options.terms();
    const channel = this.#channelNow(terms);
    // Where it is will be told by the metadata.
    if (channel === undefined) return this.#sleep(terms.backoffMs);
    if (this.#options.quota.isOn) this.#holdBack(this.#options.quota);
    if (this.#session.size === 0) return;
    const version = Math.min(terms.version, this.#newestVersion);
    const step = this.#session.next();
    for (const followed of step.asked) followed.asked();
    try {
      this.#isAsking = true;
      const answer = await channel.ask(Fetch, fetchRequest(step, terms, version), { version });
      this.#isAsking = false;
      this.#failures = 0;
      this.#session.answered(answer.errorCode, answer.sessionId);
      if (answer.errorCode !== Errors.NONE) return this.#refused(answer.errorCode);
      for (const { topicId, partitions } of answer.responses) {
        for (const partition of partitions) this.#take(keyOf(topicId, partition.partitionIndex), partition);
      }
      const done = (followed: FollowedPartition): void => this.#settled(followed);
      for (const followed of await this.#keeper.settled(done)) this.#rest(followed);
      for (const followed of await this.#keeper.mend(channel, done)) this.#rest(followed);
    } catch (error) {
      this.#isAsking = false;
      if (!(error instanceof KafkaError)) throw error;
      await this.#lost(channel, error, version);
    }
  }

  /** Throttled partitions that are behind are not asked for while the quota is exceeded (Kafka: shouldFollowerThrottle). */
  #holdBack(quota: ReplicationQuota): void {
    if (!quota.isExceeded) return;
    for (const followed of this.#followed.values()) {
      const { topic, index } = followed.partition;
      if (followed.lag <= 0 || this.#resting.has(followed) || !quota.isThrottled(topic, index)) continue;
      this.#restFor(followed, THROTTLED_REST_MS);
    }
  }

  #take(key: string, answer: PartitionAnswer): void {
    const followed = this.#session.get(key);
    // It was forgotten, or is another now, while the leader was asked.
    if (followed === undefined || !followed.isCurrent) return;
    if (!followed.isWhereAsked) return this.#whenIdle(followed);
    const { quota } = this.#options;
    if (quota.isOn && quota.isThrottled(followed.partition.topic, followed.partition.index)) {
      quota.record(answer.records?.length ?? 0);
    }
    const outcome = this.#keeper.take(followed, answer);
    if (outcome === 'rest') this.#rest(followed);
    else if (outcome === 'fenced') this.#session.drop(followed);
    // Whoever has records deleted waits for this to be told.
    else if (followed.partition.log.logStartOffset !== followed.toldLogStart) this.#session.ask(followed);
  }

  /** All of it that came is written: it is asked for from there. */
  #settled(followed: FollowedPartition): void {
    if (this.#isFollowed(followed) && this.#session.get(followed.key) === followed) this.#session.ask(followed);
  }

  #rest(followed: FollowedPartition): void {
    if (this.#isFollowed(followed)) this.#restFor(followed, followed.failed(this.#options.terms().backoffMs));
  }

  #restFor(followed: FollowedPartition, restMs: number): void {
    this.#session.drop(followed);
    this.#resting.get(followed)?.cancel();
    const timer = this.#options.clock.schedule(restMs, () => this.#rested(followed));
    this.#resting.set(followed, timer);
  }

  #rested(followed: FollowedPartition): void {
    this.#resting.get(followed)?.cancel();
    this.#resting.delete(followed);
    this.#whenIdle(followed);
  }

  #refused(errorCode: number): Promise<void> | undefined {
    if (SESSION_ERRORS.has(errorCode)) return undefined;
    this.#tell('a leader refuses to be fetched from', errorName(errorCode));
    return this.#pause();
  }

  /** There was no answer. */
  async #lost(channel: Channel, error: KafkaError, version: number): Promise<void> {
    this.#session.failed();
    // Closed here, to look for the leader where it is now.
    if (this.#isClosed || this.#channel !== channel) return;
    if ((error as ChannelError).fault === 'unsupported version' && version > OLDEST_FETCH_VERSION) {
      this.#newestVersion = version - 1;
      return;
    }
    this.#tell('a leader cannot be fetched from', error.message);
    // It may be somewhere else by now.
    channel.destroy();
    this.#channel = undefined;
    await this.#pause();
  }

  #tell(message: string, reason: string): void {
    if (this.#failures > 0) return;
    this.#options.logger.log('warn', message, { leader: this.leaderId, reason });
  }

  #pause(): Promise<void> {
    const { backoffMs } = this.#options.terms();
    return this.#sleep(Math.min(backoffMs, FIRST_PAUSE_MS * 2 ** this.#failures++));
  }
}

/** After so long it is looked again whether the quota is exceeded. */
const THROTTLED_REST_MS = 100;
/** Between attempts to reach a leader; the next ones are twice as long each, up to replica.fetch.backoff.ms. */
const FIRST_PAUSE_MS = 50;
/** The next request begins another session. */
const SESSION_ERRORS: ReadonlySet<number> = new Set([
  Errors.FETCH_SESSION_ID_NOT_FOUND,
  Errors.INVALID_FETCH_SESSION_EPOCH,
  Errors.FETCH_SESSION_TOPIC_ID_ERROR,
]);
