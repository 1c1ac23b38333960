// APIs about topics that are named one by one, or by their ids. An id that nobody knows is told as such, whoever asks: there is
// nothing to hide.
import { type AclOperationName, CLUSTER_NAME, Errors } from '../../protocol/index.ts';
import { hasPartition } from '../group-requests.ts';
import { partitionsOnce } from '../partitions-once.ts';
import { isInternalTopic } from '../topic-names.ts';
import { answerOf, type Body, DENIED, type Guard, type Guarded, may, refusalOf, sees, withAnswer } from './guard.ts';
import { eachItem, type ItemRule } from './items.ts';

const BY_ID_SINCE_COMMIT = 10;
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
export const deleteRecords = eachItem(topicRule('topics', 'DELETE'));
export const createPartitions = eachItem(topicRule('results', 'ALTER'));
export const describeProducers = eachItem(topicRule('topics', 'READ', { message: DENIED_TEXT }));
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

/** Whoever may describe a topic hears that it is not there, and its name where it was named by id (ControllerApis.deleteTopics). */
export const deleteTopics: Guard = (guarded) => {
  const { request, context, identity } = guarded;
  const isByName = context.apiVersion < 6;
  const asked: readonly AskedTopic[] = isByName
    ? (request['topicNames'] as string[]).map((name) => ({ name, topicId: '' }))
    : (request['topics'] as AskedTopic[]);
  const { byId, byName } = identity.image().topics;
  const allowed: AskedTopic[] = [];
  const refused: object[] = [];
  for (const topic of asked) {
    const name = topic.name ?? byId.get(topic.topicId)?.name;
    const isThere = topic.name === null || byName.has(topic.name);
    if (name === undefined) allowed.push(topic);
    else if (!sees(guarded, 'DESCRIBE', 'TOPIC', name)) refused.push(deniedDeletion(topic, topic.name));
    else if (may(guarded, 'DELETE', 'TOPIC', name) || !isThere) allowed.push(topic);
    else refused.push(deniedDeletion(topic, name));
  }
  if (refused.length === 0) return answerOf(guarded);
  if (allowed.length === 0) return { responses: refused };
  const rest = isByName ? { ...request, topicNames: allowed.map(({ name }) => name) } : { ...request, topics: allowed };
  return withAnswer(answerOf(guarded, rest), (body) => ({
    ...body,
    responses: [...(body['responses'] as object[]), ...refused],
  }));
};

function deniedDeletion({ topicId }: AskedTopic, name: string | null): object {
  const isByName = topicId === '';
  return { name, ...(!isByName && { topicId }), errorCode: DENIED.TOPIC, errorMessage: DENIED_TEXT };
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
