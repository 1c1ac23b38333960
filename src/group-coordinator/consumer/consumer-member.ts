// A member of a consumer group (Kafka: ConsumerGroupMember): what it has said of itself, and what it has. A member that speaks
// the classic protocol (KIP-848: online migration) has its time-out and its protocols from JoinGroup beside that.
import { JOIN_EPOCH, LEAVE_EPOCH, memberStateOf, MemberStates, type ModernMember, sameNames } from '../modern/index.ts';
import { epochsOf, NO_EPOCHS, type PartitionEpochs, sameEpochs } from './partition-epochs.ts';
import type {
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataValue,
} from '../../protocol/messages/consumer-group-records.ts';

type ClassicMetadata = NonNullable<ConsumerGroupMemberMetadataValue['classicMemberMetadata']>;

export interface ConsumerMember extends ModernMember {
  /** How long the member may take to give up partitions; -1 before it has said. */
  readonly rebalanceTimeoutMs: number;
  /** Empty: none. */
  readonly subscribedTopicRegex: string;
  /** The assignor that it would like; null leaves it to the broker. */
  readonly serverAssignor: string | null;
  /** Set for members that speak the classic protocol. */
  readonly classic: ClassicMetadata | null;
  readonly assigned: PartitionEpochs;
  /** It has been asked to give these up, and has not said that it did. */
  readonly pendingRevocation: PartitionEpochs;
}

/** What a heartbeat or a classic join says of a member; null and -1 leave a thing as it is. */
export interface MemberUpdate {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly serverAssignor: string | null;
  readonly subscribedTopicNames: readonly string[] | null;
  readonly subscribedTopicRegex: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly classic: ClassicMetadata | null;
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Nothing is known of it yet. */
export function newMember(memberId: string): ConsumerMember {
  return {
    memberId,
    memberEpoch: JOIN_EPOCH,
    previousMemberEpoch: LEAVE_EPOCH,
    state: MemberStates.STABLE,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: NO_NAMES,
    rebalanceTimeoutMs: -1,
    subscribedTopicRegex: '',
    serverAssignor: null,
    classic: null,
    assigned: NO_EPOCHS,
    pendingRevocation: NO_EPOCHS,
  };
}

/** The very same member when nothing is said that is new, as in most heartbeats. */
export function updatedMember(member: ConsumerMember, update: MemberUpdate): ConsumerMember {
  if (saysNothingNew(member, update)) return member;
  const { subscribedTopicNames: names, rebalanceTimeoutMs, clientId, clientHost, classic } = update;
  const asked = names === null ? member.subscribedTopicNames : new Set(names);
  return {
    ...member,
    instanceId: update.instanceId ?? member.instanceId,
    rackId: update.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignor: update.serverAssignor ?? member.serverAssignor,
    subscribedTopicNames: sameNames(asked, member.subscribedTopicNames) ? member.subscribedTopicNames : asked,
    subscribedTopicRegex: update.subscribedTopicRegex ?? member.subscribedTopicRegex,
    clientId,
    clientHost,
    classic,
  };
}

function saysNothingNew(member: ConsumerMember, update: MemberUpdate): boolean {
  const { instanceId, rackId, rebalanceTimeoutMs, serverAssignor, subscribedTopicRegex: regex } = update;
  return (
    update.subscribedTopicNames === null &&
    update.clientId === member.clientId &&
    update.clientHost === member.clientHost &&
    update.classic === member.classic &&
    (regex === null || regex === member.subscribedTopicRegex) &&
    (instanceId === null || instanceId === member.instanceId) &&
    (rackId === null || rackId === member.rackId) &&
    (rebalanceTimeoutMs === -1 || rebalanceTimeoutMs === member.rebalanceTimeoutMs) &&
    (serverAssignor === null || serverAssignor === member.serverAssignor)
  );
}

/** The member as a record of its subscription tells. */
export function subscribedMember(member: ConsumerMember, value: ConsumerGroupMemberMetadataValue): ConsumerMember {
  return {
    ...member,
    instanceId: value.instanceId,
    rackId: value.rackId,
    clientId: value.clientId,
    clientHost: value.clientHost,
    subscribedTopicNames: new Set(value.subscribedTopicNames),
    subscribedTopicRegex: value.subscribedTopicRegex ?? '',
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    serverAssignor: value.serverAssignor,
    classic: value.classicMemberMetadata,
  };
}

/** The member as a record of its assignment tells; null: it has left. */
export function assignedMember(
  member: ConsumerMember,
  value: ConsumerGroupCurrentMemberAssignmentValue | null,
): ConsumerMember {
  if (value === null) {
    const left = { memberEpoch: LEAVE_EPOCH, previousMemberEpoch: LEAVE_EPOCH };
    return { ...member, ...left, assigned: NO_EPOCHS, pendingRevocation: NO_EPOCHS };
  }
  const { memberEpoch, previousMemberEpoch, state } = value;
  return {
    ...member,
    memberEpoch,
    previousMemberEpoch,
    state: memberStateOf(state),
    assigned: epochsOf(value.assignedPartitions, memberEpoch),
    pendingRevocation: epochsOf(value.partitionsPendingRevocation, memberEpoch),
  };
}

/** Nothing has to be written of what the member says of itself. */
export function hasSameFacts(one: ConsumerMember, other: ConsumerMember): boolean {
  if (one === other) return true;
  return (
    one.instanceId === other.instanceId &&
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.subscribedTopicRegex === other.subscribedTopicRegex &&
    one.serverAssignor === other.serverAssignor &&
    sameNames(one.subscribedTopicNames, other.subscribedTopicNames) &&
    sameClassic(one.classic, other.classic)
  );
}

/** Nothing has to be written of what the member has. */
export function hasSameAssignment(one: ConsumerMember, other: ConsumerMember): boolean {
  if (one === other) return true;
  return (
    one.memberEpoch === other.memberEpoch &&
    one.previousMemberEpoch === other.previousMemberEpoch &&
    one.state === other.state &&
    sameEpochs(one.assigned, other.assigned) &&
    sameEpochs(one.pendingRevocation, other.pendingRevocation)
  );
}

function sameClassic(one: ClassicMetadata | null, other: ClassicMetadata | null): boolean {
  if (one === null || other === null) return one === other;
  const [protocols, others] = [one.supportedProtocols, other.supportedProtocols];
  if (one.sessionTimeoutMs !== other.sessionTimeoutMs || protocols.length !== others.length) return false;
  return protocols.every(({ name, metadata }, index) => {
    const twin = others[index] as (typeof others)[number];
    return name === twin.name && Buffer.compare(metadata, twin.metadata) === 0;
  });
}
