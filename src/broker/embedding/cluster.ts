// What a cluster in one process offers: what it is told at its start, and what can be done to it then. Types alone.
import type { Durability } from '../../runtime/index.ts';
import type { Broker, StartOptions } from './embedding.ts';

/** What is said of a broker alone holds for each node. */
export interface ClusterOptions extends Omit<StartOptions, 'port' | 'configFile'> {
  /** The port of the first broker for clients, the next ones have those behind it; 0, or left out: free ones. */
  readonly port?: number;
  /** Brokers, with the ids 1, 2 ...; 3 when left out. */
  readonly nodes?: number;
  /**
   * Controllers beside the brokers, with the ids behind theirs. Left out: the first brokers are controllers too, one of up to
   * two, else three.
   */
  readonly controllers?: number;
  /**
   * Each node in a worker thread of its own, so that a machine with more cores does more: no request crosses threads. What tests
   * ask of single brokers (`nodes[i].broker`, `onRequest`, `history`) and a `clock` of one's own are there without it alone.
   */
  readonly threads?: boolean;
  /** Configs of single nodes, by id: they win over `config`. */
  readonly nodeConfigs?: Readonly<Record<number, Readonly<Record<string, string | number | boolean>>>>;
}

export interface ClusterNode {
  readonly id: number;
  readonly roles: readonly ('broker' | 'controller')[];
  /**
   * The node as a broker of its own. Throws an Error while it does not run, for one that is a controller alone, and for one in a
   * thread of its own.
   */
  readonly broker: Broker;
  readonly host: string;
  /** The port for clients; that of the controller where there is no other. */
  readonly port: number;
  readonly isRunning: boolean;
  /** '' when nothing is on a disk. */
  readonly dataDir: string;
  readonly durability: Durability;
}

/** A running cluster. What it is asked to do rejects with an Error for ids, topics and partitions that there are not. */
export interface Cluster {
  /** All brokers, `host:port,host:port`, for the bootstrap setting of any client. */
  readonly bootstrapServers: string;
  readonly clusterId: string;
  /** The certificate of the authority that vouches for all brokers, in PEM; undefined without the option `tls`. */
  readonly ca: string | undefined;
  /** A certificate that the brokers take, and its key, in PEM: whoever shows it is `User:CN=client`. */
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined;
  readonly nodes: readonly ClusterNode[];
  /** The id of the active controller; undefined while there is none. */
  readonly controllerId: number | undefined;
  /** Stops a node in order: its leaderships go to others first (controlled shutdown). */
  stop(id: number): Promise<void>;
  /** Ends a node as kill -9 does: nothing is flushed, its sockets are reset. What it had written stays. */
  kill(id: number): Promise<void>;
  /** Starts a node again, on its port and its data, after it has been stopped or killed; stops it first where it runs. */
  restart(id: number): Promise<void>;
  /**
   * Cuts the wires between groups of nodes: `partition([1], [2, 3])`. A node that is named in no group is cut off from all. What
   * was cut before is healed first. Clients reach every node.
   */
  partition(...groups: readonly (readonly number[])[]): void;
  /** All wires are whole again. */
  heal(): void;
  /** Resolves when the node leads the partition; it becomes one of its replicas, and the preferred one. */
  moveLeader(topic: string, partition: number, id: number): Promise<void>;
  /** The id of the node that leads a partition, as the metadata of the cluster says; undefined while nobody does. */
  leaderOf(topic: string, partition: number): number | undefined;
  /** Resolves when just these nodes are in sync with the leader of the partition; rejects after `timeoutMs` (30 s). */
  awaitIsr(topic: string, partition: number, ids: readonly number[], timeoutMs?: number): Promise<void>;
  /** Stops all nodes; nothing is moved. Calls after the first wait for the same end. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
