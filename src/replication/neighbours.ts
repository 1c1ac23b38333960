// What the replicas of this node have to do with those of others: leaders that are fetched from, followers that are watched,
// and word to the controller of who is in sync. A node alone needs none of it, and loads none of it.
import { type MetadataDelta, type MetadataImage, RESOURCE_TOPIC } from '../kraft/metadata/index.ts';
import type { Peers } from '../protocol/index.ts';
import type { AlterPartitionRequest, AlterPartitionResponse } from '../protocol/messages/56-alter-partition.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import type { ClusterView, KnownBroker } from './leading/cluster-view.ts';
import type { FetchTerms } from './following/fetch-request.ts';
import type { ReplicaFetchers } from './following/replica-fetchers.ts';
import { following } from './lazy-following.ts';
import { FollowerWatch } from './leading/follower-watch.ts';
import { IsrChanges } from './leading/isr-changes.ts';
import type { Partition } from './partition.ts';
import type { ReplicationConfig } from './replication-config.ts';
import { ReplicationQuota } from './replication-quota.ts';

/** What a leader has its controller do. */
export interface ReplicaController {
  /** Rejects with KafkaError when the request is refused as a whole, or when no answer can be had. */
  readonly alterPartition: (request: AlterPartitionRequest) => Promise<AlterPartitionResponse>;
  /** Of this node's registration; -1 while there is none. */
  readonly brokerEpoch: () => number;
}

export interface NeighboursOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: () => ReplicationConfig;
  /** undefined: this node is alone, and follows nobody. */
  readonly peers: Peers | undefined;
  /** undefined: in-sync replicas stay as they are. */
  readonly controller: ReplicaController | undefined;
  readonly image: () => MetadataImage;
  readonly partitions: () => Iterable<Partition>;
  readonly rates: ThrottledRates | undefined;
}

/** leader.replication.throttled.rate and follower.replication.throttled.rate as they are now, in bytes a second. */
export interface ThrottledRates {
  readonly leader: () => number;
  readonly follower: () => number;
}

const UNLIMITED = (): number => Number.POSITIVE_INFINITY;

export class Neighbours implements ClusterView {
  readonly leaderQuota: ReplicationQuota;
  readonly followerQuota: ReplicationQuota;
  readonly isrChanges: IsrChanges | undefined;
  readonly #options: NeighboursOptions;
  readonly #watch: FollowerWatch;
  #fetchers: ReplicaFetchers | undefined;
  #isLoading = false;
  #isClosed = false;

  constructor(options: NeighboursOptions) {
    this.#options = options;
    const { clock, logger, nodeId, controller, config } = options;
    const { replicationQuotaWindowNum: samples, replicationQuotaWindowSizeSeconds: sampleSeconds } = config();
    const window = { samples, sampleMs: sampleSeconds * 1000 };
    this.leaderQuota = new ReplicationQuota(clock, nodeId, window, options.rates?.leader ?? UNLIMITED);
    this.followerQuota = new ReplicationQuota(clock, nodeId, window, options.rates?.follower ?? UNLIMITED);
    this.#watch = new FollowerWatch(clock, config().replicaLagTimeMaxMs, () => this.#shrinkIsrs());
    this.isrChanges = controller && new IsrChanges({ clock, logger, brokerId: nodeId, ...controller });
  }

  get maxLagMs(): number {
    return this.#options.config().replicaLagTimeMaxMs;
  }
  get ownEpoch(): number {
    return this.#options.controller?.brokerEpoch() ?? -1;
  }
  liveMs(): number {
    return this.#watch.liveMs();
  }
  broker(id: number): KnownBroker | undefined {
    return this.#options.image().cluster.brokers.get(id);
  }

  /** The metadata says something new of the partition. */
  update(partition: Partition): void {
    if (this.#isClosed) return;
    const configs = this.#options.image().configs.get(RESOURCE_TOPIC, partition.topic);
    if (configs.size > 0) this.configureTopic(partition.topic, configs);
    if (partition.isLeader && partition.hasFollowers) this.#watch.start();
    if (this.#fetchers !== undefined) this.#fetchers.update(partition);
    else if (partition.isFollower && this.#options.peers !== undefined && !this.#isLoading) {
      this.#load(this.#options.peers);
    }
  }

  /** What the configs of a topic that has partitions here say about throttling. */
  configureTopic(topic: string, configs: ReadonlyMap<string, string>): void {
    this.leaderQuota.configure(topic, configs.get('leader.replication.throttled.replicas'));
    this.followerQuota.configure(topic, configs.get('follower.replication.throttled.replicas'));
  }

  /** The partition is not here any more. */
  forget(partition: Partition): void {
    this.#fetchers?.forget(partition);
  }

  /** Brokers that have been started anew are not where, or not who, they were. */
  followBrokers({ changedBrokers, base }: MetadataDelta): void {
    for (const [id, broker] of changedBrokers) {
      const before = base.cluster.brokers.get(id);
      if (broker !== null && before !== undefined && broker.epoch !== before.epoch) this.#fetchers?.restarted(id);
    }
  }

  configChanged(): void {
    this.#fetchers?.resize(this.#options.config().numReplicaFetchers, this.#options.partitions());
  }

  close(): void {
    this.#isClosed = true;
    this.#watch.stop();
    this.isrChanges?.close();
    this.#fetchers?.close();
  }

  /** When the first partition is to be followed. */
  #load(peers: Peers): void {
    this.#isLoading = true;
    const code = following();
    if (code instanceof Promise) void code.then((module) => this.#begin(module, peers));
    else this.#begin(code, peers);
  }

  #begin({ ReplicaFetchers, fetchVersionOf }: typeof import('./following/index.ts'), peers: Peers): void {
    if (this.#isClosed) return;
    const { clock, logger, nodeId, config, image, partitions } = this.#options;
    const terms = (): FetchTerms => {
      const now = config();
      return {
        nodeId,
        brokerEpoch: this.ownEpoch,
        version: fetchVersionOf(image().features.metadataVersion),
        minBytes: now.replicaFetchMinBytes,
        maxWaitMs: now.replicaFetchWaitMaxMs,
        maxBytes: now.replicaFetchResponseMaxBytes,
        partitionMaxBytes: now.replicaFetchMaxBytes,
        backoffMs: now.replicaFetchBackoffMs,
        socketTimeoutMs: now.replicaSocketTimeoutMs,
      };
    };
    const fetchersPerLeader = config().numReplicaFetchers;
    this.#fetchers = new ReplicaFetchers({
      clock,
      logger,
      peers,
      nodeId,
      terms,
      fetchersPerLeader,
      quota: this.followerQuota,
    });
    for (const partition of partitions()) this.#fetchers.update(partition);
  }

  #shrinkIsrs(): void {
    for (const partition of this.#options.partitions()) partition.shrinkIsr();
  }
}
