// Three nodes replicate through whatever befalls them. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one.
import { expect } from 'chai';
import { cleaning } from '../../src/log/manager/lazy-cleaning.ts';
import { following } from '../../src/replication/lazy-following.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { ReplicationWorld } from './replication/replication-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 30);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 60;

describe('Replication in a simulated world', function () {
  this.timeout(Math.max(60_000, seeds * 2000));

  // What is loaded when it is first needed takes real time.
  before(async () => {
    await following();
    await cleaning();
  });

  it('loses nothing that was acknowledged, and comes together when all is healed', async () => {
    let acknowledged = 0;
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      await simulate({ seed, nextTurn }, async (simulation) => {
        const world = new ReplicationWorld(simulation);
        await world.live(STEPS);
        acknowledged += world.acknowledgedCount;
      });
    }
    expect(acknowledged).to.be.greaterThan(seeds);
  });
});
