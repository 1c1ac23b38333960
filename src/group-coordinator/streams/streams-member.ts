// A member of a streams group: what it has said of itself, and which tasks it has (Kafka: StreamsGroupMember). Immutable.
import type { StreamsGroupHeartbeatRequest } from '../../protocol/messages/88-streams-group-heartbeat.ts';
import type {
  StreamsGroupCurrentMemberAssignmentValue,
  StreamsGroupMemberMetadataValue,
} from '../../protocol/messages/streams-group-records.ts';
import { NO_TASKS, sameTupleWithEpochs, tasksOf, type TasksTupleWithEpochs, tasksWithEpochsOf } from './tasks.ts';

/** Kafka: MemberState. */
export const MemberStates = {
  /** It has what it is to have as far as it was told. */
  STABLE: 1,
  /** It has to give up tasks. */
  UNREVOKED_TASKS: 2,
  /** Others, or its own process, have not given up yet what it is to have. */
  UNRELEASED_TASKS: 3,
  /** Written by a newer coordinator. */
  UNKNOWN: 127,
} as const;
export type MemberState = (typeof MemberStates)[keyof typeof MemberStates];

const KNOWN_STATES: readonly MemberState[] = Object.values(MemberStates);

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What is told of a member when it joins, and changes seldom. */
export interface MemberMetadata {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly topologyEpoch: number;
  readonly processId: string;
  readonly userEndpoint: Endpoint | null;
  /** By key, each once. */
  readonly clientTags: readonly KeyValue[];
}

export interface StreamsMember extends MemberMetadata {
  readonly memberId: string;
  /** 0 before the first assignment, -1 once its tasks have been taken from it. */
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: MemberState;
  readonly assigned: TasksTupleWithEpochs;
  /** What it has been told to give up and may still have. */
  readonly pendingRevocation: TasksTupleWithEpochs;
}

export function newMember(memberId: string): StreamsMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    topologyEpoch: -1,
    processId: '',
    userEndpoint: null,
    clientTags: [],
    memberEpoch: 0,
    previousMemberEpoch: 0,
    state: MemberStates.STABLE,
    assigned: NO_TASKS,
    pendingRevocation: NO_TASKS,
  };
}

export const isReconciledTo = ({ state, memberEpoch }: StreamsMember, targetEpoch: number): boolean =>
  state === MemberStates.STABLE && memberEpoch === targetEpoch;

/** The member as it is after `request`: what is null or -1 there is as before. */
export function withRequest(
  member: StreamsMember,
  request: StreamsGroupHeartbeatRequest,
  client: { readonly clientId: string; readonly clientHost: string },
): StreamsMember {
  const { rebalanceTimeoutMs, topology, clientTags, userEndpoint } = request;
  return {
    ...member,
    ...client,
    rackId: request.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    topologyEpoch: topology?.epoch ?? member.topologyEpoch,
    processId: request.processId ?? member.processId,
    userEndpoint: userEndpoint ?? member.userEndpoint,
    clientTags: clientTags === null ? member.clientTags : byKey(clientTags),
  };
}

const byKey = (tags: readonly KeyValue[]): KeyValue[] =>
  [...tags].sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));

export function sameMetadata(one: MemberMetadata, other: MemberMetadata): boolean {
  return (
    one.instanceId === other.instanceId &&
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.topologyEpoch === other.topologyEpoch &&
    one.processId === other.processId &&
    one.userEndpoint?.host === other.userEndpoint?.host &&
    one.userEndpoint?.port === other.userEndpoint?.port &&
    sameTags(one.clientTags, other.clientTags)
  );
}

function sameTags(one: readonly KeyValue[], other: readonly KeyValue[]): boolean {
  if (one === other) return true;
  return (
    one.length === other.length &&
    one.every(({ key, value }, index) => key === other[index]?.key && value === other[index]?.value)
  );
}

/** The member as it is after its metadata record. */
export function withMetadata(member: StreamsMember, value: StreamsGroupMemberMetadataValue): StreamsMember {
  const { clientTags, ...metadata } = value;
  return { ...member, ...metadata, clientTags: byKey(clientTags) };
}

/** The member as it is after its record of tasks; null: they have been taken from it, and it is about to go. */
export function withCurrentAssignment(
  member: StreamsMember,
  value: StreamsGroupCurrentMemberAssignmentValue | null,
): StreamsMember {
  if (value === null) {
    return { ...member, memberEpoch: -1, previousMemberEpoch: -1, assigned: NO_TASKS, pendingRevocation: NO_TASKS };
  }
  const { memberEpoch, previousMemberEpoch } = value;
  return {
    ...member,
    memberEpoch,
    previousMemberEpoch,
    state: KNOWN_STATES.find((state) => state === value.state) ?? MemberStates.UNKNOWN,
    assigned: {
      active: tasksWithEpochsOf(value.activeTasks, memberEpoch),
      standby: tasksOf(value.standbyTasks),
      warmup: tasksOf(value.warmupTasks),
    },
    pendingRevocation: {
      active: tasksWithEpochsOf(value.activeTasksPendingRevocation, memberEpoch),
      standby: tasksOf(value.standbyTasksPendingRevocation),
      warmup: tasksOf(value.warmupTasksPendingRevocation),
    },
  };
}

/** Epochs, state and tasks are the same. */
export function sameAssignment(one: StreamsMember, other: StreamsMember): boolean {
  return (
    one.memberEpoch === other.memberEpoch &&
    one.previousMemberEpoch === other.previousMemberEpoch &&
    one.state === other.state &&
    sameTupleWithEpochs(one.assigned, other.assigned) &&
    sameTupleWithEpochs(one.pendingRevocation, other.pendingRevocation)
  );
}
