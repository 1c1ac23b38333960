import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { delay } from '../../src/runtime/index.ts';
import { NodeClock, nextTurn } from '../../src/runtime/node/index.ts';
import { WITH_TYPESCRIPT } from '../source-files.ts';

describe('The clock of the operating system', () => {
  it('runs what is asked for the end of a turn in order, also what is asked meanwhile', async () => {
    const clock = new NodeClock();
    const order: number[] = [];
    clock.endOfTurn(() => {
      order.push(1);
      clock.endOfTurn(() => order.push(3));
    });
    clock.endOfTurn(() => order.push(2));
    expect(order).to.deep.equal([]);
    await nextTurn();
    expect(order).to.deep.equal([1, 2, 3]);
    clock.endOfTurn(() => order.push(4));
    await nextTurn();
    expect(order).to.deep.equal([1, 2, 3, 4]);
  });

  it('does not starve the event loop when actions ask for actions for ever', async () => {
    const clock = new NodeClock();
    let count = 0;
    let isOver = false;
    const again = (): void => {
      count++;
      if (!isOver) clock.endOfTurn(again);
    };
    again();
    await delay(clock, 1);
    // The timer may have been due before the first turn was over.
    await nextTurn();
    isOver = true;
    expect(count).to.be.greaterThan(1);
  });

  it('fires and cancels timers, and goes forward', async () => {
    const clock = new NodeClock();
    const before = clock.monotonicMs();
    let fired = 0;
    clock.schedule(0, () => fired++);
    const cancelled = clock.schedule(0, () => (fired += 10));
    clock.schedule(2 ** 40, () => (fired += 100)).cancel();
    const far = clock.schedule(2 ** 33, () => (fired += 100));
    cancelled.cancel();
    cancelled.cancel();
    await delay(clock, 5);
    far.cancel();
    expect(fired).to.equal(1);
    expect(clock.monotonicMs()).to.be.greaterThan(before);
  });

  it('keeps no process alive with its timers', () => {
    const clock = new URL('../../src/runtime/node/index.ts', import.meta.url).href;
    const script = `const { NodeClock } = await import(${JSON.stringify(clock)}); new NodeClock().schedule(60000, () => 0);`;
    const { status } = spawnSync(process.execPath, [WITH_TYPESCRIPT, '--input-type=module', '-e', script], {
      timeout: 15000,
    });
    expect(status).to.equal(0);
  });
});
