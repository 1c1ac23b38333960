import { expect } from 'chai';
import * as fc from 'fast-check';
import { Errors, ZERO_UUID } from '../../../src/protocol/index.ts';
import {
  FetchSessionCache,
  FetchTarget,
  type SessionRequest,
  type TargetAnswer,
} from '../../../src/replication/fetching/fetch-session.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../../src/runtime/sim/index.ts';

interface Asked {
  sessionId?: number;
  epoch?: number;
  names?: string[];
  forget?: string[];
  usesTopicIds?: boolean;
  isFollower?: boolean;
}

const target = (name: string, fetchOffset = 0): FetchTarget => {
  const [topic, partition] = name.split('-') as [string, string];
  return new FetchTarget(topic, ZERO_UUID, {
    partition: Number(partition),
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    partitionMaxBytes: 1000,
  });
};

const request = (asked: Asked): SessionRequest => ({
  sessionId: asked.sessionId ?? 0,
  sessionEpoch: asked.epoch ?? 0,
  usesTopicIds: asked.usesTopicIds ?? false,
  isFollower: asked.isFollower ?? false,
  targets: (asked.names ?? []).map((name) => target(name)),
  forgotten: (asked.forget ?? []).map((name) => target(name)),
});

const answer = (to: FetchTarget, parts: Partial<TargetAnswer> = {}): TargetAnswer => ({
  target: to,
  errorCode: 0,
  highWatermark: 5,
  logStartOffset: 0,
  sizeBytes: 0,
  isDiverging: false,
  isElsewhere: false,
  ...parts,
});

const named = (answers: readonly TargetAnswer[]): string[] =>
  answers.map(({ target: { topic, partition } }) => `${topic}-${partition}`);

describe('fetch sessions', () => {
  let clock: SimClock;
  let cache: FetchSessionCache;

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    cache = new FetchSessionCache(2, clock, new SeededRandom(7));
  });

  const exchange = (asked: Asked, parts: Record<string, Partial<TargetAnswer>> = {}) => {
    const context = cache.contextFor(request(asked));
    if (context.errorCode !== 0) return { errorCode: context.errorCode, sessionId: -1, names: [] as string[] };
    const answers = context.targets.map((to) => answer(to, parts[`${to.topic}-${to.partition}`]));
    const concluded = context.conclude(answers);
    return { errorCode: concluded.errorCode, sessionId: concluded.sessionId, names: named(concluded.answers) };
  };

  it('begins with everything, then says only what is new', () => {
    const full = exchange({ names: ['a-0', 'a-1'] });
    expect(full.names).to.deep.equal(['a-0', 'a-1']);
    expect(full.sessionId).to.be.greaterThan(0);
    const { sessionId } = full;
    expect(exchange({ sessionId, epoch: 1 }).names).to.deep.equal([]);
    expect(exchange({ sessionId, epoch: 2 }, { 'a-1': { highWatermark: 6 } }).names).to.deep.equal(['a-1']);
    expect(exchange({ sessionId, epoch: 3 }, { 'a-1': { highWatermark: 6 } }).names).to.deep.equal([]);
    expect(exchange({ sessionId, epoch: 4 }, { 'a-1': { highWatermark: 6, logStartOffset: 1 } }).names).to.deep.equal([
      'a-1',
    ]);
  });

  it('repeats errors, and what comes after them', () => {
    const { sessionId } = exchange({ names: ['a-0'] });
    const bad = { 'a-0': { errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION, highWatermark: -1, logStartOffset: -1 } };
    expect(exchange({ sessionId, epoch: 1 }, bad).names).to.deep.equal(['a-0']);
    expect(exchange({ sessionId, epoch: 2 }, bad).names).to.deep.equal(['a-0']);
    expect(exchange({ sessionId, epoch: 3 }).names).to.deep.equal(['a-0']);
    expect(exchange({ sessionId, epoch: 4 }).names).to.deep.equal([]);
  });

  it('answers a diverging partition each time', () => {
    const { sessionId } = exchange({ names: ['a-0'] });
    expect(exchange({ sessionId, epoch: 1 }, { 'a-0': { isDiverging: true } }).names).to.deep.equal(['a-0']);
    expect(exchange({ sessionId, epoch: 2 }).names).to.deep.equal(['a-0']);
  });

  it('reads what gave records last the next time', () => {
    const { sessionId } = exchange({ names: ['a-0', 'a-1', 'a-2'] });
    exchange({ sessionId, epoch: 1 }, { 'a-0': { sizeBytes: 10 } });
    const next = cache.contextFor(request({ sessionId, epoch: 2 }));
    expect(next.targets.map(({ partition }) => partition)).to.deep.equal([1, 2, 0]);
  });

  it('adds, updates and forgets partitions', () => {
    const { sessionId } = exchange({ names: ['a-0'] });
    expect(exchange({ sessionId, epoch: 1, names: ['a-1'] }).names).to.deep.equal(['a-1']);
    expect(exchange({ sessionId, epoch: 2, forget: ['a-0'] }).names).to.deep.equal([]);
    const context = cache.contextFor({ ...request({ sessionId, epoch: 3 }), targets: [target('a-1', 42)] });
    expect(context.targets.map(({ partition, fetchOffset }) => [partition, fetchOffset])).to.deep.equal([[1, 42]]);
  });

  it('ends a session that has forgotten everything', () => {
    const { sessionId } = exchange({ names: ['a-0'] });
    expect(exchange({ sessionId, epoch: 1, forget: ['a-0'] })).to.deep.include({ errorCode: 0, sessionId: 0 });
    expect(cache.size).to.equal(0);
  });

  it('refuses unknown sessions, wrong epochs and a change from names to ids', () => {
    const { sessionId } = exchange({ names: ['a-0'] });
    expect(exchange({ sessionId: 12345, epoch: 1 }).errorCode).to.equal(Errors.FETCH_SESSION_ID_NOT_FOUND);
    expect(exchange({ sessionId, epoch: 9 }).errorCode).to.equal(Errors.INVALID_FETCH_SESSION_EPOCH);
    expect(exchange({ sessionId, epoch: -2 }).errorCode).to.equal(Errors.INVALID_FETCH_SESSION_EPOCH);
    expect(exchange({ sessionId, epoch: 1, usesTopicIds: true }).errorCode).to.equal(
      Errors.FETCH_SESSION_TOPIC_ID_ERROR,
    );
    expect(exchange({ sessionId, epoch: 1 }).errorCode).to.equal(0);
  });

  it('closes a session on the last epoch and on a new beginning', () => {
    const { sessionId } = exchange({ names: ['a-0'] });
    expect(exchange({ sessionId, epoch: -1, names: ['a-0'] })).to.deep.equal({
      errorCode: 0,
      sessionId: 0,
      names: ['a-0'],
    });
    expect(exchange({ sessionId, epoch: 1 }).errorCode).to.equal(Errors.FETCH_SESSION_ID_NOT_FOUND);
    const second = exchange({ names: ['a-0'] });
    const third = exchange({ sessionId: second.sessionId, names: ['a-0'] });
    expect(third.sessionId).to.not.equal(0);
    expect(cache.size).to.equal(1);
  });

  it('does not let a request that was overtaken answer', () => {
    const { sessionId } = exchange({ names: ['a-0'] });
    const parked = cache.contextFor(request({ sessionId, epoch: 1 }));
    expect(exchange({ sessionId, epoch: 2 }).errorCode).to.equal(0);
    expect(parked.conclude([]).errorCode).to.equal(Errors.INVALID_FETCH_SESSION_EPOCH);
  });

  describe('in a full cache', () => {
    it('gives no slot to a smaller or younger session', () => {
      exchange({ names: ['a-0'] });
      exchange({ names: ['a-0', 'a-1'] });
      expect(exchange({ names: ['a-0', 'a-1', 'a-2'] })).to.deep.include({ errorCode: 0, sessionId: 0 });
    });

    it('gives the slot of one that has been idle for two minutes', async () => {
      exchange({ names: ['a-0', 'a-1'] });
      exchange({ names: ['a-0', 'a-1'] });
      await clock.advance(120_001);
      expect(exchange({ names: ['a-0'] }).sessionId).to.be.greaterThan(0);
      expect(cache.size).to.equal(2);
    });

    it('gives the slot of an old smaller session to a larger one', async () => {
      const small = exchange({ names: ['a-0'] });
      const large = exchange({ names: ['a-0', 'a-1'] });
      await clock.advance(120_001);
      exchange({ sessionId: small.sessionId, epoch: 1 });
      exchange({ sessionId: large.sessionId, epoch: 1 });
      expect(exchange({ names: ['a-0'] }).sessionId).to.equal(0);
      expect(exchange({ names: ['a-0', 'a-1', 'a-2'] }).sessionId).to.be.greaterThan(0);
      expect(exchange({ sessionId: small.sessionId, epoch: 2 }).errorCode).to.equal(Errors.FETCH_SESSION_ID_NOT_FOUND);
    });

    it('prefers followers', () => {
      exchange({ names: ['a-0', 'a-1'] });
      exchange({ names: ['a-0', 'a-1', 'a-2'] });
      expect(exchange({ names: ['a-0'], isFollower: true }).sessionId).to.be.greaterThan(0);
      expect(exchange({ names: ['a-0', 'a-1', 'a-2', 'a-3'] }).sessionId).to.equal(0);
    });

    it('makes no sessions at all without slots', () => {
      cache = new FetchSessionCache(0, clock, new SeededRandom(1));
      expect(exchange({ names: ['a-0'] })).to.deep.equal({ errorCode: 0, sessionId: 0, names: ['a-0'] });
    });
  });

  it('tells the client, whatever happens, what a full fetch would have told it', () => {
    const change = fc.record({
      partition: fc.nat(3),
      highWatermark: fc.nat(3),
      isFailing: fc.boolean(),
      kind: fc.constantFrom('change', 'add', 'forget'),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const sessions = new FetchSessionCache(10, clock, new SeededRandom(3));
        const truth = new Map<number, string>();
        const asked = new Set<number>([0]);
        const seen = new Map<number, string>();
        const view = (context: ReturnType<FetchSessionCache['contextFor']>): number => {
          const answers = context.targets.map((to) => {
            const [highWatermark, errorCode] = JSON.parse(truth.get(to.partition) ?? '[0,0]') as [number, number];
            return answer(to, { highWatermark: errorCode === 0 ? highWatermark : -1, errorCode });
          });
          const concluded = context.conclude(answers);
          for (const { target: to, highWatermark, errorCode } of concluded.answers) {
            seen.set(to.partition, JSON.stringify([highWatermark, errorCode]));
          }
          return concluded.sessionId;
        };
        const sessionId = view(sessions.contextFor(request({ names: ['a-0'] })));
        let epoch = 1;
        for (const { partition, highWatermark, isFailing, kind } of changes) {
          const next: Asked = { sessionId, epoch: epoch++ };
          if (kind === 'change') truth.set(partition, JSON.stringify([highWatermark, isFailing ? 3 : 0]));
          if (kind === 'add') asked.add(partition);
          if (kind === 'add') next.names = [`a-${partition}`];
          if (kind === 'forget' && asked.size > 1 && asked.delete(partition)) next.forget = [`a-${partition}`];
          if (next.forget !== undefined) seen.delete(partition);
          expect(view(sessions.contextFor(request(next)))).to.equal(sessionId);
          for (const one of asked) {
            const [high, error] = JSON.parse(truth.get(one) ?? '[0,0]') as [number, number];
            expect(seen.get(one)).to.equal(JSON.stringify([error === 0 ? high : -1, error]));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
