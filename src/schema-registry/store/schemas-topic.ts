// `_schemas` itself: made when it is not there, and looked at when it is, because a topic that forgets would lose schemas whose ids
// stand in records for ever. Confluent's KafkaStore.
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { CreateTopics } from '../../protocol/messages/19-create-topics.ts';
import { DescribeConfigs } from '../../protocol/messages/32-describe-configs.ts';
import type { Kernel } from './kernel.ts';

/** Why the topic cannot be the registry's; the message says what to do. */
export class SchemasTopicError extends Error {
  override readonly name = 'SchemasTopicError';
}

export interface SchemasTopicOptions {
  readonly client: Kernel;
  readonly topic: string;
  /** As far as there are so many brokers. */
  readonly replicationFactor: number;
}

const TOPIC = 2;
const POLICY = 'cleanup.policy';

/** Makes the topic unless it is there. Rejects with SchemasTopicError, or with KafkaError when no broker can tell. */
export async function ensureTopic({ client, topic, replicationFactor }: SchemasTopicOptions): Promise<void> {
  const deadlineMs = client.deadlineIn(client.limits.apiTimeoutMs);
  await client.retrying(deadlineMs, async () => {
    const { topics, brokers } = await client.askAny(Metadata, {
      topics: [{ name: topic }],
      allowAutoTopicCreation: false,
    });
    const found = topics[0];
    if (found === undefined || found.errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION) {
      await create(client, topic, Math.max(1, Math.min(replicationFactor, brokers.length)));
      return;
    }
    check(found.errorCode, topic);
    if (found.partitions.length !== 1) {
      throw new SchemasTopicError(
        `The topic ${topic} has ${found.partitions.length} partitions: a registry needs one that keeps all records in their order. Name another topic.`,
      );
    }
    await ensureCompacted(client, topic);
  });
}

async function create(client: Kernel, name: string, replicationFactor: number): Promise<void> {
  const configs = [{ name: POLICY, value: 'compact' }];
  const topics = [{ name, numPartitions: 1, replicationFactor, assignments: [], configs }];
  const answer = await client.askController(CreateTopics, { topics, timeoutMs: client.limits.requestTimeoutMs });
  const { errorCode = Errors.UNKNOWN_SERVER_ERROR, errorMessage = null } = answer.topics[0] ?? {};
  if (errorCode === Errors.TOPIC_ALREADY_EXISTS) return;
  if (errorCode === Errors.NOT_CONTROLLER) client.forgetController();
  check(errorCode, name, errorMessage);
}

/** A broker that does not tell (an ACL, an old version) is believed: the topic was found, not made. */
async function ensureCompacted(client: Kernel, resourceName: string): Promise<void> {
  const resources = [{ resourceType: TOPIC, resourceName, configurationKeys: [POLICY] }];
  const { results } = await client.askAny(DescribeConfigs, { resources });
  const policy = results[0]?.configs.find(({ name }) => name === POLICY)?.value;
  if (results[0]?.errorCode !== Errors.NONE || policy === undefined || policy === 'compact') return;
  throw new SchemasTopicError(
    `The topic ${resourceName} has ${POLICY}=${policy}, so that Kafka would forget schemas. Set it to compact: ` +
      `kafka-configs --alter --topic ${resourceName} --add-config ${POLICY}=compact`,
  );
}

function check(code: number, topic: string, message: string | null = null): void {
  if (code === Errors.NONE) return;
  if (code === Errors.TOPIC_AUTHORIZATION_FAILED || code === Errors.CLUSTER_AUTHORIZATION_FAILED) {
    throw new SchemasTopicError(`The registry's user may not read or make the topic ${topic}: allow it by an ACL.`);
  }
  throw new KafkaError(code as ErrorCode, message ?? undefined);
}
