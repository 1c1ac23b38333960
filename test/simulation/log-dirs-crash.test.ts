// Moves between log directories, under crashes: either the old or the new log is there, whole, and the move goes on.
// OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one.
import { expect } from 'chai';
import { quickTurn } from '../quick-turn.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { LogDirsWorld, type LogDirsWorldOptions } from './log-dirs-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 30);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 120;

const worlds: readonly (LogDirsWorldOptions & { readonly promise: string })[] = [
  { promise: 'page-cache, the process is killed', durability: 'page-cache', crash: 'kill', runsFull: false },
  {
    promise: 'page-cache, power fails: what was flushed stays',
    durability: 'page-cache',
    crash: 'power',
    runsFull: false,
  },
  { promise: 'fsync, power fails', durability: 'fsync', crash: 'power', runsFull: false },
  { promise: 'fsync, power fails, on a disk that runs full', durability: 'fsync', crash: 'power', runsFull: true },
];

describe('crashes during moves between log directories', function () {
  this.timeout(Math.max(180_000, seeds * 1000));
  worlds.forEach(({ promise, ...options }, index) => {
    it(promise, async () => {
      // By the seed alone, wherever a run begins: a seed that failed is run again in the world in which it failed.
      const ahead = (index + 1 + worlds.length - (firstSeed % worlds.length)) % worlds.length;
      for (let seed = firstSeed + ahead; seed < firstSeed + seeds; seed += worlds.length) {
        await simulate({ seed, nextTurn: quickTurn }, (simulation) =>
          new LogDirsWorld(simulation, options).live(STEPS),
        );
      }
    });
  });

  const everyInstant: readonly LogDirsWorldOptions[] = [
    { durability: 'page-cache', crash: 'kill', runsFull: false },
    { durability: 'page-cache', crash: 'power', runsFull: false },
    { durability: 'fsync', crash: 'power', runsFull: false },
  ];
  for (const options of everyInstant) {
    it(`at every single change of the disk: ${options.durability}, ${options.crash}`, async () => {
      for (let seed = firstSeed; seed < firstSeed + Math.ceil(seeds / 100); seed++) {
        let cuts = 0;
        while (await moveAcross(seed, options, cuts + 1)) cuts++;
        expect(cuts).to.be.greaterThan(30);
      }
    });
  }
});

function moveAcross(seed: number, options: LogDirsWorldOptions, cutAt: number): Promise<boolean> {
  let world: LogDirsWorld | undefined;
  return simulate({ seed, nextTurn: quickTurn, trace: () => world?.diskChanged() }, (simulation) => {
    world = new LogDirsWorld(simulation, options);
    return world.moveAcross(cutAt);
  });
}
