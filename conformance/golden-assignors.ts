// Checks golden lines about assignors of consumer and share groups. A line that does not depend on the order of Java's maps is
// to come out as Apache Kafka had it; of the others the facts count. A check returns why the line fails, or undefined.
import {
  type Assignor,
  AssignorError,
  type GroupSpec,
  type MemberSpec,
  rangeAssignor,
  simpleAssignor,
  type TopicPartitions,
  uniformAssignor,
} from '../src/group-coordinator/assignors/index.ts';
import { byName, differences, type Facts, type Range, sorted } from './golden-facts.ts';

type ByTopic = Readonly<Record<string, readonly number[]>>;

export interface AssignorRow {
  readonly assignor: string;
  readonly subscriptionType: string;
  readonly topics: readonly { readonly name: string; readonly id: string; readonly partitions: number }[];
  readonly members: readonly {
    readonly id: string;
    readonly instanceId?: string;
    readonly rackId?: string;
    readonly topics: readonly string[];
    readonly assigned: ByTopic;
  }[];
  readonly assignable?: ByTopic;
  readonly assignment?: Readonly<Record<string, ByTopic>>;
  readonly orderSensitive?: boolean;
  readonly facts?: Facts;
  readonly varies?: Readonly<Record<string, Range>>;
  readonly error?: string;
  readonly message?: string;
}

const assignors: Readonly<Record<string, Assignor>> = {
  uniform: uniformAssignor,
  range: rangeAssignor,
  simple: simpleAssignor,
};

export function checkAssignor(row: AssignorRow): string | undefined {
  const assignor = assignors[row.assignor];
  if (assignor === undefined) return `nobody assigns ${row.assignor}`;
  let targets: ReadonlyMap<string, TopicPartitions>;
  try {
    targets = assignor.assign(specOf(row), countsOf(row));
  } catch (error) {
    if (!(error instanceof AssignorError)) throw error;
    return error.message === row.message ? undefined : `refused: ${error.message}`;
  }
  // Whatever else Kafka throws is a fault of its own, and ours an answer.
  if (row.error !== undefined)
    return row.error === 'PartitionAssignorException' ? 'Kafka refuses it, we assign' : undefined;
  const assignment = namedAssignment(row, targets);
  const facts = factsOf(row, assignment);
  const expected = row.facts as Facts;
  const varies = row.varies ?? {};
  if (isFaulty(expected, varies)) return faultOf(facts);
  return (
    (row.orderSensitive === true ? undefined : exactDifference(row, assignment)) ?? differences(expected, varies, facts)
  );
}

/**
 * Kafka's assignment has a fault: members keep what they do not subscribe to or what may not be given out, or partitions stay
 * without a member. `simple` has them where an old assignment is carried over; what it then balances is not comparable.
 */
function isFaulty(facts: Facts, varies: Readonly<Record<string, Range>>): boolean {
  const owned = facts.partitionsOwned ?? varies.partitionsOwned?.[0];
  return facts.onlySubscribed === false || facts.onlyExisting === false || owned !== facts.partitions;
}

/** The fault in our assignment, where Kafka's has one. */
function faultOf({ partitions, partitionsOwned, onlySubscribed, onlyExisting }: Facts): string | undefined {
  if (partitionsOwned !== partitions)
    return `${String(partitionsOwned)} of ${String(partitions)} partitions are given out`;
  return onlySubscribed === true && onlyExisting === true ? undefined : 'a member has what it may not have';
}

function specOf(row: AssignorRow): GroupSpec {
  const ids = new Map(row.topics.map(({ name, id }) => [name, id]));
  const idOf = (name: string): string => ids.get(name) as string;
  const members = row.members.map(({ id, instanceId, rackId, topics, assigned }): [string, MemberSpec] => [
    id,
    {
      instanceId: instanceId ?? null,
      rackId: rackId ?? null,
      // The order in which Kafka walked the topics.
      subscribedTopicIds: new Set(row.topics.filter(({ name }) => topics.includes(name)).map((topic) => topic.id)),
      assigned: new Map(Object.entries(assigned).map(([name, partitions]) => [idOf(name), new Set(partitions)])),
    },
  ]);
  const isHomogeneous = row.subscriptionType === 'HOMOGENEOUS';
  if (row.assignable === undefined) return { members: new Map(members), isHomogeneous };
  const assignable = new Map(
    Object.entries(row.assignable).map(([name, partitions]) => [idOf(name), new Set(partitions)]),
  );
  const isAssignable = (topicId: string, partition: number) => assignable.get(topicId)?.has(partition) === true;
  return { members: new Map(members), isHomogeneous, isAssignable };
}

function countsOf({ topics }: AssignorRow): (topicId: string) => number {
  const counts = new Map(topics.map(({ id, partitions }) => [id, partitions]));
  return (topicId) => counts.get(topicId) ?? -1;
}

type Assignment = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

function namedAssignment({ topics }: AssignorRow, targets: ReadonlyMap<string, TopicPartitions>): Assignment {
  const names = new Map(topics.map(({ name, id }) => [id, name]));
  const named = new Map<string, Map<string, readonly number[]>>();
  for (const [memberId, byId] of targets) {
    const all = [...byId].filter(([, partitions]) => partitions.size > 0);
    named.set(memberId, new Map(all.map(([id, partitions]) => [names.get(id) ?? id, sorted(partitions)])));
  }
  return named;
}

function exactDifference(row: AssignorRow, assignment: Assignment): string | undefined {
  for (const { id } of row.members) {
    const expected = Object.entries(row.assignment?.[id] ?? {}).filter(([, partitions]) => partitions.length > 0);
    const actual = assignment.get(id) ?? new Map<string, readonly number[]>();
    const text = (all: Iterable<readonly [string, readonly number[]]>) => JSON.stringify(byName(all));
    if (text(expected) !== text(actual)) return `${id}: expected ${text(expected)}, got ${text(actual)}`;
  }
  return undefined;
}

const keyOf = (topic: string, partition: number): string => `${topic}-${partition}`;

function mayBeGiven({ topics, assignable }: AssignorRow, topic: string, partition: number): boolean {
  const exists = partition < (topics.find(({ name }) => name === topic)?.partitions ?? 0);
  return exists && (assignable === undefined || assignable[topic]?.includes(partition) === true);
}

/** What is to be given out, by topic: partitions of topics that somebody has subscribed to. */
function partitionsToGive(row: AssignorRow): Map<string, Set<number>> {
  const subscribed = new Set(row.members.flatMap(({ topics }) => topics));
  const all = new Map<string, Set<number>>();
  for (const { name, partitions } of row.topics) {
    const existing = Array.from({ length: Math.max(partitions, 0) }, (_, partition) => partition);
    if (subscribed.has(name)) all.set(name, new Set(existing.filter((partition) => mayBeGiven(row, name, partition))));
  }
  return all;
}

export function factsOf(row: AssignorRow, assignment: Assignment): Facts {
  const toGive = partitionsToGive(row);
  const counts = new Map(row.topics.map(({ name, partitions }) => [name, partitions]));
  const owners = new Map<string, number>();
  for (const [topic, partitions] of toGive) for (const partition of partitions) owners.set(keyOf(topic, partition), 0);
  const sums = { keepable: 0, kept: 0 };
  const sizes: number[] = [];
  const spread = new Map<string, number[]>();
  const only = { subscribed: true, existing: true };
  for (const { id, topics, assigned } of row.members) {
    const own = assignment.get(id) ?? new Map<string, readonly number[]>();
    let size = 0;
    for (const [topic, partitions] of own) {
      size += partitions.length;
      only.subscribed &&= topics.includes(topic);
      for (const partition of partitions) {
        const key = keyOf(topic, partition);
        const owned = owners.get(key);
        only.existing &&= mayBeGiven(row, topic, partition);
        if (owned !== undefined) owners.set(key, owned + 1);
      }
    }
    sizes.push(size);
    for (const topic of topics) spread.set(topic, [...(spread.get(topic) ?? []), own.get(topic)?.length ?? 0]);
    for (const [topic, partitions] of Object.entries(assigned)) {
      const count = counts.get(topic) ?? 0;
      const keepable = partitions.filter((partition) => topics.includes(topic) && partition < count);
      sums.keepable += keepable.length;
      sums.kept += keepable.filter((partition) => own.get(topic)?.includes(partition)).length;
    }
  }
  const ownerCounts = [...owners.values()];
  return {
    members: assignment.size,
    partitions: [...toGive.values()].reduce((sum, partitions) => sum + partitions.size, 0),
    partitionsOwned: ownerCounts.filter((count) => count > 0).length,
    fewestOwners: ownerCounts.length === 0 ? 0 : Math.min(...ownerCounts),
    mostOwners: ownerCounts.length === 0 ? 0 : Math.max(...ownerCounts),
    onlySubscribed: only.subscribed,
    onlyExisting: only.existing,
    ...sums,
    smallest: sizes.length === 0 ? 0 : Math.min(...sizes),
    largest: sizes.length === 0 ? 0 : Math.max(...sizes),
    sizes: sorted(sizes),
    spreadByTopic: Object.fromEntries([...spread].map(([topic, all]) => [topic, [Math.min(...all), Math.max(...all)]])),
  };
}
