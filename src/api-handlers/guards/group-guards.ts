// APIs about groups that are named one by one, and about all that there are.
import { CLUSTER_NAME, Errors } from '../../protocol/index.ts';
import type { StreamsGroupHeartbeatRequest } from '../../protocol/messages/88-streams-group-heartbeat.ts';
import { isMemberIdValid } from '../share-acknowledgements.ts';
import { checkTopologyTopics } from '../streams-requests.ts';
import { answerOf, type Body, DENIED, type Guard, type Guarded, may, refusalOf, sees, withAnswer } from './guard.ts';
import { eachItem, type ItemRule } from './items.ts';

interface DescribedGroup {
  readonly groupId: string;
  readonly errorCode: number;
}

const groupRule = (asked: string, answered: string, operation: 'DESCRIBE' | 'DELETE'): ItemRule => ({
  asked,
  answered,
  permission: (groupId: string) => ({ operation, resource: 'GROUP', name: groupId, code: DENIED.GROUP }),
});

/** What may be done with the groups that were found. */
function withOperations(body: Body, { request, context, access }: Guarded): Body {
  if (request['includeAuthorizedOperations'] !== true) return body;
  const groups = (body['groups'] as DescribedGroup[]).map((group) =>
    group.errorCode === Errors.NONE
      ? { ...group, authorizedOperations: access.operationsOn(context, 'GROUP', group.groupId) }
      : group,
  );
  return { ...body, groups };
}

/** A group that has to do with a topic that the asker may not see is told without its members. */
function withoutHidden(
  body: Body,
  guarded: Guarded,
  topicsOf: (group: never) => Iterable<string>,
  errorMessage: string,
): Body {
  const groups = (body['groups'] as DescribedGroup[]).map((group) => {
    for (const topic of topicsOf(group as never)) {
      if (sees(guarded, 'DESCRIBE', 'TOPIC', topic)) continue;
      const { groupId } = group;
      const refusal = refusalOf(guarded, { ...guarded.request, groupIds: [groupId] }, DENIED.TOPIC, errorMessage);
      return (refusal['groups'] as DescribedGroup[])[0] as DescribedGroup;
    }
    return group;
  });
  return withOperations({ ...body, groups }, guarded);
}

interface Assignment {
  readonly topicPartitions: readonly { readonly topicName: string }[];
}
interface GroupOfMembers {
  readonly members: readonly { readonly assignment: Assignment; readonly targetAssignment?: Assignment }[];
}

function* assignedTopics({ members }: GroupOfMembers): Generator<string> {
  for (const { assignment, targetAssignment } of members) {
    for (const { topicName } of assignment.topicPartitions) yield topicName;
    for (const { topicName } of targetAssignment?.topicPartitions ?? []) yield topicName;
  }
}

interface GroupWithTopology {
  readonly topology: {
    readonly subtopologies:
      | readonly {
          readonly sourceTopics: readonly string[];
          readonly repartitionSinkTopics: readonly string[];
          readonly repartitionSourceTopics: readonly { readonly name: string }[];
          readonly stateChangelogTopics: readonly { readonly name: string }[];
        }[]
      | null;
  } | null;
}

function* topologyTopics({ topology }: GroupWithTopology): Generator<string> {
  for (const part of topology?.subtopologies ?? []) {
    yield* part.sourceTopics;
    yield* part.repartitionSinkTopics;
    for (const { name } of part.repartitionSourceTopics) yield name;
    for (const { name } of part.stateChangelogTopics) yield name;
  }
}

export const describeGroups = eachItem(groupRule('groups', 'groups', 'DESCRIBE'), withOperations);
const deleteEach = eachItem(groupRule('groupsNames', 'results', 'DELETE'));

/** A group that is named twice is told once. */
export const deleteGroups: Guard = (guarded) => {
  const groupsNames = [...new Set(guarded.request['groupsNames'] as readonly string[])];
  return deleteEach({ ...guarded, request: { ...guarded.request, groupsNames } });
};

export const describeMembers = eachItem(groupRule('groupIds', 'groups', 'DESCRIBE'), (body, guarded) =>
  withoutHidden(
    body,
    guarded,
    assignedTopics,
    'The group has described topic(s) that the client is not authorized to describe.',
  ),
);

export const streamsGroupDescribe = eachItem(groupRule('groupIds', 'groups', 'DESCRIBE'), (body, guarded) =>
  withoutHidden(
    body,
    guarded,
    topologyTopics,
    'The described group uses topics that the client is not authorized to describe.',
  ),
);

/** Who may describe the cluster sees all groups. */
export const listGroups: Guard = (guarded) => {
  if (sees(guarded, 'DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return answerOf(guarded);
  return withAnswer(answerOf(guarded), (body) => ({
    ...body,
    groups: (body['groups'] as DescribedGroup[]).filter(({ groupId }) => sees(guarded, 'DESCRIBE', 'GROUP', groupId)),
  }));
};

/** One topic of the subscription that may not be described, and the whole heartbeat is refused. */
export const subscribe: Guard = (guarded) => {
  const names = (guarded.request['subscribedTopicNames'] as readonly string[] | null) ?? [];
  const isAllowed = names.every((name) => may(guarded, 'DESCRIBE', 'TOPIC', name));
  return isAllowed ? answerOf(guarded) : refusalOf(guarded, guarded.request, DENIED.TOPIC);
};

/** A member without an id is refused before its topics are looked at (KafkaApis.handleShareGroupHeartbeat). */
export const subscribeShare: Guard = (guarded) =>
  isMemberIdValid(guarded.request['memberId'] as string) ? subscribe(guarded) : answerOf(guarded);

/** The same for the topics of a topology. Those that no topology may have are told before (KafkaApis.handleStreamsGroupHeartbeat). */
export const streamsGroupHeartbeat: Guard = (guarded) => {
  checkTopologyTopics(guarded.request as unknown as StreamsGroupHeartbeatRequest);
  const names = new Set(topologyTopics(guarded.request as unknown as GroupWithTopology));
  for (const name of names) {
    if (!may(guarded, 'DESCRIBE', 'TOPIC', name)) return refusalOf(guarded, guarded.request, DENIED.TOPIC);
  }
  return answerOf(guarded);
};
