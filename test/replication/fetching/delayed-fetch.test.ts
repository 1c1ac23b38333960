import { expect } from 'chai';
import { buildBatch, buildEndTransactionMarker, Errors, ZERO_UUID } from '../../../src/protocol/index.ts';
import { DelayedFetch } from '../../../src/replication/fetching/delayed-fetch.ts';
import { FetchAnswer, type FetchOptions } from '../../../src/replication/fetching/fetch-answer.ts';
import { FetchTarget, type PartitionToFetch } from '../../../src/replication/fetching/fetch-session.ts';
import type { Partition } from '../../../src/replication/partition.ts';
import { Purgatory } from '../../../src/replication/purgatory.ts';
import { ReadBuffers } from '../../../src/replication/fetching/read-buffers.ts';
import { ResponseMemory } from '../../../src/replication/fetching/response-memory.ts';
import { AssertionFailure } from '../../../src/runtime/index.ts';
import type { SimClock } from '../../../src/runtime/sim/index.ts';
import { DIRECTORY, NOW } from '../../log/log-fixture.ts';
import { BATCH_BYTES, HeldLogs } from '../held-logs.ts';
import { partitionImage } from '../partition-image.ts';

const consumer: FetchOptions = {
  replicaId: -1,
  isReadCommitted: false,
  leaderOnly: false,
  maxWaitMs: 500,
  minBytes: 1,
  maxBytes: 1_000_000,
};

class Scope {
  readonly waiters = new Set<{ connectionClosed(): void }>();
  whenClosed(waiter: { connectionClosed(): void }): void {
    this.waiters.add(waiter);
  }
  forget(waiter: { connectionClosed(): void }): void {
    this.waiters.delete(waiter);
  }
}

describe('a fetch', () => {
  let clock: SimClock;
  let startMs: number;
  let purgatory: Purgatory;
  let scope: Scope;
  let unsentBytes: number;
  let logs: HeldLogs;
  let partitions: Partition[];

  beforeEach(async () => {
    logs = await HeldLogs.open(2);
    clock = logs.clock;
    startMs = clock.monotonicMs();
    purgatory = new Purgatory(clock, 10);
    scope = new Scope();
    unsentBytes = 0;
    partitions = logs.partitions;
    for (const partition of partitions) partition.update(partitionImage());
  });

  /** Batches of BATCH_BYTES, written together. */
  const append = (index: number, count: number): Promise<void> => {
    for (let made = 0; made < count; made++) logs.appendBatch(index);
    return logs.finishWrites();
  };

  const answerFor = (index: number, asked: Partial<PartitionToFetch> = {}): FetchAnswer => {
    const from = {
      partition: index,
      currentLeaderEpoch: -1,
      fetchOffset: 0,
      lastFetchedEpoch: -1,
      logStartOffset: -1,
      partitionMaxBytes: 1000,
      ...asked,
    };
    return new FetchAnswer(new FetchTarget('topic', ZERO_UUID, from), 'topic', partitions[index], 0);
  };

  const run = (answers: FetchAnswer[], options: Partial<FetchOptions> = {}, unknown: FetchAnswer[] = []) => {
    const memory = new ResponseMemory(1_000_000, () => unsentBytes);
    const environment = { clock, purgatory, memory, readBuffers: new ReadBuffers(true) };
    const builder = { build: (all: readonly FetchAnswer[]) => all, abandoned: () => [] };
    return new DelayedFetch(environment, { ...consumer, ...options }, answers, unknown, builder, scope).execute();
  };

  const sizes = (answers: readonly FetchAnswer[]): number[] =>
    answers.map(({ records }) => records.reduce((sum, buffer) => sum + buffer.length, 0));

  it('answers at once when there is enough', async () => {
    await append(0, 3);
    const answers = run([answerFor(0)]);
    expect(answers).to.not.be.instanceOf(Promise);
    expect(sizes(answers as FetchAnswer[])).to.deep.equal([300]);
    expect((answers as FetchAnswer[])[0]).to.include({
      errorCode: 0,
      highWatermark: 3,
      lastStableOffset: 3,
      logStartOffset: 0,
    });
    expect((answers as FetchAnswer[])[0]?.abortedTransactions).to.equal(null);
  });

  it('is executed once', async () => {
    await append(0, 1);
    const memory = new ResponseMemory(1_000_000, () => unsentBytes);
    const environment = { clock, purgatory, memory, readBuffers: new ReadBuffers(true) };
    const builder = { build: () => 'built', abandoned: () => 'abandoned' };
    const fetch = new DelayedFetch(environment, consumer, [answerFor(0)], [], builder, scope);
    expect(fetch.execute()).to.equal('built');
    expect(() => fetch.execute()).to.throw(AssertionFailure, 'a fetch is executed once');
    expect(() => fetch.expired()).to.throw(AssertionFailure, 'is not woken');
  });

  it('is woken by a write', async () => {
    const parked = run([answerFor(0), answerFor(1)]) as Promise<FetchAnswer[]>;
    expect(parked).to.be.instanceOf(Promise);
    expect(purgatory.size).to.equal(1);
    await append(1, 1);
    expect(sizes(await parked)).to.deep.equal([0, 100]);
    expect(purgatory.size).to.equal(0);
    expect(scope.waiters.size).to.equal(0);
    expect(clock.monotonicMs() - startMs).to.equal(0);
  });

  it('is woken by the clock', async () => {
    const parked = run([answerFor(0)], { minBytes: 1000 }) as Promise<FetchAnswer[]>;
    await append(0, 2);
    const answers = await clock.run(parked);
    expect(clock.monotonicMs() - startMs).to.equal(500);
    expect(sizes(answers)).to.deep.equal([200]);
  });

  it('waits until the partitions together have the least bytes', async () => {
    const parked = run([answerFor(0), answerFor(1)], { minBytes: 250 }) as Promise<FetchAnswer[]>;
    await append(0, 1);
    await append(1, 1);
    expect(purgatory.size).to.equal(1);
    await append(0, 1);
    expect(sizes(await parked)).to.deep.equal([200, 100]);
    expect(clock.monotonicMs() - startMs).to.equal(0);
  });

  it('shows a consumer nothing above the high watermark, a follower everything', async () => {
    partitions[0]?.update(partitionImage({ replicas: [1, 2], isr: [1, 2], leaderEpoch: 1 }));
    await append(0, 2);
    const parked = run([answerFor(0)]) as Promise<FetchAnswer[]>;
    const followed = run([answerFor(0)], { replicaId: 2, leaderOnly: true });
    expect(sizes(followed as FetchAnswer[])).to.deep.equal([200]);
    expect(purgatory.size).to.equal(1);
    const next = run([answerFor(0, { fetchOffset: 2 })], { replicaId: 2, leaderOnly: true, maxWaitMs: 0 });
    expect(sizes(next as FetchAnswer[])).to.deep.equal([0]);
    expect(sizes(await parked)).to.deep.equal([200]);
  });

  it('between high watermark and log end is empty without an error', async () => {
    partitions[0]?.update(partitionImage({ replicas: [1, 2], isr: [1, 2], leaderEpoch: 1 }));
    await append(0, 2);
    const [answer] = run([answerFor(0, { fetchOffset: 1 })], { maxWaitMs: 0 }) as FetchAnswer[];
    expect(answer).to.include({ errorCode: 0, highWatermark: 0, sizeBytes: 0 });
  });

  it('stops a read-committed consumer at the last stable offset and lists what was aborted', async () => {
    const [aborted, open] = [9, 10].map((producerId) => ({
      producerId,
      producerEpoch: 0,
      baseSequence: 0,
      isTransactional: true,
    }));
    logs.appendBatch(0, aborted);
    const marker = { isCommit: false, producerId: 9, producerEpoch: 0, coordinatorEpoch: 0, timestamp: NOW };
    const { bytes } = logs.append(0, buildEndTransactionMarker(marker), 'coordinator');
    logs.appendBatch(0, open);
    await append(0, 1);
    const [answer] = run([answerFor(0)], { isReadCommitted: true }) as FetchAnswer[];
    expect(answer).to.include({ highWatermark: 4, lastStableOffset: 2, sizeBytes: BATCH_BYTES + bytes });
    const [transaction] = answer?.abortedTransactions ?? [];
    expect(answer?.abortedTransactions).to.have.length(1);
    expect(transaction).to.include({ producerId: 9, firstOffset: 0 });
    const [empty] = run([answerFor(0, { fetchOffset: 2 })], { isReadCommitted: true, maxWaitMs: 0 }) as FetchAnswer[];
    expect(empty?.abortedTransactions).to.deep.equal([]);
  });

  it('lists no transaction that begins in a later segment than the one it reads', async () => {
    const [first, second] = [9, 10].map((producerId) => ({
      producerId,
      producerEpoch: 0,
      baseSequence: 0,
      isTransactional: true,
    }));
    const abort = (producerId: number) =>
      buildEndTransactionMarker({ isCommit: false, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: NOW });
    // Older than segment.ms allows for what comes behind it.
    logs.append(0, buildBatch([{ value: Buffer.from('old'), timestamp: NOW - 8 * 86_400_000 }], first));
    logs.append(0, abort(9), 'coordinator');
    logs.appendBatch(0, second);
    logs.append(0, abort(10), 'coordinator');
    await logs.finishWrites();
    expect(logs.log(0).segmentCount).to.equal(2);
    const producersOf = (fetchOffset: number) => {
      const [answer] = run([answerFor(0, { fetchOffset })], { isReadCommitted: true }) as FetchAnswer[];
      return answer?.abortedTransactions?.map(({ producerId }) => producerId);
    };
    expect(producersOf(0)).to.deep.equal([9]);
    expect(producersOf(1)).to.deep.equal([9, 10]);
    expect(producersOf(2)).to.deep.equal([10]);
  });

  it('gives the first batch whole, then keeps to the limits', async () => {
    await append(0, 3);
    await append(1, 2);
    const both = (options: Partial<FetchOptions>, most: number) =>
      sizes(run([answerFor(0, { partitionMaxBytes: most }), answerFor(1)], options) as FetchAnswer[]);
    expect(both({ maxBytes: 1 }, 1)).to.deep.equal([100, 0]);
    expect(both({ maxBytes: 0 }, 1000)).to.deep.equal([100, 0]);
    expect(both({ maxBytes: 350 }, 1000)).to.deep.equal([300, 0]);
    expect(both({ maxBytes: 450 }, 1000)).to.deep.equal([300, 150]);
    expect(both({ maxBytes: 1000 }, 150)).to.deep.equal([150, 200]);
  });

  it('gives less when much is waiting to be sent, but never nothing', async () => {
    await append(0, 3);
    unsentBytes = 999_800;
    expect(sizes(run([answerFor(0)]) as FetchAnswer[])).to.deep.equal([200]);
    unsentBytes = 2_000_000;
    expect(sizes(run([answerFor(0)]) as FetchAnswer[])).to.deep.equal([100]);
  });

  it('answers errors at once, with all offsets -1', async () => {
    await append(0, 1);
    const [bad, good] = run([answerFor(0, { fetchOffset: 9 }), answerFor(1)]) as FetchAnswer[];
    expect(bad).to.include({
      errorCode: Errors.OFFSET_OUT_OF_RANGE,
      highWatermark: -1,
      lastStableOffset: -1,
      logStartOffset: -1,
    });
    expect(good).to.include({ errorCode: 0, highWatermark: 0 });
    const codeOf = (asked: Partial<PartitionToFetch>, options: Partial<FetchOptions> = {}) =>
      (run([answerFor(0, asked)], options) as FetchAnswer[])[0]?.errorCode;
    expect(codeOf({ fetchOffset: -1 })).to.equal(Errors.OFFSET_OUT_OF_RANGE);
    expect(codeOf({ currentLeaderEpoch: 99 })).to.equal(Errors.UNKNOWN_LEADER_EPOCH);
    expect(codeOf({ lastFetchedEpoch: 99 })).to.equal(Errors.OFFSET_OUT_OF_RANGE);
    expect(codeOf({}, { replicaId: 9, leaderOnly: true })).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
  });

  it('does not wait when only unknown partitions are asked for', () => {
    const unknown = new FetchAnswer(answerFor(0).target, '', undefined, Errors.UNKNOWN_TOPIC_OR_PARTITION);
    const answers = run([], {}, [unknown]) as FetchAnswer[];
    expect(answers[0]?.errorCode).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  });

  it('names the end of an epoch where the logs part', async () => {
    await append(0, 3);
    partitions[0]?.update(partitionImage({ leaderEpoch: 1 }));
    await append(0, 1);
    const [answer] = run([answerFor(0, { fetchOffset: 4, lastFetchedEpoch: 0 })]) as FetchAnswer[];
    expect(answer).to.deep.include({ errorCode: 0, divergingEpoch: { epoch: 0, endOffset: 3 }, highWatermark: 4 });
    expect(answer?.sizeBytes).to.equal(0);
    const [same] = run([answerFor(0, { fetchOffset: 3, lastFetchedEpoch: 0 })]) as FetchAnswer[];
    expect(same).to.deep.include({ errorCode: 0, divergingEpoch: undefined, sizeBytes: 100 });
  });

  it('is woken when its partition goes away, moves to another leader or loses its records', async () => {
    await append(0, 2);
    const away = run([answerFor(0, { fetchOffset: 2 })]) as Promise<FetchAnswer[]>;
    partitions[0]?.delete();
    expect((await away)[0]?.errorCode).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    await append(1, 2);
    const fenced = run([answerFor(1, { fetchOffset: 2, currentLeaderEpoch: 0 })]) as Promise<FetchAnswer[]>;
    partitions[1]?.update(partitionImage({ leaderEpoch: 1 }));
    expect((await fenced)[0]?.errorCode).to.equal(Errors.FENCED_LEADER_EPOCH);
    expect(purgatory.size).to.equal(0);
  });

  it('is forgotten when its connection closes', async () => {
    const parked = run([answerFor(0)]) as Promise<FetchAnswer[]>;
    for (const waiter of scope.waiters) waiter.connectionClosed();
    expect(await parked).to.deep.equal([]);
    expect(purgatory.size).to.equal(0);
    await append(0, 1);
  });

  it('is answered at once when too many are parked already', () => {
    for (let parked = 0; parked < 10; parked++) void run([answerFor(0)]);
    expect(run([answerFor(0)])).to.not.be.instanceOf(Promise);
    purgatory.close();
    expect(purgatory.size).to.equal(0);
  });

  it('keeps the order of partitions when some are read later', async () => {
    await append(0, 1);
    logs.growCold();
    await append(1, 2);
    const answers = await clock.run(run([answerFor(0), answerFor(1)]) as Promise<FetchAnswer[]>);
    expect(sizes(answers)).to.deep.equal([100, 200]);
  });

  it('makes a failing disk the answer of its partition alone', async () => {
    await append(0, 1);
    await append(1, 1);
    logs.refuseNext('read', 0);
    const [bad, good] = run([answerFor(0), answerFor(1)]) as FetchAnswer[];
    expect(bad).to.include({ errorCode: Errors.KAFKA_STORAGE_ERROR, highWatermark: -1 });
    expect(good).to.include({ errorCode: 0, sizeBytes: 100 });
    logs.growCold();
    logs.refuseNext('read', 0);
    const later = await clock.run(run([answerFor(0), answerFor(1)]) as Promise<FetchAnswer[]>);
    expect(later.map(({ errorCode }) => errorCode)).to.deep.equal([Errors.KAFKA_STORAGE_ERROR, 0]);
    expect(logs.failedPaths, 'what the node is told').to.deep.equal([DIRECTORY, DIRECTORY]);
  });
});
