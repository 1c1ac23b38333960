// What the metrics are taken from: the rooms of a node, read when somebody asks for the page.
import type { GroupSnapshot } from '../group-coordinator/snapshots/index.ts';
import type { MetadataImage } from '../kraft/metadata/index.ts';
import type { Leadership } from '../kraft/raft/index.ts';
import type { Partition, ReplicaManager } from '../replication/index.ts';
import type { Clock, Metrics, Vitals } from '../runtime/index.ts';

/** A node that has come up. */
export interface NodeSources {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly version: string;
  readonly isController: boolean;
  readonly clock: Clock;
  /** What rooms count by themselves. */
  readonly counted: Metrics;
  readonly image: () => MetadataImage;
  readonly appliedOffset: () => number;
  /** RaftDriver. */
  readonly raft: {
    readonly leadership: Leadership;
    readonly highWatermark: number | undefined;
    readonly logEndOffset: number;
    readonly isVoter: boolean;
    readonly standing: { readonly state: string; readonly votedId: number };
  };
  readonly listeners: () => readonly ListenerSource[];
  /** Of requests that wait or are in process. */
  readonly requestBytes: () => number;
  readonly unsentBytes: () => number;
  /** Names of the APIs that are served. */
  readonly apiNames: () => readonly string[];
  /** undefined: the node is a controller alone. */
  readonly broker: BrokerSources | undefined;
}

export interface ListenerSource {
  readonly name: string;
  readonly connectionCount: number;
  readonly traffic: {
    readonly requests: number;
    readonly responses: number;
    readonly bytesIn: number;
    readonly bytesOut: number;
  };
}

export interface BrokerSources {
  readonly replicas: ReplicaManager;
  /** Those of the partitions of __consumer_offsets that are led here. Rejects while they cannot be told. */
  readonly groups: () => Promise<readonly GroupSnapshot[]>;
}

/** One partition that is shown by itself, with its labels written out once for all families. */
export interface ShownPartition {
  readonly partition: Partition;
  readonly labels: string;
}

/** What one page is made of: taken at its beginning, so that nothing stands in it twice. */
export interface Page extends NodeSources {
  readonly vitals: Vitals;
  readonly shown: readonly ShownPartition[];
  /** Partitions here beyond ottla.metrics.max.partitions. */
  readonly leftOut: number;
  readonly maxPartitions: number;
  readonly groupsTold: readonly GroupSnapshot[];
  readonly files: { readonly open: number; readonly max: number };
  readonly disk: { readonly read: number; readonly written: number };
}
