// kcat -C: one topic, all its partitions or one, from somewhere to somewhere.
import type { Admin, AskedOffset, Consumer } from '../../client/index.ts';
import { Errors } from '../../protocol/index.ts';
import type { ToolRecord } from '../tool-record.ts';
import { type CatContext, catErrorText } from './cat-context.ts';
import { CatFailure } from './cat-failure.ts';
import type { CatOffset } from './cat-options.ts';
import { consumerOptions } from './consumer-settings.ts';
import { EndWatch } from './end-watch.ts';
import { brokerErrorText, LOCAL } from './librdkafka-errors.ts';
import { clusterAsKnown } from './list-metadata.ts';
import { listedOffsets } from './listed-offsets.ts';
import { MessageWriter } from './message-writer.ts';

const POLL_MS = 100;

interface Place {
  readonly topic: string;
  readonly partition: number;
}

export async function consumeMessages(context: CatContext, admin: Admin): Promise<void> {
  const places = await wantedPartitions(context);
  const offsets = await startOffsets(context, admin, places);
  const consumer: Consumer = context.client.consumer(consumerOptions(context));
  try {
    consumer.assign(places.map((place, index) => ({ ...place, offset: offsets[index] as number })));
    await readAll(context, admin, consumer, places);
  } finally {
    await consumer.close();
  }
}

async function wantedPartitions(context: CatContext): Promise<Place[]> {
  const { topic = '', partition } = context.options;
  const { answer } = await clusterAsKnown(context, topic).catch((error: unknown) => {
    throw new CatFailure(`Failed to query metadata for topic ${topic}: ${catErrorText(error)}`);
  });
  const [found] = answer.topics;
  if (found === undefined) throw new CatFailure(`No such topic in cluster: ${topic}`);
  if (found.errorCode !== Errors.NONE)
    throw new CatFailure(`Topic ${topic} error: ${brokerErrorText(found.errorCode)}`);
  const ids = found.partitions.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
  if (ids.length === 0) throw new CatFailure(`Topic ${topic} has no partitions`);
  if (partition < 0) return ids.map((id) => ({ topic, partition: id }));
  if (ids.includes(partition)) return [{ topic, partition }];
  const range = `(with partitions 0..${ids.length - 1})`;
  throw new CatFailure(`Topic ${topic} ${range}: partition ${partition} does not exist`);
}

/** Where each partition begins. What lies outside of the log is where auto.offset.reset says, the end unless it was set. */
async function startOffsets(context: CatContext, admin: Admin, places: readonly Place[]): Promise<number[]> {
  const { startMs, offset = { kind: 'beginning' } } = context.options;
  const ask = (spec: AskedOffset['spec']): Promise<number[]> => listedOffsets(context, admin, places, spec);
  const first = await ask('earliest');
  const last = await ask('latest');
  if (startMs !== undefined) {
    const timed = await ask({ timestamp: startMs });
    return timed.map((found, index) => (found < 0 ? (last[index] as number) : found));
  }
  const stored = offset.kind === 'stored' ? await storedOffsets(context, admin, places) : [];
  const isEarliest = /^(smallest|earliest|beginning)$/.test(context.property('auto.offset.reset') ?? '');
  return places.map((_, index) => {
    const [begin = 0, end = 0] = [first[index], last[index]];
    const wanted = wantedOffset(offset, begin, end, stored[index]);
    if (wanted !== undefined && wanted >= begin && wanted <= end) return wanted;
    return isEarliest ? begin : end;
  });
}

/** undefined: auto.offset.reset decides. */
function wantedOffset(offset: CatOffset, begin: number, end: number, stored: number | undefined): number | undefined {
  switch (offset.kind) {
    case 'beginning':
      return begin;
    case 'end':
      return end;
    case 'stored':
      return stored;
    case 'at':
      return offset.offset;
    case 'tail':
      return Math.max(begin, end - offset.count);
  }
}

async function storedOffsets(
  context: CatContext,
  admin: Admin,
  places: readonly Place[],
): Promise<(number | undefined)[]> {
  const group = context.property('group.id');
  if (group === undefined) {
    const [{ topic, partition } = { topic: '', partition: 0 }] = places;
    throw new CatFailure(`Failed to start consuming topic ${topic} [${partition}]: ${LOCAL.invalidArgument}`);
  }
  const outcomes = await admin.listConsumerGroupOffsets([{ groupId: group, partitions: places }]);
  const found = outcomes.get(group);
  if (found === undefined || found instanceof Error) return [];
  return places.map(({ partition }) => {
    const committed = found.find((one) => one.partition === partition)?.result;
    return committed === undefined || committed === null || committed instanceof Error
      ? undefined
      : Number(committed.offset);
  });
}

async function readAll(context: CatContext, admin: Admin, consumer: Consumer, places: readonly Place[]): Promise<void> {
  const { isExitingAtEnd, stopMs, count } = context.options;
  const writer = new MessageWriter(context, await context.codec());
  const watch = new EndWatch((asked) => listedOffsets(context, admin, asked, 'latest'));
  const stopped = new Set<string>();
  const stop = ({ topic, partition }: Place): boolean => {
    stopped.add(`${topic}-${partition}`);
    return stopped.size >= places.length;
  };
  let isOver = false;
  while (!isOver && !context.io.signal.aborted) {
    for (const record of await polled(consumer)) {
      if (isOver || stopped.has(`${record.topic}-${record.partition}`)) continue;
      if (stopMs !== undefined && record.timestamp >= stopMs) {
        isOver = stop(record);
        tellStop(context, record, isOver);
        continue;
      }
      await writer.write(record);
      watch.read(record);
      if (writer.count === count) isOver = true;
    }
    if (isOver) break;
    const open = places.filter(({ topic, partition }) => !stopped.has(`${topic}-${partition}`));
    for (const { place, offset } of await watch.reached(
      open,
      (place) => consumer.position(place.topic, place.partition) ?? 0,
    )) {
      if (isExitingAtEnd) isOver = stop(place);
      context.info(
        1,
        `Reached end of topic ${place.topic} [${place.partition}] at offset ${offset}${isOver ? ': exiting' : ''}`,
      );
    }
  }
}

function tellStop(context: CatContext, { topic, partition, offset }: ToolRecord, isOver: boolean): void {
  context.info(
    1,
    `Reached stop timestamp for topic ${topic} [${partition}] at offset ${offset}${isOver ? ': exiting' : ''}`,
  );
}

async function polled(consumer: Consumer): Promise<readonly ToolRecord[]> {
  try {
    return await consumer.poll(POLL_MS);
  } catch (error) {
    throw new CatFailure(`Consumer error: ${catErrorText(error)}`);
  }
}
