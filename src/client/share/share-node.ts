// One broker, as a member of a share group deals with it: fetches and acknowledgements one after the other, in one session. What is
// acknowledged goes with the next fetch, or by itself when somebody waits for it. Kafka's ShareConsumeRequestManager.
import { type DecodedResponseOf, type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { ShareFetch } from '../../protocol/messages/78-share-fetch.ts';
import { ShareAcknowledge } from '../../protocol/messages/79-share-acknowledge.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { Acknowledgements, type AcknowledgeType } from './acknowledgements.ts';
import { type SharePartition, ShareSession } from './share-session.ts';

export interface ShareFetchOptions {
  readonly groupId: string;
  readonly memberId: string;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly maxPollRecords: number;
  /** No more records than that are acquired, even where a batch holds more (KIP-1206). */
  readonly isRecordLimit: boolean;
}

export type FetchAnswer = DecodedResponseOf<typeof ShareFetch>;
export type SharedPartition = FetchAnswer['responses'][number]['partitions'][number];

export interface AcknowledgementOutcome extends SharePartition {
  /** NONE: the broker has taken them. */
  readonly errorCode: number;
  readonly count: number;
}

export interface ShareNodeHooks {
  readonly acknowledged: (outcomes: readonly AcknowledgementOutcome[]) => void;
}

interface Pending {
  readonly place: SharePartition;
  readonly acknowledgements: Acknowledgements;
}

const RECORD_LIMIT = 1;
/** ShareAcknowledge renews locks from this version on (KIP-1222). */
const RENEWS_SINCE = 2;
const ROOM_FOR_ANSWER_MS = 5_000;

export class ShareNode {
  readonly nodeId: number;
  readonly #client: ClusterClient;
  readonly #options: ShareFetchOptions;
  readonly #hooks: ShareNodeHooks;
  readonly #session = new ShareSession();
  #pending = new Map<string, Pending>();
  /** Requests of a session follow one another. */
  #last: Promise<unknown> = Promise.resolve();
  isFetching = false;

  constructor(nodeId: number, client: ClusterClient, options: ShareFetchOptions, hooks: ShareNodeHooks) {
    this.nodeId = nodeId;
    this.#client = client;
    this.#options = options;
    this.#hooks = hooks;
  }

  acknowledge(place: SharePartition, offset: number, type: AcknowledgeType): void {
    this.#pendingOf(place).add(offset, type);
  }

  acknowledgeGap(place: SharePartition, offset: number): void {
    this.#pendingOf(place).addGap(offset);
  }

  /** Acquires records of `wanted`. Rejects with KafkaError. */
  fetch(wanted: readonly SharePartition[]): Promise<FetchAnswer> {
    return this.#inTurn(async () => {
      // Locks are renewed by themselves: nothing may be fetched by the way (KIP-1222).
      if ([...this.#pending.values()].some(({ acknowledgements }) => acknowledgements.hasRenewals))
        await this.#tellPending();
      return this.#fetchOnce(wanted);
    });
  }

  /** Tells what is acknowledged at once. Resolves when the broker has answered; what it says goes to the hooks. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#tellPending());
  }

  /** Tells what is acknowledged, and gives back what is not. Does not reject. */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#session.hasBegun) return;
      await this.#tell(this.#takePending(), this.#session.end());
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #pendingOf(place: SharePartition): Acknowledgements {
    let pending = this.#pending.get(place.name);
    if (pending === undefined)
      this.#pending.set(place.name, (pending = { place, acknowledgements: new Acknowledgements() }));
    return pending.acknowledgements;
  }

  #takePending(): Pending[] {
    const pending = [...this.#pending.values()];
    this.#pending = new Map();
    return pending;
  }

  async #fetchOnce(wanted: readonly SharePartition[]): Promise<FetchAnswer> {
    const { groupId, memberId, minBytes, maxWaitMs, maxBytes, maxPollRecords, isRecordLimit } = this.#options;
    const pending = this.#takePending();
    // What was acquired in a session that is over has been given back by the broker.
    if (!this.#session.hasBegun) this.#fail(pending, Errors.SHARE_SESSION_NOT_FOUND);
    const told = this.#session.hasBegun ? pending : [];
    const { added, forgotten } = this.#session.change(wanted);
    try {
      const answer = await this.#client.askNode(
        this.nodeId,
        ShareFetch,
        {
          groupId,
          memberId,
          shareSessionEpoch: this.#session.epoch,
          maxWaitMs,
          minBytes,
          maxBytes,
          maxRecords: maxPollRecords,
          batchSize: maxPollRecords,
          shareAcquireMode: isRecordLimit ? RECORD_LIMIT : 0,
          topics: topicsOf(added, told),
          forgottenTopicsData: forgottenOf(forgotten),
        },
        { timeoutMs: this.#client.limits.requestTimeoutMs + maxWaitMs },
      );
      if (answer.errorCode !== Errors.NONE)
        throw new KafkaError(answer.errorCode as ErrorCode, answer.errorMessage ?? undefined);
      this.#session.answered();
      const codes = new Map(
        answer.responses.flatMap(({ topicId, partitions }) =>
          partitions.map((one) => [`${topicId} ${one.partitionIndex}`, one.acknowledgeErrorCode] as const),
        ),
      );
      this.#tellOutcomes(told, (place) => codes.get(`${place.topicId} ${place.partition}`) ?? Errors.NONE);
      return answer;
    } catch (error) {
      this.#lost(told, error);
      throw error;
    }
  }

  async #tellPending(): Promise<void> {
    const pending = this.#takePending();
    if (pending.length === 0) return;
    if (!this.#session.hasBegun) return this.#fail(pending, Errors.SHARE_SESSION_NOT_FOUND);
    await this.#tell(pending, this.#session.epoch);
  }

  async #tell(pending: readonly Pending[], shareSessionEpoch: number): Promise<void> {
    const { groupId, memberId } = this.#options;
    const isRenewAck = pending.some(({ acknowledgements }) => acknowledgements.hasRenewals);
    try {
      const answer = await this.#client.askNode(
        this.nodeId,
        ShareAcknowledge,
        (version) => {
          if (isRenewAck && version < RENEWS_SINCE)
            throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'locks are renewed by Kafka 4.2 and later');
          const request = { groupId, memberId, shareSessionEpoch, topics: topicsOf([], pending) };
          return isRenewAck ? { ...request, isRenewAck } : request;
        },
        { timeoutMs: ROOM_FOR_ANSWER_MS },
      );
      if (answer.errorCode !== Errors.NONE)
        throw new KafkaError(answer.errorCode as ErrorCode, answer.errorMessage ?? undefined);
      if (shareSessionEpoch >= 0) this.#session.answered();
      const codes = new Map(
        answer.responses.flatMap(({ topicId, partitions }) =>
          partitions.map((one) => [`${topicId} ${one.partitionIndex}`, one.errorCode] as const),
        ),
      );
      this.#tellOutcomes(pending, (place) => codes.get(`${place.topicId} ${place.partition}`) ?? Errors.NONE);
    } catch (error) {
      // Nothing of it has left: the session goes on.
      if (error instanceof KafkaError && error.code === Errors.UNSUPPORTED_VERSION)
        return this.#fail(pending, error.code);
      this.#lost(pending, error);
      if (!(error instanceof KafkaError)) throw error;
    }
  }

  #lost(pending: readonly Pending[], error: unknown): void {
    this.#session.reset();
    this.#fail(pending, error instanceof KafkaError ? error.code : Errors.UNKNOWN_SERVER_ERROR);
  }

  #fail(pending: readonly Pending[], code: number): void {
    this.#tellOutcomes(pending, () => code);
  }

  #tellOutcomes(pending: readonly Pending[], codeOf: (place: SharePartition) => number): void {
    if (pending.length === 0) return;
    this.#hooks.acknowledged(
      pending.map(({ place, acknowledgements }) => ({
        ...place,
        errorCode: codeOf(place),
        count: acknowledgements.count,
      })),
    );
  }
}

/** Partitions to fetch from, and what is acknowledged of these and others. */
function topicsOf(added: readonly SharePartition[], pending: readonly Pending[]) {
  const topics = new Map<
    string,
    Map<number, { partitionIndex: number; acknowledgementBatches: ReturnType<Acknowledgements['batches']> }>
  >();
  const partitionOf = ({ topicId, partition }: SharePartition) => {
    const partitions = topics.get(topicId) ?? new Map();
    topics.set(topicId, partitions);
    const known = partitions.get(partition) ?? { partitionIndex: partition, acknowledgementBatches: [] };
    partitions.set(partition, known);
    return known;
  };
  for (const place of added) partitionOf(place);
  for (const { place, acknowledgements } of pending) {
    partitionOf(place).acknowledgementBatches = acknowledgements.batches();
  }
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.values()] }));
}

function forgottenOf(forgotten: readonly SharePartition[]): { topicId: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>();
  for (const { topicId, partition } of forgotten) topics.set(topicId, [...(topics.get(topicId) ?? []), partition]);
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }));
}
