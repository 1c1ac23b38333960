// Damage to a directory is answered, never passed over: see damage-world.ts. OTTLA_SEEDS sets how many seeds are run,
// OTTLA_SEED the first one.
import { DamageWorld } from './damage-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 120);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);

describe('damage to a data directory', function () {
  this.timeout(Math.max(180_000, seeds * 1000));

  it('is answered with an error, or as if it were not there', async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const world = new DamageWorld(seed);
      try {
        await world.live();
      } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        throw new Error(`damage with seed ${seed}: ${reason}\n    ${world.story}`, { cause: error });
      }
    }
  });
});
