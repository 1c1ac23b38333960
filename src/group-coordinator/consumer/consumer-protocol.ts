// What classic consumers put into JoinGroup and SyncGroup, by topic names, and what consumer groups make of it, by topic ids
// (Kafka: ConsumerProtocol).
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { codecOf, DecodeError, encodeVersioned, KafkaError, prefixOf, Reader } from '../../protocol/index.ts';
import {
  type ConsumerProtocolAssignment,
  consumerProtocolAssignment,
  type ConsumerProtocolSubscription,
  consumerProtocolSubscription,
} from '../../protocol/messages/consumer-protocol.ts';
import { type TopicPartitions, topicPartitionsOf, type TopicPartitionsRow } from '../modern/index.ts';

const VERSION_BYTES = 2;
const HIGHEST = 3;

/** undefined: it cannot be read. Newer versions than are known are read as the newest that is. */
export function decodedSubscription(bytes: Uint8Array): ConsumerProtocolSubscription | undefined {
  return orUndefined(() =>
    codecOf(consumerProtocolSubscription, versionOf(bytes)).decode(new Reader(bytes, VERSION_BYTES)),
  );
}
export function decodedAssignment(bytes: Uint8Array): ConsumerProtocolAssignment | undefined {
  return orUndefined(() =>
    codecOf(consumerProtocolAssignment, versionOf(bytes)).decode(new Reader(bytes, VERSION_BYTES)),
  );
}

function orUndefined<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError || error instanceof KafkaError) return undefined;
    throw error;
  }
}

function versionOf(bytes: Uint8Array): number {
  const version = prefixOf(bytes);
  if (version < 0) throw new DecodeError(`a version of ${version}`);
  return Math.min(version, HIGHEST);
}

/** An assignment for a member whose subscription has the version of `subscription`. Topics that are gone are left out. */
export function encodedAssignment(all: TopicPartitions, subscription: Uint8Array, image: MetadataImage): Uint8Array {
  const version = versionOf(subscription);
  const assignedPartitions = [];
  for (const [topicId, partitions] of all) {
    const topic = image.topics.byId.get(topicId)?.name;
    if (topic !== undefined) assignedPartitions.push({ topic, partitions: [...partitions].sort((a, b) => a - b) });
  }
  return encodeVersioned(consumerProtocolAssignment, version, { assignedPartitions, userData: null });
}

/** Topics that do not exist are left out. */
export function rowsByTopicId(
  rows: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  image: MetadataImage,
): TopicPartitionsRow[] {
  return rows.flatMap(({ topic, partitions }) => {
    const topicId = image.topics.byName.get(topic)?.id;
    return topicId === undefined ? [] : [{ topicId, partitions }];
  });
}

export const assignedByTopicId = (
  { assignedPartitions }: ConsumerProtocolAssignment,
  image: MetadataImage,
): TopicPartitions => topicPartitionsOf(rowsByTopicId(assignedPartitions, image));
