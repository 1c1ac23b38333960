// WriteTxnMarkers, versions 1 to 2: the transaction coordinator has the markers of a transaction written to the partitions that
// are led here (KIP-98). Each is answered when it is committed.
//   v2 the level of transaction.version, by which the epoch of the marker is judged (KIP-1228)
import { Errors, type Int64, KafkaError } from '../protocol/index.ts';
import {
  WriteTxnMarkers,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersResponse,
} from '../protocol/messages/27-write-txn-markers.ts';
import { isImpossible, type MarkerWriter } from '../transaction-coordinator/index.ts';
import { defineHandler } from './handler.ts';

/** What a transaction coordinator does not expect of a partition: it looks for the leader again. */
const NOT_READY: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.NOT_COORDINATOR,
]);

type Marker = WriteTxnMarkersRequest['markers'][number];

export const writeTxnMarkers = (markers: MarkerWriter) =>
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
      // All are written in one run, then waited for.
      const places = placesOf(request);
      const writes: Promise<number>[] = [];
      for (const { marker, topic, index } of places) {
        const write = markers.write(topic, index, markerOf(marker));
        // Kafka stumbles over such a marker where it has a partition for it, and with it over the whole request: what stands behind
        // it is not written.
        if (isImpossible(marker) && (await write) === Errors.UNKNOWN_SERVER_ERROR) {
          throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
        }
        writes.push(write);
      }
      const codes = await Promise.all(writes);
      const told = codes.map((code) => (NOT_READY.has(code) ? Errors.NOT_LEADER_OR_FOLLOWER : code));
      return responseOf(request, (place) => told[place] as number);
    },
    failed: failedResponse,
  });

interface Place {
  readonly marker: Marker;
  readonly topic: string;
  readonly index: number;
}

function placesOf({ markers }: WriteTxnMarkersRequest): Place[] {
  const places: Place[] = [];
  for (const marker of markers) {
    for (const { name, partitionIndexes } of marker.topics) {
      for (const index of partitionIndexes) places.push({ marker, topic: name, index });
    }
  }
  return places;
}

function markerOf({ producerId, producerEpoch, coordinatorEpoch, transactionResult, transactionVersion }: Marker) {
  return { producerId, producerEpoch, coordinatorEpoch, isCommit: transactionResult, transactionVersion };
}

/** One row for each producer, whose partitions have one answer each: as in Kafka the last one, if they are named twice. */
function responseOf(request: WriteTxnMarkersRequest, codeAt: (place: number) => number): WriteTxnMarkersResponse {
  const producers = new Map<Int64, Map<string, Map<number, number>>>();
  placesOf(request).forEach(({ marker: { producerId }, topic, index }, place) => {
    let topics = producers.get(producerId);
    if (topics === undefined) producers.set(producerId, (topics = new Map()));
    let partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, (partitions = new Map()));
    partitions.set(index, codeAt(place));
  });
  const markers = Array.from(producers, ([producerId, topics]) => ({
    producerId,
    topics: Array.from(topics, ([name, partitions]) => ({
      name,
      partitions: Array.from(partitions, ([partitionIndex, errorCode]) => ({ partitionIndex, errorCode })),
    })),
  }));
  return { markers };
}

/** Where all fails, the last marker of a producer counts, and has a row without partitions too (WriteTxnMarkersRequest.getErrorResponse). */
function failedResponse({ markers }: WriteTxnMarkersRequest, code: number): WriteTxnMarkersResponse {
  const byProducer = new Map(markers.map((marker) => [marker.producerId, marker]));
  return {
    markers: Array.from(byProducer, ([producerId, marker]) => ({
      producerId,
      topics: responseOf({ markers: [marker] }, () => code).markers[0]?.topics ?? [],
    })),
  };
}
