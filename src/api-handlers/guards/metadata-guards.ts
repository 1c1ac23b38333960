// What the cluster tells of topics: those that may not be described are hidden, and what may be done with the others is told.
import { CLUSTER_NAME, Errors, ZERO_UUID } from '../../protocol/index.ts';
import type { MetadataRequest } from '../../protocol/messages/03-metadata.ts';
import { OPERATIONS_NOT_ASKED } from '../authorized-operations.ts';
import { checkNames } from '../03-metadata.ts';
import {
  answerOf,
  type Answer,
  type Body,
  DENIED,
  type Guard,
  type Guarded,
  may,
  refusalOf,
  sees,
  withAnswer,
} from './guard.ts';

interface AskedTopic {
  readonly name: string | null;
  readonly topicId: string;
}
interface AnsweredTopic {
  readonly errorCode: number;
  readonly name: string | null;
}

/** Whether topics that are not there would be made for whoever asks. */
export const metadataGuard =
  (isAutoCreationEnabled: () => boolean): Guard =>
  (guarded) => {
    const { request, context } = guarded;
    const asked = request['topics'] as readonly AskedTopic[] | null;
    checkNames(request as unknown as MetadataRequest, context.apiVersion);
    const areAllAsked = asked === null || (asked.length === 0 && context.apiVersion === 0);
    if (areAllAsked) return withAnswer(answerOf(guarded), (body) => visible(guarded, body));
    const mayCreate = request['allowAutoTopicCreation'] === true && isAutoCreationEnabled();
    const allowed: AskedTopic[] = [];
    const denied: AskedTopic[] = [];
    // One id makes it a request by id: names beside it are not looked at.
    const isById = asked.some(({ topicId }) => topicId !== ZERO_UUID);
    const looked = isById ? asked.filter(({ topicId }) => topicId !== ZERO_UUID) : asked;
    for (const topic of looked) (isTold(guarded, topic, mayCreate) ? allowed : denied).push(topic);
    if (denied.length === 0) return withAnswer(answerOf(guarded), (body) => withOperations(guarded, body));
    const refused = new Map(denied.map((topic) => [isById ? topic.topicId : topic.name, deniedTopic(topic)]));
    return withAnswer(askedOnly(guarded, allowed), (body) => {
      const told = withOperations(guarded, body);
      return { ...told, topics: [...(told['topics'] as object[]), ...refused.values()] };
    });
  };

/** In version 0 an empty list means all topics: of those none is told. */
function askedOnly(guarded: Guarded, topics: readonly AskedTopic[]): Answer {
  const answer = answerOf(guarded, { ...guarded.request, topics });
  return topics.length > 0 ? answer : withAnswer(answer, (body) => ({ ...body, topics: [] }));
}

/** A topic that is not there needs the right to create it as well, where it would be made. */
function isTold(guarded: Guarded, { name, topicId }: AskedTopic, mayCreate: boolean): boolean {
  const { topics } = guarded.identity.image();
  const isById = topicId !== ZERO_UUID;
  const known = isById ? topics.byId.get(topicId)?.name : name;
  if (known === undefined || known === null) return true;
  if (!may(guarded, 'DESCRIBE', 'TOPIC', known)) return false;
  if (isById || !mayCreate || topics.byName.has(known)) return true;
  return sees(guarded, 'CREATE', 'CLUSTER', CLUSTER_NAME) || may(guarded, 'CREATE', 'TOPIC', known);
}

function deniedTopic({ name, topicId }: AskedTopic): object {
  const isById = topicId !== ZERO_UUID;
  return {
    errorCode: DENIED.TOPIC,
    name: isById ? null : name,
    topicId,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}

function visible(guarded: Guarded, body: Body): Body {
  const topics = (body['topics'] as AnsweredTopic[]).filter(({ name }) =>
    sees(guarded, 'DESCRIBE', 'TOPIC', name ?? ''),
  );
  return withOperations(guarded, { ...body, topics });
}

function withOperations(guarded: Guarded, body: Body): Body {
  const { request, context, access } = guarded;
  const told = request['includeTopicAuthorizedOperations'] === true ? withTopicOperations(guarded, body) : body;
  if (request['includeClusterAuthorizedOperations'] !== true) return told;
  return { ...told, clusterAuthorizedOperations: clusterOperations({ access, context }) };
}

function withTopicOperations({ context, access }: Guarded, body: Body): Body {
  const topics = (body['topics'] as AnsweredTopic[]).map((topic) =>
    topic.name === null
      ? topic
      : { ...topic, topicAuthorizedOperations: access.operationsOn(context, 'TOPIC', topic.name) },
  );
  return { ...body, topics };
}

/** Who may not describe the cluster is told that it may do nothing. */
function clusterOperations({ access, context }: Pick<Guarded, 'access' | 'context'>): number {
  const isTold = access.sees(context, 'DESCRIBE', 'CLUSTER', CLUSTER_NAME);
  return isTold ? access.operationsOn(context, 'CLUSTER', CLUSTER_NAME) : 0;
}

export const describeCluster: Guard = (guarded) =>
  withAnswer(answerOf(guarded), (body) =>
    guarded.request['includeClusterAuthorizedOperations'] === true && body['errorCode'] === Errors.NONE
      ? { ...body, clusterAuthorizedOperations: clusterOperations(guarded) }
      : body,
  );

interface Cursor {
  readonly topicName: string;
  readonly partitionIndex: number;
}

/** Pages are made of what is visible. */
export const describeTopicPartitions: Guard = (guarded) => {
  const { request, identity } = guarded;
  const asked = request['topics'] as readonly { readonly name: string }[];
  const cursor = request['cursor'] as Cursor | null;
  const areAllAsked = asked.length === 0;
  // What is wrong with the cursor is wrong whoever asks.
  const start = cursor?.topicName ?? '';
  const isCursorAsked = areAllAsked || asked.some(({ name }) => name === start);
  if (cursor !== null && (!isCursorAsked || cursor.partitionIndex < 0)) return answerOf(guarded);
  const names = areAllAsked
    ? [...identity.image().topics.byName.keys()].filter((name) => sees(guarded, 'DESCRIBE', 'TOPIC', name))
    : asked.map(({ name }) => name).filter((name) => name >= start && may(guarded, 'DESCRIBE', 'TOPIC', name));
  const denied = areAllAsked ? [] : asked.filter(({ name }) => name >= start && !names.includes(name));
  const refused = refusalOf(guarded, { ...request, topics: denied }, DENIED.TOPIC)['topics'] as AnsweredTopic[];
  const rows =
    denied.length === 0
      ? []
      : refused.map((row) => ({ ...row, isInternal: false, topicAuthorizedOperations: OPERATIONS_NOT_ASKED }));
  const from = areAllAsked ? names.filter((name) => name >= start) : names;
  if (from.length === 0) return { topics: rows, nextCursor: null };
  // A topic at which a page ended may have gone, or been hidden, since.
  const isCursorKnown = cursor !== null && from.includes(cursor.topicName);
  const rest = { ...request, topics: from.map((name) => ({ name })), cursor: isCursorKnown ? cursor : null };
  return withAnswer(answerOf(guarded, rest), (body) => {
    const told = withTopicOperations(guarded, body);
    return { ...told, topics: [...(told['topics'] as object[]), ...rows] };
  });
};
