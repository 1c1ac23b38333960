// What the handlers of the group APIs share: who asks, as the coordinator wants to know it, and answers about partitions that
// are partly given here, partly by the coordinator.
import type { GroupCoordinator, GroupRequestContext } from '../group-coordinator/index.ts';
import { GROUP_VERSION, type MetadataImage, type TopicImage } from '../kraft/metadata/index.ts';
import { Errors, KafkaError, ZERO_UUID } from '../protocol/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import type { RequestContext } from './handler.ts';
import { javaAddress } from './java-address.ts';

export function groupContext({ clientId, session, apiVersion }: RequestContext): GroupRequestContext {
  return { clientId: clientId ?? '', clientHost: `/${javaAddress(session.remoteAddress)}`, apiVersion };
}

/** Throws KafkaError UNSUPPORTED_VERSION where the consumer protocol (KIP-848) is not served. */
export function checkConsumerProtocol(groups: GroupCoordinator, identity: BrokerIdentity): void {
  const level = identity.image().features.levels.get(GROUP_VERSION) ?? 0;
  if (level < 1 || !groups.serves('consumer')) throw new KafkaError(Errors.UNSUPPORTED_VERSION);
}

/** Whether the partition is one that clients may name. */
export function hasPartition(topic: TopicImage | undefined, index: number): boolean {
  return topic?.partitions[index] !== undefined;
}

/** The topic that a request means: by id in versions that have ids, else by name. */
export function topicOf(
  image: MetadataImage,
  asked: { readonly name: string; readonly topicId: string },
  isById: boolean,
): TopicImage | undefined {
  return isById ? image.topics.byId.get(asked.topicId) : image.topics.byName.get(asked.name);
}

export interface PartitionVerdict {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

export interface TopicVerdict {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: PartitionVerdict[];
}

interface NamedTopic {
  readonly name?: string | undefined;
  readonly topicId?: string | undefined;
}

/** An answer about partitions in the making: one row for each topic, in the order in which they are first told of. */
export class PartitionVerdicts {
  readonly #topics = new Map<string, TopicVerdict>();

  add(topic: NamedTopic, { partitionIndex, errorCode }: PartitionVerdict): void {
    this.name(topic).partitions.push({ partitionIndex, errorCode });
  }

  /** The row of the topic, made if it is not there. */
  name({ name = '', topicId = ZERO_UUID }: NamedTopic): TopicVerdict {
    const key = `${topicId}:${name}`;
    let known = this.#topics.get(key);
    if (known === undefined) {
      known = { name, topicId, partitions: [] };
      this.#topics.set(key, known);
    }
    return known;
  }

  get topics(): TopicVerdict[] {
    return [...this.#topics.values()];
  }
}
