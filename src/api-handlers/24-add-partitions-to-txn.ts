// AddPartitionsToTxn, versions 0 to 5: a client adds partitions to its transaction (v0 to v3), or a broker does so for clients,
// several at once, or only asks whether they are part of it (v4, KIP-890). A partition that does not exist fails its whole
// transaction (Kafka: KafkaApis.handleAddPartitionsToTxnRequest).
//   v2 PRODUCER_FENCED
import { type ErrorCode, Errors } from '../protocol/index.ts';
import { AddPartitionsToTxn, type AddPartitionsToTxnRequest } from '../protocol/messages/24-add-partitions-to-txn.ts';
import type { PartitionsOfProducer, TransactionCoordinator } from '../transaction-coordinator/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { hasPartition } from './group-requests.ts';
import { defineHandler } from './handler.ts';
import { partitionsOnce } from './partitions-once.ts';
import { isInternalTopic } from './topic-names.ts';

const FENCED_SINCE = 2;
const FROM_BROKERS_SINCE = 4;
/** Who sends version 4 or newer works by this transaction.version; older clients by none. */
const NEWEST_TRANSACTION_VERSION = 2;

interface Result {
  readonly transactionalId: string;
  readonly topicResults: {
    readonly name: string;
    readonly resultsByPartition: { readonly partitionIndex: number; readonly partitionErrorCode: number }[];
  }[];
}
type Verdict = (topic: string, partition: number) => ErrorCode;

interface Asked extends PartitionsOfProducer {
  readonly verifyOnly: boolean;
}

export const addPartitionsToTxn = (transactions: TransactionCoordinator, identity: BrokerIdentity) =>
  defineHandler(AddPartitionsToTxn, {
    authorize: [
      {
        operation: 'WRITE',
        resource: 'TRANSACTIONAL_ID',
        at: ['v3AndBelowTransactionalId'],
        asked: 'within',
        denied: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      },
      {
        operation: 'WRITE',
        resource: 'TOPIC',
        at: ['v3AndBelowTopics.name'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'within',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    async handle(request, { apiVersion }) {
      const isFromBroker = apiVersion >= FROM_BROKERS_SINCE;
      const all = askedIn(request, isFromBroker);
      const results = all.map(async (one) => {
        const asked = { ...one, topics: partitionsOf(one.transactionalId, all) };
        const fault = topicFault(asked, identity, isFromBroker);
        if (fault !== undefined) return resultOf(asked, fault);
        const verdict = await verdictFor(transactions, asked, apiVersion);
        return resultOf(asked.verifyOnly ? asked : asWritten(one.transactionalId, all), verdict);
      });
      return answer(await Promise.all(results), isFromBroker);
    },
    failed: (request, errorCode, _message, { apiVersion }) => {
      const isFromBroker = apiVersion >= FROM_BROKERS_SINCE;
      if (isFromBroker) return { errorCode };
      return answer(
        askedIn(request, false).map((asked) => resultOf(asked, () => errorCode)),
        false,
      );
    },
  });

function askedIn(request: AddPartitionsToTxnRequest, isFromBroker: boolean): Asked[] {
  if (isFromBroker) {
    return request.transactions.map((one) => ({ ...one, topics: named(one.topics) }));
  }
  return [
    {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
      topics: named(request.v3AndBelowTopics),
      verifyOnly: false,
    },
  ];
}

function named(topics: AddPartitionsToTxnRequest['v3AndBelowTopics']): Asked['topics'] {
  return topics.map(({ name, partitions }) => ({ topic: name, partitions }));
}

/** undefined when all partitions can be added; clients may not add internal ones. */
function topicFault({ topics }: Asked, identity: BrokerIdentity, isFromBroker: boolean): Verdict | undefined {
  const { byName } = identity.image().topics;
  const verdict: Verdict = (topic, partition) => {
    if (!isFromBroker && isInternalTopic(topic)) return Errors.TOPIC_AUTHORIZATION_FAILED;
    return hasPartition(byName.get(topic), partition) ? Errors.NONE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
  };
  const isFine = topics.every(({ topic, partitions }) =>
    partitions.every((partition) => verdict(topic, partition) === Errors.NONE),
  );
  if (isFine) return undefined;
  return (topic, partition) => {
    const code = verdict(topic, partition);
    return code === Errors.NONE ? Errors.OPERATION_NOT_ATTEMPTED : code;
  };
}

/**
 * What is asked for of a transaction. Kafka keeps it by transactional id: of transactions with the same one the last counts
 * (AddPartitionsToTxnRequest.partitionsByTransaction).
 */
function partitionsOf(transactionalId: string, all: readonly Asked[]): Asked['topics'] {
  const counts = all.findLast((asked) => asked.transactionalId === transactionalId);
  return partitionsOnce(counts?.topics ?? []);
}

/** What was added is told as it was written, in the first transaction with this id (errorResponseForTransaction). */
function asWritten(transactionalId: string, all: readonly Asked[]): Asked {
  return all.find((asked) => asked.transactionalId === transactionalId) as Asked;
}

async function verdictFor(transactions: TransactionCoordinator, asked: Asked, apiVersion: number): Promise<Verdict> {
  if (asked.verifyOnly) return await transactions.verifyPartitions(asked);
  const clientVersion = apiVersion >= FROM_BROKERS_SINCE ? NEWEST_TRANSACTION_VERSION : 0;
  const code = await transactions.addPartitions(asked, clientVersion);
  const isOld = code === Errors.PRODUCER_FENCED && apiVersion < FENCED_SINCE;
  return () => (isOld ? Errors.INVALID_PRODUCER_EPOCH : code);
}

function resultOf({ transactionalId, topics }: Asked, verdict: Verdict): Result {
  return {
    transactionalId,
    topicResults: topics.map(({ topic, partitions }) => ({
      name: topic,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: verdict(topic, partitionIndex),
      })),
    })),
  };
}

function answer(results: Result[], isFromBroker: boolean) {
  if (isFromBroker) return { errorCode: Errors.NONE, resultsByTransaction: results };
  return { resultsByTopicV3AndBelow: results[0]?.topicResults ?? [] };
}
