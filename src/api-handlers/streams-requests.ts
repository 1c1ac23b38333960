// What the handlers of streams groups share: whether the protocol is served at all, and which topics a topology may name.
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import { STREAMS_VERSION } from '../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../protocol/index.ts';
import type { StreamsGroupHeartbeatRequest } from '../protocol/messages/88-streams-group-heartbeat.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { isInternalTopic, isValidTopicName } from './topic-names.ts';

/** Throws KafkaError UNSUPPORTED_VERSION while `streams.version` is 0, or the configs do not have the protocol. */
export function checkStreamsProtocol(groups: GroupCoordinator, identity: BrokerIdentity): void {
  const level = identity.image().features.levels.get(STREAMS_VERSION) ?? 0;
  if (level < 1 || !groups.serves('streams')) throw new KafkaError(Errors.UNSUPPORTED_VERSION);
}

/** Throws KafkaError STREAMS_INVALID_TOPOLOGY for topics that are the broker's own, and names that no topic can have. */
export function checkTopologyTopics({ topology }: StreamsGroupHeartbeatRequest): void {
  if (topology === null) return;
  const names = new Set<string>();
  for (const part of topology.subtopologies) {
    for (const name of part.sourceTopics) names.add(name);
    for (const name of part.repartitionSinkTopics) names.add(name);
    for (const { name } of part.repartitionSourceTopics) names.add(name);
    for (const { name } of part.stateChangelogTopics) names.add(name);
  }
  const prohibited = [...names].filter(isInternalTopic);
  if (prohibited.length > 0) {
    throw invalid(`Use of Kafka internal topics ${prohibited.join(',')} in a Kafka Streams topology is prohibited.`);
  }
  const impossible = [...names].filter((name) => !isValidTopicName(name));
  if (impossible.length > 0) throw invalid(`Topic names ${impossible.join(',')} are not valid topic names.`);
}

const invalid = (message: string): KafkaError => new KafkaError(Errors.STREAMS_INVALID_TOPOLOGY, message);
