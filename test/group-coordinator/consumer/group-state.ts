// All that a consumer group holds, in a form that can be compared: what a group that lives and one that was made of its log must have
// in common.
import type { ConsumerGroup } from '../../../src/group-coordinator/consumer/consumer-group.ts';
import type { Groups } from '../../../src/group-coordinator/groups.ts';

const sorted = <T>(entries: Iterable<[string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));

const epochs = (all: ReadonlyMap<string, ReadonlyMap<number, number>>): unknown =>
  sorted(Array.from(all, ([topicId, each]) => [topicId, Object.fromEntries(each)]));
const partitions = (all: ReadonlyMap<string, ReadonlySet<number>>): unknown =>
  sorted(Array.from(all, ([topicId, each]) => [topicId, [...each].sort((a, b) => a - b)]));

function stateOf(group: ConsumerGroup): unknown {
  const owners: [string, number][] = [];
  for (const { assigned, pendingRevocation } of group.members) {
    for (const all of [assigned, pendingRevocation]) {
      for (const [topicId, each] of all) {
        for (const one of each.keys()) owners.push([`${topicId} ${one}`, group.partitionEpoch(topicId, one)]);
      }
    }
  }
  return {
    epoch: group.epoch,
    metadataHash: String(group.metadataHash),
    assignmentEpoch: group.assignmentEpoch,
    assignmentTimestampMs: group.assignmentTimestampMs,
    state: group.state,
    members: sorted(
      Array.from(group.members, (member) => [
        member.memberId,
        {
          ...member,
          subscribedTopicNames: [...member.subscribedTopicNames].sort(),
          assigned: epochs(member.assigned),
          pendingRevocation: epochs(member.pendingRevocation),
          classic: member.classic?.supportedProtocols.map(({ name, metadata }) => [
            name,
            Buffer.from(metadata).toString('hex'),
          ]),
          isStatic: group.staticMember(member.instanceId)?.memberId === member.memberId,
        },
      ]),
    ),
    targets: sorted(Array.from(group.targets, ([memberId, target]) => [memberId, partitions(target)])),
    owners: sorted(owners),
    topics: [...group.subscribedTopics().names].sort(),
    regexes: sorted(group.regexes),
    resolved: sorted(Array.from(group.resolvedRegexes, ([regex, { topics }]) => [regex, [...topics].sort()])),
    assignors: sorted(group.assignors),
    classicMembers: group.classicMembers,
  };
}

/** Every consumer group, and the ids of the others with their kinds. */
export function statesOf(groups: Groups): unknown {
  return sorted(
    Array.from(groups.all(), (group) => [group.groupId, groups.consumer(group.groupId) ?? group.type] as const).map(
      ([groupId, group]) => [groupId, typeof group === 'string' ? group : stateOf(group)],
    ),
  );
}
