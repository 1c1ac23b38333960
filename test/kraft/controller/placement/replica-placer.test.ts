// Where replicas of new partitions go, over racks, brokers and fenced brokers that are drawn.
import { expect } from 'chai';
import fc from 'fast-check';
import { placeReplicas, type UsableBroker } from '../../../../src/kraft/controller/placement/replica-placer.ts';
import { SeededRandom } from '../../../../src/runtime/sim/index.ts';

const brokers = fc
  .array(fc.record({ rack: fc.constantFrom('a', 'b', 'c', null), isFenced: fc.boolean() }), {
    minLength: 1,
    maxLength: 9,
  })
  .filter((list) => list.some(({ isFenced }) => !isFenced))
  .map((list) => list.map((broker, index): UsableBroker => ({ id: index + 1, ...broker })));

describe('the placement of replicas', () => {
  it('gives each partition distinct brokers, never a fenced one first, and as many racks as there are', () => {
    fc.assert(
      fc.property(fc.nat(1000), brokers, fc.integer({ min: 1, max: 9 }), (seed, usable, wanted) => {
        const replicationFactor = Math.min(wanted, usable.length);
        const placed = placeReplicas({ partitionCount: 12, replicationFactor }, usable, new SeededRandom(seed));
        const byId = new Map(usable.map((broker) => [broker.id, broker]));
        const rackCount = new Set(usable.map(({ rack }) => rack)).size;
        expect(placed).to.have.length(12);
        for (const replicas of placed) {
          expect(new Set(replicas).size).to.equal(replicationFactor);
          expect(byId.get(replicas[0] as number)?.isFenced).to.equal(false);
          const racks = new Set(replicas.map((id) => byId.get(id)?.rack));
          expect(racks.size).to.equal(Math.min(rackCount, replicationFactor));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('spreads leaders and replicas evenly over brokers of racks of one size', () => {
    const usable = Array.from({ length: 6 }, (_, index) => ({ id: index, rack: `r${index % 3}`, isFenced: false }));
    const placed = placeReplicas({ partitionCount: 60, replicationFactor: 3 }, usable, new SeededRandom(5));
    const count = (ids: number[]): number[] => usable.map(({ id }) => ids.filter((one) => one === id).length);
    expect(count(placed.map((replicas) => replicas[0] as number))).to.deep.equal([10, 10, 10, 10, 10, 10]);
    expect(count(placed.flat())).to.deep.equal([30, 30, 30, 30, 30, 30]);
  });
});
