// A coordinator as small as one can be, in the runtime under test: its state is a list of words.
import {
  CoordinatorRuntime,
  type CoordinatorShard,
  type Effects,
  type Held,
  type RecordSerde,
} from '../../src/coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../../src/kraft/metadata/index.ts';
import type { KafkaError } from '../../src/protocol/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';
import { MemoryWriter } from './memory-writer.ts';

/** A list of words, which are its records; a word that waits is answered with the next one. */
export class Words implements CoordinatorShard<string, string> {
  readonly words: string[] = [];
  /** The names of topics each time that they were told. */
  readonly heard: string[] = [];
  waiting: Held<string> | undefined;
  replay(word: string): void {
    this.words.push(word);
  }
  replayEndTransactionMarker(): void {
    this.words.push('marker');
  }
  onMetadata(image: MetadataImage, { deletedTopics }: MetadataDelta, effects: Effects<string, string>): void {
    this.heard.push([...image.topics.byName.keys()].join());
    for (const { name } of deletedTopics.values()) effects.append(`${name} is gone`);
  }
  onCommitted(): void {
    this.words.push('committed');
  }
  onLoaded(image: MetadataImage): void {
    this.heard.push([...image.topics.byName.keys()].join());
    this.words.push(`loaded ${this.words.length}`);
  }
  onTimer(event: string, effects: Effects<string, string>): void {
    effects.append(event);
  }
}

export const serde: { -readonly [Part in keyof RecordSerde<string>]: RecordSerde<string>[Part] } = {
  encode: (word) => ({ key: Buffer.from(word), value: Buffer.from('x') }),
  decode: (key) => {
    const word = Buffer.from(key).toString();
    return word === 'unknown' ? undefined : word;
  },
};

export function world() {
  const clock = new SimClock({ nextTurn });
  const writer = new MemoryWriter(clock);
  writer.commitDelayMs = undefined;
  const shards: Words[] = [];
  const runtime = new CoordinatorRuntime<Words, string, string>({
    name: 'words',
    clock,
    logger: silentLogger,
    writer,
    serde,
    newShard: () => {
      const shard = new Words();
      shards.push(shard);
      return shard;
    },
    commitTimeoutMs: 1_000,
    loadBufferBytes: 100,
  });
  const say = (word: string) =>
    runtime.ask(0, (_shard, effects) => {
      effects.append(word);
      return `said ${word}`;
    });
  return { clock, writer, runtime, shards, say };
}

/** The state of a promise, and with which error code it was rejected. */
export function watched<T>(answer: T | Promise<T>) {
  const seen: { value?: T; code?: number } = {};
  Promise.resolve(answer).then(
    (value) => (seen.value = value),
    (error: unknown) => (seen.code = (error as KafkaError).code),
  );
  return seen;
}

export const codeOf = (action: () => unknown): number => {
  try {
    action();
  } catch (error) {
    return (error as KafkaError).code;
  }
  return 0;
};
