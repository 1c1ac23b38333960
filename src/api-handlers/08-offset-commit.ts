// OffsetCommit, versions 2 to 10: topics and partitions that do not exist are answered here, what is left goes to the group
// coordinator (Kafka: KafkaApis.handleOffsetCommitRequest).
//   v2 to v4 the client may say how long the offsets are kept · v10 topic ids alone
import { Errors } from '../protocol/index.ts';
import { OffsetCommit, type OffsetCommitRequest } from '../protocol/messages/08-offset-commit.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { groupContext, hasPartition, PartitionVerdicts, topicOf } from './group-requests.ts';
import { defineHandler } from './handler.ts';

const IDS_SINCE = 10;

type Topic = OffsetCommitRequest['topics'][number];

export const offsetCommit = (groups: GroupCoordinator, identity: BrokerIdentity) =>
  defineHandler(OffsetCommit, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
      {
        operation: 'READ',
        resource: 'TOPIC',
        at: ['topics.name', 'topics.topicId'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, context) {
      const isById = context.apiVersion >= IDS_SINCE;
      const verdicts = new PartitionVerdicts(isById ? 'topicId' : 'name');
      const topics = existing(request.topics, identity, isById, verdicts);
      if (topics.length > 0) {
        const answer = await groups.offsetCommit({ ...request, topics }, groupContext(context));
        verdicts.merge(answer.topics);
      }
      return { topics: verdicts.topics };
    },
    failed: (request, errorCode) => ({
      topics: request.topics.map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
      })),
    }),
  });

/** The part of the request that can be committed, under the names of its topics; the rest is told to `verdicts`. */
function existing(
  asked: readonly Topic[],
  identity: BrokerIdentity,
  isById: boolean,
  verdicts: PartitionVerdicts,
): Topic[] {
  const image = identity.image();
  const found: Topic[] = [];
  for (const topic of asked) {
    const known = topicOf(image, topic, isById);
    // Kafka has a row for a topic that does not exist, whatever is asked of it.
    if (known === undefined) verdicts.name(topic);
    const missing = isById && known === undefined ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    const partitions = topic.partitions.filter(({ partitionIndex }) => {
      const isThere = hasPartition(known, partitionIndex);
      if (!isThere) verdicts.add(topic, { partitionIndex, errorCode: missing });
      return isThere;
    });
    if (known !== undefined && partitions.length > 0) found.push({ ...topic, name: known.name, partitions });
  }
  return found;
}
