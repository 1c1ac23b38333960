// How many requests are timed, and for how many they stand.
import { expect } from 'chai';
import fc from 'fast-check';
import { Sampling } from '../../src/metrics/sampling.ts';

interface Sampled {
  readonly timed: number;
  /** What the timed ones stand for, and what is left. */
  readonly counted: number;
}

/** Requests that are over as soon as they have begun, at these times. */
function sampled(sampling: Sampling, times: Iterable<number>): Sampled {
  let timed = 0;
  let counted = 0;
  for (const atMs of times) {
    if (sampling.takes()) {
      timed += 1;
      counted += sampling.timed(atMs);
    } else sampling.passed();
  }
  return { timed, counted: counted + sampling.rest() };
}

function* every(stepMs: number, count: number, sinceMs = 0): Generator<number> {
  for (let at = 0; at < count; at++) yield sinceMs + at * stepMs;
}

describe('Sampling', () => {
  it('takes all while there are less than a thousand in a second', () => {
    const sampling = new Sampling();
    expect(sampled(sampling, every(1.1, 20_000))).to.deep.equal({ timed: 20_000, counted: 20_000 });
    expect(sampling.isOfAll).to.equal(true);
  });

  it('takes two thousand a second of fifty thousand, and stands for all of them', () => {
    const sampling = new Sampling();
    const { timed, counted } = sampled(sampling, every(0.02, 500_000));
    expect(counted).to.equal(500_000);
    expect(timed).to.be.within(10_000, 25_000);
  });

  it('takes all again soon when there are few', () => {
    const sampling = new Sampling();
    sampled(sampling, every(0.01, 100_000));
    expect(sampling.isOfAll).to.equal(false);
    sampled(sampling, every(50, 60, 10_000));
    expect(sampled(sampling, every(50, 100, 20_000))).to.deep.equal({ timed: 100, counted: 100 });
  });

  it('counts each once, whatever comes between its beginning and its end', () => {
    const steps = fc.array(
      fc.record({ begins: fc.nat(4), ends: fc.nat(4), stepMs: fc.double({ min: 0, max: 60, noNaN: true }) }),
      {
        maxLength: 300,
      },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const sampling = new Sampling();
        const open: boolean[] = [];
        let [nowMs, over, counted] = [0, 0, 0];
        const end = (isTimed: boolean): void => {
          over += 1;
          if (isTimed) counted += sampling.timed(nowMs);
          else sampling.passed();
        };
        for (const { begins, ends, stepMs } of all) {
          nowMs += stepMs;
          for (let at = 0; at < begins; at++) open.push(sampling.takes());
          for (const isTimed of open.splice(0, ends)) end(isTimed);
        }
        for (const isTimed of open) end(isTimed);
        expect(counted + sampling.rest()).to.equal(over);
      }),
    );
  });
});
