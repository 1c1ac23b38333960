import { expect } from 'chai';
import { ReadPace } from '../../../src/log/partition/read-pace.ts';
import { LogFixture } from '../log-fixture.ts';

describe('old data', () => {
  /** A log that has been opened again: none of it was written by this process. */
  async function reopened(): Promise<LogFixture> {
    const fixture = await new LogFixture().open();
    for (let i = 0; i < 20; i++) fixture.append();
    await fixture.settle();
    await fixture.restart();
    return fixture;
  }

  /** How long a read of everything waits for the disk, on the virtual clock. */
  async function waitMs(fixture: LogFixture): Promise<number> {
    const slice = fixture.log.read(0, 1 << 20, { upTo: fixture.log.logEndOffset, minOneBatch: true });
    expect(slice.isHot).to.equal(false);
    const startedAt = fixture.clock.nowMs();
    const buffers = await fixture.clock.run(slice.read());
    expect(buffers.reduce((sum, buffer) => sum + buffer.length, 0)).to.equal(slice.sizeBytes);
    return fixture.clock.nowMs() - startedAt;
  }

  it('is read at once when finding it took no time', async () => {
    expect(await waitMs(await reopened())).to.equal(0);
  });

  it('is read through the thread pool when finding it took long', async () => {
    const fixture = await reopened();
    let slowMs = 0;
    const { clock } = fixture;
    const monotonicMs = clock.monotonicMs.bind(clock);
    clock.monotonicMs = () => monotonicMs() + (slowMs += 1);
    expect(await waitMs(fixture)).to.be.greaterThan(0);
  });
});

describe('the pace of reads', () => {
  function paceAt(time: { ms: number }): ReadPace {
    const clock = { monotonicMs: () => time.ms, endOfTurn: (action: () => void) => action() };
    return new ReadPace(clock as never);
  }

  it('takes a place for cached when it was found in microseconds', () => {
    const pace = paceAt({ ms: 1000 });
    expect(pace.isCachedAt(0.01)).to.equal(true);
    expect(pace.isCachedAt(0.5)).to.equal(false);
    expect(pace.isCachedAt(Infinity)).to.equal(false);
  });

  it('rests twenty times as long as a slow read took, and no longer', () => {
    const time = { ms: 1000 };
    const pace = paceAt(time);
    pace.noteBlockingRead(0.3);
    expect(pace.mayBlock()).to.equal(true);
    pace.noteBlockingRead(5);
    expect(pace.mayBlock()).to.equal(false);
    expect(pace.isCachedAt(0.01)).to.equal(false);
    time.ms += 99;
    expect(pace.mayBlock()).to.equal(false);
    time.ms += 1;
    expect(pace.mayBlock()).to.equal(true);
  });
});
