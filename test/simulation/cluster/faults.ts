// Does what a fault of the plan says, and undoes it when its time is over.
import { KafkaError } from '../../../src/protocol/index.ts';
import { AlterPartitionReassignments } from '../../../src/protocol/messages/45-alter-partition-reassignments.ts';
import { ElectLeaders } from '../../../src/protocol/messages/43-elect-leaders.ts';
import type { ClusterClient } from '../../../src/client/index.ts';
import type { Simulation } from '../../../src/runtime/sim/index.ts';
import type { Cluster, ClusterNode } from './cluster.ts';
import { brokersOf, nameOf } from './node-config.ts';
import { type Fault, nodesOf } from './plan.ts';
import type { VoterChanges } from './voter-changes.ts';
import { ORDERS } from './workloads.ts';

export const CLIENTS = 'clients';
const STOP_PATIENCE_MS = 6_000;
const PREFERRED = 0;

type LinkFault = Extract<Fault, { kind: 'cut' | 'cut one way' | 'isolate' | 'slow link' | 'cut clients' }>;
type NodeFault = Exclude<Fault, LinkFault | { kind: 'reassign' | 'prefer leaders' | 'features' | 'voter' }>;

export class Faults {
  readonly #simulation: Simulation;
  readonly #cluster: Cluster;
  readonly #admin: ClusterClient;
  readonly #changes: VoterChanges;
  #isOver = false;

  constructor(simulation: Simulation, cluster: Cluster, admin: ClusterClient, changes: VoterChanges) {
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#admin = admin;
    this.#changes = changes;
  }

  /** From now on: the times of the plan begin here. */
  schedule(tell: (fault: Fault) => void): void {
    for (const fault of this.#cluster.plan.faults) {
      this.#simulation.clock.schedule(fault.atMs, () => {
        if (this.#isOver) return;
        tell(fault);
        this.#happen(fault);
      });
    }
  }

  /** Everything is whole again; nodes that are down come back by themselves. */
  heal(): void {
    this.#isOver = true;
    const names = [...nodesOf(this.#cluster.plan).map(nameOf), CLIENTS];
    for (const one of names) for (const other of names) if (one < other) this.#simulation.links.heal(one, other);
    for (const { machine } of this.#cluster.nodes) {
      machine.clock.slownessMs = 0;
      machine.disk.repair();
    }
  }

  #later(durationMs: number, action: () => void): void {
    this.#simulation.clock.schedule(durationMs, () => {
      if (!this.#isOver) action();
    });
  }

  #happen(fault: Fault): void {
    switch (fault.kind) {
      case 'cut':
      case 'cut one way':
      case 'isolate':
      case 'slow link':
      case 'cut clients':
        return this.#onLinks(fault);
      case 'reassign':
        return this.#reassign(fault.choice);
      case 'prefer leaders':
        return this.#ask(() =>
          this.#admin.askAny(ElectLeaders, { electionType: PREFERRED, topicPartitions: null, timeoutMs: 2_000 }),
        );
      case 'features':
        return this.#changes.raise(fault.choice);
      case 'voter':
        return this.#changes.leave(fault.node, fault.forMs);
      default:
        return this.#onNode(fault);
    }
  }

  #onNode(fault: NodeFault): void {
    const node = this.#cluster.node(fault.node);
    const { machine } = node;
    switch (fault.kind) {
      case 'kill':
      case 'power':
        return node.crash(fault.kind, fault.downMs);
      case 'crash at a disk call':
        return machine.disk.crashAfter(fault.calls, () => node.crash('kill', fault.downMs));
      case 'crash at a vote':
        return this.#crashAtVote(node, fault);
      case 'restart':
        return void node.restart(fault.downMs, STOP_PATIENCE_MS);
      case 'pause':
        return machine.clock.hold(fault.forMs);
      case 'slow node': {
        const { clock } = machine;
        clock.slownessMs = fault.byMs;
        return this.#later(fault.forMs, () => {
          clock.slownessMs = 0;
        });
      }
      case 'reset':
        return machine.network.reset();
      case 'disk error':
        return machine.disk.failNext({ call: fault.call, path: fault.path });
      case 'disk full':
        machine.disk.capacityBytes = machine.disk.usedBytes();
        return this.#later(fault.forMs, () => {
          machine.disk.capacityBytes = Number.POSITIVE_INFINITY;
        });
      case 'wall clock':
        machine.wall.skewMs += fault.byMs;
        return undefined;
    }
  }

  #crashAtVote(node: ClusterNode, fault: Extract<Fault, { kind: 'crash at a vote' }>): void {
    const crashSoon = (): void => {
      const { lives } = node;
      this.#later(fault.afterMs, () => {
        if (node.lives === lives) node.crash('kill', fault.downMs);
      });
    };
    node.machine.disk.crashAfter(fault.calls, crashSoon, 'quorum-state');
  }

  #onLinks(fault: LinkFault): void {
    const { links } = this.#simulation;
    const pairs = this.#pairsOf(fault);
    for (const [from, to] of pairs) {
      if (fault.kind === 'cut one way') links.cutOneWay(from, to);
      else if (fault.kind === 'slow link') links.slow(from, to, fault.byMs);
      else links.cut(from, to);
    }
    this.#later(fault.forMs, () => {
      for (const [from, to] of pairs) links.heal(from, to);
    });
  }

  #pairsOf(fault: LinkFault): [string, string][] {
    if (fault.kind === 'isolate') {
      const others = nodesOf(this.#cluster.plan).filter((id) => id !== fault.node);
      return others.map((id) => [nameOf(fault.node), nameOf(id)]);
    }
    if (fault.kind === 'cut clients') return [[CLIENTS, nameOf(fault.node)]];
    return [[nameOf(fault.from), nameOf(fault.to)]];
  }

  /** Other replicas, or the same in another order, or an end of what is under way. */
  #reassign(choice: number): void {
    const brokers = brokersOf(this.#cluster.plan);
    const partitionIndex = choice % this.#cluster.plan.partitions;
    const turned = brokers.map((_, index) => brokers[(index + choice) % brokers.length] as number);
    const replicas = choice % 7 === 0 ? null : choice % 3 === 0 ? turned.slice(0, 2) : turned;
    const topics = [{ name: ORDERS, partitions: [{ partitionIndex, replicas }] }];
    this.#ask(() => this.#admin.askAny(AlterPartitionReassignments, { timeoutMs: 2_000, topics }));
  }

  #ask(question: () => Promise<unknown>): void {
    question().catch((error: unknown) => {
      if (!(error instanceof KafkaError)) throw error;
    });
  }
}
