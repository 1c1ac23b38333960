// What a listener does with many connections at once, on virtual time.
import { expect } from 'chai';
import { Bench } from './bench.ts';

describe('A listener', () => {
  it('closes the idle ones a few in a turn', async () => {
    const count = 350;
    const { clock, listener, ...bench } = await benchOf(count + 1);
    for (let index = 0; index < count; index++) bench.connect();
    await clock.advance(1_000);
    expect(listener.connectionCount).to.equal(count + 1);
    let most = 0;
    for (let before = count + 1; before > 0; before = listener.connectionCount) {
      expect(await clock.step()).to.equal(true);
      most = Math.max(most, before - listener.connectionCount);
    }
    expect(most).to.be.within(1, 16);
  });
});

async function benchOf(maxConnections: number) {
  const bench = await Bench.open([], { maxIdleMs: 10_000, maxConnections });
  return { clock: bench.clock, listener: bench.listener, connect: () => bench.connect() };
}
