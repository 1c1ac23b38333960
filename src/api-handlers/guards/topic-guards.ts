// APIs about topics that are named one by one, or by their ids. An id that nobody knows is told as such, whoever asks: there is
// nothing to hide.
import { topicNameFault } from '../../kraft/controller/index.ts';
import { type AclOperationName, CLUSTER_NAME, Errors, ZERO_UUID } from '../../protocol/index.ts';
import type { DeleteTopicsRequest } from '../../protocol/messages/20-delete-topics.ts';
import { namedForDeletion } from '../20-delete-topics.ts';
import { checkDeadlineFor, namedOnce } from '../controller-deadline.ts';
import { hasPartition } from '../group-requests.ts';
import { partitionsOnce } from '../partitions-once.ts';
import { isInternalTopic } from '../topic-names.ts';
import { answerOf, type Body, DENIED, type Guard, type Guarded, may, refusalOf, sees, withAnswer } from './guard.ts';
import { eachItem, type ItemRule } from './items.ts';

const BY_ID_SINCE_COMMIT = 10;
const BY_ID_SINCE_DELETION = 6;
const FROM_BROKERS_SINCE = 4;
const DENIED_TEXT = 'Topic authorization failed.';

/** Each topic of a list needs `operation`; its name stands in `field`. */
function topicRule(
  answered: string,
  operation: AclOperationName,
  { field = 'name', message = null }: { readonly field?: string; readonly message?: string | null } = {},
): ItemRule {
  return {
    asked: 'topics',
    answered,
    permission: (topic: Body) => ({
      operation,
      resource: 'TOPIC',
      name: topic[field] as string,
      code: DENIED.TOPIC,
      message,
    }),
  };
}

export const listOffsets = eachItem(topicRule('topics', 'DESCRIBE'));

/** Partitions are kept in a map: each is refused once, and a topic without any is not there. */
export const deleteRecords: Guard = (guarded) => {
  const asked = guarded.request['topics'] as readonly DeletedRecords[];
  const denied = new Set(asked.filter(({ name }) => !may(guarded, 'DELETE', 'TOPIC', name)));
  if (denied.size === 0) return answerOf(guarded);
  const once = partitionsOnce(
    Array.from(denied, ({ name, partitions }) => ({
      topic: name,
      partitions: partitions.map(({ partitionIndex }) => partitionIndex),
    })),
  );
  const topics = once.map(({ topic, partitions }) => ({
    name: topic,
    partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
  }));
  const refused = refusalOf(guarded, { ...guarded.request, topics }, DENIED.TOPIC)['topics'] as object[];
  const allowed = asked.filter((topic) => !denied.has(topic));
  if (allowed.length === 0) return { topics: refused };
  return withAnswer(answerOf(guarded, { ...guarded.request, topics: allowed }), (body) => ({
    ...body,
    topics: [...(body['topics'] as object[]), ...refused],
  }));
};

interface DeletedRecords {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number }[];
}

/** What is named twice is wrong whoever asks. */
export const createPartitions: Guard = (guarded) => {
  const once = new Set(namedOnce((guarded.request['topics'] as readonly { name: string }[]).map(({ name }) => name)));
  return eachItem({
    asked: 'topics',
    answered: 'results',
    permission: ({ name }: { readonly name: string }) =>
      once.has(name) ? { operation: 'ALTER', resource: 'TOPIC', name, code: DENIED.TOPIC } : undefined,
  })(guarded);
};

/** So is a name that no topic can have. */
export const describeProducers = eachItem({
  asked: 'topics',
  answered: 'topics',
  permission: ({ name }: { readonly name: string }) =>
    topicNameFault(name) === undefined
      ? { operation: 'READ', resource: 'TOPIC', name, code: DENIED.TOPIC, message: DENIED_TEXT }
      : undefined,
});
export const readTopics = eachItem(topicRule('topics', 'READ'));

export const offsetCommit = eachItem({
  asked: 'topics',
  answered: 'topics',
  permission: (topic: { readonly name: string; readonly topicId: string }, { context, identity }: Guarded) => {
    const isById = context.apiVersion >= BY_ID_SINCE_COMMIT;
    const name = isById ? identity.image().topics.byId.get(topic.topicId)?.name : topic.name;
    return name === undefined ? undefined : { operation: 'READ', resource: 'TOPIC', name, code: DENIED.TOPIC };
  },
});

const describedEpochs = eachItem(topicRule('topics', 'DESCRIBE', { field: 'topic' }));

/** Brokers need nothing more. */
export const offsetForLeaderEpoch: Guard = (guarded) =>
  sees(guarded, 'CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME) ? answerOf(guarded) : describedEpochs(guarded);

interface NamedPartitions {
  readonly name: string;
  readonly partitions: readonly number[];
}

/** One topic that may not be written to, or is not there, and no partition is added. */
export const addPartitionsToTxn: Guard = (guarded) => {
  const { request, context, identity } = guarded;
  if (context.apiVersion >= FROM_BROKERS_SINCE) {
    const isBroker = may(guarded, 'CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME);
    return isBroker ? answerOf(guarded) : refusalOf(guarded, request, DENIED.CLUSTER);
  }
  if (!may(guarded, 'WRITE', 'TRANSACTIONAL_ID', request['v3AndBelowTransactionalId'] as string)) {
    return refusalOf(guarded, request, DENIED.TRANSACTIONAL_ID);
  }
  const topics = request['v3AndBelowTopics'] as readonly NamedPartitions[];
  const denied = new Set(topics.map(({ name }) => name).filter((name) => !may(guarded, 'WRITE', 'TOPIC', name)));
  if (denied.size === 0) return answerOf(guarded);
  const { byName } = identity.image().topics;
  const codeOf = (name: string, partition: number): number => {
    if (denied.has(name) || isInternalTopic(name)) return DENIED.TOPIC;
    return hasPartition(byName.get(name), partition)
      ? Errors.OPERATION_NOT_ATTEMPTED
      : Errors.UNKNOWN_TOPIC_OR_PARTITION;
  };
  const once = partitionsOnce(topics.map(({ name, partitions }) => ({ topic: name, partitions })));
  const resultsByTopicV3AndBelow = once.map(({ topic, partitions }) => ({
    name: topic,
    resultsByPartition: partitions.map((index) => ({
      partitionIndex: index,
      partitionErrorCode: codeOf(topic, index),
    })),
  }));
  return { resultsByTopicV3AndBelow };
};

interface AskedTopic {
  readonly name: string | null;
  readonly topicId: string;
}

/**
 * Whoever may delete on the cluster may delete every topic. Else an id needs DELETE on its topic, and a name DESCRIBE first: whoever has
 * that hears that the topic is not there, and its name where it was named by id. What is wrong in how it is named is told whoever
 * asks (ControllerApis.deleteTopics).
 */
export const deleteTopics: Guard = (guarded) => {
  const { request, context } = guarded;
  checkDeadlineFor(
    namedForDeletion(request as unknown as DeleteTopicsRequest, context.apiVersion),
    request['timeoutMs'] as number,
  );
  if (sees(guarded, 'DELETE', 'CLUSTER', CLUSTER_NAME)) return answerOf(guarded);
  const isByName = context.apiVersion < BY_ID_SINCE_DELETION;
  const asked: readonly AskedTopic[] = isByName
    ? (request['topicNames'] as string[]).map((name) => ({ name, topicId: ZERO_UUID }))
    : (request['topics'] as AskedTopic[]);
  const once = new Set(namedOnce(asked.map(keyOf)));
  const refused: object[] = [];
  const allowed = asked.filter((topic) => {
    const refusal = once.has(keyOf(topic)) ? deletionRefusal(guarded, topic) : undefined;
    if (refusal !== undefined) refused.push({ ...refusal, errorCode: DENIED.TOPIC, errorMessage: DENIED_TEXT });
    return refusal === undefined;
  });
  if (refused.length === 0) return answerOf(guarded);
  if (allowed.length === 0) return { responses: refused };
  const rest = isByName ? { ...request, topicNames: allowed.map(({ name }) => name) } : { ...request, topics: allowed };
  return withAnswer(answerOf(guarded, rest), (body) => ({
    ...body,
    responses: [...(body['responses'] as object[]), ...refused],
  }));
};

const keyOf = ({ name, topicId }: AskedTopic): string => `${name} ${topicId}`;

/** What is told of a topic that may not be deleted; undefined where it may, or is wrongly named, which the controller tells. */
function deletionRefusal(guarded: Guarded, { name, topicId }: AskedTopic): AskedTopic | undefined {
  const isNamedById = topicId !== ZERO_UUID;
  if ((name === null) !== isNamedById) return undefined;
  const { byId, byName } = guarded.identity.image().topics;
  if (name === null) {
    const known = byId.get(topicId)?.name;
    if (known === undefined || may(guarded, 'DELETE', 'TOPIC', known)) return undefined;
    return { name: sees(guarded, 'DESCRIBE', 'TOPIC', known) ? known : null, topicId };
  }
  if (!sees(guarded, 'DESCRIBE', 'TOPIC', name)) return { name, topicId };
  if (!byName.has(name) || may(guarded, 'DELETE', 'TOPIC', name)) return undefined;
  return { name, topicId };
}

interface CreatedTopic {
  readonly name: string;
  readonly errorCode: number;
}

/** The right to create on the cluster is enough for every topic; what was made is described to whoever may see its configs. */
export const createTopics: Guard = (guarded) => {
  const { request } = guarded;
  const asked = request['topics'] as readonly { readonly name: string }[];
  const mayCreateAll = sees(guarded, 'CREATE', 'CLUSTER', CLUSTER_NAME);
  const times = new Map<string, number>();
  for (const { name } of asked) times.set(name, (times.get(name) ?? 0) + 1);
  const isAllowed = ({ name }: { readonly name: string }): boolean =>
    mayCreateAll || (times.get(name) ?? 0) > 1 || may(guarded, 'CREATE', 'TOPIC', name);
  const verdicts = asked.map(isAllowed);
  const denied = asked.filter((_, index) => verdicts[index] === false);
  const refused = refusalOf(guarded, { ...request, topics: denied }, DENIED.TOPIC, 'Authorization failed.');
  const rest = denied.length === 0 ? request : { ...request, topics: asked.filter((_, index) => verdicts[index]) };
  if (denied.length > 0 && denied.length === asked.length) return refused;
  return withAnswer(answerOf(guarded, rest), (body) => ({
    ...body,
    topics: [
      ...(body['topics'] as CreatedTopic[]).map((topic) => described(guarded, topic)),
      ...(refused['topics'] as object[]),
    ],
  }));
};

function described(guarded: Guarded, topic: CreatedTopic): object {
  if (topic.errorCode !== Errors.NONE || sees(guarded, 'DESCRIBE_CONFIGS', 'TOPIC', topic.name)) return topic;
  return { ...topic, topicConfigErrorCode: DENIED.TOPIC, numPartitions: -1, replicationFactor: -1, configs: [] };
}
