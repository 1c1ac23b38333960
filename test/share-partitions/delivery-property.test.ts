// A record of a share group is delivered again, acknowledged, or archived at its limit, and never lost; what is acknowledged is
// never delivered again; also across leaders that load from the share coordinator.
import fc from 'fast-check';
import { propertyRuns } from '../property-runs.ts';
import { ACCEPT, REJECT, RELEASE, RENEW, SharePartitionModel } from './share-partition-model.ts';

const member = fc.constantFrom('a', 'b', 'c');
const type = fc.constantFrom(ACCEPT, ACCEPT, RELEASE, REJECT, RENEW);

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 6 }),
      gap: fc.constantFrom(0, 0, 0, 2),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('fetch' as const),
      member,
      maxRecords: fc.integer({ min: 1, max: 12 }),
      batchSize: fc.integer({ min: 1, max: 8 }),
      isRecordLimit: fc.boolean(),
      batches: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('acknowledge' as const),
      member,
      at: fc.nat(10),
      skip: fc.nat(4),
      types: fc.array(type, { minLength: 1, maxLength: 6 }),
      isLate: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), isWritten: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 120 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), member }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), written: fc.nat(3) }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function take(model: SharePartitionModel, one: Step): void {
  switch (one.do) {
    case 'append':
      return model.append(one.count, one.gap);
    case 'fetch':
      return void model.fetch(one.member, one);
    case 'acknowledge': {
      const held = model.heldBy(one.member);
      const range = held[one.at % Math.max(1, held.length)];
      if (range === undefined) return;
      const firstOffset = Math.min(range.lastOffset, range.firstOffset + one.skip);
      const types = one.types.slice(0, range.lastOffset - firstOffset + 1);
      return void model.acknowledge(one.member, firstOffset, types, one.isLate);
    }
    case 'trim':
      return model.trim(one.count);
    case 'settle':
      return model.settle(one.isWritten);
    case 'pass':
      return model.pass(one.ms);
    case 'release':
      return model.release(one.member);
    case 'crash':
      return model.crash(one.written);
  }
}

const runs = propertyRuns(200);

describe('The records of a share partition', () => {
  it('are delivered again, acknowledged, or archived at their limit, and never lost', function () {
    this.timeout(Math.max(120_000, runs.numRuns * 500));
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 100, size: 'max' }),
        fc.constantFrom(0, 2, 500),
        fc.constantFrom(2, 3, 5),
        (steps, updatesPerSnapshot, maxDeliveryCount) => {
          const model = new SharePartitionModel(updatesPerSnapshot, maxDeliveryCount);
          for (const one of steps) take(model, one);
          model.drain();
        },
      ),
      runs,
    );
  });
});
