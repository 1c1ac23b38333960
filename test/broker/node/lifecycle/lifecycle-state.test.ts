// What a broker says to its controller, and when (KIP-631).
import { expect } from 'chai';
import fc from 'fast-check';
import { LifecycleState, type NextWord } from '../../../../src/broker/node/lifecycle/lifecycle-state.ts';
import { Errors } from '../../../../src/protocol/index.ts';
import { propertyRuns } from '../../../property-runs.ts';

const TIMES = { heartbeatIntervalMs: 2000, sessionTimeoutMs: 9000 };
const FENCED = { isFenced: true, shouldShutDown: false };
const UNFENCED = { isFenced: false, shouldShutDown: false };

const heartbeat = (wantFence: boolean, wantShutDown = false): NextWord => ({
  kind: 'heartbeat',
  wantFence,
  wantShutDown,
});
const wait = (untilMs: number): NextWord => ({ kind: 'wait', untilMs });

/** Registered with epoch 7 at 0. */
function registered(): LifecycleState {
  const state = new LifecycleState(TIMES);
  state.start(0);
  expect(state.next(0)).to.deep.equal({ kind: 'register' });
  state.registered(7, 0);
  return state;
}

/** Running since 0; the next heartbeat is due at 2000. */
function running(): LifecycleState {
  const state = registered();
  state.readyToUnfence(0);
  expect(state.next(0)).to.deep.equal(heartbeat(false));
  state.heartbeatAnswered(UNFENCED, 0);
  expect(state.phase).to.equal('running');
  return state;
}

describe('What a broker says to its controller', () => {
  it('is nothing before it starts, then a registration, then heartbeats that want the fence until it is ready', () => {
    const state = new LifecycleState(TIMES);
    expect(state.next(0)).to.deep.equal(wait(Infinity));
    state.start(5);
    expect(state.next(5)).to.deep.equal({ kind: 'register' });
    expect(state.next(5), 'one word at a time').to.deep.equal(wait(Infinity));
    state.registered(7, 6);
    expect(state.brokerEpoch).to.equal(7);
    expect(state.next(6)).to.deep.equal(heartbeat(true));
    state.heartbeatAnswered(FENCED, 8);
    expect(state.next(8)).to.deep.equal(wait(2008));
    state.readyToUnfence(1000);
    expect(state.phase).to.equal('recovery');
    expect(state.next(1000)).to.deep.equal(heartbeat(false));
    state.heartbeatAnswered(FENCED, 1001);
    expect(state.next(1001), 'asked again soon').to.deep.equal(wait(1051));
    expect(state.next(1051)).to.deep.equal(heartbeat(false));
    state.heartbeatAnswered(UNFENCED, 1052);
    expect(state.phase).to.equal('running');
    expect(state.next(1052)).to.deep.equal(wait(3052));
  });

  it('is said again after ever longer pauses, up to a session', () => {
    const state = new LifecycleState(TIMES);
    state.start(0);
    let nowMs = 0;
    const pauses: number[] = [];
    for (let failure = 0; failure < 9; failure += 1) {
      expect(state.next(nowMs)).to.deep.equal({ kind: 'register' });
      state.failed(Errors.DUPLICATE_BROKER_REGISTRATION, nowMs);
      const next = state.next(nowMs) as { untilMs: number };
      pauses.push(next.untilMs - nowMs);
      nowMs = next.untilMs;
    }
    expect(pauses).to.deep.equal([100, 200, 400, 800, 1600, 3200, 6400, 9000, 9000]);
    expect(state.failures).to.equal(9);
  });

  it('is a registration again when the controller does not know its epoch', () => {
    for (const code of [Errors.STALE_BROKER_EPOCH, Errors.BROKER_ID_NOT_REGISTERED]) {
      const state = running();
      state.next(2000);
      state.failed(code, 2001);
      expect(state.next(2001)).to.deep.equal({ kind: 'register' });
      state.registered(9, 2002);
      expect(state.next(2002), 'its logs are there').to.deep.equal(heartbeat(false));
    }
    const state = running();
    state.next(2000);
    state.failed(Errors.REQUEST_TIMED_OUT, 2001);
    expect(state.next(2101)).to.deep.equal(heartbeat(false));
  });

  it('gives its leaderships away before it goes, and waits until it is told so', () => {
    const state = running();
    state.wantShutDown(100);
    expect(state.next(100)).to.deep.equal(heartbeat(false, true));
    state.heartbeatAnswered(UNFENCED, 101);
    expect(state.next(101)).to.deep.equal(wait(151));
    expect(state.next(151)).to.deep.equal(heartbeat(false, true));
    state.heartbeatAnswered(UNFENCED, 152);
    expect(state.next(152)).to.deep.equal(wait(252));
    state.next(252);
    state.heartbeatAnswered({ isFenced: true, shouldShutDown: true }, 253);
    expect(state.phase).to.equal('shutting down');
    expect(state.next(9999)).to.deep.equal(wait(Infinity));
  });

  it('goes without a word when it is not registered', () => {
    const state = new LifecycleState(TIMES);
    state.start(0);
    state.wantShutDown(0);
    expect(state.phase).to.equal('shutting down');
  });

  it('is said at once when something comes up while another word is under way', () => {
    const state = running();
    state.next(2000);
    state.speakSoon(2001);
    state.heartbeatAnswered(UNFENCED, 2002);
    expect(state.next(2002)).to.deep.equal(heartbeat(false));
    state.heartbeatAnswered(UNFENCED, 2003);
    expect(state.next(2003)).to.deep.equal(wait(4003));
    state.registerAgain(2100);
    expect(state.next(2100)).to.deep.equal({ kind: 'register' });
  });

  it('never falls silent while it runs, and never overlaps', () => {
    const event = fc.constantFrom('ready', 'soon', 'again', 'shut down', 'answer', 'fence', 'stale', 'fail', 'time');
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const state = new LifecycleState(TIMES);
        state.start(0);
        let nowMs = 0;
        let underWay: NextWord | undefined;
        for (const one of events) {
          const word = state.next(nowMs);
          if (word.kind !== 'wait') {
            expect(underWay).to.equal(undefined);
            underWay = word;
          } else if (underWay === undefined && state.phase !== 'shutting down') {
            expect(word.untilMs, 'something is due').to.be.within(nowMs, nowMs + TIMES.sessionTimeoutMs);
          }
          if (one === 'ready') state.readyToUnfence(nowMs);
          if (one === 'soon') state.speakSoon(nowMs);
          if (one === 'again') state.registerAgain(nowMs);
          if (one === 'shut down') state.wantShutDown(nowMs);
          if (one === 'time') nowMs += 1000;
          if (underWay === undefined || !['answer', 'fence', 'stale', 'fail'].includes(one)) continue;
          if (one === 'stale') state.failed(Errors.STALE_BROKER_EPOCH, nowMs);
          else if (one === 'fail') state.failed(Errors.NETWORK_EXCEPTION, nowMs);
          else if (underWay.kind === 'register') state.registered(nowMs, nowMs);
          else state.heartbeatAnswered(one === 'fence' ? FENCED : UNFENCED, nowMs);
          underWay = undefined;
        }
      }),
      propertyRuns(300),
    );
  });
});
