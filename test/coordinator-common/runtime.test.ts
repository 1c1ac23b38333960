import { expect } from 'chai';
import type { Held } from '../../src/coordinator-common/index.ts';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import { recordsOf } from '../../src/protocol/records/index.ts';
import { codeOf, serde, watched, world } from './word-coordinator.ts';

describe('The coordinator runtime', () => {
  it('refuses what is asked of a partition that is led elsewhere', () => {
    const { runtime, say } = world();
    expect(codeOf(() => say('a'))).to.equal(Errors.NOT_COORDINATOR);
    expect(runtime.isHosted(0)).to.equal(false);
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
