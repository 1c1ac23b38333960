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

interface AnsweredTopic extends NamedTopic {
  readonly partitions: readonly PartitionVerdict[];
}

/**
 * An answer about partitions in the making: one row for each topic, in the order in which they are first told of (Kafka:
 * OffsetCommitResponse.Builder and its like). Topics are told from each other by `field`.
 */
export class PartitionVerdicts {
  readonly #field: 'name' | 'topicId';
  readonly #byTopic = new Map<string, TopicVerdict>();
  #topics: TopicVerdict[] = [];

  constructor(field: 'name' | 'topicId' = 'name') {
    this.#field = field;
  }

  add(topic: NamedTopic, { partitionIndex, errorCode }: PartitionVerdict): void {
    this.name(topic).partitions.push({ partitionIndex, errorCode });
  }

  /** The row of the topic, made if it is not there. */
  name({ name = '', topicId = ZERO_UUID }: NamedTopic): TopicVerdict {
    return this.#known({ name, topicId }) ?? this.#append({ name, topicId, partitions: [] });
  }

  /** What the coordinator says to the rest. With nothing told yet it is the answer as it is, topics named twice included. */
  merge(answered: readonly AnsweredTopic[]): void {
    const rows = answered.map(({ name = '', topicId = ZERO_UUID, partitions }) => ({
      name,
      topicId,
      partitions: [...partitions],
    }));
    if (this.#topics.length === 0) {
      this.#topics = rows;
      return;
    }
    for (const row of rows) {
      const known = this.#known(row);
      if (known === undefined) this.#append(row);
      else known.partitions.push(...row.partitions);
    }
  }

  get topics(): TopicVerdict[] {
    return this.#topics;
  }

  #known(topic: Pick<TopicVerdict, 'name' | 'topicId'>): TopicVerdict | undefined {
    return this.#byTopic.get(topic[this.#field]);
  }

  #append(row: TopicVerdict): TopicVerdict {
    this.#byTopic.set(row[this.#field], row);
    this.#topics.push(row);
    return row;
  }
}
