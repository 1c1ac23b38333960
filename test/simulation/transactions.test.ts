// Transactions through a broker that crashes, from end to end. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first
// one; a seed that fails is in the message.
import { expect } from 'chai';
import { OffsetStore } from '../../src/group-coordinator/offsets/offset-store.ts';
import { TransactionIndex } from '../../src/log/segments/transaction-index.ts';
import type { Int64 } from '../../src/protocol/index.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { quietTurn, unwatchRealWork, watchRealWork } from './transactions/real-work.ts';
import { TransactionWorld, type TransactionWorldOptions } from './transactions/transaction-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 2);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const LIVES = 2;

describe('Transactions in a simulated world', function () {
  this.timeout(Math.max(180_000, seeds * 2_000));

  before(watchRealWork);
  after(unwatchRealWork);

  for (const options of [
    { durability: 'page-cache', crash: 'kill' },
    { durability: 'fsync', crash: 'power' },
  ] satisfies TransactionWorldOptions[]) {
    it(`are whole or not there at all, with ${options.durability} and ${options.crash}`, async () => {
      for (let seed = firstSeed; seed < firstSeed + Math.ceil(seeds / 2); seed++) {
        await simulate({ seed, nextTurn: quietTurn }, (simulation) =>
          new TransactionWorld(simulation, options).live(LIVES),
        );
      }
    });
  }

  it('are found wanting when an abort keeps its offsets, or readers are not told of it', async () => {
    const collect = Reflect.get(TransactionIndex.prototype, 'collect') as () => boolean;
    const endTransaction = Reflect.get(OffsetStore.prototype, 'endTransaction') as (
      id: Int64,
      isCommit: boolean,
    ) => void;
    const worlds = [
      () => (TransactionIndex.prototype.collect = () => false),
      () =>
        (OffsetStore.prototype.endTransaction = function (producerId) {
          endTransaction.call(this, producerId, true);
        }),
    ];
    for (const [index, worsen] of worlds.entries()) {
      worsen();
      const failure = await failureOf(5);
      TransactionIndex.prototype.collect = collect;
      OffsetStore.prototype.endTransaction = endTransaction;
      expect(failure, String(index)).to.match(/^simulation with seed \d: /);
    }
  });
});

/** What the first of so many seeds finds. */
async function failureOf(most: number): Promise<string | undefined> {
  for (let seed = 1; seed <= most; seed++) {
    const options = { durability: 'page-cache', crash: 'kill' } as const;
    try {
      await simulate({ seed, nextTurn: quietTurn }, (simulation) => new TransactionWorld(simulation, options).live(1));
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}
