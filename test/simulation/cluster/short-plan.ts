// A seed in the short form: what it stands for, cut down to a world that lives a few virtual seconds, with few clients of one kind and
// three faults at most. All promises are held against it as against a long one; many of them fit where one long one does.
import { randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { type ClusterPlan, type Fault, planOf, type Topology } from './plan.ts';

/** Clients beside producers and readers. */
const KINDS = ['transactions', 'members', 'workers', 'moderns', 'sharers'] as const;
/** On old levels of features there are no groups of KIP-848 and KIP-932. */
const OLD_KINDS = ['transactions', 'members', 'workers'] as const;

/** Of the time of trouble, how much is left. */
const TIME_SHARE = 0.25;
const MOST_FAULTS = 3;
/** The longest that a node is down, or a link cut, after its fault. */
const LONGEST_MS = 1_500;

export function shortPlanOf(seed: number, topologies: readonly Topology[]): ClusterPlan {
  const plan = planOf(seed, topologies);
  const random = new SeededRandom(seed, 'short');
  const none = { transactions: 0, members: 0, workers: 0, moderns: 0, sharers: 0 };
  const kinds = plan.topology === 'changing' ? OLD_KINDS : KINDS;
  const kind = random.next() < 0.5 ? kinds[randomInt(random, 0, kinds.length)] : undefined;
  return {
    ...plan,
    ...none,
    safetyMs: Math.round(plan.safetyMs * TIME_SHARE),
    partitions: Math.min(2, plan.partitions),
    producers: Math.min(2, plan.producers),
    ...(kind !== undefined && { [kind]: randomInt(random, 1, 3) }),
    faults: plan.faults.slice(0, MOST_FAULTS).map(shortened),
  };
}

function shortened(fault: Fault): Fault {
  return {
    ...fault,
    atMs: Math.round(fault.atMs * TIME_SHARE),
    ...('downMs' in fault && { downMs: Math.min(LONGEST_MS, fault.downMs) }),
    ...('forMs' in fault && { forMs: Math.min(LONGEST_MS, fault.forMs) }),
  };
}
