// A classic group as DescribeGroups shows it: metadata only while the group is stable, as Kafka does.
import { Errors } from '../../protocol/index.ts';
import type { DescribeGroupsResponse } from '../../protocol/messages/15-describe-groups.ts';
import type { Group } from '../groups.ts';
import { NO_BYTES } from './classic-member.ts';

export type DescribedGroup = DescribeGroupsResponse['groups'][number];

const NOT_FOUND_SINCE = 6;

export function describeGroup(groupId: string, group: Group | undefined, apiVersion: number): DescribedGroup {
  if (group?.kind !== 'classic') {
    const message = group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`;
    // KIP-1043: before, a group that is not there is a dead one.
    const isTold = apiVersion >= NOT_FOUND_SINCE;
    const errorCode = isTold ? Errors.GROUP_ID_NOT_FOUND : Errors.NONE;
    return { ...undescribed(groupId, errorCode), errorMessage: isTold ? message : null, groupState: 'Dead' };
  }
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
    ...undescribed(groupId, Errors.NONE),
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members,
  };
}

export function undescribed(groupId: string, errorCode: DescribedGroup['errorCode']): DescribedGroup {
  return { errorCode, errorMessage: null, groupId, groupState: '', protocolType: '', protocolData: '', members: [] };
}
