// Checks golden lines about access control entries: what the authorizer says, which entries filters mean, which may be made.
import type { Session } from '../src/api-handlers/session.ts';
import { isFilter } from '../src/api-handlers/30-create-acls.ts';
import { superUsersOf } from '../src/broker/security/access-control.ts';
import { StandardAuthorizer } from '../src/broker/security/standard-authorizer.ts';
import { checkAcl } from '../src/kraft/controller/index.ts';
import {
  type AclEntry,
  deltaFromNothing,
  matchesAclFilter,
  MetadataDelta,
  MetadataImage,
} from '../src/kraft/metadata/index.ts';
import {
  AclOperation,
  type AclOperationName,
  AclResourceType,
  type AclResourceTypeName,
  KafkaError,
} from '../src/protocol/index.ts';

const TYPES: Readonly<Record<string, number>> = { UNKNOWN: 0, ANY: 1, ...AclResourceType };
const OPERATIONS: Readonly<Record<string, number>> = { UNKNOWN: 0, ANY: 1, ALL: 2, ...AclOperation };
const PATTERNS: Readonly<Record<string, number>> = { UNKNOWN: 0, ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 };
const PERMISSIONS: Readonly<Record<string, number>> = { UNKNOWN: 0, ANY: 1, DENY: 2, ALLOW: 3 };

interface AclRow {
  readonly resourceType: string;
  readonly resourceName: string;
  readonly patternType: string;
  readonly principal: string;
  readonly host: string;
  readonly operation: string;
  readonly permission: string;
}

const numberOf = (table: Readonly<Record<string, number>>, name: string): number => {
  const number = table[name];
  if (number === undefined) throw new Error(`no number for ${name}`);
  return number;
};

function entryOf(row: AclRow, index: number): AclEntry {
  return {
    id: String(index),
    resourceType: numberOf(TYPES, row.resourceType),
    resourceName: row.resourceName,
    patternType: numberOf(PATTERNS, row.patternType),
    principal: row.principal,
    host: row.host,
    operation: numberOf(OPERATIONS, row.operation),
    permissionType: numberOf(PERMISSIONS, row.permission),
  };
}

function imageWith(entries: readonly AclEntry[]): MetadataImage {
  const delta = new MetadataDelta(MetadataImage.empty);
  for (const entry of entries) delta.replay({ type: 'AccessControlEntryRecord', version: 0, ...entry });
  return delta.apply({ offset: 1, epoch: 1, appendTimeMs: 0, isBatchAligned: true });
}

interface Question {
  readonly principal: string;
  readonly host: string;
  readonly operation: AclOperationName;
  readonly resourceType: AclResourceTypeName;
  readonly resourceName?: string;
  readonly result?: string;
  readonly error?: string;
}

export interface AuthorizerRow {
  readonly superUsers: string | null;
  readonly allowEveryoneIfNoAclFound: string | null;
  readonly acls: readonly AclRow[];
  readonly requests: readonly Question[];
  readonly byResourceType: readonly Question[];
  readonly loaded?: boolean;
}

export function authorizerOf(row: Omit<AuthorizerRow, 'requests' | 'byResourceType'>): StandardAuthorizer {
  const authorizer = new StandardAuthorizer({
    superUsers: superUsersOf(row.superUsers ?? ''),
    isOpenWithoutAcls: (row.allowEveryoneIfNoAclFound ?? '').trim().toLowerCase() === 'true',
  });
  if (row.loaded === false) return authorizer;
  const image = imageWith(row.acls.map(entryOf));
  authorizer.publish(deltaFromNothing(image), image, { kind: 'snapshot', sizeInBytes: 0 });
  return authorizer;
}

/** The set at once and the set entry by entry must give one verdict. */
export function checkAuthorizer(row: AuthorizerRow): string | undefined {
  const authorizer = authorizerOf(row);
  for (const question of row.requests) {
    const name = question.resourceName ?? '';
    const said = verdict(() =>
      authorizer.isAllowed(sessionOf(question), question.operation, question.resourceType, name),
    );
    if (said !== expected(question)) return `${JSON.stringify(question)}: we say ${said}`;
  }
  for (const question of row.byResourceType) {
    const said = verdict(() =>
      authorizer.isAllowedOnAny(sessionOf(question), question.operation, question.resourceType),
    );
    if (said !== expected(question)) return `any ${JSON.stringify(question)}: we say ${said}`;
  }
  return undefined;
}

const expected = ({ result, error }: Question): string | undefined => (error === undefined ? result : 'error');

function verdict(ask: () => boolean): string {
  try {
    return ask() ? 'ALLOWED' : 'DENIED';
  } catch (error) {
    if (error instanceof KafkaError) return 'error';
    throw error;
  }
}

export function sessionOf({ principal, host }: Pick<Question, 'principal' | 'host'>): Session {
  return {
    principal,
    listenerName: 'PLAINTEXT',
    securityProtocol: 'PLAINTEXT',
    saslMechanism: undefined,
    isTokenAuthenticated: false,
    expiresAtMs: Number.POSITIVE_INFINITY,
    remoteAddress: host,
    remotePort: 1,
    localAddress: '127.0.0.1',
    localPort: 9092,
  };
}

interface FilterRow {
  readonly resourceType: string;
  readonly resourceName: string | null;
  readonly patternType: string;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: string;
  readonly permission: string;
  readonly matches: readonly number[];
}

export interface AclFiltersRow {
  readonly acls: readonly AclRow[];
  readonly filters: readonly FilterRow[];
}

export function checkAclFilters({ acls, filters }: AclFiltersRow): string | undefined {
  const entries = acls.map(entryOf);
  for (const row of filters) {
    const filter = {
      resourceTypeFilter: numberOf(TYPES, row.resourceType),
      resourceNameFilter: row.resourceName,
      patternTypeFilter: numberOf(PATTERNS, row.patternType),
      principalFilter: row.principal,
      hostFilter: row.host,
      operation: numberOf(OPERATIONS, row.operation),
      permissionType: numberOf(PERMISSIONS, row.permission),
    };
    const found = entries.flatMap((entry, index) => (matchesAclFilter(filter, entry) ? [index] : []));
    if (found.join() !== row.matches.join()) return `${JSON.stringify(row)}: we find ${found.join()}`;
  }
  return undefined;
}

export interface AclCreationRow extends AclRow {
  readonly ok: boolean;
  readonly message?: string;
  readonly stage?: 'controller' | 'request';
}

export function checkAclCreation(row: AclCreationRow): string | undefined {
  const { id: _, patternType: resourcePatternType, ...acl } = entryOf(row, 0);
  const creation = { ...acl, resourcePatternType };
  if (isFilter(creation)) return row.stage === 'request' ? undefined : 'refused as a filter';
  if (row.stage === 'request') return 'not refused as a filter';
  try {
    checkAcl(creation);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return error.wireMessage === row.message ? undefined : `refused: ${error.wireMessage}`;
  }
  return row.ok ? undefined : 'Kafka refuses it, we make it';
}
