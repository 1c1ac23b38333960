// Produce, versions 3 to 13 (announced from 0 on, see protocol/api-keys.ts): batches go from the frame into the logs of their
// partitions as they stand, then one wait until all of them are as safe as the client asked (Kafka:
// KafkaApis.handleProduceRequest, ReplicaManager.appendRecords).
//   v10 who leads instead · v12 partitions join their transaction by being written to · v13 topic ids alone
//   acks=0 no answer; the connection closes when something is refused · magic 0 and 1 are refused
// Transactional batches are verified with the transaction coordinator before the first of a transaction (KIP-890). Otherwise
// than in Kafka, null records are answered INVALID_RECORD (Kafka never answers), and ottla.produce.validation=header leaves
// compressed batches closed.
import {
  BatchLengthOverflowError,
  batchSizeAt,
  Codecs,
  compression,
  CorruptRecordError,
  Errors,
  MAGIC,
  MAGIC_V2,
  producerEpoch,
  producerId,
} from '../protocol/index.ts';
import { Produce, type ProduceRequest } from '../protocol/messages/00-produce.ts';
import { noTransactions, type ReplicaManager, type TransactionVerifier } from '../replication/index.ts';
import { WaitingLines } from '../runtime/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler } from './handler.ts';
import { failedProduce, isTransactionalBatch, ProduceExchange } from './produce-exchange.ts';

/** zstd came with this version (KIP-110): before it, each batch is asked for its codec. */
const ANY_CODEC_SINCE = 7;
const FAILS_INSIDE = { code: Errors.UNKNOWN_SERVER_ERROR, message: null } as const;

export const produce = (
  replicas: ReplicaManager,
  identity: BrokerIdentity,
  verifier: TransactionVerifier = noTransactions,
) => {
  const parts = { replicas, identity, verifier, lines: new WaitingLines<string>() };
  return defineHandler(Produce, {
    authorize: [
      {
        operation: 'WRITE',
        resource: 'TRANSACTIONAL_ID',
        at: ['transactionalId'],
        asked: 'within',
        denied: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      },
      {
        operation: 'WRITE',
        resource: 'TOPIC',
        at: ['topicData.name', 'topicData.topicId'],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
    ],
    keepsFrame: true,
    handle(request, context) {
      const fault = requestFault(request, context.apiVersion, replicas);
      if (fault !== undefined) return failedProduce(request, fault.code, fault.message);
      if (request.transactionalId === null) {
        if (hasTransactionalBatch(request)) {
          return failedProduce(request, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, null);
        }
      } else if (hasSeveralProducers(request)) {
        const message = 'Transactional records contained more than one producer ID';
        return failedProduce(request, Errors.INVALID_PRODUCER_ID_MAPPING, message);
      }
      return new ProduceExchange(parts, request, context).execute();
    },
    failed: (request, code, message) => failedProduce(request, code, message),
  });
};

interface RequestFault {
  readonly code: number;
  readonly message: string | null;
}

/**
 * What Kafka stumbles over before it looks at partitions one by one: the first batch of any of them, in search of transactional
 * ones (RequestUtils.hasTransactionalRecords), and codecs that there are not where it asks which there are
 * (ProduceRequest.validateRecords).
 */
function requestFault(request: ProduceRequest, apiVersion: number, replicas: ReplicaManager): RequestFault | undefined {
  const isOld = apiVersion < ANY_CODEC_SINCE;
  for (const { name, partitionData } of request.topicData) {
    for (const { index, records } of partitionData) {
      if (records === null) continue;
      const fault = firstBatchFault(records);
      if (fault !== undefined) return fault;
      if (isOld && hasUnknownCodec(records) && replicas.isKnown(name, index)) return FAILS_INSIDE;
    }
  }
  return undefined;
}

function firstBatchFault(records: Buffer): RequestFault | undefined {
  try {
    batchSizeAt(records);
    return undefined;
  } catch (error) {
    if (error instanceof BatchLengthOverflowError) return FAILS_INSIDE;
    if (error instanceof CorruptRecordError) return { code: Errors.CORRUPT_MESSAGE, message: error.message };
    throw error;
  }
}

function hasUnknownCodec(records: Buffer): boolean {
  return batchSizeAt(records) > 0 && records[MAGIC] === MAGIC_V2 && compression(records) > Codecs.ZSTD;
}

function hasTransactionalBatch(request: ProduceRequest): boolean {
  for (const topic of request.topicData) {
    for (const { records } of topic.partitionData) if (records !== null && isTransactionalBatch(records)) return true;
  }
  return false;
}

/** Transactional batches of more than one producer, or of one under several epochs. */
function hasSeveralProducers(request: ProduceRequest): boolean {
  let first: Buffer | undefined;
  for (const topic of request.topicData) {
    for (const { records } of topic.partitionData) {
      if (records === null || !isTransactionalBatch(records) || producerId(records) < 0) continue;
      first ??= records;
      if (producerId(records) !== producerId(first) || producerEpoch(records) !== producerEpoch(first)) return true;
    }
  }
  return false;
}
