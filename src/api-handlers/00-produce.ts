// Produce: batches go from the frame into the logs of their partitions as they stand, then one wait until all of them are
// as safe as the client asked (Kafka: KafkaApis.handleProduceRequest, ReplicaManager.appendRecords).
import { Errors, HEADER_SIZE, isTransactional, MAGIC_V2, magic, ZERO_UUID } from '../protocol/index.ts';
import { loadCodec } from '../protocol/compression/index.ts';
import { Produce, type ProduceRequest } from '../protocol/messages/00-produce.ts';
import type { Partition, ReplicaManager } from '../replication/index.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler } from './handler.ts';
import { failedProduce, ProduceExchange } from './produce-exchange.ts';

export const produce = (replicas: ReplicaManager, identity: BrokerIdentity) => {
  const codecs = new CodecGate();
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
      const codec = codecs.isLoading ? 0 : inspect(replicas, request);
      if (codec === NOT_PERMITTED) {
        return failedProduce(request, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, null);
      }
      if (codec !== 0) codecs.load(codec);
      const exchange = new ProduceExchange(replicas, identity, request, context);
      return codecs.isLoading ? codecs.afterLoading(exchange) : exchange.execute();
    },
    failed: (request, code, message) => failedProduce(request, code, message),
  });
};

const NOT_PERMITTED = -1;

/**
 * What has to be known before anything is appended: NOT_PERMITTED when a transactional batch comes without a
 * transactional id, the number of a codec that has to be loaded first, or 0.
 */
function inspect(replicas: ReplicaManager, request: ProduceRequest): number {
  let missing = 0;
  for (const topic of request.topicData) {
    for (const { index, records } of topic.partitionData) {
      if (records === null || records.length < HEADER_SIZE || magic(records) !== MAGIC_V2) continue;
      if (request.transactionalId === null && isTransactional(records)) return NOT_PERMITTED;
      const partition: Partition | undefined =
        topic.topicId === ZERO_UUID
          ? replicas.partition(topic.name, index)
          : replicas.partitionById(topic.topicId, index);
      if (partition === undefined) continue;
      missing = partition.log.needsCodec(records, partition.log.config.produceValidation) || missing;
    }
  }
  return missing;
}

/** Holds all produce requests back while a codec is being loaded, so that none overtakes the one that needs it. */
class CodecGate {
  #loading: Promise<void> | undefined;

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  /** A codec that cannot be loaded is the log's affair: it refuses what it cannot open. */
  load(codec: number): void {
    const loading = loadCodec(codec)
      .catch(() => undefined)
      .then(() => {
        if (this.#loading === loading) this.#loading = undefined;
      });
    this.#loading = loading;
  }

  async afterLoading(exchange: ProduceExchange): Promise<Awaited<ReturnType<ProduceExchange['execute']>>> {
    await this.#loading;
    return exchange.execute();
  }
}
