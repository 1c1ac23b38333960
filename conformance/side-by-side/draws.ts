// Requests drawn from their schemas and aimed at what both brokers have: each field gets values that its name suggests, the
// extremes of its type among them. The same seed draws the same ones.
import { codecOf, EncodeError, type Int64, Writer } from '../../src/protocol/index.ts';
import type { AnyField, ApiSchema, Fields, VersionRange } from '../../src/protocol/schema.ts';

/** A whole number from 0 on, below the one given. */
export type Random = (below: number) => number;

export interface World {
  /** Topics that exist; one is compacted. */
  readonly topics: readonly string[];
  readonly groups: readonly string[];
  /** Of topics that are not there, and of none that could be. */
  readonly absentTopics: readonly string[];
  readonly transactionalIds: readonly string[];
  /** Users without `User:`. */
  readonly users: readonly string[];
  /** What the ACLs that are asked for, or made, are about. */
  readonly aclNames: readonly string[];
  /** How long lists are. */
  readonly counts: readonly number[];
  /** Lists may name things twice once in so many times. */
  readonly doubles: number;
  /** Of this moment. */
  readonly nowMs: number;
  /** Batches of records, some of which are none. */
  readonly batches: readonly Buffer[];
}

/** Of a broker without ACLs. */
export const PLAIN_WORLD = {
  absentTopics: ['missing', 'not a topic', '', '.', 'x'.repeat(250), '__consumer_offsets'],
  transactionalIds: ['tx', 'tx', 'other-tx', ''],
  users: ['alice'],
  aclNames: ['plain', '*', '', 'kafka-cluster'],
  counts: [0, 1, 1, 1, 1, 2, 3],
  doubles: 12,
};

/** Stands for the id of a topic until it is known to whom the request goes. */
export const idOf = (topic: string): string => `id of ${topic}`;

/** In front of a number: what proves a token, counted from the last one that was made. */
const TOKEN = 'token ';

const LARGEST: Int64 = 9_223_372_036_854_775_807n;
const SMALLEST: Int64 = -9_223_372_036_854_775_808n;
const INT64: readonly Int64[] = [0, 1, -1, 2, 5, -2, 7, 1_000, LARGEST, SMALLEST, 9_007_199_254_740_993n];
const INT32 = [0, 1, -1, 2, 3, 100, 2_147_483_647, -2_147_483_648];
const INT16 = [0, 1, -1, 2, 3, 32_767, -32_768];
const INT8 = [0, 1, 2, -1, 3, 4, 127, -128];
const STRINGS = ['', 'a', 'ü', 'x'.repeat(300)];
const CONFIGS = [
  'retention.ms',
  'cleanup.policy',
  'compression.type',
  'max.message.bytes',
  'segment.bytes',
  'min.insync.replicas',
  'message.timestamp.type',
  'log.retention.ms',
  'log.cleaner.threads',
  'consumer.session.timeout.ms',
  'share.auto.offset.reset',
  'interval.ms',
  'no.such',
];
const VALUES = [
  '1000',
  '-1',
  '0',
  'compact',
  'compact,delete',
  'zstd',
  '',
  null,
  '99999999999999999999',
  ' 60000 ',
  '1e3',
];

const inRange = (version: number, [low, high]: VersionRange): boolean => version >= low && version <= high;

export class Draws {
  readonly #random: Random;
  readonly #world: World;

  constructor(random: Random, world: World) {
    this.#random = random;
    this.#world = world;
  }

  of<T>(items: readonly T[]): T {
    return items[this.#random(items.length)] as T;
  }

  /** True once in so many times. */
  once(inSoMany: number): boolean {
    return this.#random(inSoMany) === 0;
  }

  /** A body that this version can carry. */
  request(api: ApiSchema, version: number): Record<string, unknown> {
    for (;;) {
      const body = this.#struct(api.request.fields, version, api.name);
      try {
        codecOf(api.request, version).encode(new Writer(), forEncoding(body, () => undefined) as never);
        return body;
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
      }
    }
  }

  #struct(fields: Fields, version: number, parent: string): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      const { versions, tag } = field.facts;
      if (!inRange(version, versions)) continue;
      if (tag !== undefined && !this.once(4)) continue;
      value[name] = this.#value(name, field, version, parent);
    }
    return value;
  }

  #value(name: string, { facts }: AnyField, version: number, parent: string): unknown {
    if (inRange(version, facts.nullableVersions) && this.once(8)) return null;
    switch (facts.kind) {
      case 'array': {
        const element = facts.element as AnyField;
        const count = this.of(this.#world.counts);
        const elements = Array.from({ length: count }, () => this.#value(name, element, version, `${parent}.${name}`));
        return this.once(this.#world.doubles) ? elements : distinct(elements);
      }
      case 'struct':
        return this.#struct(facts.fields as Fields, version, `${parent}.${name}`);
      case 'bool':
        return this.once(2);
      case 'string':
        return this.#string(name, parent);
      case 'uuid':
        return this.once(8) ? this.of(['AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAZQ']) : idOf(this.#topic());
      case 'bytes':
        if (name === 'hmac' && this.once(2)) return Buffer.from(`${TOKEN}${this.#random(5)}`);
        return Buffer.from(this.of(['', 'bytes', '\0\0']));
      case 'records':
        return this.of(this.#world.batches);
      default:
        return this.#number(name, facts.kind, parent);
    }
  }

  #topic(): string {
    return this.of(this.#world.topics);
  }

  #string(name: string, parent: string): string | null {
    const { topics, groups, absentTopics, transactionalIds, users, aclNames } = this.#world;
    switch (name) {
      case 'topic':
      case 'topicName':
      case 'topicNames':
      case 'topics':
      case 'subscribedTopicNames':
        return this.once(6) ? this.of(absentTopics) : this.of(topics);
      case 'groupId':
      case 'groups':
      case 'groupIds':
      case 'groupsNames':
      case 'key':
      case 'coordinatorKeys':
        return this.once(6) ? this.of(['missing', '', 'x'.repeat(300)]) : this.of(groups);
      case 'memberId':
        return this.of(['', 'member', 'other']);
      case 'transactionalId':
      case 'transactionalIds':
      case 'v3AndBelowTransactionalId':
        return this.of(transactionalIds);
      case 'configurationKeys':
        return this.of(CONFIGS);
      case 'value':
        return this.of(VALUES);
      case 'name':
        if (/config/i.test(parent)) return this.of(CONFIGS);
        if (/member|protocol/i.test(parent)) return this.of(['range', 'other']);
        if (/scram|user/i.test(parent)) return this.of(['alice', '']);
        return this.once(6) ? this.of(absentTopics) : this.#topic();
      case 'resourceName':
        return this.of([this.#topic(), this.of(groups), '0', '', 'g-empty', 'missing', '1', ...aclNames]);
      case 'entityType':
        return this.of(['user', 'client-id', 'ip', 'other', '']);
      case 'entityName':
      case 'match':
        return this.of(['alice', '127.0.0.1', 'not an ip', '', null as never]);
      case 'principal':
        return this.of([`User:${this.of(users)}`, 'alice', '', 'User:*']);
      case 'host':
        return this.of(['*', '127.0.0.1', '']);
      case 'resourcePatternName':
      case 'resourceNameFilter':
        return this.of(aclNames);
      case 'principalType':
      case 'ownerPrincipalType':
        return this.of(['User', 'User', 'User', 'Group', '']);
      case 'principalName':
      case 'ownerPrincipalName':
        return this.of([...users, 'nobody']);
      case 'protocolType':
        return this.of(['consumer', 'connect', '']);
      case 'protocolName':
        return this.of(['range', 'other']);
      case 'subscribedTopicRegex':
        return this.of(['pl.*', '', '(', 'x{1001}']);
      case 'serverAssignor':
        return this.of(['uniform', 'range', 'other', '']);
      case 'statesFilter':
        return this.of(['Stable', 'empty', 'Nonsense', '']);
      case 'typesFilter':
        return this.of(['classic', 'Consumer', 'share', 'nonsense', '']);
      case 'stateFilters':
        return this.of(['Ongoing', 'Empty', 'nonsense']);
      case 'transactionalIdPattern':
        return this.of(['t.*', '', '(']);
      default:
        return this.of(STRINGS);
    }
  }

  #number(name: string, kind: string, parent: string): Int64 {
    if (this.once(18)) return this.#anyNumber(kind);
    switch (name) {
      case 'partition':
      case 'partitionIndex':
      case 'index':
      case 'partitions':
      case 'partitionIndexes':
      case 'partitionIndices':
        return this.of([0, 0, 0, 1, 5]);
      case 'maxWaitMs':
      case 'timeoutMs':
        return kind === 'int32' && /Fetch/.test(parent) ? this.of([0, 1, 20]) : this.of([1_000, 30_000]);
      case 'rebalanceTimeoutMs':
      case 'sessionTimeoutMs':
        return this.of([6_000, 10_000]);
      case 'transactionTimeoutMs':
        return this.of([1_000, 60_000]);
      case 'minBytes':
        return this.of([0, 1]);
      case 'maxBytes':
      case 'partitionMaxBytes':
        return 1_000_000;
      case 'acks':
        return this.of([1, -1]);
      case 'resourceType':
        return this.of([2, 4, 8, 16, 32, 3, 1]);
      case 'replicaId':
      case 'replicationFactor':
        return this.of([-1, -1, 1]);
      case 'numPartitions':
      case 'count':
        return this.of([1, 2, 5, -1]);
      case 'replicas':
      case 'brokerIds':
      case 'nodeId':
      case 'brokerId':
        return 0;
      case 'timestamp':
        return this.of([-1, -2, -3, -4, -5, -6, 0, this.#world.nowMs - 1_000, this.#world.nowMs + 1_000_000]);
      case 'producerId':
        return this.of([-1, 0, 1, 4_000]);
      case 'producerEpoch':
        return this.of([-1, 0, 1]);
      case 'memberEpoch':
        return this.of([0, -1, -2, 1]);
      case 'generationId':
      case 'generationIdOrMemberEpoch':
        return this.of([-1, 0, 1]);
      case 'leaderEpoch':
      case 'currentLeaderEpoch':
      case 'committedLeaderEpoch':
      case 'lastFetchedEpoch':
        return this.of([-1, 0, 0, 1]);
      case 'isolationLevel':
        return this.of([0, 1]);
      case 'electionType':
        return this.of([0, 1]);
      case 'configOperation':
        return this.of([0, 0, 1, 2, 3]);
      case 'resourceTypeFilter':
        return this.of([1, 2, 3, 4, 5, 6, 7]);
      case 'patternTypeFilter':
        return this.of([1, 2, 3, 4]);
      case 'resourcePatternType':
        return this.of([3, 4]);
      case 'operation':
        return this.of([1, 2, 3, 4, 5, 13]);
      case 'permissionType':
        return this.of([1, 2, 3]);
      case 'startOffset':
      case 'committedOffset':
      case 'fetchOffset':
      case 'offset':
      case 'firstOffset':
      case 'lastOffset':
      case 'baseOffset':
        return this.of([-1, 0, 1, 2, 3, 5, 1_000]);
      case 'keyType':
        return this.of([0, 0, 1, 2]);
      case 'sessionId':
        return 0;
      case 'sessionEpoch':
        return this.of([-1, -1, 0]);
      case 'shareSessionEpoch':
        return this.of([0, -1]);
      case 'retentionTimeMs':
        return -1;
      case 'mechanism':
        return this.of([1, 2, 0]);
      case 'iterations':
        return this.of([4_096, 8_192, 1]);
      default:
        return this.#anyNumber(kind);
    }
  }

  #anyNumber(kind: string): Int64 {
    switch (kind) {
      case 'int8':
        return this.of(INT8);
      case 'int16':
        return this.of(INT16);
      case 'uint16':
        return this.of([0, 1, 65_535]);
      case 'int32':
        return this.of(INT32);
      case 'uint32':
        return this.of([0, 1, 4_294_967_295]);
      case 'float64':
        return this.of([0, 1, -1, 1_000, 0.5, Number.MAX_VALUE, Number.NaN]);
      default:
        return this.of(INT64);
    }
  }
}

/** Fields by which the elements of a list are told from each other. */
const NAMING = [
  'name',
  'topic',
  'topicId',
  'topicName',
  'groupId',
  'partition',
  'partitionIndex',
  'index',
  'transactionalId',
  'path',
  'resourceName',
];

/** Of elements that name the same thing the first one. */
function distinct(elements: readonly unknown[]): unknown[] {
  const seen = new Set<unknown>();
  return elements.filter((element) => {
    const fields = element as Record<string, unknown>;
    const key = typeof element === 'object' ? JSON.stringify(NAMING.map((name) => fields[name])) : element;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** The body with the ids that a broker has given its topics, and what its delegation tokens are proven with. */
export function forEncoding(
  value: unknown,
  ids: (topic: string) => string | undefined,
  tokens: readonly Uint8Array[] = [],
): unknown {
  if (typeof value === 'string' && value.startsWith('id of ')) return ids(value.slice('id of '.length)) ?? UNKNOWN_ID;
  if (Array.isArray(value)) return value.map((element) => forEncoding(element, ids, tokens));
  if (value instanceof Uint8Array) return tokenOf(value, tokens) ?? value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, forEncoding(inner, ids, tokens)]));
}

function tokenOf(bytes: Uint8Array, tokens: readonly Uint8Array[]): Uint8Array | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  return text.startsWith(TOKEN) ? tokens.at(-1 - Number(text.slice(TOKEN.length))) : undefined;
}
