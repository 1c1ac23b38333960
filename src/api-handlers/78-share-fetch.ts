// ShareFetch, versions 1 to 2: a member of a share group acquires records, and acknowledges others by the way (KIP-932; Kafka:
// KafkaApis.handleShareFetchRequest). Nobody asks whether the member belongs to the group: every id may open a session.
//   v2 exact record limits (KIP-1206), renewed locks (KIP-1222)
// A topic id that nobody knows is UNKNOWN_SERVER_ERROR for the whole request, and for every further one of its session, as in
// Kafka, where it is a fault.
import { Errors, KafkaError } from '../protocol/index.ts';
import { ShareFetch, type ShareFetchRequest, type ShareFetchResponse } from '../protocol/messages/78-share-fetch.ts';
import { ReadLease, type ReplicaManager } from '../replication/index.ts';
import type {
  NamedPartition,
  SessionPartition,
  ShareFetchAnswer,
  SharePartitionManager,
  ShareSession,
} from '../share-partitions/index.ts';
import type { Access } from './access.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { AFTER_SENT, defineHandler, type RequestContext } from './handler.ts';
import { hasPartition } from './group-requests.ts';
import { LeaderHints } from './leader-hints.ts';
import { type AcknowledgementVerdict, acknowledgeAll, isMemberIdValid, readersOf } from './share-acknowledgements.ts';
import type { ShareFeature } from './share-feature.ts';

const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
/** ShareAcquireMode */
const BATCH_OPTIMIZED = 0;
const RECORD_LIMIT = 1;
const RENEWAL_SINCE = 2;

type AnsweredPartition = ShareFetchResponse['responses'][number]['partitions'][number];

export const shareFetch = (
  shares: SharePartitionManager,
  replicas: ReplicaManager,
  identity: BrokerIdentity,
  feature: ShareFeature,
  access?: Access,
) =>
  defineHandler(ShareFetch, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
      {
        operation: 'READ',
        resource: 'TOPIC',
        at: ['topics.topicId'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle: async (request, context) => {
      const lease = new ReadLease(replicas.readBuffers);
      try {
        const fetching = new ShareFetching(shares, replicas, identity, feature, request, context, access);
        const response: LeasedResponse = { ...(await fetching.run(lease)), [AFTER_SENT]: lease };
        return response;
      } catch (error) {
        lease.sent();
        throw error;
      }
    },
    malformed: ({ groupId }) => (groupId === null ? new KafkaError(Errors.INVALID_REQUEST) : undefined),
    failed: (_request, errorCode) => failedShareFetch(errorCode),
  });

const failedShareFetch = (errorCode: number): ShareFetchResponse => ({
  errorCode,
  acquisitionLockTimeoutMs: 0,
  responses: [],
  nodeEndpoints: [],
});

interface LeasedResponse extends ShareFetchResponse {
  readonly [AFTER_SENT]: ReadLease;
}

/** One request. */
class ShareFetching {
  readonly #shares: SharePartitionManager;
  readonly #replicas: ReplicaManager;
  readonly #identity: BrokerIdentity;
  readonly #request: ShareFetchRequest;
  readonly #context: RequestContext;
  readonly #groupId: string;
  readonly #memberId: string;
  readonly #access: Access | undefined;

  constructor(
    shares: SharePartitionManager,
    replicas: ReplicaManager,
    identity: BrokerIdentity,
    feature: ShareFeature,
    request: ShareFetchRequest,
    context: RequestContext,
    access: Access | undefined,
  ) {
    feature.check();
    const { groupId, memberId } = request;
    if (groupId === null || !isMemberIdValid(memberId)) throw new KafkaError(Errors.INVALID_REQUEST);
    this.#shares = shares;
    this.#replicas = replicas;
    this.#identity = identity;
    this.#request = request;
    this.#context = context;
    this.#groupId = groupId;
    this.#memberId = memberId;
    this.#access = access;
  }

  get #isRenewal(): boolean {
    return this.#context.apiVersion >= RENEWAL_SINCE && this.#request.isRenewAck;
  }

  get #hasAcknowledgements(): boolean {
    return this.#request.topics.some(({ partitions }) =>
      partitions.some(({ acknowledgementBatches }) => acknowledgementBatches.length > 0),
    );
  }

  /** `lease`: holds the records of the response. */
  async run(lease: ReadLease): Promise<ShareFetchResponse> {
    const { maxBytes, minBytes, maxRecords, maxWaitMs, shareSessionEpoch } = this.#request;
    // What was renewed must not run out while records are waited for.
    if (this.#isRenewal && (maxBytes !== 0 || minBytes !== 0 || maxRecords !== 0 || maxWaitMs !== 0)) {
      throw new KafkaError(Errors.INVALID_REQUEST);
    }
    const named = this.#named();
    const session = await this.#session(named);
    const epoch = session.epoch;
    const read = shareSessionEpoch === FINAL_EPOCH ? [] : [...session.partitions];
    if ([...read, ...named].some(({ topic }) => topic === undefined)) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    const acknowledged = this.#hasAcknowledgements ? this.#acknowledge() : [];
    const fetched = this.#isRenewal ? [] : this.#fetch(read as NamedPartition[], lease);
    const answers = await fetched;
    const verdicts = await acknowledged;
    if (shareSessionEpoch === FINAL_EPOCH) this.#shares.endSession(session);
    else if (session.epoch !== epoch) return this.#response(Errors.INVALID_SHARE_SESSION_EPOCH, [], []);
    const sent = shareSessionEpoch > INITIAL_EPOCH ? session.conclude(answers) : answers;
    return this.#response(Errors.NONE, sent, verdicts);
  }

  #named(): SessionPartition[] {
    const { topics } = this.#identity.image();
    return this.#request.topics.flatMap(({ topicId, partitions }) => {
      const topic = topics.byId.get(topicId)?.name;
      return partitions.map(({ partitionIndex }) => ({ topicId, topic, partition: partitionIndex }));
    });
  }

  async #session(named: readonly SessionPartition[]): Promise<ShareSession> {
    const { sessions } = this.#shares;
    const { shareSessionEpoch, forgottenTopicsData, maxWaitMs } = this.#request;
    if (shareSessionEpoch !== INITIAL_EPOCH) {
      const session = sessions.request(this.#groupId, this.#memberId, shareSessionEpoch);
      if (shareSessionEpoch !== FINAL_EPOCH) session.update(named, forgottenOf(forgottenTopicsData));
      return session;
    }
    if (this.#hasAcknowledgements) throw new KafkaError(Errors.INVALID_REQUEST);
    const { connection } = this.#context;
    try {
      const session = sessions.open(this.#groupId, this.#memberId, connection.id, named);
      this.#shares.follow(connection, this.#groupId);
      return session;
    } catch (error) {
      // Whoever finds no room shall not ask again at once.
      await this.#shares.pause(maxWaitMs, connection);
      throw error;
    }
  }

  #acknowledge(): Promise<AcknowledgementVerdict[]> {
    return acknowledgeAll(this.#shares, this.#identity.image(), this.#request.topics, {
      groupId: this.#groupId,
      memberId: this.#memberId,
      knowsRenewal: this.#context.apiVersion >= RENEWAL_SINCE,
      isRenewal: this.#isRenewal,
      mayRead: readersOf(this.#access, this.#context),
    });
  }

  #fetch(
    read: readonly NamedPartition[],
    lease: ReadLease,
  ): readonly ShareFetchAnswer[] | Promise<readonly ShareFetchAnswer[]> {
    const { topics } = this.#identity.image();
    const isThere = ({ topicId, partition }: NamedPartition): boolean =>
      hasPartition(topics.byId.get(topicId), partition);
    const mayRead = readersOf(this.#access, this.#context);
    const readable = mayRead === undefined ? read : read.filter(({ topic }) => mayRead(topic));
    const partitions = readable.filter(isThere);
    const denied = readable === read ? [] : read.filter((one) => !readable.includes(one)).map(deniedPartition);
    const missing = [...readable.filter((one) => !isThere(one)).map(unknownPartition), ...denied];
    if (partitions.length === 0) return missing;
    const { shareSessionEpoch, shareAcquireMode, maxWaitMs, minBytes, maxRecords, batchSize } = this.#request;
    if (shareAcquireMode !== BATCH_OPTIMIZED && shareAcquireMode !== RECORD_LIMIT) {
      throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    }
    const maxBytes = Math.min(this.#request.maxBytes, this.#replicas.config.fetchMaxBytes);
    const call = {
      groupId: this.#groupId,
      memberId: this.#memberId,
      sessionEpoch: shareSessionEpoch,
      maxWaitMs,
      minBytes: Math.min(minBytes, maxBytes),
      maxBytes,
      maxRecords,
      batchSize,
      isRecordLimit: shareAcquireMode === RECORD_LIMIT,
      partitions,
      lease,
    };
    const answers = this.#shares.fetch(call, this.#context.connection);
    return answers instanceof Promise ? answers.then((all) => [...all, ...missing]) : [...answers, ...missing];
  }

  #response(
    errorCode: number,
    answers: readonly ShareFetchAnswer[],
    verdicts: readonly AcknowledgementVerdict[],
  ): ShareFetchResponse {
    const hints = new LeaderHints(this.#replicas, this.#identity, this.#context);
    const topics = new Map<string, Map<number, AnsweredPartition>>();
    const partitionsOf = (topicId: string): Map<number, AnsweredPartition> => {
      let partitions = topics.get(topicId);
      if (partitions === undefined) topics.set(topicId, (partitions = new Map()));
      return partitions;
    };
    for (const answer of answers) {
      partitionsOf(answer.topicId).set(answer.partitionIndex, answered(answer, hints));
    }
    for (const { topicId, topic, partition, errorCode: code, errorMessage } of verdicts) {
      const partitions = partitionsOf(topicId);
      const known = partitions.get(partition) ?? answered(nothing(topicId, topic, partition, Errors.NONE), hints);
      partitions.set(partition, { ...known, acknowledgeErrorCode: code, acknowledgeErrorMessage: errorMessage });
    }
    return {
      errorCode,
      acquisitionLockTimeoutMs: this.#shares.settings(this.#groupId).lockDurationMs,
      responses: Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions: [...partitions.values()] })),
      nodeEndpoints: hints.nodeEndpoints(),
    };
  }
}

function answered(answer: ShareFetchAnswer, hints: LeaderHints): AnsweredPartition {
  const { topic, partitionIndex, errorCode, records, acquiredRecords } = answer;
  const isElsewhere = errorCode === Errors.NOT_LEADER_OR_FOLLOWER || errorCode === Errors.FENCED_LEADER_EPOCH;
  const leader = isElsewhere ? hints.leaderOf(topic, partitionIndex) : undefined;
  return {
    partitionIndex,
    errorCode,
    errorMessage: null,
    acknowledgeErrorCode: Errors.NONE,
    acknowledgeErrorMessage: null,
    currentLeader: leader ?? { leaderId: 0, leaderEpoch: 0 },
    records,
    acquiredRecords: [...acquiredRecords],
  };
}

function nothing(topicId: string, topic: string, partitionIndex: number, errorCode: number): ShareFetchAnswer {
  return { topicId, topic, partitionIndex, errorCode, records: [], sizeBytes: 0, acquiredRecords: [] };
}

function unknownPartition({ topicId, topic, partition }: NamedPartition): ShareFetchAnswer {
  return nothing(topicId, topic, partition, Errors.UNKNOWN_TOPIC_OR_PARTITION);
}

function deniedPartition({ topicId, topic, partition }: NamedPartition): ShareFetchAnswer {
  return nothing(topicId, topic, partition, Errors.TOPIC_AUTHORIZATION_FAILED);
}

function* forgottenOf(
  forgotten: ShareFetchRequest['forgottenTopicsData'],
): Generator<{ topicId: string; partition: number }> {
  for (const { topicId, partitions } of forgotten) for (const partition of partitions) yield { topicId, partition };
}
