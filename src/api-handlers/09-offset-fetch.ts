// OffsetFetch, versions 1 to 10: the offsets that groups have committed. A topic that does not exist is no error where it is
// named; in versions with topic ids, which are translated here both ways, it is UNKNOWN_TOPIC_ID.
//   v2 null for all topics; errors of the group · v7 UNSTABLE_OFFSET_COMMIT · v8 several groups · v10 topic ids alone
import { Errors, ZERO_UUID } from '../protocol/index.ts';
import {
  OffsetFetch,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
} from '../protocol/messages/09-offset-fetch.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import type { MetadataImage } from '../kraft/metadata/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler } from './handler.ts';

const GROUP_ERROR_SINCE = 2;
const SEVERAL_GROUPS_SINCE = 8;
const IDS_SINCE = 10;

type AskedGroup = OffsetFetchRequest['groups'][number];
type AskedTopic = NonNullable<AskedGroup['topics']>[number];
type AnsweredGroup = NonNullable<OffsetFetchResponse['groups']>[number];
type AnsweredTopic = AnsweredGroup['topics'][number];

export const offsetFetch = (groups: GroupCoordinator, identity: BrokerIdentity) =>
  defineHandler(OffsetFetch, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'GROUP',
        at: ['groupId', 'groups.groupId'],
        asked: 'within',
        denied: 'GROUP_AUTHORIZATION_FAILED',
      },
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: ['topics.name', 'groups.topics.name', 'groups.topics.topicId'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, context) {
      const who = groupContext(context);
      if (context.apiVersion < IDS_SINCE) return groups.offsetFetch(request, who);
      const image = identity.image();
      const asked = request.groups.map((group) => withNames(group, image));
      const answer = await groups.offsetFetch({ ...request, groups: asked }, who);
      const answered = (answer.groups ?? []).map((group, index) =>
        withIds(group, request.groups[index] as AskedGroup, identity.image()),
      );
      return { ...answer, groups: answered };
    },
    failed: (request, errorCode, _message, { apiVersion }) => failedFetch(request, errorCode, apiVersion),
    refused(request, errorCode, _message, { apiVersion }) {
      const namesAll = (request.groups[0] ?? request).topics !== null;
      if (!PARTITION_ERRORS.has(errorCode) || !namesAll) return failedFetch(request, errorCode, apiVersion);
      if (apiVersion < SEVERAL_GROUPS_SINCE) return { topics: failedTopics(request.topics, errorCode) };
      const groups = request.groups.map(({ groupId, topics }) => ({
        groupId,
        topics: (topics ?? []).map((topic) => ({ ...topic, partitions: failedPartitions(topic, errorCode) })),
      }));
      return { groups };
    },
  });

/** What is wrong with a partition, and not with the group. */
const PARTITION_ERRORS: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.TOPIC_AUTHORIZATION_FAILED,
  Errors.UNSTABLE_OFFSET_COMMIT,
]);

function failedFetch(request: OffsetFetchRequest, errorCode: number, apiVersion: number): OffsetFetchResponse {
  if (apiVersion >= SEVERAL_GROUPS_SINCE) {
    return { groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })) };
  }
  if (apiVersion >= GROUP_ERROR_SINCE) return { topics: [], errorCode };
  return { topics: failedTopics(request.topics, errorCode) };
}

function failedTopics(topics: OffsetFetchRequest['topics'], errorCode: number) {
  return (topics ?? []).map((topic) => ({ name: topic.name, partitions: failedPartitions(topic, errorCode) }));
}

function failedPartitions({ partitionIndexes }: { readonly partitionIndexes: readonly number[] }, errorCode: number) {
  return partitionIndexes.map((partitionIndex) => nothing(partitionIndex, errorCode));
}

function nothing(partitionIndex: number, errorCode: number): AnsweredTopic['partitions'][number] {
  return { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode };
}

function withNames(group: AskedGroup, image: MetadataImage): AskedGroup {
  if (group.topics === null) return group;
  const topics: AskedTopic[] = [];
  for (const topic of group.topics) {
    const known = image.topics.byId.get(topic.topicId);
    if (known !== undefined) topics.push({ ...topic, name: known.name });
  }
  return { ...group, topics };
}

/** Topics of which nobody knows the id are told as such where they were asked for, and left out of "all". */
function withIds(group: AnsweredGroup, asked: AskedGroup, image: MetadataImage): AnsweredGroup {
  if (group.errorCode !== undefined && group.errorCode !== Errors.NONE) return group;
  if (asked.topics === null) {
    const topics = group.topics.flatMap((topic) => {
      const topicId = image.topics.byName.get(topic.name ?? '')?.id ?? ZERO_UUID;
      return topicId === ZERO_UUID ? [] : [{ ...topic, topicId }];
    });
    return { ...group, topics };
  }
  const answered = new Set(group.topics.map(({ topicId }) => topicId));
  const unknown = asked.topics
    .filter(({ topicId }) => !answered.has(topicId))
    .map(({ topicId, partitionIndexes }) => ({
      name: '',
      topicId,
      partitions: partitionIndexes.map((partitionIndex) => nothing(partitionIndex, Errors.UNKNOWN_TOPIC_ID)),
    }));
  return { ...group, topics: [...group.topics, ...unknown] };
}
