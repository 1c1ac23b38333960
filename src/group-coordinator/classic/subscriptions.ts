// The topics that consumers of a classic group have subscribed to, out of the metadata with which they join.
import { codecOf, DecodeError, KafkaError, prefixOf, Reader } from '../../protocol/index.ts';
import { consumerProtocolSubscription } from '../../protocol/messages/consumer-protocol.ts';
import type { ClassicMember } from './classic-member.ts';

const VERSION_BYTES = 2;

/**
 * undefined when somebody's metadata cannot be read. A deviation: Apache Kafka 4.3 fails inside on some of these, and neither
 * join nor heartbeat of any member is answered again; here the group works, only that its subscription is not known.
 */
export function subscribedTopicsOf(
  members: Iterable<ClassicMember>,
  protocol: string | null,
): ReadonlySet<string> | undefined {
  const topics = new Set<string>();
  try {
    for (const member of members) {
      const bytes = member.metadata(protocol);
      // Newer versions only add fields at the end: version 0 can be read from all of them.
      if (prefixOf(bytes) < 0) return undefined;
      const subscription = codecOf(consumerProtocolSubscription, 0).decode(new Reader(bytes, VERSION_BYTES));
      for (const topic of subscription.topics) topics.add(topic);
    }
    return topics;
  } catch (error) {
    if (error instanceof DecodeError || error instanceof KafkaError) return undefined;
    throw error;
  }
}
