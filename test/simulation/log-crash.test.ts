// Every record that was acknowledged under the chosen durability is there after a crash, and nothing that was never sent.
// OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one.
import { expect } from 'chai';
import { LogOffsets } from '../../src/log/partition/log-offsets.ts';
import { AssertionFailure } from '../../src/runtime/index.ts';
import { quickTurn } from '../quick-turn.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { LogWorld, type WorldOptions } from './log-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 100);
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
  this.timeout(Math.max(180_000, seeds * 1000));
  worlds.forEach(({ promise, ...options }, index) => {
    it(promise, async () => {
      // By the seed alone, wherever a run begins: a seed that failed is run again in the world in which it failed.
      const ahead = (index + 1 + worlds.length - (firstSeed % worlds.length)) % worlds.length;
      for (let seed = firstSeed + ahead; seed < firstSeed + seeds; seed += worlds.length) {
        await simulate({ seed, nextTurn: quickTurn }, (simulation) => new LogWorld(simulation, options).live(STEPS));
      }
    });
  });

  type Verb = (this: LogOffsets, offset: number) => void;
  const planted: readonly [string, 'assigned' | 'committed' | 'startsAt', (right: Verb) => Verb][] = [
    ['offsets that are given are not noted', 'assigned', () => () => undefined],
    [
      'the high watermark runs ahead of what is written',
      'committed',
      (right) =>
        function (offset) {
          right.call(this, offset + 1);
        },
    ],
    [
      'the log start runs ahead of the high watermark',
      'startsAt',
      (right) =>
        function (offset) {
          right.call(this, Math.max(offset, this.highWatermark + 1));
        },
    ],
  ];
  for (const [what, verb, wrong] of planted) {
    it(`are stopped by an assertion when ${what}`, async () => {
      const right = LogOffsets.prototype[verb];
      LogOffsets.prototype[verb] = wrong(right);
      try {
        expect(rootOf(await firstFailure())).to.be.instanceOf(AssertionFailure);
      } finally {
        LogOffsets.prototype[verb] = right;
      }
    });
  }
});

async function firstFailure(): Promise<unknown> {
  const options = { durability: 'page-cache', crash: 'kill', hasFailures: true } as const;
  for (let seed = 1; seed <= 20; seed++) {
    try {
      await simulate({ seed, nextTurn: quickTurn }, (simulation) => new LogWorld(simulation, options).live(STEPS));
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error;
}
