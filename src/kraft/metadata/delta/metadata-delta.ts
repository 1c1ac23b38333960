// The change from one image to the next, subject by subject. `replay` is the only way in which metadata changes, on the
// controller and on every broker alike; publishers then look up here what they have to do (Kafka: MetadataDelta).
import type { Int64 } from '../../../protocol/index.ts';
import type { Provenance } from '../../committed/index.ts';
import { unreachable } from '../../../runtime/index.ts';
import type { BrokerRegistration } from '../image/cluster-image.ts';
import { type ConfigResource, RESOURCE_TOPIC } from '../image/configs-image.ts';
import { type FeaturesImage, featuresWith } from '../image/features-image.ts';
import { MetadataImage } from '../image/metadata-image.ts';
import type { TopicImage } from '../image/topics-image.ts';
import type { MetadataRecord } from '../records/index.ts';
import { AclsDelta } from './acls-delta.ts';
import { ClientQuotasDelta } from './client-quotas-delta.ts';
import { ClusterDelta } from './cluster-delta.ts';
import { ConfigsDelta } from './configs-delta.ts';
import { DelegationTokensDelta } from './delegation-tokens-delta.ts';
import { ScramDelta } from './scram-delta.ts';
import type { TopicDelta } from './topic-delta.ts';
import { TopicsDelta } from './topics-delta.ts';

export class MetadataDelta {
  readonly base: MetadataImage;
  readonly acls: AclsDelta;
  readonly clientQuotas: ClientQuotasDelta;
  readonly scram: ScramDelta;
  readonly delegationTokens: DelegationTokensDelta;
  readonly #topics: TopicsDelta;
  readonly #configs: ConfigsDelta;
  readonly #cluster: ClusterDelta;
  #features: FeaturesImage;
  #nextProducerId: Int64;

  constructor(base: MetadataImage) {
    this.base = base;
    this.acls = new AclsDelta(base.acls);
    this.clientQuotas = new ClientQuotasDelta(base.clientQuotas);
    this.scram = new ScramDelta(base.scram);
    this.delegationTokens = new DelegationTokensDelta(base.delegationTokens);
    this.#topics = new TopicsDelta(base.topics);
    this.#configs = new ConfigsDelta(base.configs);
    this.#cluster = new ClusterDelta(base.cluster);
    this.#features = base.features;
    this.#nextProducerId = base.nextProducerId;
  }

  /** New and changed topics by id. */
  get changedTopics(): ReadonlyMap<string, TopicDelta> {
    return this.#topics.changed;
  }
  /** Topics of `base` that are gone, by id. */
  get deletedTopics(): ReadonlyMap<string, TopicImage> {
    return this.#topics.deleted;
  }
  /** Resources whose configs may differ; what they are now stands in the new image. */
  get changedConfigs(): Iterable<ConfigResource> {
    return this.#configs.changed;
  }
  /** By broker id; null: unregistered. */
  get changedBrokers(): ReadonlyMap<number, BrokerRegistration | null> {
    return this.#cluster.changedBrokers;
  }
  get haveFeaturesChanged(): boolean {
    return this.#features !== this.base.features;
  }
  get isEmpty(): boolean {
    return (
      this.#topics.isEmpty &&
      this.#configs.isEmpty &&
      this.#cluster.isEmpty &&
      !this.haveFeaturesChanged &&
      this.#nextProducerId === this.base.nextProducerId &&
      this.acls.changed.size === 0 &&
      this.clientQuotas.isEmpty &&
      this.scram.isEmpty &&
      this.delegationTokens.changed.size === 0
    );
  }

  /** A controller is no more; the log holds no record for that, only a snapshot may show it. */
  forgetController(id: number): void {
    this.#cluster.forgetController(id);
  }

  /** Applies one record. A record that does not fit what is there is an AssertionFailure: state and log have parted. */
  replay(record: MetadataRecord): void {
    switch (record.type) {
      case 'RegisterBrokerRecord':
        return this.#cluster.replayRegistration(record);
      case 'UnregisterBrokerRecord':
        return this.#cluster.replayUnregistration(record);
      case 'BrokerRegistrationChangeRecord':
        return this.#cluster.replayChange(record);
      case 'FenceBrokerRecord':
        return this.#cluster.replayFence(record.id, record.epoch, true);
      case 'UnfenceBrokerRecord':
        return this.#cluster.replayFence(record.id, record.epoch, false);
      case 'RegisterControllerRecord':
        return this.#cluster.replayController(record);
      case 'TopicRecord':
        return this.#topics.replayTopic(record);
      case 'PartitionRecord':
        return this.#topics.replayPartition(record);
      case 'PartitionChangeRecord':
        return this.#topics.replayPartitionChange(record);
      case 'RemoveTopicRecord':
        return this.#configs.forget(RESOURCE_TOPIC, this.#topics.replayRemoval(record));
      case 'ClearElrRecord':
        return this.#topics.replayClearElr(record);
      case 'ConfigRecord':
        return this.#configs.replay(record);
      case 'FeatureLevelRecord':
        this.#features = featuresWith(this.#features, record.name, record.featureLevel);
        return;
      case 'ProducerIdsRecord':
        this.#nextProducerId = record.nextProducerId;
        return;
      case 'ClientQuotaRecord':
        return this.clientQuotas.replay(record);
      case 'AccessControlEntryRecord':
      case 'RemoveAccessControlEntryRecord':
        return this.acls.replay(record);
      case 'UserScramCredentialRecord':
      case 'RemoveUserScramCredentialRecord':
        return this.scram.replay(record);
      case 'DelegationTokenRecord':
      case 'RemoveDelegationTokenRecord':
        return this.delegationTokens.replay(record);
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
      cluster: this.#cluster.apply(),
      topics: this.#topics.apply(),
      configs: this.#configs.apply(),
      nextProducerId: this.#nextProducerId,
      acls: this.acls.apply(),
      clientQuotas: this.clientQuotas.apply(),
      scram: this.scram.apply(),
      delegationTokens: this.delegationTokens.apply(),
    });
  }
}
