// ConsumerGroupHeartbeat of a member that joins or is in its group (Kafka: GroupMetadataManager.consumerGroupHeartbeat): the member
// is written down as it says it is, the group's epoch rises when that changes what the group reads, a new target assignment is
// computed for the new epoch, and the member comes a step closer to it.
import { Errors, KafkaError } from '../../protocol/index.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { JOIN_EPOCH } from '../modern/index.ts';
import { keepSession } from '../sessions.ts';
import type { MaySee } from '../shards.ts';
import { cancelMemberTimers, ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, type MemberUpdate, updatedMember } from './consumer-member.ts';
import type { ConsumerWorld } from './consumer-world.ts';
import { checkSize, memberOf } from './membership.ts';
import { endWaits, leaveClassic, upgraded, UpgradeFailed } from './migration.ts';
import { partitionRows, sameEpochs } from './partition-epochs.ts';
import { brought, scheduleRevocation } from './rebalance.ts';
import { requestResolution } from './regular-expressions.ts';

export interface Heartbeat {
  readonly request: ConsumerGroupHeartbeatRequest;
  readonly clientId: string;
  readonly clientHost: string;
  /** For a member without an id, which only version 0 takes. */
  readonly newMemberId: string;
  readonly maySee?: MaySee | undefined;
}

/** Throws KafkaError, with nothing changed. */
export function heartbeat(
  world: ConsumerWorld,
  beat: Heartbeat,
  effects: GroupEffects,
): ConsumerGroupHeartbeatResponse {
  try {
    return beaten(world, beat, effects);
  } catch (error) {
    if (!(error instanceof UpgradeFailed)) throw error;
    // As Kafka's own GroupMetadataManager.convertToConsumerGroup, which has told the members before it fails.
    endWaits(error.classic, effects);
    return { errorCode: error.code, errorMessage: error.wireMessage, memberEpoch: 0, heartbeatIntervalMs: 0 };
  }
}

function beaten(
  world: ConsumerWorld,
  { request, clientId, clientHost, newMemberId, maySee }: Heartbeat,
  effects: GroupEffects,
): ConsumerGroupHeartbeatResponse {
  const { groupId, memberEpoch, instanceId, topicPartitions: owned } = request;
  const records: GroupStateRecord[] = [];
  const isJoining = memberEpoch === JOIN_EPOCH;
  const group = groupFor(world, groupId, isJoining, records);
  checkSize(group, request.memberId, world.settings.maxSize);
  const memberId = request.memberId === '' ? newMemberId : request.memberId;
  const member = memberOf(group, { memberId, memberEpoch, instanceId, owned, isJoining }, records);
  const told = updatedMember(member, updateOf(request, clientId, clientHost));
  const change = brought(world, group, { member, told, owned, nowMs: effects.nowMs }, records);
  const classic = world.groups.classic(groupId);
  if (classic !== undefined) leaveClassic(classic, effects);
  // It has come over from the classic protocol, whose time-outs are not its own any more.
  if (member.classic !== null) cancelMemberTimers(groupId, memberId, effects);
  for (const record of records) effects.append(record);
  if (change.needsResolution) {
    world.regexes.askedBy(groupId, maySee);
    requestResolution(groupId, effects);
  }
  const reconciled = change.member;
  if (change.isReconciledAnew) scheduleRevocation(groupId, reconciled, effects);
  const sessionTimeoutMs = world.settings.sessionTimeoutMs(groupId, world.image);
  keepSession(groupId, { memberId, sessionTimeoutMs }, effects);
  return {
    errorCode: Errors.NONE,
    memberId,
    memberEpoch: reconciled.memberEpoch,
    heartbeatIntervalMs: world.settings.heartbeatIntervalMs(groupId, world.image),
    assignment: isTold(request, member, reconciled) ? { topicPartitions: partitionRows(reconciled.assigned) } : null,
  };
}

function updateOf(request: ConsumerGroupHeartbeatRequest, clientId: string, clientHost: string): MemberUpdate {
  const { instanceId, rackId, rebalanceTimeoutMs, serverAssignor, subscribedTopicNames, subscribedTopicRegex } =
    request;
  return {
    instanceId,
    rackId,
    rebalanceTimeoutMs,
    serverAssignor,
    subscribedTopicNames,
    subscribedTopicRegex,
    clientId,
    clientHost,
    classic: null,
  };
}

/** A member learns what it has when it joins, when it says all of itself (after an error), and when it has changed. */
function isTold(request: ConsumerGroupHeartbeatRequest, before: ConsumerMember, { assigned }: ConsumerMember): boolean {
  const { subscribedTopicNames: names, subscribedTopicRegex: regex } = request;
  const isFull =
    request.rebalanceTimeoutMs !== -1 && (names !== null || regex !== null) && request.topicPartitions !== null;
  return request.memberEpoch === JOIN_EPOCH || isFull || !sameEpochs(before.assigned, assigned);
}

/** The group, or a new one, or the classic group of this id as it will be: for who joins. */
function groupFor(
  world: ConsumerWorld,
  groupId: string,
  isJoining: boolean,
  records: GroupStateRecord[],
): ConsumerGroup {
  const known = world.groups.consumer(groupId);
  if (known !== undefined) return known;
  const other = world.groups.get(groupId);
  if (other === undefined) {
    if (isJoining) return new ConsumerGroup(groupId);
    throw new KafkaError(Errors.GROUP_ID_NOT_FOUND, `Consumer group ${groupId} not found.`);
  }
  const classic = isJoining ? world.groups.classic(groupId) : undefined;
  if (classic === undefined) {
    throw new KafkaError(Errors.GROUP_ID_NOT_FOUND, `Group ${groupId} is not a consumer group.`);
  }
  return upgraded(world, classic, records);
}
