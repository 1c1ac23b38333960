// Which partitions the state of each member holds that takes interactive queries, by its end point (KIP-1071; Kafka:
// EndpointToPartitionsManager). Members hear of it as often as it changes.
import { hashOrderOfTexts } from '../../protocol/index.ts';
import type { StreamsGroupHeartbeatResponse } from '../../protocol/messages/88-streams-group-heartbeat.ts';
import type { ConfiguredSubtopology, ConfiguredTopology } from './configured-topology.ts';
import type { PartitionCountOf } from './partition-counts.ts';
import type { StreamsMember } from './streams-member.ts';
import { taskIdsOf } from './tasks.ts';

type EndpointRow = NonNullable<StreamsGroupHeartbeatResponse['partitionsByUserEndpoint']>[number];
type TopicRow = EndpointRow['activePartitions'][number];

/** Rows by member, made when they are first asked for. */
export class EndpointRows {
  readonly #rows = new Map<string, EndpointRow>();

  forget(memberId: string): void {
    this.#rows.delete(memberId);
  }
  clear(): void {
    this.#rows.clear();
  }

  /** The rows of those who have an end point, `updated`, which is not yet among `members` as it will be, last. */
  all(
    members: ReadonlyMap<string, StreamsMember>,
    updated: StreamsMember,
    topology: ConfiguredTopology | undefined,
    partitionsOf: PartitionCountOf,
  ): EndpointRow[] {
    const rows: EndpointRow[] = [];
    for (const member of [...members.values(), updated]) {
      if (member.memberId === updated.memberId && member !== updated) continue;
      const { memberId, userEndpoint } = member;
      if (userEndpoint === null) continue;
      const row = this.#rows.get(memberId) ?? rowOf(member, userEndpoint, topology, partitionsOf);
      this.#rows.set(memberId, row);
      rows.push(row);
    }
    return rows;
  }
}

/** Before the topology fits the topics nobody holds anything; Apache Kafka fails on it. */
function rowOf(
  { assigned }: StreamsMember,
  { host, port }: EndpointRow['userEndpoint'],
  topology: ConfiguredTopology | undefined,
  partitionsOf: PartitionCountOf,
): EndpointRow {
  const partitions = (tasks: Parameters<typeof taskIdsOf>[0]): TopicRow[] =>
    // In no order in Apache Kafka: the exchanges that were recorded have the later subtopologies first.
    taskIdsOf(tasks)
      .reverse()
      .flatMap(({ subtopologyId, partitions }) => {
        const part = topology?.subtopologies?.get(subtopologyId);
        return part === undefined ? [] : topicRows(part, partitions, partitionsOf);
      });
  return {
    userEndpoint: { host, port },
    activePartitions: partitions(assigned.active),
    standbyPartitions: partitions(assigned.standby),
  };
}

/** A topic with fewer partitions than there are tasks has only those. */
function topicRows(part: ConfiguredSubtopology, tasks: readonly number[], partitionsOf: PartitionCountOf): TopicRow[] {
  const sources = [...part.sourceTopics, ...part.repartitionSourceTopics.map(({ name }) => name)];
  return hashOrderOfTexts(new Set(sources)).map((topic) => {
    const count = partitionsOf(topic) ?? 0;
    return { topic, partitions: tasks.filter((partition) => partition < count) };
  });
}
