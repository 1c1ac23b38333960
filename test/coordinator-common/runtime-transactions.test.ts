import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import {
  baseSequence,
  buildEndTransactionMarker,
  isControl,
  isTransactional,
  producerId,
  recordsOf,
} from '../../src/protocol/records/index.ts';
import { codeOf, watched, world } from './word-coordinator.ts';

describe('The coordinator runtime within transactions', () => {
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
      [-1, false, 0, 'plain'],
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
