// Groups as kafkajs describes them: the bytes of a member's subscription and assignment as they went over the wire.
import { Errors } from '../../protocol/index.ts';
import { DescribeGroups } from '../../protocol/messages/15-describe-groups.ts';
import { type ClusterClient, throwIfFailed } from '../connections/cluster-client.ts';
import { asClientErrors } from '../errors.ts';
import { asKafkaJs } from './errors.ts';

export interface GroupDescription {
  readonly groupId: string;
  readonly errorCode: number;
  readonly protocol: string;
  readonly protocolType: string;
  readonly state: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly clientId: string;
    readonly clientHost: string;
    readonly memberMetadata: Uint8Array;
    readonly memberAssignment: Uint8Array;
  }[];
}

/** Version 6 answers with an error for a group that is not there; before, it is one that is dead. */
const NEWEST = 5;

export function describeAsKafkaJs(client: ClusterClient, groupId: string): Promise<GroupDescription> {
  const described = client.retrying(client.deadlineIn(client.limits.apiTimeoutMs), async () => {
    const answer = await client.askCoordinator(
      'group',
      groupId,
      DescribeGroups,
      { groups: [groupId] },
      { newestVersion: NEWEST },
    );
    const found = answer.groups[0];
    const errorCode = found?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR;
    if (errorCode === Errors.NOT_COORDINATOR) client.forgetCoordinator('group', groupId);
    throwIfFailed(errorCode);
    return {
      groupId,
      errorCode,
      protocol: found?.protocolData ?? '',
      protocolType: found?.protocolType ?? '',
      state: found?.groupState ?? '',
      members: (found?.members ?? []).map(({ memberId, clientId, clientHost, memberMetadata, memberAssignment }) => ({
        memberId,
        clientId,
        clientHost,
        memberMetadata: Buffer.from(memberMetadata),
        memberAssignment: Buffer.from(memberAssignment),
      })),
    };
  });
  return asKafkaJs(asClientErrors(described));
}
