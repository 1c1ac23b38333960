// Transactions whose coordinator is taken away in every state. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first
// one; a seed that fails is in the message.
import { expect } from 'chai';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { TransactionWorld } from './transaction-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 8);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 60;

describe('Transactions under a coordinator that comes and goes', function () {
  this.timeout(Math.max(60_000, seeds * 1000));

  for (const version of [0, 1, 2]) {
    it(`end whole, and as was told, with transaction.version ${version}`, async () => {
      let [committed, aborted] = [0, 0];
      for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
        await simulate({ seed, nextTurn }, async (simulation) => {
          const world = new TransactionWorld(simulation, version);
          await world.live(STEPS);
          committed += world.committed;
          aborted += world.aborted;
        });
      }
      expect(committed).to.be.greaterThan(5 * seeds);
      expect(aborted).to.be.greaterThan(2 * seeds);
    });
  }
});
