// WriteTxnMarkers, versions 1 to 2: the transaction coordinator has the markers of a transaction written to the partitions that
// are led here (KIP-98). Each is answered when it is committed.
//   v2 the level of transaction.version, by which the epoch of the marker is judged (KIP-1228)
import type { Int64 } from '../protocol/index.ts';
import {
  WriteTxnMarkers,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersResponse,
} from '../protocol/messages/27-write-txn-markers.ts';
import type { TransactionEnd } from '../replication/index.ts';
import { defineHandler } from './handler.ts';

/** Ends a transaction on one partition: NONE when its marker is committed, or why it is not. */
export type EndTransaction = (topic: string, partition: number, end: TransactionEnd) => number | Promise<number>;

type Marker = WriteTxnMarkersRequest['markers'][number];

export const writeTxnMarkers = (endTransaction: EndTransaction) =>
  defineHandler(WriteTxnMarkers, {
    authorize: [
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
        orElse: ['CLUSTER', 'ALTER'],
      },
    ],
    async handle(request) {
      const answers = new MarkerAnswers();
      const pending: Promise<void>[] = [];
      for (const marker of request.markers) {
        const end = endOf(marker);
        for (const { name, partitionIndexes } of marker.topics) {
          for (const index of partitionIndexes) {
            const code = endTransaction(name, index, end);
            if (typeof code === 'number') answers.set(marker.producerId, name, index, code);
            else pending.push(code.then((settled) => answers.set(marker.producerId, name, index, settled)));
          }
        }
      }
      await Promise.all(pending);
      return answers.response;
    },
    failed(request, code) {
      const answers = new MarkerAnswers();
      for (const { producerId, topics } of request.markers) {
        for (const { name, partitionIndexes } of topics) {
          for (const index of partitionIndexes) answers.set(producerId, name, index, code);
        }
      }
      return answers.response;
    },
  });

function endOf({ producerId, producerEpoch, coordinatorEpoch, transactionResult, transactionVersion }: Marker) {
  return { producerId, producerEpoch, coordinatorEpoch, isCommit: transactionResult, transactionVersion };
}

/** One row for each producer, whose partitions have one answer each: as in Kafka the last one, if they are named twice. */
class MarkerAnswers {
  readonly #producers = new Map<Int64, Map<string, Map<number, number>>>();

  set(producerId: Int64, topic: string, partition: number, errorCode: number): void {
    let topics = this.#producers.get(producerId);
    if (topics === undefined) this.#producers.set(producerId, (topics = new Map()));
    let partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, (partitions = new Map()));
    partitions.set(partition, errorCode);
  }

  get response(): WriteTxnMarkersResponse {
    const markers = Array.from(this.#producers, ([producerId, topics]) => ({
      producerId,
      topics: Array.from(topics, ([name, partitions]) => ({
        name,
        partitions: Array.from(partitions, ([partitionIndex, errorCode]) => ({ partitionIndex, errorCode })),
      })),
    }));
    return { markers };
  }
}
