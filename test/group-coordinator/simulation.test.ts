// Classic groups under random joins, departures, crashes, clock jumps, restarts and bad requests. OTTLA_SEEDS sets how many
// seeds are run, OTTLA_SEED the first one; a seed that fails is in the message.
import { expect } from 'chai';
import { quickTurn } from '../quick-turn.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { ClassicGroup } from '../../src/group-coordinator/classic/classic-group.ts';
import { GroupWorld } from './group-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 60);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 60;

describe('Classic groups in a simulated world', function () {
  this.timeout(Math.max(180_000, seeds * 1000));

  it('keep one owner per partition and generation, keep offsets, and become stable', async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      await simulate({ seed, nextTurn: quickTurn }, (simulation) => new GroupWorld(simulation).live(STEPS));
    }
  });

  it('are found wanting over a log that loses what was committed, the same way each time for a seed', async () => {
    const live = (seed: number): Promise<string | undefined> =>
      simulate({ seed, nextTurn: quickTurn }, (simulation) => {
        const world = new GroupWorld(simulation);
        const crash = world.writer.crash.bind(world.writer);
        world.writer.crash = (kept) => {
          crash(kept);
          for (const log of world.writer.logs.values()) {
            log.batches.pop();
            log.committed = log.endOffset;
          }
        };
        return world.live(STEPS);
      }).then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      );
    let [seed, failure] = [0, await live(0)];
    while (failure === undefined && seed < 50) failure = await live(++seed);
    expect(failure).to.match(new RegExp(`^simulation with seed ${seed}: `));
    expect(await live(seed)).to.equal(failure);
  });

  it('are found wanting when a group keeps a leader that has left', async () => {
    const remove = Reflect.get(ClassicGroup.prototype, 'remove') as (this: ClassicGroup, memberId: string) => void;
    ClassicGroup.prototype.remove = function (memberId) {
      const { leaderId } = this;
      remove.call(this, memberId);
      this.leaderId = leaderId;
    };
    try {
      const failure = await simulate({ seed: 1, nextTurn: quickTurn }, (simulation) =>
        new GroupWorld(simulation).live(STEPS),
      ).then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      );
      expect(failure).to.match(/^simulation with seed 1: .*the leader is a member, and a group with members has one/);
    } finally {
      ClassicGroup.prototype.remove = remove;
    }
  });
});
