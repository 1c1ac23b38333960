// How members of streams groups go: they leave, or are not heard of, or do not give up tasks in time (Kafka: GroupMetadataManager,
// streamsGroupLeave, streamsGroupFenceMember and the time-outs).
import { Errors, KafkaError } from '../../protocol/index.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../protocol/messages/88-streams-group-heartbeat.ts';
import { type GroupEffects, revocationKey } from '../group-effects.ts';
import { cancelSession, keepSession } from '../sessions.ts';
import type { StreamsGroup } from './streams-group.ts';
import { MemberStates, type StreamsMember } from './streams-member.ts';
import { groupMetadataRecord, memberTombstones } from './streams-records.ts';
import { type StreamsWorld, streamsGroupOf } from './streams-world.ts';

/** Throws KafkaError GROUP_ID_NOT_FOUND, UNKNOWN_MEMBER_ID. */
export function leave(
  { groups }: StreamsWorld,
  request: StreamsGroupHeartbeatRequest,
  effects: GroupEffects,
): StreamsGroupHeartbeatResponse {
  const { groupId, memberId, memberEpoch } = request;
  const group = streamsGroupOf(groups, groupId);
  const member = memberOf(group, memberId);
  if (request.shutdownApplication) group.requestShutdown(memberId);
  fence(group, member, effects);
  return { ...NO_ANSWER, memberId, memberEpoch };
}

/** What stands in an answer where nothing is said. */
export const NO_ANSWER = {
  throttleTimeMs: 0,
  errorCode: Errors.NONE,
  errorMessage: null,
  memberId: '',
  memberEpoch: 0,
  heartbeatIntervalMs: 0,
  acceptableRecoveryLag: 0,
  taskOffsetIntervalMs: 0,
  status: [],
  activeTasks: null,
  standbyTasks: null,
  warmupTasks: null,
  endpointInformationEpoch: 0,
  partitionsByUserEndpoint: null,
} as const satisfies Partial<StreamsGroupHeartbeatResponse> & { readonly status: readonly never[] };

/** Throws KafkaError UNKNOWN_MEMBER_ID. */
export function memberOf({ members, groupId }: StreamsGroup, memberId: string): StreamsMember {
  const member = members.get(memberId);
  if (member !== undefined) return member;
  throw new KafkaError(Errors.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`);
}

/** Takes the member out. The next heartbeat of another one gives away its tasks. */
export function fence(group: StreamsGroup, { memberId }: StreamsMember, effects: GroupEffects): void {
  const { groupId, epoch } = group;
  for (const record of memberTombstones(groupId, memberId)) effects.append(record);
  effects.append(groupMetadataRecord(groupId, { ...epoch, epoch: epoch.epoch + 1 }));
  cancelSession(groupId, memberId, effects);
  effects.cancel(revocationKey(groupId, memberId));
}

/** It has as long as it said to give up tasks, which it was told to in the epoch that it has. */
export function watchRevocation(groupId: string, member: StreamsMember, effects: GroupEffects): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  const event = { kind: 'revocation', groupId, memberId, memberEpoch } as const;
  effects.schedule(revocationKey(groupId, memberId), rebalanceTimeoutMs, event);
}

/** Nobody knows how long ago members were heard of when their group was loaded: their time begins anew. */
export function groupLoaded(group: StreamsGroup, sessionTimeoutMs: number, effects: GroupEffects): void {
  for (const member of group.members.values()) {
    keepSession(group.groupId, { memberId: member.memberId, sessionTimeoutMs }, effects);
    if (member.state === MemberStates.UNREVOKED_TASKS) watchRevocation(group.groupId, member, effects);
  }
}
