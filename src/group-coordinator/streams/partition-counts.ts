// How many partitions the topics of an application need that it keeps for itself (Kafka: RepartitionTopics,
// CopartitionedTopicsEnforcer, ChangelogTopics): repartition topics as many as what is written into them has, topics that are
// joined all the same, changelogs one for each task.
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { StreamsTopology, Subtopology } from './topology.ts';

/** The topics are not as the topology needs them; members are told in the status of their heartbeats. */
export class TopicConfigurationError extends Error {
  override readonly name = 'TopicConfigurationError';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

export const INCORRECTLY_PARTITIONED_TOPICS = 2;

/** Partitions of a topic that exists; undefined for others. */
export type PartitionCountOf = (topic: string) => number | undefined;

/**
 * Partitions by name of the topics that the application keeps for itself. Throws TopicConfigurationError when topics that exist
 * do not fit together; KafkaError for a topology that cannot be (STREAMS_INVALID_TOPOLOGY; UNKNOWN_SERVER_ERROR where Apache
 * Kafka has no better word).
 */
export function decidePartitionCounts(
  topology: StreamsTopology,
  existing: PartitionCountOf,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const countOf: PartitionCountOf = (topic) => existing(topic) ?? counts.get(topic);
  for (const [topic, count] of repartitionCounts(topology, existing)) counts.set(topic, count);
  enforceCopartitioning(topology, counts, countOf);
  for (const part of topology.subtopologies.values()) {
    const count = mostOf(sourcesOf(part).map((topic) => known(countOf(topic))));
    if (count === 0) throw invalid(`No source topics found for subtopology ${part.subtopologyId}`);
    for (const { name } of part.stateChangelogTopics) counts.set(name, count);
  }
  return counts;
}

export function sourcesOf({ sourceTopics, repartitionSourceTopics }: Subtopology): string[] {
  return [...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)];
}

/** 0 of none. Lists may be longer than a call may have arguments. */
export function mostOf(counts: Iterable<number>): number {
  let most = 0;
  for (const count of counts) if (count > most) most = count;
  return most;
}

export function known(count: number | undefined): number {
  if (count === undefined) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
  return count;
}

const invalid = (message: string): KafkaError => new KafkaError(Errors.STREAMS_INVALID_TOPOLOGY, message);

function repartitionCounts({ subtopologies }: StreamsTopology, existing: PartitionCountOf): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { repartitionSourceTopics } of subtopologies.values()) {
    for (const { name, partitions } of repartitionSourceTopics) if (partitions !== 0) counts.set(name, partitions);
  }
  let isComplete = false;
  while (!isComplete) {
    isComplete = true;
    let isMoving = false;
    for (const part of subtopologies.values()) {
      for (const topic of part.repartitionSinkTopics) {
        if (counts.has(topic)) continue;
        const count = widestSource(part, counts, existing);
        if (count === undefined) isComplete = false;
        else {
          counts.set(topic, count);
          isMoving = true;
        }
      }
    }
    if (!isComplete && !isMoving) {
      throw invalid(
        'Failed to compute number of partitions for all repartition topics. There may be loops in the topology that cannot be resolved.',
      );
    }
  }
  for (const { repartitionSourceTopics } of subtopologies.values()) {
    if (repartitionSourceTopics.every(({ name }) => counts.has(name))) continue;
    throw invalid(
      'Failed to compute number of partitions for all repartition topics, because a repartition source topic is never used as a sink topic.',
    );
  }
  return counts;
}

/** The most partitions of a topic that the subtopology reads, as far as they are known. */
function widestSource(
  { sourceTopics, repartitionSourceTopics }: Subtopology,
  counts: ReadonlyMap<string, number>,
  existing: PartitionCountOf,
): number | undefined {
  let widest: number | undefined;
  const see = (count: number | undefined): void => {
    if (count !== undefined && (widest === undefined || count > widest)) widest = count;
  };
  for (const { name } of repartitionSourceTopics) see(counts.get(name));
  for (const topic of sourceTopics) see(existing(topic));
  return widest;
}

function enforceCopartitioning(
  { subtopologies }: StreamsTopology,
  counts: Map<string, number>,
  countOf: PartitionCountOf,
): void {
  const fixed = new Set<string>();
  const repartition = new Set<string>();
  for (const { repartitionSourceTopics } of subtopologies.values()) {
    for (const { name, partitions } of repartitionSourceTopics) {
      repartition.add(name);
      if (partitions !== 0) fixed.add(name);
    }
  }
  const groups = [...subtopologies.values()].map(copartitionGroupsOf);
  for (const group of groups.flat()) {
    const common = new Map<string, number>();
    for (const topic of group) common.set(topic, known(countOf(topic)));
    if (common.size === 0) continue;
    const count = commonCount(common, repartition, fixed);
    for (const [topic, before] of common) {
      if (!repartition.has(topic)) continue;
      if (fixed.has(topic) && before !== count) {
        throw incorrect(
          `Number of partitions [${before}] of repartition topic [${topic}] doesn't match number of partitions [${count}] of the source topic.`,
        );
      }
      counts.set(topic, count);
    }
  }
}

/** How many partitions the repartition topics of a group must have, whose topics have those of `group` now. */
function commonCount(
  group: ReadonlyMap<string, number>,
  repartition: ReadonlySet<string>,
  fixed: ReadonlySet<string>,
): number {
  const others = new Map([...group].filter(([topic]) => !repartition.has(topic)));
  if (others.size > 0) return sameCount(others, others);
  // Apache Kafka takes the repartition topics of the whole topology for those of this group here, which refuses topologies that work.
  const fixedHere = new Map([...group].filter(([topic]) => fixed.has(topic)));
  return fixedHere.size > 0 ? sameCount(fixedHere, group) : mostOf(group.values());
}

function sameCount(topics: ReadonlyMap<string, number>, shown: ReadonlyMap<string, number>): number {
  const [first = 0, ...rest] = topics.values();
  if (rest.every((count) => count === first)) return first;
  const rows = [...shown.keys()].sort().map((topic) => `${topic}=${shown.get(topic)}`);
  throw incorrect(`Following topics do not have the same number of partitions: [{${rows.join(', ')}}]`);
}

const incorrect = (message: string): TopicConfigurationError =>
  new TopicConfigurationError(INCORRECTLY_PARTITIONED_TOPICS, message);

/** Topic names; the numbers point into the lists of the subtopology. */
function copartitionGroupsOf({
  copartitionGroups,
  sourceTopics,
  repartitionSourceTopics,
}: Subtopology): ReadonlySet<string>[] {
  return copartitionGroups.map((group) => {
    const names = [
      ...group.sourceTopics.map((index) => sourceTopics[index]),
      ...group.repartitionSourceTopics.map((index) => repartitionSourceTopics[index]?.name),
    ];
    return new Set(
      names.map((name) => {
        if (name === undefined) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
        return name;
      }),
    );
  });
}
