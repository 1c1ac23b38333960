// What a seed stands for: the cluster, the clients' work, the rare ways that are taken, and the faults with their times, as data.
// A plan can be written down, cut to what still fails, and run again.
import { LATEST_METADATA_VERSION } from '../../../src/kraft/metadata/index.ts';
import { type Random, randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';

/**
 * combined: every node is both; apart: three controllers with brokers beside them; single: one node; changing: combined, with voters in
 * the log that come and go (KIP-853), on a feature level that is raised.
 */
export type Topology = 'single' | 'combined' | 'apart' | 'changing';

/** Those that are drawn from when nothing else is asked for. */
export const TOPOLOGIES: readonly Topology[] = ['combined', 'combined', 'combined', 'apart', 'single'];

export type Fault = { readonly atMs: number } & (
  | { readonly kind: 'kill' | 'power'; readonly node: number; readonly downMs: number }
  | { readonly kind: 'crash at a disk call'; readonly node: number; readonly calls: number; readonly downMs: number }
  /** So long after it has begun to write down, for the so manieth time from now on, whom it votes for or follows. */
  | {
      readonly kind: 'crash at a vote';
      readonly node: number;
      readonly calls: number;
      readonly afterMs: number;
      readonly downMs: number;
    }
  | { readonly kind: 'restart'; readonly node: number; readonly downMs: number }
  | { readonly kind: 'pause'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'slow node'; readonly node: number; readonly forMs: number; readonly byMs: number }
  | { readonly kind: 'cut' | 'cut one way'; readonly from: number; readonly to: number; readonly forMs: number }
  | { readonly kind: 'isolate'; readonly node: number; readonly forMs: number }
  | {
      readonly kind: 'slow link';
      readonly from: number;
      readonly to: number;
      readonly forMs: number;
      readonly byMs: number;
    }
  | { readonly kind: 'reset'; readonly node: number }
  | { readonly kind: 'cut clients'; readonly node: number; readonly forMs: number }
  | {
      readonly kind: 'disk error';
      readonly node: number;
      readonly call: 'write' | 'sync' | 'read';
      readonly path: string;
    }
  | { readonly kind: 'disk full'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'wall clock'; readonly node: number; readonly byMs: number }
  | { readonly kind: 'reassign'; readonly choice: number }
  | { readonly kind: 'prefer leaders' }
  | { readonly kind: 'features'; readonly choice: number }
  /** It is a voter no more, and one again after a while. */
  | { readonly kind: 'voter'; readonly node: number; readonly forMs: number }
);

export type FaultKind = Fault['kind'];

export interface ClusterPlan {
  readonly seed: number;
  readonly topology: Topology;
  readonly durability: 'page-cache' | 'fsync';
  readonly safetyMs: number;
  readonly partitions: number;
  readonly producers: number;
  readonly consumers: number;
  readonly transactions: number;
  readonly members: number;
  /** Members that work on several records at a time, of a classic group and of one of KIP-848. */
  readonly workers: number;
  readonly moderns: number;
  /** Members of a share group. */
  readonly sharers: number;
  /** Chance of each rare way, by name; what is not named is not taken. */
  readonly rareShare: number;
  /** Configs beside those that all have, by Kafka's names. */
  readonly knobs: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
  /** The metadata.version at first; left out: the latest. */
  readonly metadataVersion?: number;
}

/** 3.9-IV0: kraft.version 1 asks for it. */
const FIRST_WITH_VOTERS = 21;

/** Of page-cache durability only this node may lose its power: the others hold what it loses. */
export const POWER_VICTIM = 1;

/** Bounds so narrow that what is seldom reached is reached all the time. */
const KNOBS: readonly (readonly [string, string])[] = [
  ['metadata.log.max.record.bytes.between.snapshots', '2000'],
  ['metadata.log.segment.ms', '1500'],
  ['metadata.max.retention.bytes', '4000'],
  ['log.roll.ms', '1500'],
  ['replica.fetch.max.bytes', '1'],
  ['replica.fetch.response.max.bytes', '1'],
  ['replica.fetch.wait.max.ms', '50'],
  ['metadata.max.idle.interval.ms', '300'],
  ['num.replica.fetchers', '2'],
  ['max.incremental.fetch.session.cache.slots', '2'],
  ['offsets.load.buffer.size', '100'],
  ['transaction.state.log.load.buffer.size', '100'],
  ['leader.imbalance.check.interval.seconds', '2'],
];

const KINDS: Readonly<Record<Topology, readonly (readonly [FaultKind, number])[]>> = {
  single: [
    ['kill', 4],
    ['power', 3],
    ['crash at a disk call', 3],
    ['restart', 3],
    ['pause', 2],
    ['slow node', 1],
    ['reset', 3],
    ['cut clients', 2],
    ['disk full', 1],
    ['disk error', 2],
    ['wall clock', 1],
  ],
  combined: [
    ['kill', 5],
    ['power', 2],
    ['crash at a disk call', 3],
    ['crash at a vote', 2],
    ['restart', 4],
    ['pause', 4],
    ['slow node', 1],
    ['cut', 4],
    ['cut one way', 3],
    ['isolate', 4],
    ['slow link', 2],
    ['reset', 3],
    ['cut clients', 2],
    ['disk full', 1],
    ['disk error', 2],
    ['wall clock', 1],
    ['reassign', 2],
    ['prefer leaders', 2],
  ],
  apart: [],
  changing: [
    ['kill', 4],
    ['crash at a disk call', 2],
    ['crash at a vote', 2],
    ['restart', 4],
    ['pause', 3],
    ['cut', 3],
    ['cut one way', 2],
    ['isolate', 3],
    ['slow link', 1],
    ['reset', 3],
    ['voter', 10],
    ['features', 4],
    ['reassign', 1],
  ],
};

export function nodesOf({ topology }: Pick<ClusterPlan, 'topology'>): readonly number[] {
  if (topology === 'single') return [1];
  return topology === 'apart' ? [1, 2, 3, 4, 5, 6] : [1, 2, 3];
}

export function planOf(seed: number, topologies: readonly Topology[]): ClusterPlan {
  const random = new SeededRandom(seed, 'plan');
  const topology = pick(random, topologies);
  const durability = topology === 'single' || random.next() < 0.25 ? 'fsync' : 'page-cache';
  const safetyMs = randomInt(random, 4, 15) * 1000;
  const base = { seed, topology, durability, safetyMs } as const;
  return {
    ...base,
    partitions: randomInt(random, 1, 4),
    producers: randomInt(random, 1, 3),
    consumers: 1,
    transactions: random.next() < 0.5 ? randomInt(random, 1, 3) : 0,
    members: random.next() < 0.4 ? randomInt(random, 2, 4) : 0,
    ...workersOf(seed),
    rareShare: random.next() < 0.5 ? 0 : random.next() * 0.5,
    knobs: Object.fromEntries(KNOBS.filter(() => random.next() < 0.15)),
    faults: faultsOf(random, base),
    // A cluster that began on an old level has no groups of KIP-848 and KIP-932 (group.version, share.version).
    ...(topology === 'changing' && {
      moderns: 0,
      sharers: 0,
      metadataVersion: randomInt(random, FIRST_WITH_VOTERS, LATEST_METADATA_VERSION + 1),
    }),
  };
}

/** Drawn apart: what else a seed stands for does not change with them. */
function workersOf(seed: number): Pick<ClusterPlan, 'workers' | 'moderns' | 'sharers'> {
  const random = new SeededRandom(seed, 'workers');
  const some = (): number => (random.next() < 0.25 ? randomInt(random, 2, 4) : 0);
  return { workers: some(), moderns: some(), sharers: some() };
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[randomInt(random, 0, choices.length)] as T;
}

function faultsOf(random: Random, plan: Pick<ClusterPlan, 'topology' | 'durability' | 'safetyMs'>): Fault[] {
  const kinds = KINDS[plan.topology === 'apart' ? 'combined' : plan.topology];
  const weights = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  const count = randomInt(random, 0, 12);
  const faults: Fault[] = [];
  for (let index = 0; index < count; index++) {
    let drawn = random.next() * weights;
    const [kind] = kinds.find(([, weight]) => (drawn -= weight) < 0) ?? (kinds[0] as readonly [FaultKind, number]);
    faults.push(faultOf(random, kind, plan));
  }
  return survivable(faults, plan.durability).sort((a, b) => a.atMs - b.atMs);
}

/**
 * A process that was killed is to the controller like one whose machine lost its power: when all replicas have gone that way, the
 * last known leader leads again, with what it has (KIP-966). So where power takes what is not flushed, nobody else is stopped, nor stops
 * because its disk has failed (seed 231324).
 */
function survivable(faults: readonly Fault[], durability: ClusterPlan['durability']): Fault[] {
  const isPowerLost = durability === 'page-cache' && faults.some(({ kind }) => kind === 'power');
  const stops = (fault: Fault): boolean => 'downMs' in fault || fault.kind === 'disk error';
  return faults.map((fault) => (isPowerLost && stops(fault) ? { ...fault, node: POWER_VICTIM } : fault));
}

const WHERE = ['/', '/orders-', '/__consumer_offsets-', '/__transaction_state-', '/__cluster_metadata-'];

function faultOf(
  random: Random,
  kind: FaultKind,
  plan: Pick<ClusterPlan, 'topology' | 'durability' | 'safetyMs'>,
): Fault {
  const nodes = nodesOf(plan);
  const atMs = Math.floor(random.next() * plan.safetyMs);
  const node = pick(random, nodes);
  const other = pick(random, nodes.length === 1 ? nodes : nodes.filter((id) => id !== node));
  const forMs = randomInt(random, 50, random.next() < 0.3 ? 12_000 : 4000);
  const byMs = randomInt(random, 1, random.next() < 0.2 ? 1500 : 100);
  switch (kind) {
    case 'kill':
    case 'restart':
      return { atMs, kind, node, downMs: forMs };
    case 'power':
      return { atMs, kind, node: plan.durability === 'fsync' ? node : POWER_VICTIM, downMs: forMs };
    case 'crash at a disk call':
      return { atMs, kind, node, calls: randomInt(random, 0, 60), downMs: forMs };
    case 'crash at a vote':
      return {
        atMs,
        kind,
        node,
        calls: randomInt(random, 0, 12),
        afterMs: random.next() * 8,
        downMs: randomInt(random, 1, 200),
      };
    case 'pause':
    case 'isolate':
    case 'cut clients':
    case 'disk full':
      return { atMs, kind, node, forMs };
    case 'slow node':
      return { atMs, kind, node, forMs, byMs: Math.min(byMs, 20) };
    case 'cut':
    case 'cut one way':
      return { atMs, kind, from: node, to: other, forMs };
    case 'slow link':
      return { atMs, kind, from: node, to: other, forMs, byMs };
    case 'reset':
      return { atMs, kind, node };
    case 'disk error':
      return { atMs, kind, node, call: pick(random, ['write', 'sync', 'read'] as const), path: pick(random, WHERE) };
    case 'wall clock':
      return { atMs, kind, node, byMs: randomInt(random, -1, 2) * randomInt(random, 1000, 7_200_000) };
    case 'reassign':
      return { atMs, kind, choice: randomInt(random, 0, 1000) };
    case 'features':
      return { atMs, kind, choice: randomInt(random, 1, 5) };
    case 'voter':
      return { atMs, kind, node, forMs };
    case 'prefer leaders':
      return { atMs, kind };
  }
}
