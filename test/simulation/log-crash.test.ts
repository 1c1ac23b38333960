// Every record that was acknowledged under the chosen durability is there after a crash, and nothing that was never sent.
// OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one.
import { nextTurn } from '../../src/runtime/node/index.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { LogWorld, type WorldOptions } from './log-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 500);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 120;

const worlds: readonly (WorldOptions & { readonly promise: string })[] = [
  {
    promise: 'page-cache survives the end of the process',
    durability: 'page-cache',
    crash: 'kill',
    hasFailures: false,
  },
  { promise: 'page-cache survives it on a failing disk', durability: 'page-cache', crash: 'kill', hasFailures: true },
  { promise: 'fsync survives a power failure', durability: 'fsync', crash: 'power', hasFailures: false },
  { promise: 'fsync survives it on a failing disk', durability: 'fsync', crash: 'power', hasFailures: true },
];

describe('crashes of the log', function () {
  this.timeout(Math.max(60_000, seeds * 1000));
  worlds.forEach(({ promise, ...options }, index) => {
    it(promise, async () => {
      // By the seed alone, wherever a run begins: a seed that failed is run again in the world in which it failed.
      const ahead = (index + 1 + worlds.length - (firstSeed % worlds.length)) % worlds.length;
      for (let seed = firstSeed + ahead; seed < firstSeed + seeds; seed += worlds.length) {
        await simulate({ seed, nextTurn }, (simulation) => new LogWorld(simulation, options).live(STEPS));
      }
    });
  });
});
