// Share groups on this node, as far as they read: the share partitions that it leads, made when a member first asks, and what
// groups are configured with.
import { groupConfigValue } from '../../group-coordinator/index.ts';
import { type MetadataDelta, type MetadataPublisher, RESOURCE_GROUP } from '../../kraft/metadata/index.ts';
import type { ReplicaManager } from '../../replication/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import {
  makeSharePartitionManager,
  type ShareGroupSettings,
  type SharePartitionManager,
  type SharePartitionsConfig,
  sharePartitionsConfig,
  type SharePersister,
  startsAtOf,
} from '../../share-partitions/index.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';

export interface ShareGroupsOptions {
  readonly runtime: Runtime;
  readonly configs: BrokerConfigs;
  readonly replicas: ReplicaManager;
  readonly persister: SharePersister;
}

interface KnownSettings {
  readonly entries: ReadonlyMap<string, string>;
  readonly defaults: SharePartitionsConfig;
  readonly settings: ShareGroupSettings;
}

/** Groups whose settings are kept; when there are more, all are read anew. */
const MOST_KEPT = 10_000;

export class ShareGroups implements MetadataPublisher {
  readonly name = 'share-groups';
  readonly #options: ShareGroupsOptions;
  readonly #known = new Map<string, KnownSettings>();
  #making: Promise<SharePartitionManager> | undefined;
  #manager: SharePartitionManager | undefined;
  #isClosed = false;

  constructor(options: ShareGroupsOptions) {
    this.#options = options;
  }

  /** The share partitions of this node: made when they are first asked for, always the same ones. */
  manager(): Promise<SharePartitionManager> {
    const { runtime, replicas, persister, configs } = this.#options;
    this.#making ??= makeSharePartitionManager({
      runtime,
      replicas,
      persister,
      settings: (groupId) => this.#settings(groupId),
      maxSessions: () => configs.current(sharePartitionsConfig).groupShareMaxShareSessions,
    }).then((manager) => {
      this.#manager = manager;
      if (this.#isClosed) manager.close();
      return manager;
    });
    return this.#making;
  }

  publish(delta: MetadataDelta): void {
    this.#manager?.leadersChanged(delta);
  }

  close(): void {
    this.#isClosed = true;
    this.#manager?.close();
  }

  /** What the group is configured with; the same object until something changes. */
  #settings(groupId: string): ShareGroupSettings {
    const { configs, replicas } = this.#options;
    const entries = replicas.image.configs.get(RESOURCE_GROUP, groupId);
    const defaults = configs.current(sharePartitionsConfig);
    const known = this.#known.get(groupId);
    if (known !== undefined && known.entries === entries && known.defaults === defaults) return known.settings;
    const value = (name: string): unknown => groupConfigValue(name, entries, (key) => configs.text(key));
    const settings: ShareGroupSettings = {
      maxDeliveryCount: Number(value('share.delivery.count.limit')),
      maxInFlightRecords: Number(value('share.partition.max.record.locks')),
      lockDurationMs: Number(value('share.record.lock.duration.ms')),
      isRenewEnabled: value('share.renew.acknowledge.enable') === true,
      startsAt: startsAtOf(String(value('share.auto.offset.reset'))),
      isReadCommitted: value('share.isolation.level') === 'read_committed',
    };
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    this.#known.set(groupId, { entries, defaults, settings });
    return settings;
  }
}
