// FindCoordinator, versions 0 to 6: which broker leads the partition that a group or transactional id belongs to. The internal
// topic is made when it is first asked for; the answer then is COORDINATOR_NOT_AVAILABLE, as in Kafka, unless
// ottla.coordinator.topic.wait is set. It comes once the topic is there, so that who asks again finds the coordinator.
//   v4 several keys (KIP-699) · v6 share partitions (KIP-932)
import { Errors, errorMessage, KafkaError, partitionForId } from '../protocol/index.ts';
import {
  FindCoordinator,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
} from '../protocol/messages/10-find-coordinator.ts';
import type { AutoTopicCreation } from './auto-topic-creation.ts';
import { type BrokerEndpoint, endpointsFor, type BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler, type RequestContext } from './handler.ts';

/** A kind of coordinator that may be asked for. */
export interface CoordinatorKind {
  /** CoordinatorType: 0 group, 1 transaction, 2 share. */
  readonly keyType: number;
  readonly topic: string;
  /** It runs here. The topics of others are made all the same, but nobody is named for them. */
  readonly isServed: boolean;
}

const SHARE = 2;

const SEVERAL_KEYS_SINCE = 4;
const SHARE_SINCE = 6;

interface Found {
  readonly errorCode: number;
  readonly node?: BrokerEndpoint | undefined;
}

const NOT_AVAILABLE: Found = { errorCode: Errors.COORDINATOR_NOT_AVAILABLE };
const INVALID: Found = { errorCode: Errors.INVALID_REQUEST };

export const findCoordinator = (
  identity: BrokerIdentity,
  autoCreation: AutoTopicCreation,
  coordinators: readonly CoordinatorKind[],
) =>
  defineHandler(FindCoordinator, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'GROUP',
        at: ['key', 'coordinatorKeys'],
        asked: 'within',
        denied: 'GROUP_AUTHORIZATION_FAILED',
      },
      {
        operation: 'DESCRIBE',
        resource: 'TRANSACTIONAL_ID',
        at: ['key', 'coordinatorKeys'],
        asked: 'within',
        denied: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      },
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'within',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, context) {
      const kind = coordinators.find(({ keyType }) => keyType === request.keyType);
      if (kind === undefined) throw new KafkaError(Errors.INVALID_REQUEST);
      const find = (key: string): Found => {
        if (request.keyType === SHARE && (context.apiVersion < SHARE_SINCE || !isShareKey(key))) return INVALID;
        return coordinatorOf(identity, context, kind, key);
      };
      const keys = context.apiVersion < SEVERAL_KEYS_SINCE ? [request.key] : request.coordinatorKeys;
      let found = keys.map(find);
      if (isTopicMissing(identity, kind.topic, found)) {
        // Who asks again finds it: topics are usable once they are made.
        await autoCreation.create([kind.topic]);
        if (autoCreation.waitsForInternalTopics) found = keys.map(find);
      }
      return context.apiVersion < SEVERAL_KEYS_SINCE ? oneAnswer(found[0] as Found) : answers(request, found);
    },
    failed(request, errorCode, _message, { apiVersion }) {
      const text = errorMessage(errorCode);
      if (apiVersion < SEVERAL_KEYS_SINCE) return { ...nowhere, errorCode, errorMessage: text };
      return {
        coordinators: request.coordinatorKeys.map((key) => ({ key, ...nowhere, errorCode, errorMessage: text })),
      };
    },
  });

const nowhere = { nodeId: -1, host: '', port: -1 };

function coordinatorOf(
  identity: BrokerIdentity,
  context: RequestContext,
  { topic, isServed }: CoordinatorKind,
  key: string,
): Found {
  const partitions = identity.image().topics.byName.get(topic)?.partitions;
  if (partitions === undefined || !isServed) return NOT_AVAILABLE;
  const leader = partitions[partitionForId(key, partitions.length)]?.leader;
  const node = endpointsFor(identity, context).find(({ id }) => id === leader);
  return node === undefined ? NOT_AVAILABLE : { errorCode: Errors.NONE, node };
}

/** `group:topic id:partition`, each part there and of its kind (SharePartitionKey). */
function isShareKey(key: string): boolean {
  const [group, topicId, partition, ...rest] = key.split(':');
  if (group === undefined || topicId === undefined || partition === undefined || rest.length > 0) return false;
  return group.trim() !== '' && /^[\w-]{22}$/.test(topicId) && /^[+-]?\d{1,10}$/.test(partition);
}

/** Until version 3 even success comes with a text. */
function oneAnswer({ errorCode, node }: Found): FindCoordinatorResponse {
  const text = errorCode === Errors.NONE ? 'NONE' : errorMessage(errorCode);
  return { errorCode, errorMessage: text, ...addressOf(node) };
}

function answers({ coordinatorKeys }: FindCoordinatorRequest, found: readonly Found[]): FindCoordinatorResponse {
  const coordinators = coordinatorKeys.map((key, index) => {
    const { errorCode, node } = found[index] as Found;
    return { key, ...addressOf(node), errorCode, errorMessage: '' };
  });
  return { coordinators };
}

function addressOf(node: BrokerEndpoint | undefined): { nodeId: number; host: string; port: number } {
  return node === undefined ? nowhere : { nodeId: node.id, host: node.host, port: node.port };
}

/** Was somebody sent away because the topic is not there? */
function isTopicMissing(identity: BrokerIdentity, topic: string, found: readonly Found[]): boolean {
  return !identity.image().topics.byName.has(topic) && found.includes(NOT_AVAILABLE);
}
