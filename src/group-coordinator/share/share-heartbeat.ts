// ShareGroupHeartbeat (Kafka: GroupMetadataManager.shareGroupHeartbeat): the member is written down as it says it is, the
// group's epoch rises when that changes what the group reads, a new target assignment is computed, the member gets its target,
// and where topics are new the state of their share partitions is to be set up.
import { Errors, KafkaError } from '../../protocol/index.ts';
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../protocol/messages/76-share-group-heartbeat.ts';
import { AssignorError, simpleAssignor } from '../assignors/index.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import {
  computeTargetAssignment,
  isAssignmentDue,
  isReconciledTo,
  JOIN_EPOCH,
  LEAVE_EPOCH,
  sameNames,
  sameTopicPartitions,
  type SubscribedTopics,
  type TopicPartitions,
  topicIdsOf,
  topicPartitionsRows,
} from '../modern/index.ts';
import { cancelSession, keepSession } from '../sessions.ts';
import { ShareGroup } from './share-group.ts';
import {
  hasSameFacts,
  newShareMember,
  reconciledShareMember,
  type ShareMember,
  toldShareMember,
} from './share-member.ts';
import {
  assignmentEpochRecord,
  currentAssignmentRecord,
  epochRecord,
  memberRecord,
  memberTombstones,
  targetRecord,
} from './share-records.ts';
import { initializationOf } from './share-initialization.ts';
import { knownShareGroup, type ShareWorld, type StateInitialization } from './share-world.ts';

export interface ShareHeartbeat {
  readonly request: ShareGroupHeartbeatRequest;
  readonly clientId: string;
  readonly clientHost: string;
}

export interface ShareHeartbeatOutcome {
  readonly response: ShareGroupHeartbeatResponse;
  /** State that is to be set up once what was written is committed. */
  readonly initialization: StateInitialization | undefined;
}

/** Topics that have not changed are looked at again after this time all the same: practically never. */
const METADATA_REFRESH_INTERVAL_MS = 2_147_483_647;

/** Throws KafkaError, with nothing changed. */
export function shareHeartbeat(
  world: ShareWorld,
  { request, clientId, clientHost }: ShareHeartbeat,
  effects: GroupEffects,
): ShareHeartbeatOutcome {
  const { groupId, memberId, memberEpoch, subscribedTopicNames, rackId } = request;
  const { settings, image } = world;
  const isJoining = memberEpoch === JOIN_EPOCH;
  const group = groupFor(world, groupId, isJoining);
  const member = memberOf(group, request, settings.maxSize);
  const told = toldShareMember(member, { rackId, subscribedTopicNames, clientId, clientHost });
  const records: GroupStateRecord[] = [];
  if (!hasSameFacts(member, told)) records.push(memberRecord(groupId, told));
  const next = nextEpoch(world, group, { member, told, nowMs: effects.nowMs }, records);
  const goal = nextTarget(world, group, { told, ...next, nowMs: effects.nowMs }, records);
  const reconciled = reconcile(world, told, goal, next.isBumped);
  if (reconciled !== told) records.push(currentAssignmentRecord(groupId, reconciled));
  const initialization = initializationOf(world, group, next, effects.nowMs, records);
  for (const record of records) effects.append(record);
  keepSession(groupId, { memberId, sessionTimeoutMs: settings.sessionTimeoutMs(groupId, image) }, effects);
  const isTold =
    isJoining || subscribedTopicNames !== null || !sameTopicPartitions(member.assigned, reconciled.assigned);
  const response = {
    errorCode: Errors.NONE,
    memberId,
    memberEpoch: reconciled.memberEpoch,
    heartbeatIntervalMs: settings.heartbeatIntervalMs(groupId, image),
    assignment: isTold ? { topicPartitions: topicPartitionsRows(reconciled.assigned) } : null,
  };
  return { response, initialization };
}

function groupFor(world: ShareWorld, groupId: string, isJoining: boolean): ShareGroup {
  if (isJoining && world.groups.get(groupId) === undefined) return new ShareGroup(groupId);
  return knownShareGroup(world, groupId, 'Share group');
}

/** Throws KafkaError GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH. */
function memberOf(
  group: ShareGroup,
  { memberId, memberEpoch }: ShareGroupHeartbeatRequest,
  maxSize: number,
): ShareMember {
  const known = group.member(memberId);
  if (group.size >= maxSize && known === undefined) {
    const message = `The share group has reached its maximum capacity of ${maxSize} members.`;
    throw new KafkaError(Errors.GROUP_MAX_SIZE_REACHED, message);
  }
  if (known === undefined && memberEpoch !== JOIN_EPOCH) throw unknownMember(group, memberId);
  const member = known ?? newShareMember(memberId);
  checkEpoch(member, memberEpoch);
  return member;
}

function unknownMember({ groupId }: ShareGroup, memberId: string): KafkaError {
  return new KafkaError(Errors.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`);
}

/** The answer with the new epoch may have been lost: who has the one before goes on. */
function checkEpoch({ memberEpoch: known, previousMemberEpoch }: ShareMember, asked: number): void {
  if (asked === JOIN_EPOCH || asked === known || (asked < known && asked === previousMemberEpoch)) return;
  const isGreater = asked > known;
  const previous = isGreater ? '' : `, and it does not match the previous member epoch (${previousMemberEpoch})`;
  throw new KafkaError(
    Errors.FENCED_MEMBER_EPOCH,
    `The share group member has a ${isGreater ? 'greater' : 'smaller'} member epoch (${asked}) than the one known by the ` +
      `group coordinator (${known})${previous}. The member must abandon all its partitions and rejoin.`,
  );
}

interface Epoch {
  readonly epoch: number;
  readonly isBumped: boolean;
  /** The topics that the group reads from now on. */
  readonly topics: SubscribedTopics;
}

interface Change {
  readonly member: ShareMember;
  readonly told: ShareMember;
  readonly nowMs: number;
}

/** The epoch rises when members read other topics, when the topics have changed, and when share partitions can be given out. */
function nextEpoch(
  { hashes, image }: ShareWorld,
  group: ShareGroup,
  { member, told, nowMs }: Change,
  records: GroupStateRecord[],
): Epoch {
  const topics = group.subscribedTopics();
  const haveNamesChanged = !sameNames(member.subscribedTopicNames, told.subscribedTopicNames);
  const isDue = haveNamesChanged || (group.assignmentEpoch >= group.epoch && group.hasUnassigned);
  if (!isDue && !group.hasMetadataExpired(nowMs)) return { epoch: group.epoch, isBumped: false, topics };
  if (group.member(told.memberId) !== undefined) topics.countByName(member.subscribedTopicNames, -1);
  topics.countByName(told.subscribedTopicNames, 1);
  const hash = hashes.groupHash(topics.names, image);
  const isBumped = isDue || hash !== group.metadataHash;
  const epoch = isBumped ? group.epoch + 1 : group.epoch;
  if (isBumped) records.push(epochRecord(group.groupId, epoch, hash));
  group.metadataRefreshed(nowMs + METADATA_REFRESH_INTERVAL_MS, epoch);
  return { epoch, isBumped, topics };
}

interface Goal {
  readonly assignmentEpoch: number;
  readonly target: TopicPartitions;
}

/** The target of the member: newly computed for an epoch that has none, as far as the interval between two allows. */
function nextTarget(
  { settings, image }: ShareWorld,
  group: ShareGroup,
  { told, epoch, topics, nowMs }: Epoch & Omit<Change, 'member'>,
  records: GroupStateRecord[],
): Goal {
  const { groupId } = group;
  const last = { assignmentEpoch: group.assignmentEpoch, target: group.target(told.memberId) };
  if (epoch <= group.assignmentEpoch) return last;
  if (!isAssignmentDue(group, settings.assignmentIntervalMs(groupId, image), nowMs)) return last;
  const memberCount = group.member(told.memberId) === undefined ? group.size + 1 : group.size;
  try {
    const { all, changed } = computeTargetAssignment({
      group,
      updated: told,
      replacedId: undefined,
      image,
      subscriptionOf: (member) => member.subscribedTopicNames,
      isHomogeneous: topics.areNamedByAll(memberCount),
      assignor: simpleAssignor,
      isAssignable: (topicId, partition) => group.isInitialized(topicId, partition),
    });
    for (const [memberId, target] of changed) records.push(targetRecord(groupId, memberId, target));
    records.push(assignmentEpochRecord(groupId, epoch, nowMs));
    return { assignmentEpoch: epoch, target: all.get(told.memberId) as TopicPartitions };
  } catch (error) {
    if (!(error instanceof AssignorError)) throw error;
    const why = `Failed to compute a new target assignment for epoch ${epoch}: ${error.message}`;
    throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, why);
  }
}

function reconcile({ image }: ShareWorld, told: ShareMember, goal: Goal, isBumped: boolean): ShareMember {
  if (!isBumped && isReconciledTo(told, goal.assignmentEpoch)) return told;
  const subscribed = topicIdsOf(told.subscribedTopicNames, image);
  const next = reconciledShareMember(told, goal.target, goal.assignmentEpoch, subscribed);
  return next.memberEpoch === told.memberEpoch && next.assigned === told.assigned ? told : next;
}

/** ShareGroupHeartbeat with the epoch -1. Throws KafkaError, with nothing changed. */
export function shareLeave(
  world: ShareWorld,
  { groupId, memberId }: ShareGroupHeartbeatRequest,
  effects: GroupEffects,
): ShareGroupHeartbeatResponse {
  const group = knownShareGroup(world, groupId);
  const member = group.member(memberId);
  if (member === undefined) throw unknownMember(group, memberId);
  removeShareMember(world, group, member, effects);
  return { errorCode: Errors.NONE, memberId, memberEpoch: LEAVE_EPOCH, heartbeatIntervalMs: 0, assignment: null };
}

/** A member has left, or was lost. */
export function removeShareMember(
  { hashes, image }: ShareWorld,
  group: ShareGroup,
  { memberId, subscribedTopicNames }: ShareMember,
  effects: GroupEffects,
): void {
  const { groupId, epoch } = group;
  for (const record of memberTombstones(groupId, memberId)) effects.append(record);
  const topics = group.subscribedTopics();
  topics.countByName(subscribedTopicNames, -1);
  effects.append(epochRecord(groupId, epoch + 1, hashes.groupHash(topics.names, image)));
  cancelSession(groupId, memberId, effects);
}
