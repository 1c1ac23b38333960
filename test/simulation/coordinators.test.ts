// Coordinators whose partitions move between nodes. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one; a seed
// that fails is in the message.
import { loadMarkerChannels } from '../../src/broker/node/cluster-markers.ts';
import { loadRemoteVerification } from '../../src/broker/node/transaction-verification.ts';
import { expect } from 'chai';
import { ShardLog } from '../../src/coordinator-common/shard-log.ts';
import { quickTurn } from '../quick-turn.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { CoordinatorWorld } from './coordinators/coordinator-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 40);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 40;

describe('Coordinators that move between nodes', function () {
  this.timeout(Math.max(180_000, seeds * 1_000));

  // What is loaded when it is first needed takes real time, in which virtual time would leap.
  before(async () => {
    await loadMarkerChannels();
    await loadRemoteVerification();
  });

  it('end transactions whole, and act on nothing that is not committed', async () => {
    let [committed, moves] = [0, 0];
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      await simulate({ seed, nextTurn: quickTurn }, async (simulation) => {
        const world = new CoordinatorWorld(simulation);
        await world.live(STEPS);
        moves += world.moves;
        for (const producer of world.producers) committed += producer.committed;
      });
    }
    expect(moves).to.be.greaterThan(3 * seeds);
    expect(committed).to.be.greaterThan(5 * seeds);
  });

  it('are found wanting when what stands above the high watermark is acted on', async () => {
    const start = Reflect.get(ShardLog.prototype, 'start') as (endOffset: number, isCommitted: boolean) => void;
    ShardLog.prototype.start = function (endOffset) {
      start.call(this, endOffset, true);
    };
    let failure: unknown;
    try {
      for (let seed = 1; seed <= 40 && failure === undefined; seed++) {
        const life = simulate({ seed, nextTurn: quickTurn }, (simulation) =>
          new CoordinatorWorld(simulation).live(STEPS),
        );
        failure = await life.then(
          () => undefined,
          (error: unknown) => error,
        );
      }
    } finally {
      ShardLog.prototype.start = start;
    }
    expect(String(failure)).to.match(/before it is committed/);
  });
});
