// What a cluster asks of each of its nodes, whether it runs in this thread (cluster-member.ts) or in one of its own
// (threaded-member.ts). Types alone.
import type { Leadership } from '../../kraft/raft/index.ts';
import type { SettingsInput } from '../configs/settings.ts';
import type { ThrowAwayCertificates } from '../security/tls/certificates.ts';
import type { ClusterNode } from './cluster.ts';

/** What a node is made of: it can be copied to another thread. */
export interface MemberPlan {
  readonly id: number;
  readonly roles: ClusterNode['roles'];
  readonly clusterId: string;
  readonly input: SettingsInput;
  readonly certificates: ThrowAwayCertificates | undefined;
}

export interface PartitionState {
  /** -1: nobody. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

/** What a node knows of the cluster. */
export interface Knowledge {
  /** Of the last record of the metadata that it has taken in. */
  readonly offset: number;
  readonly leadership: Leadership;
}

export interface Member extends ClusterNode {
  /** Where the other nodes reach its controller; 0 for one that is none. */
  readonly controllerPort: number;
  /** All ports that the node listens on. */
  readonly ports: readonly number[];
  readonly warnings: readonly string[];
  /** undefined while it does not run. */
  readonly knows: Knowledge | undefined;
  /** As the node knows it. Throws an Error while it does not run. */
  partition(topic: string, partition: number): PartitionState | undefined;

  /** Sets configs that are known only when all nodes listen. `ports`: who listens where. */
  configure(config: Readonly<Record<string, string>>, ports: ReadonlyMap<number, number>): Promise<void>;
  /** Rejects as `startBroker` does. */
  start(): Promise<void>;
  /** Stops the node in order: its leaderships are given away first. */
  stop(): Promise<void>;
  /** Stops the node together with all others: no leadership is given away. */
  close(): Promise<void>;
  kill(): Promise<void>;
  /** Has the topics, users, permissions and quotas of the options made. */
  prepare(): Promise<void>;
  reassign(topic: string, partition: number, replicas: readonly number[]): Promise<void>;
  /** Has the preferred replica lead, if it can. */
  elect(topic: string, partition: number): Promise<void>;
}

/** The wires between the nodes. */
export interface Wires {
  /** Nothing passes between nodes of different groups; a node that stands in none is cut off from all. */
  partition(groups: readonly (readonly number[])[], nodes: readonly number[]): void;
  heal(): void;
}
