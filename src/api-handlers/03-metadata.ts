// Metadata, versions 0 to 13: brokers, topics and who leads their partitions. Asking for a topic may create it; the answer
// does not wait for that, and says UNKNOWN_TOPIC_OR_PARTITION (Kafka: KafkaApis.handleTopicMetadataRequest).
//   v0 an empty list means all · v4 the client may forbid the creation · v6 LISTENER_NOT_FOUND · v12 topics asked for by id:
//   one id, and names are not looked at · v13 an error of the whole answer
// Authorized operations are all there are; where there is an authorizer its guard says which.
import type { PartitionImage, TopicImage } from '../kraft/metadata/index.ts';
import { Errors, KafkaError, ZERO_UUID } from '../protocol/index.ts';
import { Metadata, type MetadataRequest, type MetadataResponse } from '../protocol/messages/03-metadata.ts';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED, TOPIC_OPERATIONS } from './authorized-operations.ts';
import type { AutoTopicCreation } from './auto-topic-creation.ts';
import {
  type BrokerEndpoint,
  controllerIdFor,
  endpointsFor,
  offlineReplicas,
  type BrokerIdentity,
} from './broker-endpoints.ts';
import { defineHandler, type RequestContext } from './handler.ts';
import { type MutationQuota, NO_QUOTAS, type Quotas } from './quotas.ts';
import { isInternalTopic, isValidTopicName } from './topic-names.ts';

type TopicAnswer = MetadataResponse['topics'][number];
type PartitionAnswer = TopicAnswer['partitions'][number];

/** From here on topics may be asked for by id (KIP-516). */
const BY_ID_SINCE = 12;
const LISTENER_ERRORS_SINCE = 6;

export const metadata = (identity: BrokerIdentity, autoCreation: AutoTopicCreation, quotas: Quotas = NO_QUOTAS) =>
  defineHandler(Metadata, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: ['topics.name', 'topics.topicId'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
      {
        operation: 'CREATE',
        resource: 'CLUSTER',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
        orElse: ['TOPIC', 'CREATE'],
      },
      { operation: 'DESCRIBE', resource: 'CLUSTER', at: [], asked: 'within', denied: null },
    ],
    handle(request, context) {
      checkNames(request, context.apiVersion);
      const endpoints = endpointsFor(identity, context);
      const topics = new TopicAnswers(identity, context, endpoints, request.includeTopicAuthorizedOperations);
      return {
        brokers: endpoints.map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack })),
        clusterId: identity.clusterId,
        controllerId: controllerIdFor(identity, endpoints),
        topics: topicsAsked(request, context, topics, autoCreation, quotas.current?.mutationsOf(context)),
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? CLUSTER_OPERATIONS
          : OPERATIONS_NOT_ASKED,
      };
    },
    failed(request, code) {
      return {
        brokers: [],
        clusterId: null,
        controllerId: -1,
        topics: (request.topics ?? []).map(({ name, topicId }) => ({
          ...failedTopic(code, name ?? ''),
          topicId,
          isInternal: false,
        })),
        errorCode: code,
      };
    },
    refused(request, code, _message, context) {
      const endpoints = endpointsFor(identity, context);
      const asked =
        request.topics ?? [...identity.image().topics.byName.values()].map(({ name, id }) => ({ name, topicId: id }));
      // An error of the whole answer (version 13) makes clients bootstrap anew: it is for what no topic can carry.
      const isOfAll = asked.length === 0 || code === Errors.REBOOTSTRAP_REQUIRED;
      return {
        brokers: endpoints.map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack })),
        clusterId: identity.clusterId,
        controllerId: controllerIdFor(identity, endpoints),
        topics: asked.map(({ name, topicId }) => ({ ...failedTopic(code, name ?? ''), topicId })),
        errorCode: isOfAll ? code : Errors.NONE,
      };
    },
  });

/** Ids are for the answer alone in versions 10 and 11; without an id there must be a name. */
export function checkNames(request: Pick<MetadataRequest, 'topics'>, version: number): void {
  for (const { name, topicId } of request.topics ?? []) {
    if (version < BY_ID_SINCE && (name === null || topicId !== ZERO_UUID)) throw new KafkaError(Errors.INVALID_REQUEST);
    if (name === null && topicId === ZERO_UUID) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
  }
}

function topicsAsked(
  request: MetadataRequest,
  context: RequestContext,
  answers: TopicAnswers,
  autoCreation: AutoTopicCreation,
  quota: MutationQuota | undefined,
): TopicAnswer[] {
  const asked = request.topics;
  if (asked === null || (asked.length === 0 && context.apiVersion === 0)) return answers.all();
  const ids = new Set(asked.map(({ topicId }) => topicId).filter((id) => id !== ZERO_UUID));
  // One id makes it a request by id: names beside it are not looked at.
  if (ids.size > 0) return [...ids].map((id) => answers.byId(id));
  const missing: string[] = [];
  const mayCreate = autoCreation.isEnabled && request.allowAutoTopicCreation;
  const found = [...new Set(asked.map(({ name }) => name as string))].map((name) => {
    const answer = answers.byName(name);
    if (answer.errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION && mayCreate) missing.push(name);
    return answer;
  });
  const created = quota === undefined ? missing : missing.filter(() => isWithin(quota));
  if (created.length > 0) void autoCreation.create(created);
  return found;
}

/** Who has made too many topics of late gets no more by asking for them: each counts as one partition at least. */
function isWithin(quota: MutationQuota): boolean {
  if (quota.throttleMs() > 0) return false;
  quota.charge(1);
  return true;
}

/** Makes the answers for topics, for one request. */
class TopicAnswers {
  readonly #identity: BrokerIdentity;
  readonly #version: number;
  readonly #reachable: ReadonlySet<number>;
  readonly #operations: number;

  constructor(
    identity: BrokerIdentity,
    context: RequestContext,
    endpoints: readonly BrokerEndpoint[],
    withOperations: boolean,
  ) {
    this.#identity = identity;
    this.#version = context.apiVersion;
    this.#reachable = new Set(endpoints.map(({ id }) => id));
    this.#operations = withOperations ? TOPIC_OPERATIONS : OPERATIONS_NOT_ASKED;
  }

  all(): TopicAnswer[] {
    const found: TopicAnswer[] = [];
    for (const topic of this.#identity.image().topics.byName.values()) found.push(this.#known(topic));
    return found;
  }

  byId(id: string): TopicAnswer {
    const topic = this.#identity.image().topics.byId.get(id);
    if (topic !== undefined) return this.#known(topic);
    // Without a name nobody can say what may be done with it.
    return { ...failedTopic(Errors.UNKNOWN_TOPIC_ID, null), topicId: id };
  }

  byName(name: string): TopicAnswer {
    const topic = this.#identity.image().topics.byName.get(name);
    if (topic !== undefined) return this.#known(topic);
    const code = isValidTopicName(name) ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION;
    return { ...failedTopic(code, name), topicAuthorizedOperations: this.#operations };
  }

  #known(topic: TopicImage): TopicAnswer {
    const partitions: PartitionAnswer[] = [];
    for (const partition of topic.partitions) partitions.push(this.#partition(partition));
    return {
      errorCode: Errors.NONE,
      name: topic.name,
      topicId: topic.id,
      isInternal: isInternalTopic(topic.name),
      partitions,
      topicAuthorizedOperations: this.#operations,
    };
  }

  #partition(partition: PartitionImage): PartitionAnswer {
    const { replicas, isr, leader } = partition;
    const offline = offlineReplicas(partition, this.#reachable, this.#identity.image());
    const showsOfflineReplicas = this.#version > 0;
    return {
      errorCode: this.#partitionError(partition, offline),
      partitionIndex: partition.partition,
      leaderId: this.#reachable.has(leader) ? leader : -1,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: showsOfflineReplicas ? replicas : replicas.filter((replica) => this.#reachable.has(replica)),
      isrNodes: showsOfflineReplicas ? isr : isr.filter((replica) => this.#reachable.has(replica)),
      offlineReplicas: offline,
    };
  }

  /** Version 0 complains of replicas that are away; from 6 on a leader without our listener has an error of its own. */
  #partitionError({ leader }: PartitionImage, offline: readonly number[]): number {
    if (!this.#reachable.has(leader)) {
      const isRegistered = this.#identity.image().cluster.brokers.get(leader)?.isFenced === false;
      return isRegistered && this.#version >= LISTENER_ERRORS_SINCE
        ? Errors.LISTENER_NOT_FOUND
        : Errors.LEADER_NOT_AVAILABLE;
    }
    return this.#version === 0 && offline.length > 0 ? Errors.REPLICA_NOT_AVAILABLE : Errors.NONE;
  }
}

function failedTopic(errorCode: number, name: string | null): TopicAnswer {
  return {
    errorCode,
    name,
    topicId: ZERO_UUID,
    isInternal: name !== null && isInternalTopic(name),
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
