// StreamsGroupHeartbeat on a group (Kafka: GroupMetadataManager.streamsGroupHeartbeat): what the member says is taken in, the
// topology is held against the topics, tasks are assigned anew where something has changed, and the member goes a step towards
// what it is to have. What comes of it is written down before it is answered.
import { Errors, type Int64, KafkaError } from '../../protocol/index.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../protocol/messages/88-streams-group-heartbeat.ts';
import { CLASSIC_TYPE } from '../classic/classic-group.ts';
import { type GroupEffects, initialAssignmentKey, revocationKey } from '../group-effects.ts';
import { JOIN_EPOCH, LEAVE_EPOCH } from '../modern/index.ts';
import { keepSession } from '../sessions.ts';
import { type ConfiguredTopology, configureTopology, type InternalTopic, StatusCodes } from './configured-topology.ts';
import { reconciled, type Target } from './current-assignment.ts';
import { leave, memberOf, NO_ANSWER, watchRevocation } from './membership.ts';
import { checkEpoch, checkOwnedTasks, ownedTasks } from './member-checks.ts';
import { StreamsGroup } from './streams-group.ts';
import {
  isReconciledTo,
  MemberStates,
  newMember,
  sameAssignment,
  sameMetadata,
  type StreamsMember,
  withRequest,
} from './streams-member.ts';
import { currentAssignmentRecord, groupMetadataRecord, memberRecord, topologyRecord } from './streams-records.ts';
import { partitionCountOf, streamsGroupOf, type StreamsWorld } from './streams-world.ts';
import { type Status, targetFor } from './target-assignment.ts';
import { areContained, sameTupleWithEpochs, taskIdsOf, type TasksTuple, type TasksTupleWithEpochs } from './tasks.ts';
import { sameTopology, type StreamsTopology, topologyOf } from './topology.ts';

export interface HeartbeatOutcome {
  readonly response: StreamsGroupHeartbeatResponse;
  /** Topics that the broker is to create. */
  readonly topicsToCreate: readonly InternalTopic[];
}

export interface Client {
  readonly clientId: string;
  readonly clientHost: string;
}

/** A heartbeat on its way through the group. */
interface Beat {
  readonly world: StreamsWorld;
  readonly request: StreamsGroupHeartbeatRequest;
  readonly group: StreamsGroup;
  /** The group has no record yet. */
  readonly isFresh: boolean;
  readonly effects: GroupEffects;
  readonly statuses: Status[];
}

/** Throws KafkaError with the error of the answer; nothing has changed then. `request`: one that checkHeartbeatRequest has passed. */
export function heartbeat(
  world: StreamsWorld,
  request: StreamsGroupHeartbeatRequest,
  client: Client,
  effects: GroupEffects,
): HeartbeatOutcome {
  if (request.memberEpoch === LEAVE_EPOCH) return { response: leave(world, request, effects), topicsToCreate: [] };
  const isJoining = request.memberEpoch === JOIN_EPOCH;
  const group = isJoining ? groupToJoin(world, request.groupId, effects) : groupOf(world, request.groupId);
  const isFresh = world.groups.get(request.groupId) !== group;
  const beat: Beat = { world, request, group, isFresh, effects, statuses: [] };
  const before = isJoining
    ? (group.members.get(request.memberId) ?? newMember(request.memberId))
    : memberOf(group, request.memberId);
  checkEpoch(before, request);
  const joined = withRequest(before, request, client);
  const isNews = !sameMetadata(before, joined);
  if (isNews) effects.append(memberRecord(group.groupId, joined));
  const topology = topologyFor(beat);
  if (group.topology !== undefined && joined.topologyEpoch < group.topology.epoch) {
    const statusDetail = `The member's topology epoch ${joined.topologyEpoch} is behind the group's topology epoch ${group.topology.epoch}.`;
    beat.statuses.push({ statusCode: StatusCodes.STALE_TOPOLOGY, statusDetail });
  }
  const { configured, metadataHash } = lookAtTopics(beat, topology);
  const epoch = nextEpoch(beat, isNews, configured, metadataHash);
  const target = assignedTarget(beat, joined, configured, epoch);
  const member = stepTowards(beat, joined, target);
  group.mustLookAtTopics = false;
  keepAlive(beat);
  if (request.shutdownApplication) group.requestShutdown(request.memberId);
  return { response: answer(beat, before, member, configured), topicsToCreate: configured.missing };
}

function groupOf({ groups }: StreamsWorld, groupId: string): StreamsGroup {
  return streamsGroupOf(groups, groupId, `Streams group ${groupId} not found.`);
}

/** A classic group that nobody is in gives way. */
function groupToJoin(world: StreamsWorld, groupId: string, effects: GroupEffects): StreamsGroup {
  const known = world.groups.get(groupId);
  if (known === undefined) return new StreamsGroup(groupId);
  if (known.type === CLASSIC_TYPE && known.isEmpty) {
    known.cancelTimers(effects);
    known.appendTombstones(effects);
    return new StreamsGroup(groupId);
  }
  const group = groupOf(world, groupId);
  const { maxSize } = world.settings;
  if (group.members.size < maxSize) return group;
  throw new KafkaError(
    Errors.GROUP_MAX_SIZE_REACHED,
    `The streams group has reached its maximum capacity of ${maxSize} members.`,
  );
}

/** The topology of the group, which its first member brings. Apache Kafka 4.3 does not change it afterwards. */
function topologyFor({ group, request, effects }: Beat): StreamsTopology {
  const { topology: given } = request;
  const known = group.topology;
  if (given === null || (known !== undefined && known.epoch > given.epoch)) {
    if (known === undefined) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    return known;
  }
  if (known === undefined) {
    effects.append(topologyRecord(group.groupId, given));
    return topologyOf(given);
  }
  if (!sameTopology(known.value, given)) {
    throw new KafkaError(Errors.INVALID_REQUEST, 'Topology updates are not supported yet.');
  }
  return known;
}

interface Looked {
  readonly configured: ConfiguredTopology;
  readonly metadataHash: Int64;
}

/** Holds the topology against the topics that there are now, if they may have changed. */
function lookAtTopics({ world, group }: Beat, topology: StreamsTopology): Looked {
  const { configured } = group;
  const { metadataHash } = group.epoch;
  const isFirst = group.topology === undefined || configured === undefined;
  if (!isFirst && !group.mustLookAtTopics) return { configured, metadataHash };
  const hash = world.hashes.groupHash(topology.requiredTopics, world.image);
  if (!isFirst && hash === metadataHash) return { configured, metadataHash };
  const fresh = configureTopology(topology, partitionCountOf(world.image));
  group.configured = fresh;
  return { configured: fresh, metadataHash: hash };
}

interface NextEpoch {
  readonly epoch: number;
  readonly assignmentConfigs: ReturnType<StreamsWorld['settings']['assignmentConfigs']>;
}

/** The epoch of the group rises with everything that asks for a new assignment. */
function nextEpoch(beat: Beat, isNews: boolean, configured: ConfiguredTopology, metadataHash: Int64): NextEpoch {
  const { world, group, request, effects } = beat;
  const validatedTopologyEpoch = configured.fault === undefined ? configured.epoch : -1;
  if (configured.fault === undefined) checkOwnedTasks(request, configured);
  const assignmentConfigs = world.settings.assignmentConfigs(group.groupId, world.image);
  const isBumped =
    isNews ||
    metadataHash !== group.epoch.metadataHash ||
    validatedTopologyEpoch !== group.epoch.validatedTopologyEpoch ||
    !sameConfigs(assignmentConfigs, group.lastAssignmentConfigs);
  if (!isBumped) return { epoch: group.epoch.epoch, assignmentConfigs };
  const epoch = group.epoch.epoch + 1;
  const lastAssignmentConfigs = assignmentConfigs;
  const next = { epoch, metadataHash, validatedTopologyEpoch, lastAssignmentConfigs };
  effects.append(groupMetadataRecord(group.groupId, next));
  return { epoch, assignmentConfigs };
}

function sameConfigs(one: NextEpoch['assignmentConfigs'], other: StreamsGroup['lastAssignmentConfigs']): boolean {
  const known = new Map(other.map(({ key, value }) => [key, value]));
  return one.length === known.size && one.every(({ key, value }) => known.get(key) === value);
}

function assignedTarget(
  beat: Beat,
  updated: StreamsMember,
  configured: ConfiguredTopology,
  { epoch, assignmentConfigs }: NextEpoch,
): Target {
  const { world, group, isFresh, effects, statuses } = beat;
  const { groupId } = group;
  const delayMs = group.isEmpty ? world.settings.initialRebalanceDelayMs(groupId, world.image) : 0;
  const wasDelayed = !isFresh && (world.delayedUntilMs.get(groupId) ?? effects.nowMs) > effects.nowMs;
  const isDelayed = wasDelayed || delayMs > 0;
  const target = targetFor(
    world,
    { group, epoch, updated, configured, assignmentConfigs, isDelayed },
    effects,
    statuses,
  );
  if (isDelayed && !wasDelayed) {
    effects.schedule(initialAssignmentKey(groupId), delayMs, { kind: 'initial-assignment', groupId });
    world.delayedUntilMs.set(groupId, effects.nowMs + delayMs);
  } else if (!isDelayed) world.delayedUntilMs.delete(groupId);
  return target;
}

function stepTowards({ group, request, effects }: Beat, member: StreamsMember, target: Target): StreamsMember {
  if (isReconciledTo(member, target.epoch)) return member;
  const { groupId, owners } = group;
  const next = reconciled({ member, target, owners, owned: ownedTasks(request) });
  if (sameAssignment(member, next)) return member;
  effects.append(currentAssignmentRecord(groupId, next));
  if (next.state === MemberStates.UNREVOKED_TASKS) watchRevocation(groupId, next, effects);
  else effects.cancel(revocationKey(groupId, next.memberId));
  return next;
}

function keepAlive({ world, group: { groupId }, request: { memberId }, effects }: Beat): void {
  const sessionTimeoutMs = world.settings.sessionTimeoutMs(groupId, world.image);
  keepSession(groupId, { memberId, sessionTimeoutMs }, effects);
}

function answer(
  { world, group, isFresh, request, statuses }: Beat,
  before: StreamsMember,
  member: StreamsMember,
  configured: ConfiguredTopology,
): StreamsGroupHeartbeatResponse {
  const { assigned } = member;
  // Who lacks what it was given has missed an answer; Apache Kafka leaves it waiting for the next assignment.
  const isTold =
    request.memberEpoch === JOIN_EPOCH ||
    !sameTupleWithEpochs(before.assigned, assigned) ||
    lacksTasks(ownedTasks(request), assigned);
  if (isTold) {
    group.endpoints.forget(member.memberId);
    if (member.userEndpoint !== null) group.endpointEpoch++;
  }
  const { fault } = configured;
  const { shutdownRequester } = group;
  return {
    ...NO_ANSWER,
    memberId: member.memberId,
    memberEpoch: member.memberEpoch,
    heartbeatIntervalMs: world.settings.heartbeatIntervalMs(group.groupId, world.image),
    status: [
      ...statuses,
      ...(fault === undefined ? [] : [fault]),
      ...(shutdownRequester === undefined ? [] : [shutdownStatus(shutdownRequester)]),
    ],
    activeTasks: isTold ? taskIdsOf(assigned.active) : null,
    standbyTasks: isTold ? taskIdsOf(assigned.standby) : null,
    warmupTasks: isTold ? taskIdsOf(assigned.warmup) : null,
    partitionsByUserEndpoint:
      group.endpointEpoch === request.endpointInformationEpoch
        ? null
        : group.endpoints.all(group.members, member, configured, partitionCountOf(world.image)),
    endpointInformationEpoch: isFresh ? 0 : group.endpointEpoch,
  };
}

function lacksTasks(owned: TasksTuple | undefined, { active, standby, warmup }: TasksTupleWithEpochs): boolean {
  if (owned === undefined) return false;
  return !(
    areContained(taskIdsOf(active), owned.active) &&
    areContained(taskIdsOf(standby), owned.standby) &&
    areContained(taskIdsOf(warmup), owned.warmup)
  );
}

const shutdownStatus = (memberId: string): Status => ({
  statusCode: StatusCodes.SHUTDOWN_APPLICATION,
  statusDetail: `Streams group member ${memberId} encountered a fatal error and requested a shutdown for the entire application.`,
});
