// What has come in and gone out by topic (Kafka: BrokerTopicStats), read off the requests and their answers when these leave.
import { NO_RESPONSE, type Outcome } from '../api-handlers/index.ts';
import { Errors } from '../protocol/index.ts';
import {
  type ErrorCounts,
  FETCH_KEY,
  type FetchedTopic,
  followerOf,
  PRODUCE_KEY,
  type ProducedAnswer,
  type ProducedTopic,
  recordCount,
  SHARE_FETCH_KEY,
  sizeOf,
} from './transfers.ts';

/** The topics that there are. */
export interface KnownTopics {
  has(topic: string): boolean;
  nameOf(topicId: string): string | undefined;
}

export class TopicCounts {
  messagesIn = 0;
  bytesIn = 0;
  bytesOut = 0;
  bytesRejected = 0;
  produceRequests = 0;
  fetchRequests = 0;
  failedProduceRequests = 0;
  failedFetchRequests = 0;
}

/** Refusals that are part of the work, and no failures (ReplicaManager.appendToLocalLog, readFromLocalLog). */
const EXPECTED: ReadonlySet<number> = new Set([
  Errors.NONE,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.INCONSISTENT_TOPIC_ID,
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.FENCED_LEADER_EPOCH,
  Errors.UNKNOWN_LEADER_EPOCH,
  Errors.REPLICA_NOT_AVAILABLE,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.OFFSET_OUT_OF_RANGE,
  Errors.MESSAGE_TOO_LARGE,
  Errors.RECORD_LIST_TOO_LARGE,
  Errors.CORRUPT_MESSAGE,
  Errors.TOPIC_AUTHORIZATION_FAILED,
]);

const REJECTED: ReadonlySet<number> = new Set([Errors.MESSAGE_TOO_LARGE, Errors.RECORD_LIST_TOO_LARGE]);

export class TopicMeter {
  /** Of all that is not counted by topic, or no longer: to count twice, there and for all, costs each request. */
  readonly #rest = new TopicCounts();
  /** Bytes that followers have fetched. */
  replicationBytesOut = 0;
  readonly #topics = new Map<string, TopicCounts>();
  readonly #most: number;
  readonly #known: KnownTopics;
  /** The topic that was looked up last: to tell two names from each other costs less than to find one. */
  #lastKey = '';
  #last: TopicCounts;

  /** `most` topics are counted one by one. */
  constructor(most: number, known: KnownTopics) {
    this.#most = most;
    this.#known = known;
    this.#last = this.#rest;
  }

  /** Of all topics that there are, and were. */
  get all(): TopicCounts {
    const all = new TopicCounts();
    addUp(all, this.#rest);
    for (const counts of this.#topics.values()) addUp(all, counts);
    return all;
  }

  /** undefined: nothing has been counted of it. */
  of(topic: string): TopicCounts | undefined {
    return this.#topics.get(topic);
  }

  /** What was counted of topics that there are no more is told of all alone. */
  forgetDeleted(): void {
    this.#lastKey = '';
    this.#last = this.#rest;
    for (const [topic, counts] of this.#topics) {
      if (this.#known.has(topic)) continue;
      addUp(this.#rest, counts);
      this.#topics.delete(topic);
    }
  }

  /** Counts a request of which topics have a part, and the errors of its answer. False: it is another. */
  leave(key: number, body: Readonly<Record<string, unknown>>, outcome: Outcome<object>, errors: ErrorCounts): boolean {
    switch (key) {
      case PRODUCE_KEY:
        this.#produced(body as unknown as { topicData: readonly ProducedTopic[] }, outcome, errors);
        return true;
      case FETCH_KEY:
        if (typeof outcome === 'object') {
          this.#fetched(outcome as { responses: readonly FetchedTopic[] }, followerOf(body) >= 0, errors);
        }
        return true;
      case SHARE_FETCH_KEY:
        if (typeof outcome === 'object')
          this.#fetched(outcome as { responses: readonly FetchedTopic[] }, false, errors);
        return true;
      default:
        return false;
    }
  }

  #produced(
    { topicData }: { readonly topicData: readonly ProducedTopic[] },
    outcome: Outcome<object>,
    errors: ErrorCounts,
  ): void {
    // acks=0 that was taken has no answer; one that was refused closes the connection.
    const isUnanswered = outcome === NO_RESPONSE;
    if (typeof outcome !== 'object' && !isUnanswered) return;
    const responses = isUnanswered ? [] : (outcome as { responses: readonly ProducedAnswer[] }).responses;
    for (const topic of topicData) {
      const answer = answerTo(topic, responses);
      const counts = this.#countsOf(topic.name, topic.topicId);
      for (const { index, records } of topic.partitionData) {
        const told = answer === undefined ? undefined : errorOf(index, answer.partitionResponses);
        const code = isUnanswered ? Errors.NONE : (told ?? Errors.UNKNOWN_SERVER_ERROR);
        errors.add(code);
        addProduced(counts, records, code);
      }
    }
  }

  #fetched(
    { responses, errorCode = 0 }: { readonly responses: readonly FetchedTopic[]; readonly errorCode?: number },
    isFollower: boolean,
    errors: ErrorCounts,
  ): void {
    errors.add(errorCode);
    // Partitions of a session that have nothing new are not in the answer.
    if (responses.length === 0 && !isFollower) this.#rest.fetchRequests += 1;
    for (const { topic = '', topicId, partitions } of responses) {
      const counts = isFollower ? undefined : this.#countsOf(topic, topicId);
      for (const { errorCode: code, records } of partitions) {
        if (code !== Errors.NONE) errors.add(code);
        const sizeBytes = sizeOf(records);
        if (counts === undefined) this.replicationBytesOut += sizeBytes;
        else addFetched(counts, sizeBytes, code);
      }
    }
  }

  /** Those of the rest for a topic that there is not: whoever asks for many such ones makes nothing grow. */
  #countsOf(name: string, topicId: string): TopicCounts {
    const key = name === '' ? topicId : name;
    if (key === this.#lastKey) return this.#last;
    const topic = name === '' ? this.#known.nameOf(topicId) : name;
    const counts = topic === undefined ? undefined : this.#countsOfTopic(topic);
    // It may be there the next time.
    if (counts === undefined) return this.#rest;
    this.#lastKey = key;
    this.#last = counts;
    return counts;
  }

  #countsOfTopic(topic: string): TopicCounts | undefined {
    const known = this.#topics.get(topic);
    if (known !== undefined || this.#topics.size >= this.#most || !this.#known.has(topic)) return known;
    const counts = new TopicCounts();
    this.#topics.set(topic, counts);
    return counts;
  }
}

// Loops, and no closures: this is done for every Produce request.

function answerTo(topic: ProducedTopic, responses: readonly ProducedAnswer[]): ProducedAnswer | undefined {
  for (const answer of responses) if (answer.name === topic.name && answer.topicId === topic.topicId) return answer;
  return undefined;
}

function errorOf(index: number, answers: ProducedAnswer['partitionResponses']): number | undefined {
  for (const answer of answers) if (answer.index === index) return answer.errorCode;
  return undefined;
}

function addProduced(counts: TopicCounts, records: Buffer | null, code: number): void {
  counts.produceRequests += 1;
  if (records === null) return;
  if (code === Errors.NONE) {
    counts.messagesIn += recordCount(records);
    counts.bytesIn += records.length;
    return;
  }
  if (REJECTED.has(code)) counts.bytesRejected += records.length;
  if (!EXPECTED.has(code)) counts.failedProduceRequests += 1;
}

function addFetched(counts: TopicCounts, sizeBytes: number, code: number): void {
  counts.fetchRequests += 1;
  counts.bytesOut += sizeBytes;
  if (code !== Errors.NONE && !EXPECTED.has(code)) counts.failedFetchRequests += 1;
}

function addUp(counts: TopicCounts, others: TopicCounts): void {
  counts.messagesIn += others.messagesIn;
  counts.bytesIn += others.bytesIn;
  counts.bytesOut += others.bytesOut;
  counts.bytesRejected += others.bytesRejected;
  counts.produceRequests += others.produceRequests;
  counts.fetchRequests += others.fetchRequests;
  counts.failedProduceRequests += others.failedProduceRequests;
  counts.failedFetchRequests += others.failedFetchRequests;
}
