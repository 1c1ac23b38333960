import { expect } from 'chai';
import { TimerQueue } from '../../src/coordinator-common/timer.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../src/runtime/sim/index.ts';
import { randomInt } from '../../src/runtime/index.ts';

describe('Timers as data', () => {
  const world = () => {
    const clock = new SimClock({ nextTurn });
    const fired: string[] = [];
    const timers = new TimerQueue<string>(clock, (event) => fired.push(`${event}@${clock.monotonicMs()}`));
    return { clock, fired, timers };
  };

  it('fires once, in the order of the deadlines', async () => {
    const { clock, fired, timers } = world();
    timers.schedule('b', 20, 'b');
    timers.schedule('a', 10, 'a');
    await clock.advance(100);
    expect(fired).to.deep.equal(['a@10', 'b@20']);
    expect(timers.size).to.equal(0);
  });

  it('replaces the timer of a key, nearer or further, and forgets a cancelled one', async () => {
    const { clock, fired, timers } = world();
    timers.schedule('far', 10, 'old');
    timers.schedule('far', 50, 'far');
    timers.schedule('near', 50, 'old');
    timers.schedule('near', 5, 'near');
    timers.schedule('gone', 7, 'gone');
    timers.cancel('gone');
    await clock.advance(100);
    expect(fired).to.deep.equal(['near@5', 'far@50']);
  });

  it('does as a list of deadlines would, whatever is scheduled and cancelled', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const { clock, fired, timers } = world();
      const model = new Map<string, number>();
      const expected: string[] = [];
      for (let step = 0; step < 300; step++) {
        const key = `k${randomInt(random, 0, 20)}`;
        if (random.next() < 0.2) {
          timers.cancel(key);
          model.delete(key);
        } else if (random.next() < 0.7) {
          const delayMs = randomInt(random, 1, 100);
          timers.schedule(key, delayMs, key);
          model.set(key, clock.monotonicMs() + delayMs);
        } else {
          await clock.advance(randomInt(random, 1, 30));
          for (const [due, atMs] of [...model].sort((a, b) => a[1] - b[1])) {
            if (atMs > clock.monotonicMs()) continue;
            expected.push(`${due}@${atMs}`);
            model.delete(due);
          }
          expect([...fired].sort(), `seed ${seed}`).to.deep.equal([...expected].sort());
        }
        expect(timers.size, `seed ${seed}`).to.equal(model.size);
      }
    }
  });
});
