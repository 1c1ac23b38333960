// Offsets that groups have committed, or share groups stand at: group by group, and in each topic by topic. Where all topics are
// asked for, those that may not be described are left out.
import { Errors, ZERO_UUID } from '../../protocol/index.ts';
import { PartitionVerdicts } from '../group-requests.ts';
import { answerOf, type Body, DENIED, type Guard, type Guarded, may, refusalOf, sees, withAnswer } from './guard.ts';

const SEVERAL_GROUPS_SINCE = 8;
const IDS_SINCE = 10;
const TOPIC_TEXT = 'Topic authorization failed.';

interface AskedTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitionIndexes: readonly number[];
}
interface AskedGroup {
  readonly groupId: string;
  readonly topics: readonly AskedTopic[] | null;
}
interface AnsweredTopic {
  readonly name?: string;
  readonly topicId?: string;
}

/** Until version 7 one group stands at the top of the request, and so does its answer. */
export const offsetFetch: Guard = (guarded) => {
  const { request, context } = guarded;
  if (context.apiVersion < SEVERAL_GROUPS_SINCE) return fetchOfOne(guarded);
  const groups = request['groups'] as readonly AskedGroup[];
  const allowed = groups.filter(({ groupId }) => may(guarded, 'DESCRIBE', 'GROUP', groupId));
  const refused = groups
    .filter((group) => !allowed.includes(group))
    .map(({ groupId }) => ({ groupId, topics: [], errorCode: DENIED.GROUP }));
  if (allowed.length === 0 && groups.length > 0) return { groups: refused };
  const splits = allowed.map((group) => splitTopics(guarded, group));
  const asked = { ...request, groups: splits.map(({ group }) => group) };
  return withAnswer(answerOf(guarded, asked), (body) => {
    const answered = body['groups'] as readonly { readonly errorCode?: number; readonly topics: AnsweredTopic[] }[];
    const joined = answered.map((group, index) => withDenied(guarded, group, splits[index]));
    return { ...body, groups: [...joined, ...refused] };
  });
};

function fetchOfOne(guarded: Guarded): ReturnType<Guard> {
  const { request } = guarded;
  const group = request as unknown as AskedGroup;
  if (!may(guarded, 'DESCRIBE', 'GROUP', group.groupId)) return refusalOf(guarded, request, DENIED.GROUP);
  const split = splitTopics(guarded, group);
  const asked = { ...request, topics: split.group.topics };
  return withAnswer(answerOf(guarded, asked), (body) =>
    withDenied(guarded, body as Body & { readonly topics: AnsweredTopic[] }, split),
  );
}

interface SplitGroup {
  readonly group: AskedGroup;
  readonly areAllAsked: boolean;
  readonly denied: readonly object[];
}

function splitTopics(guarded: Guarded, group: AskedGroup): SplitGroup {
  if (group.topics === null) return { group, areAllAsked: true, denied: [] };
  const topics: AskedTopic[] = [];
  const denied: object[] = [];
  for (const topic of group.topics) {
    const name = nameOf(guarded, topic);
    if (name === undefined || may(guarded, 'DESCRIBE', 'TOPIC', name)) topics.push(topic);
    else denied.push({ ...topic, partitions: topic.partitionIndexes.map(nothing) });
  }
  return { group: { ...group, topics }, areAllAsked: false, denied };
}

const nothing = (partitionIndex: number): object => ({
  partitionIndex,
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: '',
  errorCode: DENIED.TOPIC,
});

function nameOf({ context, identity }: Guarded, { name, topicId }: AnsweredTopic): string | undefined {
  return context.apiVersion < IDS_SINCE ? name : identity.image().topics.byId.get(topicId ?? '')?.name;
}

function withDenied<G extends { readonly errorCode?: number; readonly topics: readonly AnsweredTopic[] }>(
  guarded: Guarded,
  group: G,
  split: SplitGroup | undefined,
): G {
  if (split === undefined || (group.errorCode ?? Errors.NONE) !== Errors.NONE) return group;
  const topics = split.areAllAsked
    ? group.topics.filter((topic) => {
        const name = nameOf(guarded, topic);
        return name !== undefined && sees(guarded, 'DESCRIBE', 'TOPIC', name);
      })
    : [...group.topics, ...split.denied];
  return { ...group, topics };
}

interface ShareTopic {
  readonly topicName: string;
  readonly partitions: readonly (number | { readonly partitionIndex: number })[];
}
interface ShareGroup {
  readonly groupId: string;
  readonly errorCode?: number;
  readonly topics: readonly ShareTopic[] | null;
}

const indexOf = (partition: ShareTopic['partitions'][number]): number =>
  typeof partition === 'number' ? partition : partition.partitionIndex;

const refusedPartition = (errorMessage: string | null) => (partition: ShareTopic['partitions'][number]) => ({
  partitionIndex: indexOf(partition),
  errorCode: DENIED.TOPIC,
  errorMessage,
});

export const describeShareGroupOffsets: Guard = (guarded) => {
  const { request } = guarded;
  const groups = request['groups'] as readonly ShareGroup[];
  const denied = groups.filter(({ groupId }) => !may(guarded, 'DESCRIBE', 'GROUP', groupId));
  const refused = refusalOf(guarded, { ...request, groups: denied }, DENIED.GROUP)['groups'] as object[];
  const deniedTopics = new Map<string, ShareTopic[]>();
  const allowed = groups
    .filter((group) => !denied.includes(group))
    .map((group) => {
      const hidden = (group.topics ?? []).filter(({ topicName }) => !may(guarded, 'DESCRIBE', 'TOPIC', topicName));
      deniedTopics.set(group.groupId, hidden);
      return { ...group, topics: group.topics?.filter((topic) => !hidden.includes(topic)) ?? null };
    });
  if (allowed.length === 0 && groups.length > 0) return { groups: refused };
  return withAnswer(answerOf(guarded, { ...request, groups: allowed }), (body) => ({
    ...body,
    groups: [
      ...(body['groups'] as ShareGroup[]).map((group) => withShareTopics(guarded, group, deniedTopics)),
      ...refused,
    ],
  }));
};

function withShareTopics(guarded: Guarded, group: ShareGroup, denied: ReadonlyMap<string, ShareTopic[]>): object {
  if (group.errorCode !== Errors.NONE) return group;
  const visible = (group.topics ?? []).filter(({ topicName }) => sees(guarded, 'DESCRIBE', 'TOPIC', topicName));
  const refused = (denied.get(group.groupId) ?? []).map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map((partition) => ({
      ...refusedPartition(TOPIC_TEXT)(partition),
      startOffset: -1,
      leaderEpoch: 0,
    })),
  }));
  return { ...group, topics: [...visible, ...refused] };
}

/**
 * Topics of a request about one share group, each of which needs READ; `refuse` makes the row of one that lacks it, if it has one.
 * The group is asked even where nothing is left to ask for: what is wrong with it is the whole answer.
 */
function eachShareTopic(refuse: (topic: ShareTopic, topicId: string) => object | undefined): Guard {
  return (guarded) => {
    const { request } = guarded;
    const topics = request['topics'] as readonly ShareTopic[];
    const denied = topics.filter(({ topicName }) => !may(guarded, 'READ', 'TOPIC', topicName));
    if (denied.length === 0) return answerOf(guarded);
    const { byName } = guarded.identity.image().topics;
    const refused = denied.map((topic) => refuse(topic, byName.get(topic.topicName)?.id ?? ZERO_UUID));
    const asked = { ...request, topics: topics.filter((topic) => !denied.includes(topic)) };
    return withAnswer(answerOf(guarded, asked), (body) =>
      body['errorCode'] === Errors.NONE
        ? { ...body, responses: [...(body['responses'] as object[]), ...refused.filter((row) => row !== undefined)] }
        : body,
    );
  };
}

export const alterShareGroupOffsets = eachShareTopic(({ topicName, partitions }, topicId) =>
  partitions.length === 0
    ? undefined
    : { topicName, topicId, partitions: partitions.map(refusedPartition(TOPIC_TEXT)) },
);

export const deleteShareGroupOffsets = eachShareTopic(({ topicName }) => ({
  topicName,
  errorCode: DENIED.TOPIC,
  errorMessage: TOPIC_TEXT,
}));

interface DeletedTopic {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number }[];
}

/** The group is asked in any case, as above. */
export const offsetDelete: Guard = (guarded) => {
  const { request } = guarded;
  const topics = request['topics'] as readonly DeletedTopic[];
  const denied = topics.filter(({ name }) => !may(guarded, 'READ', 'TOPIC', name));
  if (denied.length === 0) return answerOf(guarded);
  const verdicts = new PartitionVerdicts();
  for (const { name, partitions } of denied) {
    verdicts.name({ name });
    for (const { partitionIndex } of partitions) verdicts.add({ name }, { partitionIndex, errorCode: DENIED.TOPIC });
  }
  const asked = { ...request, topics: topics.filter((topic) => !denied.includes(topic)) };
  return withAnswer(answerOf(guarded, asked), (body) =>
    body['errorCode'] === Errors.NONE
      ? { ...body, topics: [...(body['topics'] as object[]), ...verdicts.topics] }
      : body,
  );
};
