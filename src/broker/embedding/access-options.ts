// ACLs and quotas of the options of `startBroker`, set as an administrator would.
import {
  ACL_WILDCARD,
  AclOperation,
  type AclOperationName,
  AclPattern,
  AclPermissionType,
  AclResourceType,
  type AclResourceTypeName,
  ALL_OPERATIONS,
  CLUSTER_NAME,
} from '../../protocol/index.ts';
import { CreateAcls, type CreateAclsRequest } from '../../protocol/messages/30-create-acls.ts';
import { AlterClientQuotas } from '../../protocol/messages/49-alter-client-quotas.ts';
import { StartError } from '../configs/settings.ts';
import type { BrokerNode } from '../node/broker-node.ts';
import type { AclOption, QuotaOption } from './embedding.ts';

type Creation = CreateAclsRequest['creations'][number];

/** Rejects with StartError for what the controller refuses. */
export async function setAcls(node: BrokerNode, acls: readonly AclOption[]): Promise<void> {
  const creations = acls.flatMap(creationsOf);
  const { results } = await node.controller.send(CreateAcls, { creations });
  const place = results.findIndex(({ errorCode }) => errorCode !== 0);
  if (place < 0) return;
  throw new StartError(`ACL ${JSON.stringify(creations[place])} could not be made: ${results[place]?.errorMessage}`);
}

function creationsOf(acl: AclOption): Creation[] {
  const { principal, permission = 'allow', host = ACL_WILDCARD } = acl;
  const resources = resourcesOf(acl);
  if (resources.length === 0)
    throw new StartError(`ACL of ${principal} names nothing: give it a topic, group, transactionalId or cluster`);
  return resources.flatMap(([type, resourceName]) =>
    acl.operations.map((operation) => ({
      resourceType: AclResourceType[type],
      resourceName,
      resourcePatternType: acl.prefixed === true && type !== 'CLUSTER' ? AclPattern.PREFIXED : AclPattern.LITERAL,
      principal: principal.includes(':') ? principal : `User:${principal}`,
      host,
      operation: operationOf(operation),
      permissionType: permission === 'deny' ? AclPermissionType.DENY : AclPermissionType.ALLOW,
    })),
  );
}

function resourcesOf({ topic, group, transactionalId, cluster }: AclOption): [AclResourceTypeName, string][] {
  const named: [AclResourceTypeName, string | undefined][] = [
    ['TOPIC', topic],
    ['GROUP', group],
    ['TRANSACTIONAL_ID', transactionalId],
    ['CLUSTER', cluster === true ? CLUSTER_NAME : undefined],
  ];
  return named.flatMap(([type, name]): [AclResourceTypeName, string][] => (name === undefined ? [] : [[type, name]]));
}

function operationOf(operation: AclOperationName | 'ALL'): number {
  const number = operation === 'ALL' ? ALL_OPERATIONS : AclOperation[operation];
  if (number === undefined)
    throw new StartError(`There is no operation ${String(operation)}: ${Object.keys(AclOperation).join(', ')}, ALL`);
  return number;
}

const KEYS = {
  producerByteRate: 'producer_byte_rate',
  consumerByteRate: 'consumer_byte_rate',
  requestPercentage: 'request_percentage',
  controllerMutationRate: 'controller_mutation_rate',
  connectionCreationRate: 'connection_creation_rate',
} as const;

/** Rejects with StartError for what the controller refuses. */
export async function setQuotas(node: BrokerNode, quotas: readonly QuotaOption[]): Promise<void> {
  const entries = quotas.map((quota) => ({
    entity: [...entityOf('user', quota.user), ...entityOf('client-id', quota.clientId), ...entityOf('ip', quota.ip)],
    ops: (Object.keys(KEYS) as (keyof typeof KEYS)[]).flatMap((key) => {
      const value = quota[key];
      return value === undefined ? [] : [{ key: KEYS[key], value, remove: false }];
    }),
  }));
  const answer = await node.controller.send(AlterClientQuotas, { entries, validateOnly: false });
  const refused = answer.entries.find(({ errorCode }) => errorCode !== 0);
  if (refused !== undefined) {
    throw new StartError(`Quota of ${JSON.stringify(refused.entity)} could not be set: ${refused.errorMessage}`);
  }
}

const entityOf = (entityType: string, entityName: string | null | undefined) =>
  entityName === undefined ? [] : [{ entityType, entityName }];
