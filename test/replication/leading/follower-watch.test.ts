import { expect } from 'chai';
import { FollowerWatch } from '../../../src/replication/leading/follower-watch.ts';
import type { Clock, Timer } from '../../../src/runtime/index.ts';

/** Timers fire when the test lets them, which may be late. */
class LoopClock implements Clock {
  nowAtMs = 0;
  readonly #timers: { atMs: number; action: () => void }[] = [];
  nowMs(): number {
    return this.nowAtMs;
  }
  monotonicMs(): number {
    return this.nowAtMs;
  }
  endOfTurn(action: () => void): void {
    action();
  }
  schedule(delayMs: number, action: () => void): Timer {
    this.#timers.push({ atMs: this.nowAtMs + delayMs, action });
    return { cancel: () => undefined };
  }
  /** The loop stands still for so long, then goes on. */
  stall(ms: number): void {
    this.nowAtMs += ms;
    for (const { action } of this.#timers.splice(0)) action();
  }
  run(ms: number): void {
    for (const untilMs = this.nowAtMs + ms; this.nowAtMs < untilMs; ) {
      this.nowAtMs += 10;
      const due = this.#timers.filter(({ atMs }) => atMs <= this.nowAtMs);
      for (const timer of due) {
        this.#timers.splice(this.#timers.indexOf(timer), 1);
        timer.action();
      }
    }
  }
}

describe('the watch over followers', () => {
  it('looks at them every half of the time that they have', () => {
    const clock = new LoopClock();
    const checks: number[] = [];
    const watch = new FollowerWatch(clock, 2000, () => checks.push(clock.nowAtMs));
    watch.start();
    watch.start();
    clock.run(3100);
    expect(checks).to.deep.equal([1000, 2000, 3000]);
  });

  it('does not count the time in which the event loop stood still', () => {
    const clock = new LoopClock();
    const watch = new FollowerWatch(clock, 2000, () => undefined);
    watch.start();
    clock.run(1000);
    expect(watch.liveMs()).to.equal(1000);
    clock.stall(30_000);
    expect(watch.liveMs()).to.be.within(1000, 1200);
    clock.run(1000);
    expect(watch.liveMs()).to.be.within(2000, 2200);
  });
});
