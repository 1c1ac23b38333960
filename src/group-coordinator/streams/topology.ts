// The topology of a streams application as its members hand it in (KIP-1071; Kafka: StreamsTopology): subtopologies, the topics
// that they read, and those that the application keeps for itself.
import { Errors, hashOrderOfTexts, KafkaError } from '../../protocol/index.ts';
import type { StreamsGroupDescribeResponse } from '../../protocol/messages/89-streams-group-describe.ts';
import type { StreamsGroupTopologyValue } from '../../protocol/messages/streams-group-records.ts';

export type Subtopology = StreamsGroupTopologyValue['subtopologies'][number];
export type TopicInfo = Subtopology['repartitionSourceTopics'][number];
export type DescribedTopology = NonNullable<StreamsGroupDescribeResponse['groups'][number]['topology']>;

/** A topology with more is refused: what it costs to configure grows with the square. Apache Kafka has no such limit. */
const MOST_SUBTOPOLOGIES = 1_000;

export interface StreamsTopology {
  readonly epoch: number;
  /** By id, in the order in which Apache Kafka walks them. */
  readonly subtopologies: ReadonlyMap<string, Subtopology>;
  /** Repartition topics that are read are sources too. */
  readonly bySourceTopic: ReadonlyMap<string, Subtopology>;
  /** Every topic that must be there. */
  readonly requiredTopics: ReadonlySet<string>;
  /** As it is written down. */
  readonly value: StreamsGroupTopologyValue;
}

export function topologyOf(value: StreamsGroupTopologyValue): StreamsTopology {
  const byId = new Map(value.subtopologies.map((part) => [part.subtopologyId, part]));
  const subtopologies = new Map<string, Subtopology>();
  for (const id of hashOrderOfTexts(byId.keys())) subtopologies.set(id, byId.get(id) as Subtopology);
  const bySourceTopic = new Map<string, Subtopology>();
  const requiredTopics = new Set<string>();
  for (const part of subtopologies.values()) {
    for (const topic of part.sourceTopics) bySourceTopic.set(topic, part);
    for (const { name } of part.repartitionSourceTopics) bySourceTopic.set(name, part);
  }
  for (const topic of bySourceTopic.keys()) requiredTopics.add(topic);
  for (const { stateChangelogTopics } of subtopologies.values()) {
    for (const { name } of stateChangelogTopics) requiredTopics.add(name);
  }
  return { epoch: value.epoch, subtopologies, bySourceTopic, requiredTopics, value };
}

/** Throws KafkaError for what no topology can be; Apache Kafka has no words for the first two. */
export function checkTopology({ epoch, subtopologies }: StreamsGroupTopologyValue): void {
  const ids = new Set(subtopologies.map(({ subtopologyId }) => subtopologyId));
  if (epoch < 0 || ids.size < subtopologies.length) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
  if (subtopologies.length > MOST_SUBTOPOLOGIES) {
    throw new KafkaError(
      Errors.STREAMS_INVALID_TOPOLOGY,
      `The topology has ${subtopologies.length} subtopologies, more than ${MOST_SUBTOPOLOGIES}.`,
    );
  }
}

/** The order of the subtopologies says nothing. */
export function sameTopology(one: StreamsGroupTopologyValue, other: StreamsGroupTopologyValue): boolean {
  return one.epoch === other.epoch && textOf(one) === textOf(other);
}

function textOf({ subtopologies }: StreamsGroupTopologyValue): string {
  const byId = [...subtopologies].sort((one, other) => (one.subtopologyId < other.subtopologyId ? -1 : 1));
  return JSON.stringify(byId.map(asWritten));
}

/** Fields in one order, whatever message they come from. */
function asWritten(part: Subtopology): unknown {
  const topics = (infos: readonly TopicInfo[]): unknown =>
    infos.map(({ name, partitions, replicationFactor, topicConfigs }) => [
      name,
      partitions,
      replicationFactor,
      topicConfigs.map(({ key, value }) => [key, value]),
    ]);
  return [
    part.subtopologyId,
    part.sourceTopics,
    part.sourceTopicRegex,
    topics(part.stateChangelogTopics),
    part.repartitionSinkTopics,
    topics(part.repartitionSourceTopics),
    part.copartitionGroups.map((group) => [group.sourceTopics, group.sourceTopicRegex, group.repartitionSourceTopics]),
  ];
}

/** The topology as StreamsGroupDescribe shows it before it is configured. */
export function describedTopology({ epoch, subtopologies }: StreamsTopology): DescribedTopology {
  return {
    epoch,
    subtopologies: [...subtopologies.keys()].sort().map((id) => {
      const part = subtopologies.get(id) as Subtopology;
      return {
        subtopologyId: id,
        sourceTopics: [...part.sourceTopics].sort(),
        repartitionSinkTopics: [...part.repartitionSinkTopics].sort(),
        stateChangelogTopics: byName(part.stateChangelogTopics),
        repartitionSourceTopics: byName(part.repartitionSourceTopics),
      };
    }),
  };
}

export function byName<T extends { readonly name: string }>(topics: Iterable<T>): T[] {
  return [...topics].sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}
