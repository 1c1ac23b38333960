// The change from one image to the next. `replay` is the only way in which metadata changes, on the controller and on
// every broker alike; publishers then look up here what they have to do (Kafka: MetadataDelta).
import type { Int64 } from '../../../protocol/index.ts';
import { assert, unreachable } from '../../../runtime/index.ts';
import {
  type BrokerRegistration,
  brokerFromRecord,
  type ClusterImage,
  type ControllerRegistration,
  changedBroker,
  controllerFromRecord,
} from '../image/cluster-image.ts';
import { type ConfigResource, type ConfigsImage, RESOURCE_TOPIC, resourceKey } from '../image/configs-image.ts';
import { type FeaturesImage, featuresWith } from '../image/features-image.ts';
import { type KeptRecords, quotaKey, scramKey } from '../image/kept-records.ts';
import { MetadataImage, type Provenance } from '../image/metadata-image.ts';
import type {
  BrokerRegistrationChangeRecord,
  ClearElrRecord,
  ClientQuotaRecord,
  ConfigRecord,
  MetadataRecord,
  PartitionChangeRecord,
  RemoveTopicRecord,
} from '../records/index.ts';
import { TopicDelta } from './topic-delta.ts';
import type { TopicImage, TopicsImage } from '../image/topics-image.ts';

interface ConfigDelta extends ConfigResource {
  readonly entries: Map<string, string>;
}

export class MetadataDelta {
  readonly base: MetadataImage;
  readonly #changedTopics = new Map<string, TopicDelta>();
  /** Ids of new topics by name; a name of `base` that was deleted stands here as null. */
  readonly #topicNames = new Map<string, string | null>();
  readonly #deletedTopics = new Map<string, TopicImage>();
  readonly #changedConfigs = new Map<string, ConfigDelta>();
  readonly #changedBrokers = new Map<number, BrokerRegistration | null>();
  readonly #changedControllers = new Map<number, ControllerRegistration | null>();
  #features: FeaturesImage;
  #nextProducerId: Int64;
  #kept: KeptRecords;

  constructor(base: MetadataImage) {
    this.base = base;
    this.#features = base.features;
    this.#nextProducerId = base.nextProducerId;
    this.#kept = base.kept;
  }

  /** New and changed topics by id. */
  get changedTopics(): ReadonlyMap<string, TopicDelta> {
    return this.#changedTopics;
  }
  /** Topics of `base` that are gone, by id. */
  get deletedTopics(): ReadonlyMap<string, TopicImage> {
    return this.#deletedTopics;
  }
  /** Resources whose configs may differ; what they are now stands in the new image. */
  get changedConfigs(): Iterable<ConfigResource> {
    return this.#changedConfigs.values();
  }
  /** By broker id; null: unregistered. */
  get changedBrokers(): ReadonlyMap<number, BrokerRegistration | null> {
    return this.#changedBrokers;
  }
  get haveFeaturesChanged(): boolean {
    return this.#features !== this.base.features;
  }
  get isEmpty(): boolean {
    return (
      this.#changedTopics.size === 0 &&
      this.#deletedTopics.size === 0 &&
      this.#changedConfigs.size === 0 &&
      this.#changedBrokers.size === 0 &&
      this.#changedControllers.size === 0 &&
      this.#features === this.base.features &&
      this.#nextProducerId === this.base.nextProducerId &&
      this.#kept === this.base.kept
    );
  }

  /** Applies one record. A record that does not fit what is there is an AssertionFailure: state and log have parted. */
  replay(record: MetadataRecord): void {
    switch (record.type) {
      case 'RegisterBrokerRecord':
        this.#changedBrokers.set(record.brokerId, brokerFromRecord(record));
        return;
      case 'UnregisterBrokerRecord':
        this.#changedBrokers.set(record.brokerId, null);
        return;
      case 'BrokerRegistrationChangeRecord':
        return this.#replayBrokerChange(record);
      case 'FenceBrokerRecord':
        return this.#replayFence(record.id, record.epoch, true);
      case 'UnfenceBrokerRecord':
        return this.#replayFence(record.id, record.epoch, false);
      case 'RegisterControllerRecord':
        this.#changedControllers.set(record.controllerId, controllerFromRecord(record));
        return;
      case 'TopicRecord':
        this.#changedTopics.set(record.topicId, new TopicDelta(record.name, record.topicId, undefined));
        this.#topicNames.set(record.name, record.topicId);
        return;
      case 'PartitionRecord':
        return this.#topicDelta(record.topicId).replayPartition(record);
      case 'PartitionChangeRecord':
        return this.#replayPartitionChange(record);
      case 'RemoveTopicRecord':
        return this.#replayRemoveTopic(record);
      case 'ClearElrRecord':
        return this.#replayClearElr(record);
      case 'ConfigRecord':
        return this.#replayConfig(record);
      case 'FeatureLevelRecord':
        this.#features = featuresWith(this.#features, record.name, record.featureLevel);
        return;
      case 'ProducerIdsRecord':
        this.#nextProducerId = record.nextProducerId;
        return;
      case 'ClientQuotaRecord':
      case 'AccessControlEntryRecord':
      case 'RemoveAccessControlEntryRecord':
      case 'UserScramCredentialRecord':
      case 'RemoveUserScramCredentialRecord':
      case 'DelegationTokenRecord':
      case 'RemoveDelegationTokenRecord':
        this.#kept = keptAfter(this.#kept, record);
        return;
      case 'NoOpRecord':
      case 'ZkMigrationStateRecord':
      case 'BeginTransactionRecord':
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord':
        return;
      default:
        return unreachable(record);
    }
  }

  /** The image after the change. */
  apply(provenance: Provenance): MetadataImage {
    return new MetadataImage(provenance, {
      features: this.#features,
      cluster: this.#applyCluster(),
      topics: this.#applyTopics(),
      configs: this.#applyConfigs(),
      nextProducerId: this.#nextProducerId,
      kept: this.#kept,
    });
  }

  #broker(id: number): BrokerRegistration {
    const changed = this.#changedBrokers.get(id);
    const broker = changed === undefined ? this.base.cluster.brokers.get(id) : changed;
    assert(broker !== undefined && broker !== null, `a change of broker ${id}, which is not registered`);
    return broker;
  }

  #replayBrokerChange(record: BrokerRegistrationChangeRecord): void {
    this.#changedBrokers.set(record.brokerId, changedBroker(this.#broker(record.brokerId), record));
  }

  /** FenceBroker and UnfenceBroker records: written before metadata.version 6, read for ever. */
  #replayFence(id: number, epoch: number, isFenced: boolean): void {
    const broker = this.#broker(id);
    assert(broker.epoch === epoch, `broker ${id} has epoch ${broker.epoch}, not ${epoch}`);
    this.#changedBrokers.set(id, { ...broker, isFenced });
  }

  #topicDelta(id: string): TopicDelta {
    const known = this.#changedTopics.get(id);
    if (known !== undefined) return known;
    const base = this.base.topics.byId.get(id);
    assert(base !== undefined && !this.#deletedTopics.has(id), `a record of topic ${id}, which does not exist`);
    const delta = new TopicDelta(base.name, id, base);
    this.#changedTopics.set(id, delta);
    return delta;
  }

  #replayPartitionChange(record: PartitionChangeRecord): void {
    this.#topicDelta(record.topicId).replayChange(record);
  }

  #replayRemoveTopic(record: RemoveTopicRecord): void {
    const id = record.topicId;
    const delta = this.#changedTopics.get(id);
    const base = this.base.topics.byId.get(id);
    assert(delta !== undefined || base !== undefined, `the removal of topic ${id}, which does not exist`);
    this.#changedTopics.delete(id);
    if (base !== undefined) this.#deletedTopics.set(id, base);
    const name = (delta ?? base)?.name as string;
    if (this.#topicNames.get(name) === id || base !== undefined) this.#topicNames.set(name, null);
    // The configs of a topic go with it; the log holds no record for that.
    this.#configDelta(RESOURCE_TOPIC, name).entries.clear();
  }

  #replayClearElr(record: ClearElrRecord): void {
    if (record.topicName !== '') {
      const id = this.#topicNames.get(record.topicName) ?? this.base.topics.byName.get(record.topicName)?.id;
      assert(id !== undefined, `the end of eligible replicas of topic ${record.topicName}, which does not exist`);
      this.#topicDelta(id).clearEligibleReplicas();
      return;
    }
    for (const topic of this.base.topics.byId.values()) {
      const hasAny = topic.partitions.some(
        (partition) => partition.elr.length > 0 || partition.lastKnownElr.length > 0,
      );
      if (hasAny && !this.#deletedTopics.has(topic.id)) this.#topicDelta(topic.id);
    }
    for (const delta of this.#changedTopics.values()) delta.clearEligibleReplicas();
  }

  #configDelta(type: number, name: string): ConfigDelta {
    const key = resourceKey(type, name);
    let delta = this.#changedConfigs.get(key);
    if (delta === undefined) {
      delta = { type, name, entries: new Map(this.base.configs.get(type, name)) };
      this.#changedConfigs.set(key, delta);
    }
    return delta;
  }

  #replayConfig(record: ConfigRecord): void {
    const { entries } = this.#configDelta(record.resourceType, record.resourceName);
    if (record.value === null) entries.delete(record.name);
    else entries.set(record.name, record.value);
  }

  #applyCluster(): ClusterImage {
    const base = this.base.cluster;
    if (this.#changedBrokers.size === 0 && this.#changedControllers.size === 0) return base;
    return {
      brokers: mapAfter(base.brokers, this.#changedBrokers),
      controllers: mapAfter(base.controllers, this.#changedControllers),
    };
  }

  #applyTopics(): TopicsImage {
    let topics = this.base.topics;
    for (const topic of this.#deletedTopics.values()) topics = topics.without(topic);
    for (const delta of this.#changedTopics.values()) topics = topics.with(delta.apply());
    return topics;
  }

  #applyConfigs(): ConfigsImage {
    let configs = this.base.configs;
    for (const { type, name, entries } of this.#changedConfigs.values()) configs = configs.with(type, name, entries);
    return configs;
  }
}

function mapAfter<V>(base: ReadonlyMap<number, V>, changes: ReadonlyMap<number, V | null>): ReadonlyMap<number, V> {
  if (changes.size === 0) return base;
  const after = new Map(base);
  for (const [id, value] of changes) {
    if (value === null) after.delete(id);
    else after.set(id, value);
  }
  return after;
}

type KeptRecord = Extract<
  MetadataRecord,
  {
    type:
      | 'ClientQuotaRecord'
      | 'AccessControlEntryRecord'
      | 'RemoveAccessControlEntryRecord'
      | 'UserScramCredentialRecord'
      | 'RemoveUserScramCredentialRecord'
      | 'DelegationTokenRecord'
      | 'RemoveDelegationTokenRecord';
  }
>;

function keptAfter(base: KeptRecords, record: KeptRecord): KeptRecords {
  switch (record.type) {
    case 'ClientQuotaRecord':
      return { ...base, clientQuotas: quotasAfter(base.clientQuotas, record) };
    case 'AccessControlEntryRecord':
      return { ...base, acls: base.acls.set(record.id, record) };
    case 'RemoveAccessControlEntryRecord':
      return { ...base, acls: base.acls.delete(record.id) };
    case 'UserScramCredentialRecord':
      return { ...base, scramCredentials: base.scramCredentials.set(scramKey(record), record) };
    case 'RemoveUserScramCredentialRecord':
      return { ...base, scramCredentials: base.scramCredentials.delete(scramKey(record)) };
    case 'DelegationTokenRecord':
      return { ...base, delegationTokens: base.delegationTokens.set(record.tokenId, record) };
    case 'RemoveDelegationTokenRecord':
      return { ...base, delegationTokens: base.delegationTokens.delete(record.tokenId) };
    default:
      return unreachable(record);
  }
}

function quotasAfter(base: KeptRecords['clientQuotas'], record: ClientQuotaRecord): KeptRecords['clientQuotas'] {
  return record.remove ? base.delete(quotaKey(record)) : base.set(quotaKey(record), record);
}
