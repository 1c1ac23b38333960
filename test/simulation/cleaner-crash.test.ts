// The cleaner under crashes: each key keeps its value, each producer its place, whatever instant of a pass is the last.
// OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one.
import { expect } from 'chai';
import { cleaning } from '../../src/log/manager/lazy-cleaning.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { CleanerWorld, type CleanerWorldOptions } from './cleaner-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 12);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 100;

const worlds: readonly (CleanerWorldOptions & { readonly promise: string })[] = [
  { promise: 'the process is killed', durability: 'page-cache', crash: 'kill', hasFailures: false },
  { promise: 'power fails', durability: 'page-cache', crash: 'power', hasFailures: false },
  { promise: 'power fails, everything is flushed', durability: 'fsync', crash: 'power', hasFailures: false },
  { promise: 'the disk refuses what the cleaner writes', durability: 'page-cache', crash: 'power', hasFailures: true },
];

describe('crashes during compaction', function () {
  this.timeout(Math.max(180_000, seeds * 1000));
  before('the code of a pass is there: virtual time does not wait for it', async () => void (await cleaning()));
  worlds.forEach(({ promise, ...options }, index) => {
    it(promise, async () => {
      let passes = 0;
      // By the seed alone, wherever a run begins: a seed that failed is run again in the world in which it failed.
      const ahead = (index + 1 + worlds.length - (firstSeed % worlds.length)) % worlds.length;
      for (let seed = firstSeed + ahead; seed < firstSeed + seeds; seed += worlds.length) {
        await simulate({ seed, nextTurn }, async (simulation) => {
          const world = new CleanerWorld(simulation, options);
          await world.live(STEPS);
          passes += world.passes;
        });
      }
      if (seeds > worlds.length) expect(passes).to.be.greaterThan(seeds / 4);
    });
  });

  for (const crash of ['kill', 'power'] as const) {
    it(`at every single change of the disk: ${crash}`, async () => {
      for (let seed = firstSeed; seed < firstSeed + Math.ceil(seeds / 100); seed++) {
        let cuts = 0;
        while (await passAcross(seed, crash, cuts + 1)) cuts++;
        expect(cuts).to.be.greaterThan(15);
      }
    });
  }
});

function passAcross(seed: number, crash: 'kill' | 'power', cutAt: number): Promise<boolean> {
  let world: CleanerWorld | undefined;
  return simulate({ seed, nextTurn, trace: () => world?.diskChanged() }, (simulation) => {
    world = new CleanerWorld(simulation, { durability: 'page-cache', crash, hasFailures: false });
    return world.passAcross(cutAt);
  });
}
