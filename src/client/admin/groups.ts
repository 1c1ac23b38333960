// Groups of any kind are deleted, and members put out of them, by their coordinators.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { LeaveGroup } from '../../protocol/messages/13-leave-group.ts';
import { DeleteGroups } from '../../protocol/messages/42-delete-groups.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { describeConsumerGroups } from './describe-groups.ts';
import { atCoordinator, coordinatorsOf, fanOut } from './fan-out.ts';
import { failureOf, type Outcome, throwIfFailed, valueOf } from './outcomes.ts';

/** Groups without members. Rejects with KafkaError. */
export function deleteGroups(asking: Asking, groupIds: readonly string[]): Promise<Map<string, Outcome<undefined>>> {
  return fanOut<string, undefined>(asking, {
    items: groupIds,
    locate: coordinatorsOf(asking, 'group'),
    ask: async (nodeId, ids) => {
      const { results } = await asking.node(nodeId, DeleteGroups, { groupsNames: ids });
      return new Map(
        results.map((one) => [one.groupId, one.errorCode === Errors.NONE ? undefined : new KafkaError(one.errorCode)]),
      );
    },
  });
}

/** Static members by their instance id, which old brokers know only, others by their member id. */
export type MemberToRemove = { readonly groupInstanceId: string } | { readonly memberId: string };

export interface RemoveMembersOptions extends CallOptions {
  /** Left out: all. */
  readonly members?: readonly MemberToRemove[];
  /** For the log of the broker (KIP-800). */
  readonly reason?: string;
}

/** By the id that was given; of all members by instance id where they have one. Rejects with KafkaError. */
export async function removeMembers(
  asking: Asking,
  groupId: string,
  { members, reason }: RemoveMembersOptions,
): Promise<Map<string, Outcome<undefined>>> {
  const leaving = (members ?? (await membersOf(asking, groupId))).map((member) => wireMember(member, reason));
  if (leaving.length === 0) return new Map();
  const answer = await atCoordinator(asking, 'group', groupId, async (nodeId) => {
    const { errorCode, members: answered } = await asking.node(nodeId, LeaveGroup, (version) => {
      if (version < SEVERAL_SINCE)
        throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'members are removed from Kafka 2.4 on');
      return { groupId, members: leaving };
    });
    throwIfFailed(errorCode);
    return answered;
  });
  return new Map(answer.map((one) => [one.groupInstanceId ?? one.memberId, failureOf(one.errorCode)]));
}

/** KIP-345. */
const SEVERAL_SINCE = 3;
const REASON = 'member was removed by an admin';
/** Longer reasons are cut (JoinGroupRequest.maybeTruncateReason). */
const LONGEST_REASON = 255;

function wireMember(member: MemberToRemove, reason: string | undefined) {
  const text = (reason === undefined || reason === '' ? REASON : `${REASON}: ${reason}`).slice(0, LONGEST_REASON);
  if ('groupInstanceId' in member) return { memberId: '', groupInstanceId: member.groupInstanceId, reason: text };
  return { memberId: member.memberId, reason: text };
}

async function membersOf(asking: Asking, groupId: string): Promise<MemberToRemove[]> {
  const found = await describeConsumerGroups(asking, [groupId], {});
  const { members } = valueOf(found.get(groupId) as NonNullable<ReturnType<typeof found.get>>);
  return members.map(({ memberId, groupInstanceId }) =>
    groupInstanceId === undefined ? { memberId } : { groupInstanceId },
  );
}
