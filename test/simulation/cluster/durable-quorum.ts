// R6: what the metadata log has committed is on stable storage of a majority of the voters, whoever loses power now.
import type { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import type { SimDisk } from '../../../src/runtime/sim/index.ts';
import type { Cluster } from './cluster.ts';
import { batchesOn } from './disk-logs.ts';
import { controllersOf } from './node-config.ts';
import { ensure } from './violation.ts';

const METADATA = '__cluster_metadata-0';
const DIRECTORY = `/data/${METADATA}`;

/** A voter set is left behind when the next one is in force: what was committed by it may be told of later. */
const LAST_SETS = 4;

export class DurableQuorum {
  readonly #cluster: Cluster;
  /** That nodes have voted by, the latest last. */
  #voterSets: (readonly number[])[];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#voterSets = [controllersOf(cluster.plan.topology)];
  }

  /** What this node votes by, as its log has it. */
  noteVoters(node: BrokerNode): void {
    if (this.#cluster.plan.topology !== 'changing') return;
    const voters = node.quorumVoters;
    const last = this.#voterSets.at(-1);
    if (voters.length === 0 || voters.join() === last?.join()) return;
    const others = this.#voterSets.filter((set) => set.join() !== voters.join());
    this.#voterSets = [...others, voters].slice(-LAST_SETS);
  }

  /** The last record that any node has been told of as committed. Throws Violation. */
  check(committed: { readonly offset: number; readonly epoch: number }): void {
    for (const { node } of this.#cluster.nodes) if (node !== undefined) this.noteVoters(node);
    const all = controllersOf(this.#cluster.plan.topology);
    const holders = all.filter((id) => holds(this.#cluster.node(id).machine.disk, committed));
    ensure(
      this.#voterSets.some((voters) => 2 * voters.filter((id) => holders.includes(id)).length > voters.length),
      'R6',
      () =>
        `${committed.offset} of epoch ${committed.epoch} is committed, and durable on ${holders.join()} only, ` +
        `of voters ${this.#voterSets.map((voters) => voters.join()).join(' or ')}`,
    );
  }
}

function holds(disk: SimDisk, { offset, epoch }: { readonly offset: number; readonly epoch: number }): boolean {
  if (!disk.existsSync(DIRECTORY)) return false;
  const batches = batchesOn(disk, METADATA, true);
  const found = batches.find(({ first, last }) => first <= offset && offset <= last);
  if (found !== undefined) return found.epoch === epoch;
  return disk
    .listSync(DIRECTORY)
    .some(({ name }) => name.endsWith('.checkpoint') && Number(name.split('-')[0]) > offset);
}
