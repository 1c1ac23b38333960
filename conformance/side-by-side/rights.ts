// Who may do what, drawn at random: entries of every kind of resource and pattern, a part of them denials, given to both brokers.
import {
  ACL_WILDCARD,
  ALL_OPERATIONS,
  AclOperation,
  AclPattern,
  AclPermissionType,
  AclResourceType,
  type AclResourceTypeName,
  CLUSTER_NAME,
  SUPPORTED_OPERATIONS,
} from '../../src/protocol/index.ts';
import type { Draws, World } from './draws.ts';
import { USERS } from './logins.ts';
import { apiOf, type Peer } from './peer.ts';

const CREATE_ACLS = 30;
const DELETE_ACLS = 31;
const DESCRIBE_ACLS = 29;
const ANY = 1;
const TRIES = 300;
const REST_MS = 20;
const EVERY_ACL = {
  resourceTypeFilter: ANY,
  resourceNameFilter: null,
  patternTypeFilter: ANY,
  principalFilter: null,
  hostFilter: null,
  operation: ANY,
  permissionType: ANY,
};

export interface Entry {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** How often entries are about a kind of resource. */
const KINDS: readonly AclResourceTypeName[] = [
  ...Array.from({ length: 9 }, () => 'TOPIC' as const),
  ...Array.from({ length: 5 }, () => 'GROUP' as const),
  ...Array.from({ length: 3 }, () => 'TRANSACTIONAL_ID' as const),
  ...Array.from({ length: 3 }, () => 'CLUSTER' as const),
  'DELEGATION_TOKEN',
  'USER',
];

export function drawEntry(draws: Draws, world: World): Entry {
  const kind = draws.of(KINDS);
  const names: Readonly<Record<AclResourceTypeName, readonly string[]>> = {
    TOPIC: [...world.topics, ...world.topics, ...world.absentTopics.filter((name) => name !== '')],
    GROUP: [...world.groups, ...world.groups, 'missing', '0'],
    CLUSTER: [CLUSTER_NAME],
    TRANSACTIONAL_ID: world.transactionalIds.filter((id) => id !== ''),
    DELEGATION_TOKEN: ['no-token'],
    USER: world.users.map((user) => `User:${user}`),
  };
  const name = draws.of(names[kind]);
  const operations = SUPPORTED_OPERATIONS[kind].map((operation) => AclOperation[operation]);
  const isPrefixed = kind !== 'CLUSTER' && draws.once(3);
  const isWild = kind !== 'CLUSTER' && !isPrefixed && draws.once(kind === 'DELEGATION_TOKEN' ? 2 : 8);
  return {
    resourceType: AclResourceType[kind],
    resourceName: isPrefixed ? name.slice(0, draws.of([1, 2, 4, 300])) : isWild ? ACL_WILDCARD : name,
    resourcePatternType: isPrefixed ? AclPattern.PREFIXED : AclPattern.LITERAL,
    principal: draws.once(6) ? 'User:*' : `User:${draws.of(USERS)}`,
    host: draws.of(['*', '*', '*', '*', '127.0.0.1', '127.0.0.1', '10.0.0.1']),
    operation: draws.once(5) ? ALL_OPERATIONS : draws.of(operations),
    permissionType: draws.once(5) ? AclPermissionType.DENY : AclPermissionType.ALLOW,
  };
}

/** Takes all entries away, and makes these. Resolves when the broker knows them. */
export async function setRights(peer: Peer, entries: readonly Entry[]): Promise<void> {
  await peer.ask(apiOf(DELETE_ACLS), 3, { filters: [EVERY_ACL] });
  await untilKnown(peer, 0);
  await peer.ask(apiOf(CREATE_ACLS), 3, { creations: entries });
  await untilKnown(peer, new Set(entries.map((entry) => JSON.stringify(entry))).size);
}

async function untilKnown(peer: Peer, count: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { resources } = (await peer.ask(apiOf(DESCRIBE_ACLS), 3, EVERY_ACL)) as {
      readonly resources: readonly { readonly acls: readonly unknown[] }[];
    };
    if (resources.reduce((sum, { acls }) => sum + acls.length, 0) === count) return;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  throw new Error(`there are not ${count} ACLs`);
}
