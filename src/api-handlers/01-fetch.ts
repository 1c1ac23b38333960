// Fetch, versions 4 to 18 (Kafka: KafkaApis.handleFetchRequest, FetchManager). One fetch is five things: the FetchContext of
// its session says what is asked of which partitions (FetchTarget); a DelayedFetch reads them or waits until there is enough,
// into one FetchAnswer each; the ResponseBuilder lays the answers out by topic, in the order asked.
//   v7 sessions, and errors of the whole answer · v11 a consumer may ask a follower · v13 topic ids alone
//   v16 where the leader is, when it is not here
import { Errors, ZERO_UUID } from '../protocol/index.ts';
import { Fetch, type FetchRequest, type FetchResponse } from '../protocol/messages/01-fetch.ts';
import {
  FetchAnswer,
  type FetchContext,
  type FetchOptions,
  type FetchResponseBuilder,
  DelayedFetch,
  FetchTarget,
  type ReplicaManager,
} from '../replication/index.ts';
import type { Access } from './access.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { type ActiveQuotas, NO_QUOTAS, type Quotas } from './quotas.ts';
import { AFTER_SENT, defineHandler, type RequestContext, type SentWaiter } from './handler.ts';
import { isReadCommitted } from './isolation-level.ts';
import { LeaderHints } from './leader-hints.ts';

/** Topics are named by id alone from here on (KIP-516). */
const BY_ID_SINCE = 13;
/** The replica id moved into the tagged ReplicaState (KIP-903). */
const REPLICA_STATE_SINCE = 15;
/** KIP-951. */
const HINTS_SINCE = 16;
/** From here on a consumer may read from a follower (KIP-392). */
const FROM_FOLLOWER_SINCE = 11;
/** KIP-227, and with it an error of the whole answer. */
const SESSION_SINCE = 7;
/** What is wrong with a session, and not with a partition. */
const SESSION_ERRORS: ReadonlySet<number> = new Set([
  Errors.FETCH_SESSION_ID_NOT_FOUND,
  Errors.INVALID_FETCH_SESSION_EPOCH,
  Errors.FETCH_SESSION_TOPIC_ID_ERROR,
]);
/** No records were read: there is nothing to give back. */
const NO_BUFFERS: SentWaiter = { sent: () => undefined };

export const fetch = (
  replicas: ReplicaManager,
  identity: BrokerIdentity,
  access?: Access,
  quotas: Quotas = NO_QUOTAS,
) =>
  defineHandler(Fetch, {
    authorize: [
      {
        operation: 'READ',
        resource: 'TOPIC',
        at: ['topics.topic', 'topics.topicId'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    handle(request, context) {
      const usesTopicIds = context.apiVersion >= BY_ID_SINCE;
      const replicaId = replicaIdOf(request, context);
      const mayRead = access === undefined ? undefined : readersOf(access, context, replicaId);
      const session = sessionOf(replicas, request, context);
      if (session.errorCode !== Errors.NONE) return failedFetch(session.errorCode);
      const known: FetchAnswer[] = [];
      const unknown: FetchAnswer[] = [];
      const mayNotFollow = replicaId >= 0 && mayRead?.('') === false;
      for (const target of session.targets) {
        const topic = usesTopicIds ? replicas.topicNameOf(target.topicId) : target.topic;
        const isDenied = mayNotFollow || (topic !== undefined && mayRead?.(topic) === false);
        if (isDenied) unknown.push(refusedPartition(target, topic ?? '', Errors.TOPIC_AUTHORIZATION_FAILED));
        else resolve(replicas, target, topic, usesTopicIds, known, unknown);
      }
      // Kafka tells of ids that it does not know before partitions that it does not, or that may not be read.
      if (unknown.length > 1) unknown.sort((one, other) => Number(isUnknownId(other)) - Number(isUnknownId(one)));
      const quota = replicaId < 0 ? quotas.current : undefined;
      const builder = new ResponseBuilder(replicas, identity, context, session, quota, replicaId >= 0);
      const mostBytes = quota === undefined ? Number.POSITIVE_INFINITY : quota.maxFetchBytes(context);
      // Kafka looks at it only where there is something to read.
      const isCommittedOnly = known.length > 0 && isReadCommitted(request.isolationLevel);
      const options = optionsOf(replicas, request, context, session, replicaId, mostBytes, isCommittedOnly);
      const fetched = new DelayedFetch(replicas, options, known, unknown, builder, context.connection).execute();
      if (access === undefined || mayRead === undefined || !(fetched instanceof Promise)) return fetched;
      const { version } = access;
      return fetched.then((sent) => (access.version === version ? sent : withoutRevoked(sent, replicas, mayRead)));
    },
    failed(request, code, _message, { apiVersion }) {
      // Those who know topic ids know where to look; the others are told with every partition too.
      if (apiVersion >= BY_ID_SINCE) return { ...failedFetch(code), sessionId: request.sessionId };
      const responses = request.topics.map(({ topic, topicId, partitions }) => ({
        topic,
        topicId,
        partitions: partitions.map((asked) => refusedPartition(new FetchTarget(topic, topicId, asked), topic, code)),
      }));
      return { errorCode: code, sessionId: request.sessionId, responses };
    },
    refused(request, code, _message, context) {
      if (context.apiVersion >= SESSION_SINCE && SESSION_ERRORS.has(code)) return failedFetch(code);
      const session = sessionOf(replicas, request, context);
      if (session.errorCode !== Errors.NONE) return failedFetch(session.errorCode);
      const answers = session.targets.map((target) =>
        failedPartition(target, replicas.topicNameOf(target.topicId) ?? target.topic, code),
      );
      return new ResponseBuilder(replicas, identity, context, session).build(answers, NO_BUFFERS);
    },
    unnamed: ({ sessionId, sessionEpoch }) => (sessionEpoch > 0 ? replicas.sessions.targetsOf(sessionId) : []),
  });

const isUnknownId = ({ errorCode }: FetchAnswer): boolean => errorCode === Errors.UNKNOWN_TOPIC_ID;

const failedPartition = (target: FetchTarget, topic: string, code: number): FetchAnswer =>
  new FetchAnswer(target, topic, undefined, code);

/** Who may read what: a follower that is a broker may read everything, any other nothing. */
function readersOf(access: Access, context: RequestContext, replicaId: number): (topic: string) => boolean {
  if (replicaId < 0) return (topic) => access.may(context, 'READ', 'TOPIC', topic);
  return () => access.mayOnCluster(context, 'CLUSTER_ACTION');
}

/** Rights that were taken back while the request waited count: nothing is told of those topics. */
function withoutRevoked(sent: SentFetch, replicas: ReplicaManager, mayRead: (topic: string) => boolean): SentFetch {
  const responses = sent.responses.map((answered) => {
    const topic = (answered.topic || replicas.topicNameOf(answered.topicId ?? '')) ?? '';
    if (mayRead(topic)) return answered;
    const partitions = answered.partitions.map((partition) =>
      refusedPartition((partition as FetchAnswer).target, topic, Errors.TOPIC_AUTHORIZATION_FAILED),
    );
    return { ...answered, partitions };
  });
  return { ...sent, responses };
}

/** One that was not even looked at: its list of aborted transactions is empty, not null. */
function refusedPartition(target: FetchTarget, topic: string, code: number): FetchAnswer {
  const answer = failedPartition(target, topic, code);
  answer.abortedTransactions = [];
  return answer;
}

function replicaIdOf({ replicaId, replicaState }: FetchRequest, { apiVersion }: RequestContext): number {
  return apiVersion >= REPLICA_STATE_SINCE ? replicaState.replicaId : replicaId;
}

function sessionOf(replicas: ReplicaManager, request: FetchRequest, context: RequestContext): FetchContext {
  const id = replicaIdOf(request, context);
  return replicas.sessions.contextFor({
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    usesTopicIds: context.apiVersion >= BY_ID_SINCE,
    isFollower: id >= 0,
    follower: id >= 0 ? { id, epoch: request.replicaState.replicaEpoch } : undefined,
    targets: targetsOf(request),
    forgotten: forgottenOf(request),
  });
}

const failedFetch = (errorCode: number): FetchResponse => ({ errorCode, sessionId: 0, responses: [] });

function optionsOf(
  replicas: ReplicaManager,
  request: FetchRequest,
  context: RequestContext,
  session: FetchContext,
  replicaId: number,
  mostBytes: number,
  isCommittedOnly: boolean,
): FetchOptions {
  const maxBytes = Math.min(request.maxBytes, replicas.config.fetchMaxBytes, mostBytes);
  return {
    replicaId,
    replicaEpoch: request.replicaState.replicaEpoch,
    isReadCommitted: isCommittedOnly && replicaId < 0,
    leaderOnly: replicaId >= 0 || context.apiVersion < FROM_FOLLOWER_SINCE,
    maxWaitMs: request.maxWaitMs,
    minBytes: Math.min(request.minBytes, maxBytes),
    maxBytes,
    atRest: session.followed,
    quota: replicaId >= 0 && replicas.leaderQuota.isOn ? replicas.leaderQuota : undefined,
    readReplica:
      replicaId < 0 && context.apiVersion >= FROM_FOLLOWER_SINCE ? replicas.readReplicaFor(request.rackId) : undefined,
  };
}

/** What is asked for, each partition once: the last mention counts, in the place of the first. */
function targetsOf(request: FetchRequest): FetchTarget[] {
  const targets: FetchTarget[] = [];
  let places: Map<string, number> | undefined;
  for (const { topic, topicId, partitions } of request.topics) {
    let previous = -1;
    for (const asked of partitions) {
      // Indexes that ascend within the only topic cannot repeat; anything else is looked up.
      if (request.topics.length > 1 || asked.partition <= previous) places ??= placesOf(targets);
      previous = asked.partition;
      const target = new FetchTarget(topic, topicId, asked);
      const place = places?.get(keyOf(target));
      if (place !== undefined) {
        targets[place] = target;
        continue;
      }
      places?.set(keyOf(target), targets.length);
      targets.push(target);
    }
  }
  return targets;
}

const keyOf = (target: FetchTarget): string => `${target.topicId} ${target.topic} ${target.partition}`;

function placesOf(targets: readonly FetchTarget[]): Map<string, number> {
  return new Map(targets.map((target, place) => [keyOf(target), place]));
}

function* forgottenOf(request: FetchRequest): Generator<{ topic: string; topicId: string; partition: number }> {
  for (const { topic, topicId, partitions } of request.forgottenTopicsData) {
    for (const partition of partitions) yield { topic, topicId, partition };
  }
}

function resolve(
  replicas: ReplicaManager,
  target: FetchTarget,
  topic: string | undefined,
  usesTopicIds: boolean,
  known: FetchAnswer[],
  unknown: FetchAnswer[],
): void {
  const partition = usesTopicIds
    ? replicas.partitionById(target.topicId, target.partition)
    : replicas.partition(target.topic, target.partition);
  if (topic !== undefined && partition !== undefined) {
    known.push(new FetchAnswer(target, topic, partition, Errors.NONE));
    return;
  }
  const error = topic === undefined ? Errors.UNKNOWN_TOPIC_ID : replicas.missingError(topic, target.partition);
  const isUnknown = error === Errors.UNKNOWN_TOPIC_ID || error === Errors.UNKNOWN_TOPIC_OR_PARTITION;
  const answer = new FetchAnswer(target, topic ?? '', undefined, error);
  if (isUnknown) answer.abortedTransactions = [];
  (isUnknown ? unknown : known).push(answer);
}

/** A response whose records stand in buffers that are given back when it has left. */
interface SentFetch extends FetchResponse {
  readonly [AFTER_SENT]?: SentWaiter;
}

const NO_ENDPOINTS: readonly never[] = [];

/** Lays out what was read by topic, as far as the session has it sent. */
class ResponseBuilder implements FetchResponseBuilder<SentFetch> {
  readonly #replicas: ReplicaManager;
  readonly #identity: BrokerIdentity;
  readonly #context: RequestContext;
  readonly #session: FetchContext;
  readonly #quota: ActiveQuotas | undefined;
  /** It knows where the brokers are. */
  readonly #isFollower: boolean;

  constructor(
    replicas: ReplicaManager,
    identity: BrokerIdentity,
    context: RequestContext,
    session: FetchContext,
    quota?: ActiveQuotas,
    isFollower = false,
  ) {
    this.#replicas = replicas;
    this.#identity = identity;
    this.#context = context;
    this.#session = session;
    this.#quota = quota;
    this.#isFollower = isFollower;
  }

  /** The client has had too much: it is told to wait, and asks again for the same (FetchContext.getThrottledResponse). */
  #throttled(throttleTimeMs: number, lease: SentWaiter): SentFetch {
    lease.sent();
    return { ...this.#session.concludeThrottled(), responses: [], throttleTimeMs };
  }

  /** Kafka fails over what follows a topic without an id: it compares names, of which there are none (FetchResponse.matchingTopic). */
  #broken(lease: SentWaiter): SentFetch {
    lease.sent();
    return failedFetch(Errors.UNKNOWN_SERVER_ERROR);
  }

  abandoned(): SentFetch {
    return failedFetch(Errors.NONE);
  }

  build(answers: readonly FetchAnswer[], lease: SentWaiter): SentFetch {
    if (this.#quota !== undefined) {
      const throttleTimeMs = this.#quota.fetchThrottleMs(this.#context, sizeOf(answers));
      if (throttleTimeMs > 0) return this.#throttled(throttleTimeMs, lease);
    }
    const { errorCode, sessionId, answers: sent } = this.#session.conclude(answers);
    const responses: { topic: string; topicId: string; partitions: FetchAnswer[] }[] = [];
    let last: (typeof responses)[number] | undefined;
    let hints: LeaderHints | undefined;
    for (const answer of sent) {
      const { topic, topicId } = answer.target;
      if (last?.topicId === ZERO_UUID && this.#context.apiVersion >= BY_ID_SINCE) return this.#broken(lease);
      if (last === undefined || last.topic !== topic || last.topicId !== topicId) {
        responses.push((last = { topic, topicId, partitions: [] }));
      }
      last.partitions.push(answer);
      this.#replicas.bytesOut.count += answer.sizeBytes;
      if (this.#context.apiVersion >= HINTS_SINCE && wantsHint(answer.errorCode)) {
        hints ??= new LeaderHints(this.#replicas, this.#identity, this.#context);
        answer.currentLeader = hints.leaderOf(answer.topic, answer.partitionIndex);
      }
    }
    const nodeEndpoints = (this.#isFollower ? undefined : hints?.nodeEndpoints()) ?? NO_ENDPOINTS;
    return { errorCode, sessionId, responses, nodeEndpoints, [AFTER_SENT]: lease };
  }
}

/** What counts are the records: an answer as large as the quota has it is not above it for the fields around them. */
function sizeOf(answers: readonly FetchAnswer[]): number {
  let bytes = 0;
  for (const { sizeBytes } of answers) bytes += sizeBytes;
  return bytes;
}

const wantsHint = (errorCode: number): boolean =>
  errorCode === Errors.NOT_LEADER_OR_FOLLOWER || errorCode === Errors.FENCED_LEADER_EPOCH;
