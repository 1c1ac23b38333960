// Transactions whose coordinator is taken away in every state. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first
// one; a seed that fails is in the message.
import { expect } from 'chai';
import { quickTurn } from '../quick-turn.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { TransactionWorld } from './transaction-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 5);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 60;

describe('Transactions under a coordinator that comes and goes', function () {
  this.timeout(Math.max(180_000, seeds * 1000));

  for (const version of [0, 1, 2]) {
    it(`end whole, and as was told, with transaction.version ${version}`, async () => {
      let [committed, aborted] = [0, 0];
      for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
        await simulate({ seed, nextTurn: quickTurn }, async (simulation) => {
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

  it('end whole when it crashes behind any of its records', async () => {
    for (const version of [0, 2]) {
      const script = (moment: number, isFound: boolean): Promise<number> =>
        simulate({ seed: 3, nextTurn: quickTurn }, (simulation) =>
          new TransactionWorld(simulation, version).script(moment, isFound),
        );
      const appends = await script(0, true);
      expect(appends).to.be.greaterThan(15);
      for (let moment = 1; moment <= appends; moment++) {
        for (const isFound of version === 2 ? [true, false] : [moment % 2 === 0]) {
          await script(moment, isFound).catch((error: unknown) => {
            throw new Error(`a crash behind append ${moment}`, { cause: error });
          });
        }
      }
    }
  });

  it('are found wanting where markers are lost, or what was committed', async () => {
    const failureOf = (change: (world: TransactionWorld) => void): Promise<string | undefined> =>
      simulate({ seed: 1, nextTurn: quickTurn }, (simulation) => {
        const world = new TransactionWorld(simulation, 2);
        change(world);
        return world.live(STEPS);
      }).then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      );
    const lost = await failureOf((world) => {
      world.losesMarkers = true;
    });
    expect(lost).to.match(/open for ever|open at once|both committed and aborted/);
    const forgotten = await failureOf(({ writer }) => {
      const crash = writer.crash.bind(writer);
      writer.crash = (kept) => {
        crash(kept);
        const log = writer.log(0);
        log.batches.splice(-3);
        log.committed = log.endOffset;
      };
    });
    expect(forgotten).to.match(/^simulation with seed 1: /);
  });
});
