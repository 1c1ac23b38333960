// Transactions through a broker that crashes, from end to end. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first
// one; a seed that fails is in the message.
import { simulate } from '../../src/runtime/sim/index.ts';
import { quietTurn, unwatchRealWork, watchRealWork } from './transactions/real-work.ts';
import { TransactionWorld, type TransactionWorldOptions } from './transactions/transaction-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 2);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const LIVES = 3;

describe('Transactions in a simulated world', function () {
  this.timeout(Math.max(60_000, seeds * 2_000));

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
});
