// A classic group as it stands in the log: written when a generation has its assignment or the group is empty, and read
// back at load, members and all.
import { encodeVersioned } from '../../protocol/index.ts';
import type { GroupKind } from '../group.ts';
import type { GroupStateRecord } from '../group-record.ts';
import { CLASSIC_TYPE, ClassicGroup } from './classic-group.ts';
import { ClassicMember, NO_BYTES } from './classic-member.ts';
import { groupMetadata } from './record-types.ts';
import type { GroupMetadataValue } from '../../protocol/messages/classic-group-records.ts';

/** The group with these assignments, encoded: whoever writes it checks its size first. */
export function groupMetadataRecord(
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Uint8Array>,
  stateTimestampMs = group.stateTimestampMs,
): GroupStateRecord & { readonly valueBytes: Uint8Array } {
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
  const valueBytes = encodeVersioned(groupMetadata.value, groupMetadata.valueVersion, value);
  return { ...groupMetadata.record({ group: group.groupId }, value), valueBytes };
}

/**
 * The group that `value` tells of. Of the protocols of its members only the chosen one is known. A record that names a member
 * twice, or a leader that is no member, makes a group that is in order all the same.
 */
function loadedGroup(groupId: string, value: GroupMetadataValue): ClassicGroup {
  const group = new ClassicGroup(groupId, value.members.length === 0 ? 'Empty' : 'Stable');
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
    group.remove(stored.memberId);
    group.add(member, value.protocolType);
  }
  group.stateTimestampMs = value.currentStateTimestamp;
  group.generationId = value.generation;
  group.protocolType = value.protocolType === '' ? undefined : value.protocolType;
  group.protocolName = value.protocol;
  if (value.leader !== null && group.member(value.leader) !== undefined) group.leaderId = value.leader;
  group.updateSubscribedTopics();
  return group;
}

export const classicKind: GroupKind<ClassicGroup> = {
  type: CLASSIC_TYPE,
  recordTypes: [groupMetadata],
  replay(_known, record) {
    const read = groupMetadata.read(record);
    return read === undefined || read.value === null ? undefined : loadedGroup(record.groupId, read.value);
  },
};
