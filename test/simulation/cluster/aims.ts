// Worlds that are aimed at a deliberate bug: small, short, and full of what brings it out. Where a drawn world comes by it once in a
// hundred seeds, nearly every seed of these does: which seeds find it may change with the timing of anything, that some do does not.
import { type Random, randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import type { ClusterPlan, Fault, Topology } from './plan.ts';

export type Aim = (seed: number) => ClusterPlan;

type Wishes = Partial<Omit<ClusterPlan, 'faults'>> & { readonly faults?: (random: Random) => readonly Fault[] };

const NO_CLIENTS = { transactions: 0, members: 0, workers: 0, moderns: 0, sharers: 0 };
const NODES = [1, 2, 3];

/** Two producers and a reader on a cluster that nothing befalls but what is wished for. */
function aim(topology: Topology, { faults, ...wishes }: Wishes): Aim {
  return (seed) => ({
    seed,
    topology,
    durability: topology === 'single' ? 'fsync' : 'page-cache',
    safetyMs: 4_000,
    partitions: 3,
    producers: 2,
    consumers: 1,
    ...NO_CLIENTS,
    rareShare: 0,
    knobs: {},
    ...wishes,
    faults: [...(faults?.(new SeededRandom(seed, 'aim')) ?? [])].sort((one, other) => one.atMs - other.atMs),
  });
}

/** So many times, `everyMs` apart, the first time after as long. */
function repeated(count: number, everyMs: number, faults: (atMs: number, index: number) => readonly Fault[]): Fault[] {
  return Array.from({ length: count }, (_, index) => faults((index + 1) * everyMs, index)).flat();
}

const nodeOf = (index: number): number => NODES[index % NODES.length] as number;
const slow = (from: number, to: number, byMs: number, forMs: number): Fault => ({
  atMs: 0,
  kind: 'slow link',
  from,
  to,
  forMs,
  byMs,
});
const cut = (from: number, to: number, forMs: number): Fault => ({ atMs: 0, kind: 'cut', from, to, forMs });

/** One node that dies while it writes. */
export const dyingAlone = aim('single', {
  faults: (random) =>
    repeated(4, 900, (atMs) => [
      { atMs, kind: 'crash at a disk call', node: 1, calls: randomInt(random, 0, 12), downMs: 50 },
    ]),
});

/** One node, and transactions that are aborted as often as not. */
export const transacting = aim('single', { transactions: 3, producers: 1, partitions: 1 });

/** Each node is cut off from the others for longer than its session, and its clients go on talking to it. */
export const cutOff = aim('combined', {
  safetyMs: 11_000,
  faults: (random) =>
    repeated(2, 5_000, (atMs, index) => [
      { atMs: atMs - randomInt(random, 3_800, 4_800), kind: 'isolate', node: nodeOf(index), forMs: 4_500 },
    ]),
});

/** Leaders die one after the other, and followers begin to follow again and again. */
export const dyingInTurn = aim('combined', {
  safetyMs: 8_000,
  producers: 3,
  faults: (random) =>
    repeated(6, 1_200, (atMs, index) => [
      { atMs: atMs - randomInt(random, 0, 300), kind: 'kill', node: nodeOf(index), downMs: randomInt(random, 20, 400) },
    ]),
});

/**
 * Two voters that do not hear of each other, and a third who leads when they come back, dies, and dies once more over the vote that both
 * then ask him for.
 */
export const splitVotes = aim('combined', {
  safetyMs: 9_000,
  partitions: 1,
  producers: 1,
  knobs: {
    'controller.quorum.election.timeout.ms': '300',
    'controller.quorum.fetch.timeout.ms': '200',
    'controller.quorum.election.backoff.max.ms': '30',
    'controller.quorum.retry.backoff.ms': '5',
  },
  faults: (random) => [
    cut(1, 2, 9_000),
    slow(1, 3, 20, 9_000),
    slow(2, 3, 20, 9_000),
    ...repeated(5, 1_700, (atMs): Fault[] => [
      { atMs: atMs - 1_500, kind: 'kill', node: 1, downMs: 300 },
      { atMs: atMs - 1_500, kind: 'kill', node: 2, downMs: 300 },
      { atMs: atMs - 400, kind: 'kill', node: 3, downMs: 20 },
      ...repeated(10, 40, (laterMs): Fault[] => [
        {
          atMs: atMs - 400 + laterMs,
          kind: 'crash at a vote',
          node: 3,
          calls: 2,
          afterMs: random.next(),
          downMs: randomInt(random, 1, 8),
        },
      ]),
    ]),
  ],
});

/** Leaders of the quorum that die before what they have is everybody's: one batch to a fetch, over links that are slow. */
export const dyingQuorum = aim('combined', {
  safetyMs: 9_000,
  partitions: 1,
  producers: 1,
  knobs: { 'controller.quorum.fetch.max.bytes': '1' },
  faults: (random) => [
    slow(1, 2, randomInt(random, 10, 60), 9_000),
    slow(2, 3, randomInt(random, 60, 120), 9_000),
    slow(1, 3, randomInt(random, 120, 250), 9_000),
    ...repeated(80, 100, (atMs): Fault[] => [{ atMs, kind: 'reassign', choice: randomInt(random, 1, 7) }]),
    ...repeated(4, 2_000, (atMs, index): Fault[] => [
      {
        atMs: atMs - randomInt(random, 0, 300),
        kind: 'kill',
        node: nodeOf(index),
        downMs: randomInt(random, 500, 1_500),
      },
    ]),
  ],
});

/** A broker that comes back over slow links is taken into the ISR while the leaders go on; controllers are far from all of them. */
export const comingBack = aim('apart', {
  safetyMs: 8_000,
  producers: 1,
  faults: (random) => [
    ...[4, 5, 6].flatMap((broker) => NODES.map((controller) => slow(broker, controller, 150, 8_000))),
    slow(4, 6, 150, 8_000),
    slow(5, 6, 150, 8_000),
    ...repeated(3, 2_500, (atMs): Fault[] => [
      { atMs: atMs - randomInt(random, 1_800, 2_400), kind: 'restart', node: 6, downMs: 20 },
    ]),
  ],
});

/** All brokers but one stop in order, so that they may lead again; then that one dies. */
export const lastInSync = aim('apart', {
  safetyMs: 6_000,
  faults: (random) => [
    { atMs: 800, kind: 'restart', node: 5, downMs: randomInt(random, 2_200, 2_600) },
    { atMs: 900, kind: 'restart', node: 6, downMs: randomInt(random, 2_200, 2_600) },
    { atMs: 2_600, kind: 'kill', node: 4, downMs: 4_000 },
  ],
});

/**
 * What a follower has asked for, over a link that has become slow, arrives when its connections have broken, and it has lost what was not
 * flushed and is back.
 */
export const lateFetches = aim('apart', {
  safetyMs: 6_500,
  partitions: 8,
  producers: 1,
  knobs: { 'replica.fetch.wait.max.ms': '50', 'log.flush.scheduler.interval.ms': '60000' },
  faults: (random) =>
    repeated(2, 2_800, (atMs): Fault[] => {
      const diesAtMs = atMs + randomInt(random, 570, 800);
      return [
        { atMs, kind: 'slow link', from: 4, to: 5, forMs: 1_500, byMs: 500 },
        { atMs: diesAtMs, kind: 'reset', node: 4 },
        { atMs: diesAtMs + 0.1, kind: 'power', node: 4, downMs: 20 },
      ];
    }),
});

/** Coordinators whose writes fail: each disk is full for a while. */
export const failingWrites = aim('combined', {
  safetyMs: 6_000,
  partitions: 2,
  members: 2,
  transactions: 2,
  faults: (random) =>
    repeated(3, 1_500, (atMs, index) => [
      { atMs: atMs - randomInt(random, 0, 500), kind: 'disk full', node: nodeOf(index), forMs: 1_000 },
    ]),
});

/** Members of a share group on brokers that are killed. */
export const dyingSharers = aim('combined', {
  safetyMs: 6_000,
  partitions: 2,
  sharers: 3,
  faults: (random) =>
    repeated(4, 1_300, (atMs, index) => [
      { atMs: atMs - randomInt(random, 0, 300), kind: 'kill', node: nodeOf(index), downMs: randomInt(random, 20, 300) },
    ]),
});
