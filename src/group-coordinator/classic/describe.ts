// A classic group as DescribeGroups shows it: metadata only while the group is stable, as Kafka does.
import { Errors } from '../../protocol/index.ts';
import type { DescribedGroup } from '../group.ts';
import type { ClassicGroup } from './classic-group.ts';
import { NO_BYTES } from './classic-member.ts';

export function described(group: ClassicGroup): DescribedGroup {
  const isStable = group.isIn('Stable');
  const members = [...group.members].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    memberMetadata: isStable ? member.metadata(group.protocolName) : NO_BYTES,
    memberAssignment: member.assignment,
  }));
  return {
    errorCode: Errors.NONE,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members,
  };
}
