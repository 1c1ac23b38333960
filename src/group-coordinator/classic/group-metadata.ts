// A classic group as it stands in the log: written when a generation has its assignment or the group is empty, and read
// back at load, members and all.
import { type ClassicGroupRecord, encodeGroupMetadata } from '../group-record.ts';
import type { GroupMetadataValue } from '../records.ts';
import { ClassicGroup } from './classic-group.ts';
import { ClassicMember, NO_BYTES } from './classic-member.ts';

/** The group with these assignments, encoded: whoever writes it checks its size first. */
export function groupMetadataRecord(
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Uint8Array>,
  stateTimestampMs = group.stateTimestampMs,
): ClassicGroupRecord & { readonly valueBytes: Uint8Array } {
  const members: GroupMetadataValue['members'] = [];
  for (const member of group.members) {
    members.push({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: member.metadata(group.protocolName),
      assignment: assignments.get(member.memberId) ?? NO_BYTES,
    });
  }
  const value: GroupMetadataValue = {
    protocolType: group.protocolType ?? '',
    generation: group.generationId,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: stateTimestampMs,
    members,
  };
  return { kind: 'classic-group', groupId: group.groupId, value, valueBytes: encodeGroupMetadata(value) };
}

export function groupTombstone(groupId: string): ClassicGroupRecord {
  return { kind: 'classic-group', groupId, value: null };
}

/** The group that `value` tells of. Of the protocols of its members only the chosen one is known. */
export function loadedGroup(groupId: string, value: GroupMetadataValue): ClassicGroup {
  const group = new ClassicGroup(groupId);
  for (const stored of value.members) {
    const member = new ClassicMember({
      memberId: stored.memberId,
      groupInstanceId: stored.groupInstanceId,
      clientId: stored.clientId,
      clientHost: stored.clientHost,
      rebalanceTimeoutMs: stored.rebalanceTimeout === -1 ? stored.sessionTimeout : stored.rebalanceTimeout,
      sessionTimeoutMs: stored.sessionTimeout,
      protocols: [{ name: value.protocol ?? '', metadata: stored.subscription }],
    });
    member.assignment = stored.assignment;
    group.add(member, value.protocolType);
  }
  group.transitionTo(value.members.length === 0 ? 'Empty' : 'Stable', value.currentStateTimestamp);
  group.generationId = value.generation;
  group.protocolType = value.protocolType === '' ? undefined : value.protocolType;
  group.protocolName = value.protocol;
  group.leaderId = value.leader;
  group.updateSubscribedTopics();
  return group;
}
