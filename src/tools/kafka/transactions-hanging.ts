// kafka-transactions find-hanging: open transactions of partitions that no coordinator will end (KIP-664).
import {
  type Admin,
  allOf,
  ClientError,
  type PartitionProducer,
  type TopicPartition,
  valueOf,
} from '../../client/index.ts';
import type { ToolIo } from '../tool-io.ts';
import { placeText } from './java-order.ts';
import type { ArgparseValues } from './options/argparse.ts';
import { printTable } from './pretty-table.ts';
import { giveUp, giveUpBecause } from './transactions.ts';

interface OpenTransaction {
  readonly place: TopicPartition;
  readonly producer: PartitionProducer;
}

const HEADERS = [
  'Topic',
  'Partition',
  'ProducerId',
  'ProducerEpoch',
  'CoordinatorEpoch',
  'StartOffset',
  'LastTimestamp',
  'Duration(min)',
];
const MINUTE_MS = 60_000;

export async function findHanging(io: ToolIo, admin: Admin, values: ArgparseValues): Promise<void> {
  const brokerId = values.get('broker_id') as number | undefined;
  const topic = values.get('topic') as string | undefined;
  const partition = values.get('partition') as number | undefined;
  if (topic === undefined && brokerId === undefined) {
    giveUp(io, 'The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search');
  }
  if (partition !== undefined && topic === undefined) {
    giveUp(io, 'The --partition argument requires --topic to be provided');
  }
  const places =
    topic !== undefined && partition !== undefined
      ? [{ topic, partition }]
      : await placesOf(io, admin, topic, brokerId);
  const longestMs = (values.get('max_transaction_timeout') as number) * MINUTE_MS;
  const open = await openLongerThan(io, admin, places, brokerId, longestMs);
  const hanging = open.length === 0 ? [] : await withoutCoordinator(io, admin, open);
  const now = io.runtime.clock.nowMs();
  const rows = hanging.map(({ place, producer }) => [
    place.topic,
    String(place.partition),
    String(producer.producerId),
    String(producer.producerEpoch),
    String(producer.coordinatorEpoch),
    String(producer.currentTransactionStartOffset ?? -1),
    String(producer.lastTimestamp),
    String(Math.trunc((now - Number(producer.lastTimestamp)) / MINUTE_MS)),
  ]);
  printTable(io, HEADERS, rows);
}

async function placesOf(
  io: ToolIo,
  admin: Admin,
  topic: string | undefined,
  brokerId: number | undefined,
): Promise<TopicPartition[]> {
  const topics =
    topic === undefined ? (await admin.listTopics({ includeInternal: true })).map(({ name }) => name) : [topic];
  try {
    const described = allOf(await admin.describeTopics(topics));
    return [...described.values()].flatMap(({ name, partitions }) =>
      partitions
        .filter(({ replicas }) => brokerId === undefined || replicas.includes(brokerId))
        .map((one) => ({ topic: name, partition: one.partition })),
    );
  } catch (error) {
    return giveUpBecause(io, `Failed to describe ${topics.length} topics`, error);
  }
}

async function openLongerThan(
  io: ToolIo,
  admin: Admin,
  places: readonly TopicPartition[],
  brokerId: number | undefined,
  longestMs: number,
): Promise<OpenTransaction[]> {
  const now = io.runtime.clock.nowMs();
  const found = await admin.describeProducers(places, { ...(brokerId !== undefined && { brokerId }) });
  return found.flatMap(({ topic, partition, result }) => {
    if (result instanceof ClientError) {
      const broker = brokerId === undefined ? 'Optional.empty' : `Optional[${brokerId}]`;
      const what = `Failed to describe producers for ${places.length} partitions on broker ${broker}`;
      return giveUpBecause(io, what, result);
    }
    return result
      .filter((one) => one.currentTransactionStartOffset !== undefined && now - Number(one.lastTimestamp) > longestMs)
      .map((producer) => ({ place: { topic, partition }, producer }));
  });
}

/** Those whose producer has no transactional id any more, or whose transaction does not know the partition. */
async function withoutCoordinator(
  io: ToolIo,
  admin: Admin,
  open: readonly OpenTransaction[],
): Promise<OpenTransaction[]> {
  const producerIds = [...new Set(open.map(({ producer }) => producer.producerId))];
  const ids = new Map<string, string>();
  try {
    for (const listed of (await admin.listTransactions({ producerIds })).values()) {
      for (const { producerId, transactionalId } of valueOf(listed)) ids.set(String(producerId), transactionalId);
    }
  } catch (error) {
    giveUpBecause(io, `Failed to list transactions for ${producerIds.length} producers`, error);
  }
  const described = await admin.describeTransactions([...ids.values()]);
  return open.filter(({ place, producer }) => {
    const found = described.get(ids.get(String(producer.producerId)) ?? '');
    if (found instanceof ClientError && found.code !== 'TRANSACTIONAL_ID_NOT_FOUND') {
      giveUpBecause(io, `Failed to describe ${ids.size} transactions`, found);
    }
    if (found === undefined || found instanceof ClientError) return true;
    return !found.partitions.some((one) => placeText(one) === placeText(place));
  });
}
