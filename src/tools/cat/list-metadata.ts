// kcat -L: brokers, topics and partitions as one broker knows them.
import { type DecodedResponseOf, Errors } from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { type CatContext, catErrorText } from './cat-context.ts';
import { CatFailure } from './cat-failure.ts';
import { ByteJson } from './json-envelope.ts';
import { brokerErrorText, LOCAL } from './librdkafka-errors.ts';

type Answer = DecodedResponseOf<typeof Metadata>;
type Topic = Answer['topics'][number];

export interface KnownCluster {
  readonly answer: Answer;
  /** Who has answered, by id and as librdkafka names brokers. */
  readonly origin: { readonly id: number; readonly name: string };
}

/** Metadata of one topic, or of all. Throws CatFailure. */
export async function clusterAsKnown(
  { client, deadlineMs }: CatContext,
  topic: string | undefined,
  allowAutoTopicCreation = false,
): Promise<KnownCluster> {
  const first = await client.retrying(deadlineMs, () =>
    client.askAny(Metadata, { topics: [], allowAutoTopicCreation: false }),
  );
  client.learnBrokers(first.brokers);
  const asked = first.brokers[0];
  const topics = topic === undefined ? null : [{ name: topic }];
  const request = { topics, allowAutoTopicCreation };
  const answer = await client.retrying(deadlineMs, () =>
    asked === undefined ? client.askAny(Metadata, request) : client.askNode(asked.nodeId, Metadata, request),
  );
  const origin =
    asked === undefined
      ? { id: -1, name: '' }
      : { id: asked.nodeId, name: `${asked.host}:${asked.port}/${asked.nodeId}` };
  return { answer, origin };
}

export async function listMetadata(context: CatContext): Promise<void> {
  const { options, io } = context;
  // librdkafka asks as a producer does: the broker may make a topic that is not there.
  const known = await clusterAsKnown(context, options.topic, true).catch((error: unknown) => {
    const text = catErrorText(error);
    const hint = ' (Are the brokers reachable? Also try increasing the metadata timeout with -m <timeout>?)';
    throw new CatFailure(`Failed to acquire metadata: ${text}${text === LOCAL.transport ? hint : ''}`);
  });
  io.stdout.write(options.isJson ? metadataJson(known, options.topic) : metadataText(known, options.topic));
}

function metadataText({ answer, origin }: KnownCluster, topic: string | undefined): string {
  const { brokers, controllerId, topics } = answer;
  const lines = [
    `Metadata for ${topic ?? 'all topics'} (from broker ${origin.id}: ${origin.name}):`,
    ` ${brokers.length} brokers:`,
    ...brokers.map(
      ({ nodeId, host, port }) =>
        `  broker ${nodeId} at ${host}:${port}${nodeId === controllerId ? ' (controller)' : ''}`,
    ),
    ` ${topics.length} topics:`,
    ...topics.flatMap(topicLines),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function topicLines({ name, errorCode, partitions }: Topic): string[] {
  const isEarly = errorCode === Errors.LEADER_NOT_AVAILABLE ? ' (try again)' : '';
  const error = errorCode === Errors.NONE ? '' : ` ${brokerErrorText(errorCode)}${isEarly}`;
  return [
    `  topic "${name}" with ${partitions.length} partitions:${error}`,
    ...sorted(partitions).map(({ partitionIndex, leaderId, replicaNodes, isrNodes, errorCode: code }) => {
      const end = code === Errors.NONE ? '' : `, ${brokerErrorText(code)}`;
      const replicas = `replicas: ${replicaNodes.join(',')}, isrs: ${isrNodes.join(',')}`;
      return `    partition ${partitionIndex}, leader ${leaderId}, ${replicas}${end}`;
    }),
  ];
}

const sorted = (partitions: Topic['partitions']): Topic['partitions'] =>
  [...partitions].sort((a, b) => a.partitionIndex - b.partitionIndex);

function metadataJson({ answer, origin }: KnownCluster, topic: string | undefined): Buffer {
  const json = new ByteJson().open('{');
  json.key('originating_broker').open('{').key('id').number(origin.id).key('name').string(origin.name).close('}');
  json
    .key('query')
    .open('{')
    .key('topic')
    .string(topic ?? '*')
    .close('}');
  json.key('controllerid').number(answer.controllerId);
  json.key('brokers').open('[');
  for (const { nodeId, host, port } of answer.brokers) {
    json.open('{').key('id').number(nodeId).key('name').string(`${host}:${port}`).close('}');
  }
  json.close(']').key('topics').open('[');
  for (const one of answer.topics) topicJson(json, one);
  return json.close(']').close('}').bytes();
}

function topicJson(json: ByteJson, { name, errorCode, partitions }: Topic): void {
  json
    .open('{')
    .key('topic')
    .string(name ?? '');
  if (errorCode !== Errors.NONE) json.key('error').string(brokerErrorText(errorCode));
  json.key('partitions').open('[');
  for (const one of sorted(partitions)) {
    json.open('{').key('partition').number(one.partitionIndex);
    if (one.errorCode !== Errors.NONE) json.key('error').string(brokerErrorText(one.errorCode));
    json.key('leader').number(one.leaderId);
    nodes(json, 'replicas', one.replicaNodes);
    nodes(json, 'isrs', one.isrNodes);
    json.close('}');
  }
  json.close(']').close('}');
}

function nodes(json: ByteJson, key: string, ids: readonly number[]): void {
  json.key(key).open('[');
  for (const id of ids) json.open('{').key('id').number(id).close('}');
  json.close(']');
}
