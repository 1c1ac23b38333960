// A topology held against the topics that there are (Kafka: InternalTopicManager, ConfiguredTopology): how many tasks each
// subtopology has, which topics are still to be made, and what stands in the way.
import { Errors, hashOrderOfTexts, KafkaError } from '../../protocol/index.ts';
import {
  decidePartitionCounts,
  INCORRECTLY_PARTITIONED_TOPICS,
  known,
  mostOf,
  type PartitionCountOf,
  sourcesOf,
  TopicConfigurationError,
} from './partition-counts.ts';
import { byName, type DescribedTopology, type StreamsTopology, type Subtopology, type TopicInfo } from './topology.ts';

/** StreamsGroupHeartbeatResponse.Status */
export const StatusCodes = {
  STALE_TOPOLOGY: 0,
  MISSING_SOURCE_TOPICS: 1,
  INCORRECTLY_PARTITIONED_TOPICS,
  MISSING_INTERNAL_TOPICS: 3,
  SHUTDOWN_APPLICATION: 4,
  ASSIGNMENT_DELAYED: 5,
} as const;

/** A topic that the application keeps for itself, with the partitions that it needs. `replicationFactor`: 0 for the default. */
export type InternalTopic = TopicInfo;

export interface ConfiguredSubtopology {
  readonly taskCount: number;
  readonly sourceTopics: readonly string[];
  readonly repartitionSinkTopics: readonly string[];
  readonly repartitionSourceTopics: readonly InternalTopic[];
  readonly stateChangelogTopics: readonly InternalTopic[];
}

export interface ConfiguredTopology {
  readonly epoch: number;
  /** By id, in order; undefined when the topics that there are do not fit. */
  readonly subtopologies: ReadonlyMap<string, ConfiguredSubtopology> | undefined;
  /** In the order in which Apache Kafka names them. */
  readonly missing: readonly InternalTopic[];
  /** What is wrong; undefined: the tasks can be assigned. */
  readonly fault: { readonly statusCode: number; readonly statusDetail: string } | undefined;
}

const MOST_NAMED = 3;

/** Throws KafkaError for a topology that cannot be: see decidePartitionCounts. */
export function configureTopology(topology: StreamsTopology, existing: PartitionCountOf): ConfiguredTopology {
  const { epoch } = topology;
  try {
    return configured(topology, existing);
  } catch (error) {
    if (!(error instanceof TopicConfigurationError)) throw error;
    const { statusCode, message: statusDetail } = error;
    return { epoch, subtopologies: undefined, missing: [], fault: { statusCode, statusDetail } };
  }
}

function configured(topology: StreamsTopology, existing: PartitionCountOf): ConfiguredTopology {
  checkSources(topology, existing);
  const decided = decidePartitionCounts(topology, existing);
  const countOf: PartitionCountOf = (topic) => existing(topic) ?? decided.get(topic);
  const subtopologies = new Map<string, ConfiguredSubtopology>();
  for (const id of [...topology.subtopologies.keys()].sort()) {
    const part = topology.subtopologies.get(id) as Subtopology;
    subtopologies.set(id, configuredPart(part, decided, countOf));
  }
  const missing = missingTopics(topology, subtopologies, existing);
  if (missing.length === 0) return { epoch: topology.epoch, subtopologies, missing, fault: undefined };
  const statusDetail = `Internal topics are missing: ${summary(missing.map(({ name }) => name))}`;
  const fault = { statusCode: StatusCodes.MISSING_INTERNAL_TOPICS, statusDetail };
  return { epoch: topology.epoch, subtopologies, missing, fault };
}

function checkSources({ subtopologies }: StreamsTopology, existing: PartitionCountOf): void {
  const missing = new Set<string>();
  for (const { sourceTopics } of subtopologies.values()) {
    for (const topic of sourceTopics) if (existing(topic) === undefined) missing.add(topic);
  }
  if (missing.size === 0) return;
  throw new TopicConfigurationError(
    StatusCodes.MISSING_SOURCE_TOPICS,
    `Source topics ${summary([...missing].sort())} are missing.`,
  );
}

function summary(names: readonly string[]): string {
  const named = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${named} and ${names.length - MOST_NAMED} additional topics` : named;
}

function configuredPart(
  part: Subtopology,
  decided: ReadonlyMap<string, number>,
  countOf: PartitionCountOf,
): ConfiguredSubtopology {
  const taskCount = mostOf(sourcesOf(part).map((topic) => known(countOf(topic))));
  if (taskCount < 1) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
  const configuredTopic = (topic: TopicInfo): InternalTopic => {
    const partitions = topic.partitions === 0 ? known(decided.get(topic.name)) : topic.partitions;
    const keys = new Set(topic.topicConfigs.map(({ key }) => key));
    if (partitions < 1 || keys.size < topic.topicConfigs.length) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    return { ...topic, partitions };
  };
  return {
    taskCount,
    sourceTopics: part.sourceTopics,
    repartitionSinkTopics: part.repartitionSinkTopics,
    repartitionSourceTopics: part.repartitionSourceTopics.map(configuredTopic),
    stateChangelogTopics: part.stateChangelogTopics.map(configuredTopic),
  };
}

function missingTopics(
  { requiredTopics }: StreamsTopology,
  subtopologies: ReadonlyMap<string, ConfiguredSubtopology>,
  existing: PartitionCountOf,
): InternalTopic[] {
  const needed = new Map<string, InternalTopic>();
  for (const { repartitionSourceTopics, stateChangelogTopics } of subtopologies.values()) {
    for (const topic of [...repartitionSourceTopics, ...stateChangelogTopics]) needed.set(topic.name, topic);
  }
  const order = hashOrderOfTexts(needed.keys());
  for (const name of requiredTopics) {
    const count = existing(name);
    const topic = count === undefined ? undefined : needed.get(name);
    if (topic !== undefined && topic.partitions !== count) {
      throw new TopicConfigurationError(
        INCORRECTLY_PARTITIONED_TOPICS,
        `Existing topic ${name} has different number of partitions: expected ${topic.partitions}, found ${count}`,
      );
    }
  }
  return order.flatMap((name) => (existing(name) === undefined ? (needed.get(name) ?? []) : []));
}

/** The topology as StreamsGroupDescribe shows it: with the partitions that its topics have. */
export function describedConfigured({ epoch, subtopologies }: ConfiguredTopology): DescribedTopology {
  return {
    epoch,
    subtopologies: Array.from(subtopologies ?? [], ([subtopologyId, part]) => ({
      subtopologyId,
      sourceTopics: [...part.sourceTopics].sort(),
      repartitionSinkTopics: [...part.repartitionSinkTopics].sort(),
      stateChangelogTopics: byName(part.stateChangelogTopics),
      repartitionSourceTopics: byName(part.repartitionSourceTopics),
    })),
  };
}
