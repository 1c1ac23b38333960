// The whole contract of the coordinator runtime, by a tenant that uses all of it. OTTLA_SEEDS sets how many seeds are run,
// OTTLA_SEED the first one; a seed that fails is in the message.
import { expect } from 'chai';
import { quickTurn } from '../quick-turn.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { BLOWS, LedgerWorld } from './ledger-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 50);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 60;

describe('A ledger on the coordinator runtime', function () {
  this.timeout(Math.max(180_000, seeds * 1000));

  it('keeps what it promised in a random life', async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      await simulate({ seed, nextTurn: quickTurn }, (simulation) => new LedgerWorld(simulation).live(STEPS));
    }
  });

  it('keeps it when its shard is taken away at any moment', async () => {
    let moments = 0;
    await simulate({ seed: 1, nextTurn: quickTurn }, (simulation) =>
      new LedgerWorld(simulation, () => moments++).script(),
    );
    expect(moments).to.be.greaterThan(40);
    for (const blow of BLOWS) {
      for (let moment = 1; moment <= moments; moment++) {
        let now = 0;
        const strike = (world: LedgerWorld): void => {
          if (++now === moment) world.strike(blow);
        };
        await simulate({ seed: 1, nextTurn: quickTurn }, (simulation) =>
          new LedgerWorld(simulation, strike).script(),
        ).catch((error: unknown) => {
          throw new Error(`${blow} at moment ${moment}`, { cause: error });
        });
      }
    }
  });

  it('is found wanting over a log that loses what was committed', async () => {
    const live = (seed: number): Promise<string | undefined> =>
      simulate({ seed, nextTurn: quickTurn }, (simulation) => {
        const world = new LedgerWorld(simulation);
        const crash = world.writer.crash.bind(world.writer);
        world.writer.crash = (kept) => {
          crash(kept);
          world.log.batches.pop();
          world.log.committed = world.log.endOffset;
        };
        return world.live(STEPS);
      }).then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      );
    let [seed, failure] = [0, await live(0)];
    while (failure === undefined && seed < 50) failure = await live(++seed);
    expect(failure).to.match(new RegExp(`^simulation with seed ${seed}: `));
  });
});
