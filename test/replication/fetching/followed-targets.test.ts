// A follower's session over three partitions of real logs, as the handler of Fetch uses it.
import { expect } from 'chai';
import { ZERO_UUID } from '../../../src/protocol/index.ts';
import { DelayedFetch } from '../../../src/replication/fetching/delayed-fetch.ts';
import { FetchAnswer } from '../../../src/replication/fetching/fetch-answer.ts';
import { type FetchContext, FetchSessionCache, FetchTarget } from '../../../src/replication/fetching/fetch-session.ts';
import { ReadBuffers } from '../../../src/replication/fetching/read-buffers.ts';
import { ResponseMemory } from '../../../src/replication/fetching/response-memory.ts';
import { Purgatory } from '../../../src/replication/purgatory.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { HeldLogs } from '../held-logs.ts';
import { partitionImage } from '../partition-image.ts';

const FOLLOWER = 2;
const IN_SYNC = { replicas: [1, FOLLOWER], isr: [1, FOLLOWER] };

interface Asked {
  /** Offsets by partition: what the request names. */
  readonly named?: Readonly<Record<number, number>>;
  readonly forgotten?: readonly number[];
  readonly epoch?: number;
}

describe('the partitions of a follower', () => {
  let logs: HeldLogs;
  let cache: FetchSessionCache;
  let purgatory: Purgatory;
  let liveMs: number;
  let sessionId: number;
  let sessionEpoch: number;
  /** Of the last fetch. */
  let visited: number[];

  const fetch = ({ named = {}, forgotten = [], epoch = 7 }: Asked = {}): Promise<number[]> => {
    const context = cache.contextFor({
      sessionId,
      sessionEpoch: sessionEpoch++,
      usesTopicIds: true,
      isFollower: true,
      follower: { id: FOLLOWER, epoch },
      targets: Object.entries(named).map(([index, offset]) => target(Number(index), offset)),
      forgotten: forgotten.map((index) => target(index, 0)),
    });
    expect(context.errorCode).to.equal(0);
    visited = context.targets.map(({ partition }) => partition);
    return answered(context);
  };

  const target = (partition: number, fetchOffset: number): FetchTarget => {
    const asked = { partition, fetchOffset, currentLeaderEpoch: 0, lastFetchedEpoch: -1, logStartOffset: 0 };
    return new FetchTarget('', ZERO_UUID, { ...asked, partitionMaxBytes: 1000 });
  };

  /** Which partitions the follower is told of. */
  const answered = async (context: FetchContext): Promise<number[]> => {
    const answers = context.targets.map((one) => new FetchAnswer(one, 'orders', logs.partition(one.partition), 0));
    const memory = new ResponseMemory(1_000_000, () => 0);
    const environment = { clock: logs.clock, purgatory, memory, readBuffers: new ReadBuffers(true) };
    const limits = { replicaId: FOLLOWER, isReadCommitted: false, leaderOnly: true, maxWaitMs: 500, minBytes: 1 };
    const builder = {
      build: (all: readonly FetchAnswer[]) => {
        const concluded = context.conclude(all);
        ({ sessionId } = concluded);
        return concluded.answers.map(({ partitionIndex }) => partitionIndex);
      },
      abandoned: () => [],
    };
    const scope = { whenClosed: () => undefined, forget: () => undefined };
    const options = { ...limits, maxBytes: 1_000_000, atRest: context.followed };
    return new DelayedFetch(environment, options, answers, [], builder, scope).execute();
  };

  const append = (index: number): Promise<void> => {
    logs.appendBatch(index);
    return logs.finishWrites();
  };

  const lastCaughtUpMs = (index: number): number =>
    Array.from(logs.partition(index).followers)[0]?.lastCaughtUpMs ?? -1;

  /** Fetches until nothing happens, so that all three rest. */
  const come = async (): Promise<void> => {
    const first = fetch({ named: { 0: 0, 1: 0, 2: 0 } });
    await logs.clock.advance(500);
    await first;
    const second = fetch();
    await logs.clock.advance(500);
    await second;
  };

  beforeEach(async () => {
    logs = await HeldLogs.open(3);
    liveMs = 0;
    sessionId = 0;
    sessionEpoch = 0;
    purgatory = new Purgatory(logs.clock, 10);
    cache = new FetchSessionCache(10, logs.clock, new SeededRandom(3), () => liveMs);
    for (const index of [0, 1, 2]) logs.partition(index).update(partitionImage({ ...IN_SYNC, partition: index }));
    await come();
  });

  it('are not visited while nothing happens to them', async () => {
    expect(visited).to.deep.equal([0, 1, 2]);
    const idle = fetch();
    expect(visited).to.deep.equal([]);
    expect(purgatory.size).to.equal(1);
    await logs.clock.advance(500);
    expect(await idle).to.deep.equal([]);
  });

  it('are told of in the fetch that waits when they move', async () => {
    const waiting = fetch();
    await append(1);
    expect(await waiting).to.deep.equal([1]);
    const next = fetch({ named: { 1: 1 } });
    expect(visited).to.deep.equal([1]);
    expect(logs.log(1).highWatermark).to.equal(1);
    await logs.clock.advance(500);
    expect(await next).to.deep.equal([1]);
  });

  it('are told of in the next fetch when they move between two', async () => {
    await append(2);
    expect(await fetch()).to.deep.equal([2]);
    expect(visited).to.deep.equal([2]);
  });

  it('have had followers that were there until the last fetch before they moved', async () => {
    liveMs = 300;
    const waiting = fetch();
    liveMs = 400;
    await append(0);
    await waiting;
    expect(lastCaughtUpMs(0)).to.equal(300);
  });

  it('are visited when a request names them', async () => {
    const named = fetch({ named: { 2: 0 } });
    expect(visited).to.deep.equal([2]);
    await logs.clock.advance(500);
    await named;
    void fetch();
    expect(visited).to.deep.equal([]);
  });

  it('are all visited when their follower was started anew, and every few seconds', async () => {
    const renewed = fetch({ epoch: 8 });
    expect(visited).to.deep.equal([0, 1, 2]);
    await logs.clock.advance(500);
    await renewed;
    liveMs = 6_000;
    void fetch({ epoch: 8 });
    expect(visited).to.deep.equal([0, 1, 2]);
  });

  it('go on being visited while their follower is not in sync', async () => {
    logs.partition(1).update(partitionImage({ ...IN_SYNC, partition: 1, isr: [1], partitionEpoch: 1 }));
    for (const _round of [1, 2]) {
      const idle = fetch();
      expect(visited).to.deep.equal([1]);
      await logs.clock.advance(500);
      await idle;
    }
  });

  it('are refused when another leads', async () => {
    const waiting = fetch();
    logs.partition(0).update(partitionImage({ ...IN_SYNC, leader: FOLLOWER, leaderEpoch: 1, partitionEpoch: 1 }));
    expect(await waiting).to.deep.equal([0]);
  });

  it('are let go when they are forgotten', async () => {
    const idle = fetch({ forgotten: [0, 1] });
    await logs.clock.advance(500);
    await idle;
    await append(0);
    void fetch();
    expect(visited).to.deep.equal([]);
  });
});
