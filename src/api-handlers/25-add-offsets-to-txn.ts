// AddOffsetsToTxn, versions 0 to 4: the partition that holds the offsets of a group is added to a transaction (KIP-98). Clients
// of transaction.version 2 do not ask: TxnOffsetCommit adds it for them. Kafka adds the partition of a topic that is still to be
// made; here it is made first.
//   v2 PRODUCER_FENCED
import { Errors, partitionForId } from '../protocol/index.ts';
import { AddOffsetsToTxn } from '../protocol/messages/25-add-offsets-to-txn.ts';
import { consumerOffsets } from '../group-coordinator/index.ts';
import type { TransactionCoordinator } from '../transaction-coordinator/index.ts';
import type { AutoTopicCreation } from './auto-topic-creation.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler } from './handler.ts';

const FENCED_SINCE = 2;

export const addOffsetsToTxn = (
  transactions: TransactionCoordinator,
  identity: BrokerIdentity,
  autoCreation: AutoTopicCreation,
) =>
  defineHandler(AddOffsetsToTxn, {
    authorize: [
      {
        operation: 'WRITE',
        resource: 'TRANSACTIONAL_ID',
        at: ['transactionalId'],
        asked: 'before',
        denied: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      },
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
    ],
    async handle({ transactionalId, producerId, producerEpoch, groupId }, { apiVersion }) {
      const topic = consumerOffsets.name;
      const countNow = (): number | undefined => identity.image().topics.byName.get(topic)?.partitions.length;
      if (countNow() === undefined) await autoCreation.create([topic]);
      const count = countNow();
      if (count === undefined) return { errorCode: Errors.COORDINATOR_NOT_AVAILABLE };
      const topics = [{ topic, partitions: [partitionForId(groupId, count)] }];
      const code = await transactions.addPartitions({ transactionalId, producerId, producerEpoch, topics }, 0);
      const isOld = code === Errors.PRODUCER_FENCED && apiVersion < FENCED_SINCE;
      return { errorCode: isOld ? Errors.INVALID_PRODUCER_EPOCH : code };
    },
    failed: (_request, errorCode) => ({ errorCode }),
  });
