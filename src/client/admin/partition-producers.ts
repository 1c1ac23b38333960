// Who writes to partitions, as their leaders see it, and the end of a transaction that hangs there (KIP-664).
import { Errors, type Int64, KafkaError } from '../../protocol/index.ts';
import { WriteTxnMarkers } from '../../protocol/messages/27-write-txn-markers.ts';
import { DescribeProducers } from '../../protocol/messages/61-describe-producers.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { fanOut, leadersOf } from './fan-out.ts';
import { byTopic, type Outcome, type OutcomeFor, placeOf, type TopicPartition, valueOf } from './outcomes.ts';

export interface PartitionProducer {
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  /** Milliseconds since 1970. */
  readonly lastTimestamp: Int64;
  /** -1: no marker has been written yet. */
  readonly coordinatorEpoch: number;
  /** undefined: no transaction is open. */
  readonly currentTransactionStartOffset: number | undefined;
}

export interface DescribeProducersOptions extends CallOptions {
  /** In place of the leaders. */
  readonly brokerId?: number;
}

/** In the order given. Rejects with KafkaError. */
export async function describeProducers(
  asking: Asking,
  places: readonly TopicPartition[],
  { brokerId }: DescribeProducersOptions,
): Promise<OutcomeFor<TopicPartition, readonly PartitionProducer[]>[]> {
  const found = await fanOut<TopicPartition, readonly PartitionProducer[]>(asking, {
    items: places,
    locate:
      brokerId === undefined
        ? leadersOf(asking)
        : (items) => Promise.resolve(new Map(items.map((item) => [item, brokerId]))),
    ask: async (nodeId, items) => {
      const wanted = [...byTopic(items)].map(([name, list]) => ({
        name,
        partitionIndexes: list.map(({ partition }) => partition),
      }));
      const { topics } = await asking.node(nodeId, DescribeProducers, { topics: wanted });
      const answers = new Map(
        topics.flatMap(({ name, partitions }) =>
          partitions.map((one) => [placeOf({ topic: name, partition: one.partitionIndex }), one]),
        ),
      );
      return new Map(items.map((item) => [item, producersOf(answers.get(placeOf(item)))]));
    },
    ...(brokerId !== undefined && { final: NOT_THE_LEADER }),
  });
  return places.map((place) => ({
    topic: place.topic,
    partition: place.partition,
    result: found.get(place) as Outcome<readonly PartitionProducer[]>,
  }));
}

/** A certain broker was asked for: it is not sought elsewhere. */
const NOT_THE_LEADER: ReadonlySet<number> = new Set([Errors.NOT_LEADER_OR_FOLLOWER]);

interface AnsweredPartition {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly activeProducers: readonly {
    readonly producerId: Int64;
    readonly producerEpoch: number;
    readonly lastSequence: number;
    readonly lastTimestamp: Int64;
    readonly coordinatorEpoch: number;
    readonly currentTxnStartOffset: number;
  }[];
}

function producersOf(answer: AnsweredPartition | undefined): readonly PartitionProducer[] | KafkaError {
  if (answer === undefined) return new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
  if (answer.errorCode !== Errors.NONE) return new KafkaError(answer.errorCode, answer.errorMessage ?? undefined);
  return answer.activeProducers.map(({ currentTxnStartOffset, ...producer }) => ({
    ...producer,
    currentTransactionStartOffset: currentTxnStartOffset < 0 ? undefined : currentTxnStartOffset,
  }));
}

export interface HangingTransaction extends TopicPartition {
  readonly producerId: Int64;
  readonly producerEpoch: number;
  /** Of the coordinator that would write the marker. */
  readonly coordinatorEpoch: number;
}

/** Writes an ABORT marker as the coordinator would. Rejects with KafkaError. */
export async function abortTransaction(asking: Asking, hanging: HangingTransaction): Promise<void> {
  const { topic, partition, producerId, producerEpoch, coordinatorEpoch } = hanging;
  const marker = {
    producerId,
    producerEpoch,
    coordinatorEpoch,
    transactionResult: false,
    topics: [{ name: topic, partitionIndexes: [partition] }],
  };
  const found = await fanOut<TopicPartition, undefined>(asking, {
    items: [hanging],
    locate: leadersOf(asking),
    ask: async (nodeId) => {
      const { markers } = await asking.node(nodeId, WriteTxnMarkers, { markers: [marker] });
      const code = markers[0]?.topics[0]?.partitions[0]?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR;
      return new Map([[hanging, code === Errors.NONE ? undefined : new KafkaError(code)]]);
    },
  });
  valueOf(found.get(hanging));
}
