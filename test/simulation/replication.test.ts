// Three nodes replicate through whatever befalls them. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one.
import { expect } from 'chai';
import { cleaning } from '../../src/log/manager/lazy-cleaning.ts';
import { LeaderEpochs } from '../../src/log/segments/leader-epochs.ts';
import { FollowedPartition } from '../../src/replication/following/followed-partition.ts';
import { following } from '../../src/replication/lazy-following.ts';
import { ReplicaProgress } from '../../src/replication/leading/replica-progress.ts';
import { Partition } from '../../src/replication/partition.ts';
import { quickTurn } from '../quick-turn.ts';
import { simulate } from '../../src/runtime/sim/index.ts';
import { ReplicationWorld } from './replication/replication-world.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 20);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const STEPS = 60;

describe('Replication in a simulated world', function () {
  this.timeout(Math.max(180_000, seeds * 2000));

  // What is loaded when it is first needed takes real time.
  before(async () => {
    await following();
    await cleaning();
  });

  it('loses nothing that was acknowledged, and comes together when all is healed', async () => {
    let acknowledged = 0;
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      await simulate({ seed, nextTurn: quickTurn }, async (simulation) => {
        const world = new ReplicationWorld(simulation);
        await world.live(STEPS);
        acknowledged += world.acknowledgedCount;
      });
    }
    expect(acknowledged).to.be.greaterThan(seeds);
  });
});

type Patch = () => () => void;

/** Deliberate bugs: mistakes of a first draft, each of which the world must find. */
const mistakes: readonly (readonly [string, Patch])[] = [
  [
    'a follower keeps what its leader does not have',
    () => replaced(Partition.prototype, 'cutTo', () => () => undefined),
  ],
  [
    'a follower is cut to its high watermark when the leader changes',
    () =>
      replaced(
        Partition.prototype,
        'update',
        (right) =>
          function (this: Partition, image) {
            const { leaderEpoch } = this;
            right.call(this, image);
            const { log } = this;
            if (this.isFollower && this.leaderEpoch !== leaderEpoch && log.isIdle) this.cutTo(log.highWatermark);
          },
      ),
  ],
  [
    'the epoch of a leadership is not noted before it has a record, nor with its records',
    () => replaced(LeaderEpochs.prototype, 'assign', () => () => undefined),
  ],
  [
    'a leader commits what its followers do not have',
    () => replaced(ReplicaProgress.prototype, 'replicatedEnd', () => (_isr, writtenEnd) => writtenEnd),
  ],
  [
    'a follower takes an answer to what it had asked before it was cut',
    () => {
      const asked = Object.getOwnPropertyDescriptor(FollowedPartition.prototype, 'isWhereAsked') as PropertyDescriptor;
      const current = Object.getOwnPropertyDescriptor(FollowedPartition.prototype, 'isCurrent') as PropertyDescriptor;
      const always = { configurable: true, get: () => true };
      Object.defineProperty(FollowedPartition.prototype, 'isWhereAsked', always);
      Object.defineProperty(FollowedPartition.prototype, 'isCurrent', always);
      return () => {
        Object.defineProperty(FollowedPartition.prototype, 'isWhereAsked', asked);
        Object.defineProperty(FollowedPartition.prototype, 'isCurrent', current);
      };
    },
  ],
];

function replaced<T extends object, K extends keyof T>(target: T, name: K, wrong: (right: T[K]) => T[K]): () => void {
  const right = target[name];
  target[name] = wrong(right);
  return () => {
    target[name] = right;
  };
}

const MISTAKE_SEEDS = 40;

describe('The simulated world of replication finds it when', function () {
  this.timeout(300_000);
  before(async () => {
    await following();
    await cleaning();
  });

  for (const [what, plant] of mistakes) {
    it(what, async () => {
      const restore = plant();
      try {
        expect(await firstFailingSeed(), 'a seed that fails').to.be.at.most(MISTAKE_SEEDS);
      } finally {
        restore();
      }
    });
  }
});

async function firstFailingSeed(): Promise<number> {
  for (let seed = 1; seed <= MISTAKE_SEEDS; seed++) {
    try {
      await simulate({ seed, nextTurn: quickTurn }, (simulation) => new ReplicationWorld(simulation).live(STEPS));
    } catch {
      return seed;
    }
  }
  return Number.POSITIVE_INFINITY;
}
