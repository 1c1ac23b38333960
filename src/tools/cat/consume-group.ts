// kcat -G: topics, or regular expressions for topics, as a member of a group.
import type { Admin, Consumer, ConsumerOptions } from '../../client/index.ts';
import { type CatContext, catErrorText } from './cat-context.ts';
import { CatFailure } from './cat-failure.ts';
import { consumerOptions } from './consumer-settings.ts';
import { EndWatch } from './end-watch.ts';
import { listedOffsets } from './listed-offsets.ts';
import { MessageWriter } from './message-writer.ts';

const POLL_MS = 100;

interface Place {
  readonly topic: string;
  readonly partition: number;
}

const nameOf = ({ topic, partition }: Place): string => `${topic}-${partition}`;

export async function consumeInGroup(context: CatContext, admin: Admin): Promise<void> {
  const held = new Map<string, Place>();
  const consumer: Consumer = context.client.consumer(memberOptions(context, held));
  context.info(1, 'Waiting for group rebalance');
  try {
    await readAsMember(context, admin, consumer, held);
  } catch (error) {
    if (error instanceof CatFailure) throw error;
    throw new CatFailure(`Consumer error: ${catErrorText(error)}`);
  } finally {
    await consumer.close();
  }
}

async function readAsMember(context: CatContext, admin: Admin, consumer: Consumer, held: ReadonlyMap<string, Place>) {
  const { count, isExitingAtEnd } = context.options;
  const writer = new MessageWriter(context, await context.codec());
  const watch = new EndWatch((places) => listedOffsets(context, admin, places, 'latest'));
  const atEnd = new Set<string>();
  while (!context.io.signal.aborted) {
    for (const record of await consumer.poll(POLL_MS)) {
      await writer.write(record);
      watch.read(record);
      atEnd.delete(nameOf(record));
      if (writer.count === count) return;
    }
    const ends = await watch.reached(
      [...held.values()],
      ({ topic, partition }) => consumer.position(topic, partition) ?? 0,
    );
    for (const { place, offset } of ends) {
      atEnd.add(nameOf(place));
      const isOver = isExitingAtEnd && [...held.keys()].every((name) => atEnd.has(name));
      const exiting = isOver ? ': exiting' : '';
      context.info(1, `Reached end of topic ${place.topic} [${place.partition}] at offset ${offset}${exiting}`);
      if (isOver) return;
    }
  }
}

function memberOptions(context: CatContext, held: Map<string, Place>): ConsumerOptions {
  const { names, group = '' } = context.options;
  const patterns = names.filter((name) => name.startsWith('^'));
  const topics = names.filter((name) => !name.startsWith('^'));
  if (patterns.length > 0 && topics.length > 0) {
    // One expression for all: names stand for themselves in it.
    patterns.push(...topics.map((name) => `^${name.replaceAll('.', '\\.')}$`));
  }
  const instanceId = context.property('group.instance.id');
  return {
    ...consumerOptions(context),
    group,
    groupProtocol: 'classic',
    ...(patterns.length > 0 ? { pattern: patterns.map((one) => `(?:${one})`).join('|') } : { topics }),
    ...(instanceId !== undefined && { groupInstanceId: instanceId }),
    ...(context.property('enable.auto.commit') === 'false' && { autoCommit: false }),
    onAssigned: (places) => {
      for (const place of places) held.set(nameOf(place), place);
      context.info(1, `Group ${group} rebalanced: assigned: ${shown(places)}`);
    },
    onRevoked: (places) => {
      for (const place of places) held.delete(nameOf(place));
      context.info(1, `Group ${group} rebalanced: revoked: ${shown(places)}`);
    },
  };
}

const shown = (places: readonly Place[]): string =>
  places.map(({ topic, partition }) => `${topic} [${partition}]`).join(', ');
