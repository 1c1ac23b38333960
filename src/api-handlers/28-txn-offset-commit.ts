// TxnOffsetCommit, versions 0 to 5: offsets that count when a transaction commits. Topics and partitions that do not exist are
// answered here, what is left goes to the group coordinator (Kafka: KafkaApis.handleTxnOffsetCommitRequest).
//   v3 the member is checked · v4 TRANSACTION_ABORTABLE · v5 the group joins the transaction by this (KIP-890)
// Before v2 clients do not know that a coordinator is being loaded: they hear that it is not available.
import { Errors } from '../protocol/index.ts';
import { TxnOffsetCommit, type TxnOffsetCommitRequest } from '../protocol/messages/28-txn-offset-commit.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { groupContext, hasPartition, PartitionVerdicts } from './group-requests.ts';
import { defineHandler } from './handler.ts';

/** KAFKA-7296 */
const KNOWS_LOADING_SINCE = 2;

type Topic = TxnOffsetCommitRequest['topics'][number];

export const txnOffsetCommit = (groups: GroupCoordinator, identity: BrokerIdentity) =>
  defineHandler(TxnOffsetCommit, {
    authorize: [
      {
        operation: 'WRITE',
        resource: 'TRANSACTIONAL_ID',
        at: ['transactionalId'],
        asked: 'before',
        denied: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      },
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
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
      if (topics.length > 0) {
        const answer = await groups.txnOffsetCommit({ ...request, topics }, groupContext(context));
        verdicts.merge(
          answer.topics.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map(({ partitionIndex, errorCode }) => ({
              partitionIndex,
              errorCode: known(errorCode, context.apiVersion),
            })),
          })),
        );
      }
      return { topics: verdicts.topics };
    },
    failed: (request, errorCode, _message, { apiVersion }) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: known(errorCode, apiVersion),
        })),
      })),
    }),
  });

function known(errorCode: number, apiVersion: number): number {
  const isLoading = errorCode === Errors.COORDINATOR_LOAD_IN_PROGRESS && apiVersion < KNOWS_LOADING_SINCE;
  return isLoading ? Errors.COORDINATOR_NOT_AVAILABLE : errorCode;
}

/** The part of the request that can be committed; the rest is told to `verdicts`. */
function existing(asked: readonly Topic[], identity: BrokerIdentity, verdicts: PartitionVerdicts): Topic[] {
  const image = identity.image();
  const found: Topic[] = [];
  for (const topic of asked) {
    const known = image.topics.byName.get(topic.name);
    // Kafka has a row for a topic that does not exist, whatever is asked of it.
    if (known === undefined) verdicts.name(topic);
    const partitions = topic.partitions.filter(({ partitionIndex }) => {
      const isThere = hasPartition(known, partitionIndex);
      if (!isThere) verdicts.add(topic, { partitionIndex, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION });
      return isThere;
    });
    if (partitions.length > 0) found.push({ ...topic, partitions });
  }
  return found;
}
