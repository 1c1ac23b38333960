// OffsetDelete, version 0: committed offsets of topics that the group is not subscribed to go (KIP-496). Partitions that do
// not exist are answered here; an error of the whole group leaves no room for topics.
import { Errors } from '../protocol/index.ts';
import { OffsetDelete, type OffsetDeleteRequest } from '../protocol/messages/47-offset-delete.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { groupContext, hasPartition, PartitionVerdicts } from './group-requests.ts';
import { defineHandler } from './handler.ts';

type Topic = OffsetDeleteRequest['topics'][number];

export const offsetDelete = (groups: GroupCoordinator, identity: BrokerIdentity) =>
  defineHandler(OffsetDelete, {
    authorize: [
      {
        operation: 'DELETE',
        resource: 'GROUP',
        at: ['groupId'],
        asked: 'before',
        denied: 'GROUP_AUTHORIZATION_FAILED',
      },
      {
        operation: 'READ',
        resource: 'TOPIC',
        at: ['topics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, context) {
      const verdicts = new PartitionVerdicts();
      const topics = existing(request.topics, identity, verdicts);
      const answer = await groups.offsetDelete({ ...request, topics }, groupContext(context));
      // An error of the whole group leaves no room for topics, those that do not exist included.
      if (answer.errorCode !== Errors.NONE) return { errorCode: answer.errorCode, topics: [] };
      verdicts.merge(answer.topics);
      return { errorCode: Errors.NONE, topics: verdicts.topics };
    },
    failed: (_request, errorCode) => ({ errorCode, topics: [] }),
    refused(request, errorCode) {
      if (!PARTITION_ERRORS.has(errorCode)) return { errorCode, topics: [] };
      const topics = request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
      }));
      return { errorCode: Errors.NONE, topics };
    },
  });

/** What is wrong with a partition, and not with the group. */
const PARTITION_ERRORS: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.TOPIC_AUTHORIZATION_FAILED,
  Errors.GROUP_SUBSCRIBED_TO_TOPIC,
]);

function existing(asked: readonly Topic[], identity: BrokerIdentity, verdicts: PartitionVerdicts): Topic[] {
  const image = identity.image();
  return asked.flatMap(({ name, partitions }) => {
    const known = image.topics.byName.get(name);
    // Kafka has a row for a topic that does not exist, whatever is asked of it.
    if (known === undefined) verdicts.name({ name });
    const found = partitions.filter(({ partitionIndex }) => {
      const isThere = hasPartition(known, partitionIndex);
      if (!isThere) {
        verdicts.add({ name }, { partitionIndex, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION });
      }
      return isThere;
    });
    return found.length > 0 ? [{ name, partitions: found }] : [];
  });
}
