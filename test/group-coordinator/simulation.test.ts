// Classic groups under random joins, departures, crashes, clock jumps, restarts and bad requests. OTTLA_SEEDS sets how many
// seeds are run, OTTLA_SEED the first one; a seed that fails is in the message.
import { nextTurn } from '../../src/runtime/node/index.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { GroupWorld } from './group-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 200);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 60;

describe('Classic groups in a simulated world', function () {
  this.timeout(Math.max(60_000, seeds * 1000));

  it('keep one owner per partition and generation, keep offsets, and become stable', async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      await simulate({ seed, nextTurn }, (simulation) => new GroupWorld(simulation).live(STEPS));
    }
  });
});
