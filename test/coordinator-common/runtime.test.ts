import { expect } from 'chai';
import {
  CoordinatorRuntime,
  type CoordinatorShard,
  type Effects,
  type Held,
  type RecordSerde,
} from '../../src/coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../../src/kraft/metadata/index.ts';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import {
  baseSequence,
  buildBatch,
  buildEndTransactionMarker,
  isControl,
  isTransactional,
  producerId,
  recordsOf,
} from '../../src/protocol/records/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';
import { MetadataBench } from '../api-handlers/metadata-bench.ts';
import { oldMessage, oldWrapper } from '../log/old-messages.ts';
import { MemoryWriter } from './memory-writer.ts';

/** A list of words, which are its records; a word that waits is answered with the next one. */
class Words implements CoordinatorShard<string, string> {
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

const serde: { -readonly [Part in keyof RecordSerde<string>]: RecordSerde<string>[Part] } = {
  encode: (word) => ({ key: Buffer.from(word), value: Buffer.from('x') }),
  decode: (key) => {
    const word = Buffer.from(key).toString();
    return word === 'unknown' ? undefined : word;
  },
};

function world() {
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
function watched<T>(answer: T | Promise<T>) {
  const seen: { value?: T; code?: number } = {};
  Promise.resolve(answer).then(
    (value) => (seen.value = value),
    (error: unknown) => (seen.code = (error as KafkaError).code),
  );
  return seen;
}

const codeOf = (action: () => unknown): number => {
  try {
    action();
  } catch (error) {
    return (error as KafkaError).code;
  }
  return 0;
};

describe('The coordinator runtime', () => {
  it('refuses what is asked of a partition that is led elsewhere', () => {
    const { runtime, say } = world();
    expect(codeOf(() => say('a'))).to.equal(Errors.NOT_COORDINATOR);
    expect(runtime.isHosted(0)).to.equal(false);
  });

  it('loads what was written before Kafka 0.11', async () => {
    const { clock, writer, runtime, shards } = world();
    const key = (offset: number) => ({ offset, key: Buffer.from(`old ${offset}`) });
    const plain = oldMessage({ magic: 0, ...key(0) });
    const packed = oldWrapper({ magic: 1, codec: 1, messages: [1, 2, 3].map(key) });
    const log = writer.log(0);
    log.batches.push({ bytes: plain, baseOffset: 0, endOffset: 1 }, { bytes: packed, baseOffset: 1, endOffset: 4 });
    log.committed = 4;
    runtime.load(0, 0);
    await clock.settle();
    expect(shards[0]?.words).to.include.members(['old 0', 'old 1', 'old 2', 'old 3']);
    expect(runtime.isHosted(0)).to.equal(true);
  });

  it('replays at once, gathers what is written in a turn into one batch, and answers after the commit', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    const one = watched(say('a'));
    const two = watched(say('b'));
    expect(shards[0]?.words).to.deep.equal(['loaded 0', 'a', 'b']);
    await clock.settle();
    expect(writer.appends).to.equal(1);
    expect([...recordsOf(writer.log(0).batches[0]?.bytes as Buffer)]).to.have.length(2);
    expect([one, two]).to.deep.equal([{}, {}]);
    writer.commit(0);
    await clock.settle();
    expect([one.value, two.value]).to.deep.equal(['said a', 'said b']);
  });

  it('answers a read when what it has seen is committed, and at once when all is', async () => {
    const { clock, writer, runtime, say } = world();
    runtime.load(0, 0);
    const read = () => runtime.ask(0, (shard) => shard.words.length);
    expect(read()).to.equal(1);
    watched(say('a'));
    const dirty = watched(read());
    await clock.settle();
    expect(dirty.value).to.equal(undefined);
    writer.commit(0);
    await clock.settle();
    expect(dirty.value).to.equal(2);
  });

  it('keeps requests that another operation answers', async () => {
    const { clock, writer, runtime } = world();
    runtime.load(0, 0);
    const held = watched(
      runtime.hold<string>(0, (shard, _effects, reply) => {
        shard.waiting = reply;
      }),
    );
    watched(
      runtime.ask(0, (shard, effects) => {
        effects.append('word');
        effects.reply(shard.waiting as Held<string>, 'answered');
      }),
    );
    await clock.settle();
    expect(held.value).to.equal(undefined);
    writer.commit(0);
    await clock.settle();
    expect(held.value).to.equal('answered');
  });

  it('holds nobody any longer when waits end, and goes on with what waits for the log', async () => {
    const { clock, writer, runtime, say } = world();
    runtime.load(0, 0);
    const holding = (): ReturnType<typeof watched> => watched(runtime.hold<string>(0, () => undefined));
    const [written, early] = [watched(say('a')), holding()];
    runtime.endWaits();
    const late = holding();
    await clock.settle();
    expect([early.code, late.code]).to.deep.equal([Errors.NOT_COORDINATOR, Errors.NOT_COORDINATOR]);
    runtime.load(1, 0);
    const elsewhere = watched(runtime.hold<string>(1, () => undefined));
    writer.commit(0);
    await clock.settle();
    expect(written.value).to.equal('said a');
    expect(elsewhere.code).to.equal(Errors.NOT_COORDINATOR);
  });

  it('is loading until the log is replayed, in slices, and skips what it does not know', async () => {
    const first = world();
    first.runtime.load(0, 0);
    for (let word = 0; word < 50; word++) {
      watched(first.say(word === 7 ? 'unknown' : `w${word}`));
      if (word % 5 === 0) await first.clock.settle();
    }
    await first.clock.settle();
    const { clock, writer, runtime, shards, say } = world();
    writer.logs.set(0, first.writer.log(0));
    let open!: () => void;
    writer.readGate = new Promise((resolve) => (open = resolve));
    runtime.load(0, 0);
    expect(codeOf(() => say('a'))).to.equal(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    await clock.settle();
    expect(runtime.isActive(0)).to.equal(false);
    open();
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    expect(shards[0]?.words).to.have.length(50);
    expect(shards[0]?.words.at(-1)).to.equal('loaded 49');
  });

  it('does not believe a batch that does not match its checksum', async () => {
    const first = world();
    first.runtime.load(0, 0);
    watched(first.say('right'));
    await first.clock.settle();
    const { clock, writer, runtime } = world();
    writer.logs.set(0, first.writer.log(0));
    const bytes = writer.log(0).batches[0]?.bytes as Buffer;
    bytes.writeInt8(bytes.readInt8(bytes.length - 2) ^ 1, bytes.length - 2);
    runtime.load(0, 0);
    for (let turn = 0; turn < 50; turn++) await clock.settle();
    expect(runtime.isActive(0)).to.equal(false);
  });

  for (const isLate of [false, true]) {
    it(`drops the shard and loads it again when ${isLate ? 'a write' : 'an append'} fails`, async () => {
      const { clock, writer, runtime, shards, say } = world();
      runtime.load(0, 0);
      watched(say('kept'));
      await clock.settle();
      writer.commit(0);
      const held = watched(runtime.hold<string>(0, () => undefined));
      writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate };
      const lost = watched(say('lost'));
      await clock.advance(10);
      expect([lost.code, held.code]).to.deep.equal([Errors.NOT_COORDINATOR, Errors.NOT_COORDINATOR]);
      expect(codeOf(() => say('a'))).to.equal(Errors.NOT_COORDINATOR);
      await clock.advance(200);
      expect(shards).to.have.length(2);
      expect(shards[1]?.words).to.deep.equal(['kept', 'loaded 1']);
      const again = watched(say('again'));
      await clock.settle();
      writer.commit(0);
      await clock.settle();
      expect(again.value).to.equal('said again');
    });
  }

  it('drops the shard when somebody else has written to its partition', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    watched(say('a'));
    await clock.settle();
    writer.commit(0);
    writer.append(0, buildBatch([{ key: Buffer.from('theirs'), value: null }]));
    writer.commit(0);
    const lost = watched(say('b'));
    await clock.advance(500);
    expect(lost.code).to.equal(Errors.NOT_COORDINATOR);
    expect(shards.at(-1)?.words.slice(0, 2)).to.deep.equal(['a', 'theirs']);
  });

  it('answers a fault of an operation, and starts over with what the log holds', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    watched(say('a'));
    await clock.settle();
    writer.commit(0);
    const fault = () =>
      runtime.ask(0, (shard) => {
        shard.words.push('half done');
        throw new RangeError('a fault');
      });
    expect(codeOf(fault)).to.equal(Errors.UNKNOWN_SERVER_ERROR);
    await clock.advance(200);
    expect(shards.at(-1)?.words).to.deep.equal(['a', 'loaded 1']);
  });

  it('tells new metadata as soon as a partition is loaded, and again when what came of it was lost', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    watched(say('a'));
    await clock.settle();
    writer.commit(0);
    await clock.settle();
    runtime.unload(0);
    let open!: () => void;
    writer.readGate = new Promise((resolve) => (open = resolve));
    runtime.load(0, 1);
    await clock.settle();
    const metadata = new MetadataBench();
    const topicId = metadata.createTopic('topic');
    runtime.onMetadata(metadata.image, metadata.createdTopic);
    const delta = metadata.replay([{ type: 'RemoveTopicRecord', version: 0, topicId }]);
    runtime.onMetadata(metadata.image, delta);
    const told = () => shards.at(-1)?.heard;
    expect(told()).to.deep.equal([]);
    open();
    writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: true };
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    expect(shards.at(-1)?.words).to.deep.equal(['a', 'loaded 1', 'topic is gone']);
    expect(told()).to.deep.equal(['', 'topic', '']);
    await clock.advance(200);
    expect(shards).to.have.length(3);
    expect(told()).to.deep.equal(['topic', '']);
    writer.commit(0);
    await clock.settle();
    runtime.unload(0);
    runtime.load(0, 2);
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    expect(shards.at(-1)?.words).to.deep.equal(['a', 'topic is gone', 'loaded 2']);
    expect(told()).to.deep.equal(['']);
  });

  it('passes on what an operation refuses, and changes nothing', () => {
    const { runtime, shards } = world();
    runtime.load(0, 0);
    const refusal = () =>
      runtime.ask(0, (_shard, effects) => {
        effects.append('never');
        throw new KafkaError(Errors.GROUP_ID_NOT_FOUND);
      });
    expect(codeOf(refusal)).to.equal(Errors.GROUP_ID_NOT_FOUND);
    expect(shards[0]?.words).to.deep.equal(['loaded 0']);
    expect(runtime.isActive(0)).to.equal(true);
  });

  it('refuses records of one operation that no batch can hold, and spreads those that may be', async () => {
    const { clock, writer, runtime, shards } = world();
    writer.maxBytes = 200;
    runtime.load(0, 0);
    const many = (isAtomic: boolean) =>
      runtime.ask(0, (_shard, effects) => {
        for (let word = 0; word < 20; word++) effects.append(`word ${word}`);
        effects.isAtomic = isAtomic;
      });
    expect(codeOf(() => many(true))).to.equal(Errors.RECORD_LIST_TOO_LARGE);
    expect(shards[0]?.words).to.deep.equal(['loaded 0']);
    watched(many(false));
    await clock.settle();
    expect(writer.appends).to.be.greaterThan(3);
    expect(shards[0]?.words).to.have.length(21);
  });

  it('encodes no more of an operation than a batch has room for', () => {
    const { writer, runtime } = world();
    runtime.load(0, 0);
    writer.maxBytes = 10_000;
    const encode = serde.encode;
    let encoded = 0;
    serde.encode = (word) => {
      encoded++;
      return encode(word);
    };
    const many = () =>
      runtime.ask(0, (_shard, effects) => {
        for (let index = 0; index < 50_000; index++) effects.append(`word ${index}`);
      });
    expect(codeOf(many)).to.equal(Errors.RECORD_LIST_TOO_LARGE);
    serde.encode = encode;
    expect(encoded).to.be.within(100, 10_000 / 24);
  });

  it('asks the log once for all that an operation writes for one producer', async () => {
    const { clock, writer, runtime } = world();
    runtime.load(0, 0);
    const refusalOf = writer.refusalOf.bind(writer);
    let asked = 0;
    writer.refusalOf = (...args) => {
      asked++;
      return refusalOf(...args);
    };
    const producer = { producerId: 1, producerEpoch: 0 };
    const transaction = { transactionalId: 't', ...producer, knowsAbortable: true, addsPartition: true };
    void runtime.askInTransaction(0, transaction, (_shard, effects) => {
      for (let index = 0; index < 1_000; index++) effects.appendFor(producer, `word ${index}`);
    });
    await clock.settle();
    expect([asked, writer.appends]).to.deep.equal([1, 1]);
  });

  it('tells who waits that the log is slow, and keeps what was written', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    const late = watched(say('late'));
    await clock.advance(1_100);
    expect(late.code).to.equal(Errors.REQUEST_TIMED_OUT);
    const second = watched(say('second'));
    await clock.settle();
    writer.commit(0);
    await clock.settle();
    expect(second.value).to.equal('said second');
    expect(shards[0]?.words).to.deep.equal(['loaded 0', 'late', 'second']);
  });

  it('runs timers as operations, and none after the partition is gone', async () => {
    const { clock, writer, runtime, shards } = world();
    runtime.load(0, 0);
    void runtime.ask(0, (_shard, effects) => {
      effects.schedule('one', 10, 'tick');
      effects.schedule('two', 50, 'tock');
    });
    await clock.advance(20);
    expect(writer.appends).to.equal(1);
    runtime.unload(0);
    await clock.advance(100);
    expect(shards[0]?.words).to.deep.equal(['loaded 0', 'tick']);
  });

  it('tells everybody who waits when the partition goes, and goes on under a newer epoch', async () => {
    const { clock, runtime, say } = world();
    runtime.load(0, 3);
    const waiting = watched(say('a'));
    runtime.load(0, 4);
    await clock.settle();
    expect(waiting).to.deep.equal({});
    runtime.unload(0);
    await clock.settle();
    expect(waiting.code).to.equal(Errors.NOT_COORDINATOR);
    runtime.close();
    runtime.load(0, 5);
    expect(runtime.isHosted(0)).to.equal(false);
  });

  it('is led by nobody of an older epoch than was heard of, and by anybody once the partition was gone', async () => {
    const { clock, runtime, shards } = world();
    runtime.load(0, 5);
    runtime.unload(0, 4);
    expect(runtime.epochOf(0)).to.equal(5);
    runtime.unload(0, 7);
    for (const stale of [6, 7]) {
      runtime.load(0, stale);
      expect(runtime.isHosted(0)).to.equal(false);
    }
    runtime.unload(1, 3);
    runtime.load(1, 3);
    expect(runtime.isHosted(1)).to.equal(false);
    runtime.load(0, 8);
    runtime.load(1, 4);
    await clock.settle();
    expect([runtime.epochOf(0), runtime.epochOf(1)]).to.deep.equal([8, 4]);
    expect(shards).to.have.length(3);
    // The topic is deleted, and made again: epochs begin anew.
    runtime.unload(0);
    runtime.load(0, 0);
    expect(runtime.isActive(0)).to.equal(true);
  });

  it('gives up a load when the partition is led elsewhere, and answers nobody from it', async () => {
    const { clock, writer, runtime, shards, say } = world();
    writer.append(0, buildBatch([{ key: Buffer.from('a'), value: null }]));
    writer.commit(0);
    let open!: () => void;
    writer.readGate = new Promise((resolve) => (open = resolve));
    runtime.load(0, 1);
    await clock.settle();
    runtime.unload(0, 2);
    runtime.load(0, 3);
    open();
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    expect(shards.map(({ words }) => words)).to.deep.equal([[], ['a', 'loaded 1']]);
    expect(codeOf(() => say('b'))).to.equal(0);
  });

  it('tries a partition that rests at once when it is led on in a newer epoch', async () => {
    const { clock, writer, runtime, say } = world();
    runtime.load(0, 0);
    writer.failNext = { errorCode: Errors.KAFKA_STORAGE_ERROR, isLate: false };
    watched(say('lost'));
    await clock.settle();
    expect(codeOf(() => say('a'))).to.equal(Errors.NOT_COORDINATOR);
    runtime.load(0, 1);
    await clock.settle();
    expect(runtime.isActive(0)).to.equal(true);
    await clock.advance(500);
    expect(runtime.isActive(0), 'the pause that was is over').to.equal(true);
  });

  it('keeps its shard when a request cannot be written, and is still read', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    writer.refusedWith = Errors.NOT_ENOUGH_REPLICAS;
    expect(codeOf(() => say('a'))).to.equal(Errors.NOT_ENOUGH_REPLICAS);
    await clock.advance(500);
    expect(shards).to.have.length(1);
    expect(runtime.ask(0, ({ words }) => words.length)).to.equal(1);
    // What nobody asked for is put off, until somebody else puts it off further.
    watched(runtime.ask(0, (_shard, effects) => effects.schedule('t', 10, 'by a timer')));
    watched(runtime.ask(0, (_shard, effects) => effects.afterCommit('event')));
    await clock.advance(300);
    expect(shards[0]?.words).to.deep.equal(['loaded 0']);
    watched(runtime.ask(0, (_shard, effects) => effects.schedule('t', 1_000, 'by a later timer')));
    writer.refusedWith = Errors.NONE;
    await clock.advance(600);
    expect(shards[0]?.words).to.deep.equal(['loaded 0', 'committed']);
    await clock.advance(500);
    expect(shards[0]?.words).to.deep.equal(['loaded 0', 'committed', 'by a later timer']);
    expect(shards).to.have.length(1);
  });

  it('tells who has written that replicas are missing, and who waits for others to look again', async () => {
    const { clock, writer, runtime, say } = world();
    runtime.load(0, 0);
    const held = watched(runtime.hold<string>(0, () => undefined));
    writer.failNext = { errorCode: Errors.NOT_ENOUGH_REPLICAS, isLate: true };
    const written = watched(say('a'));
    await clock.advance(10);
    expect([written.code, held.code]).to.deep.equal([Errors.COORDINATOR_NOT_AVAILABLE, Errors.NOT_COORDINATOR]);
  });

  it('acts on nothing that it has loaded from above the high watermark until that is committed', async () => {
    const { clock, writer, runtime } = world();
    writer.append(0, buildBatch([{ key: Buffer.from('not committed'), value: null }]));
    const acted: string[] = [];
    runtime.load(0, 1);
    for (let turn = 0; turn < 50 && !runtime.isActive(0); turn++) await clock.settle();
    const read = watched(
      runtime.ask(0, (shard, effects) => {
        effects.afterCommit('act');
        shard.onCommitted = () => void acted.push('acted');
        return shard.words.length;
      }),
    );
    await clock.advance(900);
    expect([acted, read]).to.deep.equal([[], {}]);
    writer.commit(0);
    await clock.settle();
    expect([acted, read.value]).to.deep.equal([['acted'], 2]);
  });

  it('loads again what somebody has written to between the end of the load and its own beginning', async () => {
    const { clock, writer, runtime, shards } = world();
    writer.append(0, buildBatch([{ key: Buffer.from('a'), value: null }]));
    writer.commit(0);
    const reader = writer.reader.bind(writer);
    let asked = 0;
    writer.reader = (partition) => {
      const real = reader(partition);
      return {
        ...real,
        read: real.read.bind(real),
        committedOffset: 1,
        get endOffset() {
          // The third time everything has been read.
          if (++asked === 3) {
            queueMicrotask(() => writer.append(0, buildBatch([{ key: Buffer.from('late'), value: null }])));
          }
          return real.endOffset;
        },
      };
    };
    runtime.load(0, 0);
    await clock.advance(500);
    writer.commit(0);
    expect(shards.at(-1)?.words).to.deep.equal(['a', 'late', 'loaded 2']);
  });

  describe('within transactions', () => {
    const transaction = (producerId: number, producerEpoch = 0) => ({
      transactionalId: `t${producerId}`,
      producerId,
      producerEpoch,
      knowsAbortable: true,
      addsPartition: false,
    });
    const marker = { producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, isCommit: true };

    /** `say` under a producer. */
    function worldOfTransactions() {
      const made = world();
      made.runtime.load(0, 0);
      const say = (word: string, producerId: number, producerEpoch = 0) =>
        watched(
          made.runtime.askInTransaction(0, transaction(producerId, producerEpoch), (_shard, effects) => {
            effects.appendFor({ producerId, producerEpoch }, word);
            return `said ${word}`;
          }),
        );
      const words = () => made.shards.at(-1)?.words.slice(1);
      return { ...made, say, words };
    }

    it('writes a batch for each producer, and one for who has none', async () => {
      const { clock, writer, runtime, say } = worldOfTransactions();
      const answers = [say('a', 1), say('b', 1), say('c', 2)];
      watched(runtime.ask(0, (_shard, effects) => effects.append('plain')));
      await clock.settle();
      const written = writer
        .log(0)
        .batches.map(({ bytes }) => [
          producerId(bytes),
          isTransactional(bytes),
          baseSequence(bytes),
          [...recordsOf(bytes)].map(({ key }) => Buffer.from(key ?? []).toString()).join(),
        ]);
      expect(written).to.deep.equal([
        [1, true, 0, 'a,b'],
        [2, true, 0, 'c'],
        [-1, false, -1, 'plain'],
      ]);
      writer.commit(0);
      await clock.settle();
      expect(answers.map(({ value }) => value)).to.deep.equal(['said a', 'said b', 'said c']);
    });

    it('keeps the order of one producer while it is being verified, and holds up nobody else', async () => {
      const { clock, writer, say, words } = worldOfTransactions();
      let verified!: (code: number) => void;
      let asked = 0;
      writer.verdict = ({ producerId }) => {
        if (producerId === 1 && asked++ === 0) return new Promise((resolve) => (verified = resolve));
        return Errors.NONE;
      };
      say('a', 1);
      say('b', 1);
      say('c', 2);
      say('d', 1);
      await clock.settle();
      expect(words()).to.deep.equal(['c']);
      verified(Errors.NONE);
      await clock.settle();
      expect(words()).to.deep.equal(['c', 'a', 'b', 'd']);
    });

    it('answers what the verification says, and goes on with the next', async () => {
      const { clock, writer, say, words } = worldOfTransactions();
      const verdicts = [
        Promise.resolve(Errors.TRANSACTION_ABORTABLE),
        Promise.reject(new Error('a fault')),
        Promise.resolve(Errors.NONE),
      ];
      writer.verdict = () => verdicts.shift() ?? Errors.NOT_COORDINATOR;
      const answers = [say('a', 1), say('b', 1), say('c', 1), say('d', 1)];
      await clock.settle();
      writer.commit(0);
      await clock.settle();
      expect(words()).to.deep.equal(['c']);
      expect(answers.map(({ code }) => code)).to.deep.equal([
        Errors.TRANSACTION_ABORTABLE,
        Errors.UNKNOWN_SERVER_ERROR,
        undefined,
        Errors.NOT_COORDINATOR,
      ]);
    });

    it('still waits for a verification when other waits end', async () => {
      const { clock, writer, runtime, say, words } = worldOfTransactions();
      let verified!: (code: number) => void;
      writer.verdict = () => new Promise((resolve) => (verified = resolve));
      const answer = say('a', 1);
      runtime.endWaits();
      await clock.settle();
      expect(answer.code).to.equal(undefined);
      verified(Errors.NONE);
      await clock.settle();
      expect(words()).to.deep.equal(['a']);
    });

    it('tells who waits for a verification that the partition is led elsewhere', async () => {
      const { clock, writer, runtime, say, words } = worldOfTransactions();
      let verified!: (code: number) => void;
      writer.verdict = () => new Promise((resolve) => (verified = resolve));
      const answers = [say('a', 1), say('b', 1)];
      runtime.unload(0);
      await clock.settle();
      expect(answers.map(({ code }) => code)).to.deep.equal([Errors.NOT_COORDINATOR, Errors.NOT_COORDINATOR]);
      verified(Errors.NONE);
      await clock.settle();
      expect(words()).to.deep.equal([]);
    });

    it('refuses a producer that was replaced, and does not lose the shard by it', async () => {
      const { clock, writer, say, shards, words } = worldOfTransactions();
      say('a', 1, 5);
      const early = say('b', 1, 4);
      await clock.settle();
      writer.commit(0);
      const late = say('c', 1, 4);
      await clock.advance(1_000);
      expect([early.code, late.code]).to.deep.equal([Errors.INVALID_PRODUCER_EPOCH, Errors.INVALID_PRODUCER_EPOCH]);
      expect([shards.length, words()]).to.deep.equal([1, ['a']]);
    });

    it('hears a marker behind all that came before it, and answers when it is committed', async () => {
      const { clock, writer, runtime, say, words } = worldOfTransactions();
      say('a', 1);
      const ended = watched(runtime.endTransaction(0, marker).then(() => 'ended'));
      say('b', 2);
      await clock.settle();
      expect(words()).to.deep.equal(['a', 'marker', 'b']);
      expect(writer.log(0).batches.map(({ bytes }) => isControl(bytes))).to.deep.equal([false, true, false]);
      expect(ended).to.deep.equal({});
      writer.commit(0);
      await clock.settle();
      expect(ended.value).to.equal('ended');
    });

    it('hears no marker that the log refuses, and goes on', async () => {
      const { clock, writer, runtime, shards, say, words } = worldOfTransactions();
      say('a', 1, 3);
      await clock.settle();
      const fenced = watched(runtime.endTransaction(0, marker));
      writer.failNext = { errorCode: Errors.NOT_ENOUGH_REPLICAS, isLate: false };
      const failed = watched(runtime.endTransaction(0, { ...marker, producerEpoch: 3 }));
      await clock.settle();
      writer.commit(0);
      expect([fenced.code, failed.code]).to.deep.equal([Errors.INVALID_PRODUCER_EPOCH, Errors.NOT_ENOUGH_REPLICAS]);
      expect([shards.length, words()]).to.deep.equal([1, ['a']]);
      runtime.unload(0);
      const gone = watched(runtime.endTransaction(0, marker));
      await clock.settle();
      expect(gone.code).to.equal(Errors.NOT_COORDINATOR);
    });

    it('hears a marker that somebody else appends', async () => {
      const { clock, writer, runtime, shards, say, words } = worldOfTransactions();
      say('a', 1);
      writer.append(0, buildEndTransactionMarker({ ...marker, timestamp: 0 }));
      expect(words()).to.deep.equal(['a', 'marker']);
      const read = watched(runtime.ask(0, (shard) => shard.words.length));
      await clock.settle();
      expect(read, 'seen before it is committed').to.deep.equal({});
      writer.commit(0);
      say('b', 1);
      await clock.settle();
      expect([shards.length, read.value, words()]).to.deep.equal([1, 3, ['a', 'marker', 'b']]);
    });

    it('takes an atomic operation within two transactions for a fault', async () => {
      const { runtime } = worldOfTransactions();
      const fault = () =>
        runtime.ask(0, (_shard, effects) => {
          effects.append('a');
          effects.appendFor({ producerId: 1, producerEpoch: 0 }, 'b');
        });
      expect(codeOf(fault)).to.equal(Errors.UNKNOWN_SERVER_ERROR);
    });
  });

  it('tells an event when what came before it is committed, behind the answers, and never of a shard that is gone', async () => {
    const { clock, writer, runtime, shards, say } = world();
    runtime.load(0, 0);
    const prepare = (word: string) =>
      watched(
        runtime.ask(0, (_shard, effects) => {
          effects.append(word);
          effects.afterCommit(word);
        }),
      );
    prepare('a');
    await clock.settle();
    expect(shards[0]?.words).to.deep.equal(['loaded 0', 'a']);
    writer.commit(0);
    await clock.settle();
    expect(shards[0]?.words).to.deep.equal(['loaded 0', 'a', 'committed']);
    watched(runtime.ask(0, (_shard, effects) => effects.afterCommit('nothing to wait for')));
    expect(shards[0]?.words).to.have.length(3);
    await clock.settle();
    expect(shards[0]?.words).to.have.length(4);
    prepare('b');
    await clock.settle();
    // Who waits longer than the time-out is told; the event still comes.
    await clock.advance(2_000);
    writer.commit(0);
    await clock.settle();
    expect(shards[0]?.words.slice(4)).to.deep.equal(['b', 'committed']);
    prepare('c');
    await clock.settle();
    runtime.unload(0);
    writer.commit(0);
    await clock.settle();
    expect(shards[0]?.words.slice(6)).to.deep.equal(['c']);
    expect(codeOf(() => say('d'))).to.equal(Errors.NOT_COORDINATOR);
  });
});
