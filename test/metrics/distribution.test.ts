// Quantiles of what was counted, beside the true ones of the same values.
import { expect } from 'chai';
import fc from 'fast-check';
import { Distribution } from '../../src/metrics/distribution.ts';

describe('a distribution', () => {
  const values = fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 });

  it('tells quantiles that are right to a quarter', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.75, 0.95, 0.99), (all, part) => {
        const distribution = new Distribution();
        for (const value of all) distribution.record(value, 0);
        const sorted = [...all].sort((a, b) => a - b);
        const truth = sorted[Math.max(0, Math.ceil(part * all.length) - 1)] as number;
        const [told] = distribution.quantiles([part], 0) as [number];
        expect(Math.abs(told - truth)).to.be.at.most(truth / 4 + 1);
      }),
    );
  });

  it('knows how many are below a power of two', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 3, max: 30 }), (all, exponent) => {
        const distribution = new Distribution();
        for (const value of all) distribution.record(value, 0);
        expect(distribution.below(2 ** exponent)).to.equal(all.filter((value) => value < 2 ** exponent).length);
        expect(distribution.count).to.equal(all.length);
      }),
    );
  });

  it('counts as 0 what its whole has and it has not', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { minLength: 1 }), fc.constantFrom(0.5, 0.99), (all, part) => {
        const [whole, told] = [new Distribution(), new Distribution()];
        const rest = new Distribution(whole);
        for (const value of all) {
          whole.record(7, 0);
          told.record(value, 0);
          if (value > 0) rest.record(value, 0);
        }
        expect([rest.count, rest.sum, rest.below(2)]).to.deep.equal([told.count, told.sum, told.below(2)]);
        expect(rest.quantiles([part], 0)).to.deep.equal(told.quantiles([part], 0));
      }),
    );
  });

  it('forgets for its quantiles what is older than two minutes, and counts it all the same', () => {
    const distribution = new Distribution();
    distribution.record(1000, 0);
    expect(distribution.quantiles([0.5], 59_000)[0]).to.be.within(900, 1200);
    expect(distribution.quantiles([0.5], 61_000)[0]).to.be.within(900, 1200);
    expect(distribution.quantiles([0.5], 200_000)).to.deep.equal([0]);
    expect([distribution.count, distribution.sum]).to.deep.equal([1, 1000]);
  });
});
