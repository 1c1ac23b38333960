// The rights that the recorded questions of logged-in users are asked with: each user has some and lacks others.
import {
  ALL_OPERATIONS,
  AclOperation,
  type AclOperationName,
  AclPattern,
  AclPermissionType,
  AclResourceType,
  type AclResourceTypeName,
  CLUSTER_NAME,
} from '../../src/protocol/index.ts';
import type { Entry } from './rights.ts';

type Operation = AclOperationName | 'ALL';
type Right = readonly [user: string, kind: AclResourceTypeName, name: string, operations: readonly Operation[]];

const entries = (permissionType: number, [user, kind, name, operations]: Right): Entry[] => {
  const isPrefix = name.endsWith('-');
  return operations.map((operation) => ({
    resourceType: AclResourceType[kind],
    resourceName: name,
    resourcePatternType: isPrefix ? AclPattern.PREFIXED : AclPattern.LITERAL,
    principal: `User:${user}`,
    host: '*',
    operation: operation === 'ALL' ? ALL_OPERATIONS : AclOperation[operation],
    permissionType,
  }));
};

/** Some of everything; of `other` and the brokers' own topics she is to know nothing. */
const ALICE: readonly Right[] = [
  ['alice', 'TOPIC', 'plain', ['READ', 'DESCRIBE']],
  ['alice', 'TOPIC', 'team-', ['CREATE', 'DESCRIBE']],
  ['alice', 'GROUP', '*', ['READ', 'DELETE']],
  ['alice', 'TRANSACTIONAL_ID', 'tx', ['WRITE']],
];
/** All of the cluster, and hardly a topic or a group. */
const BOB: readonly Right[] = [
  ['bob', 'CLUSTER', CLUSTER_NAME, ['ALL']],
  ['bob', 'TOPIC', 'compacted', ['DESCRIBE']],
  ['bob', 'GROUP', 'g-', ['DESCRIBE']],
];
/** All topics, but that she may not describe one, nor read another. */
const CAROL: readonly Right[] = [
  ['carol', 'TOPIC', '*', ['ALL']],
  ['carol', 'USER', 'User:bob', ['CREATE_TOKENS']],
];
const NOT_CAROL: readonly Right[] = [
  ['carol', 'TOPIC', 'other', ['DESCRIBE']],
  ['carol', 'TOPIC', 'plain', ['READ']],
];

export const sceneRights: readonly Entry[] = [
  ...[...ALICE, ...BOB, ...CAROL].flatMap((right) => entries(AclPermissionType.ALLOW, right)),
  ...NOT_CAROL.flatMap((right) => entries(AclPermissionType.DENY, right)),
];
