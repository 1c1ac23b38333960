// The state of the cluster at one offset of the metadata log. Immutable: a reader may keep it as long as it likes, and
// an image shares with its predecessor all that did not change (Kafka: MetadataImage).
import type { Int64 } from '../../../protocol/index.ts';
import type { Provenance } from '../../committed/index.ts';
import type { AclsImage } from './acls-image.ts';
import type { ClientQuotasImage } from './client-quotas-image.ts';
import { type ClusterImage, EMPTY_CLUSTER } from './cluster-image.ts';
import { ConfigsImage } from './configs-image.ts';
import type { DelegationTokensImage } from './delegation-tokens-image.ts';
import { EMPTY_FEATURES, type FeaturesImage } from './features-image.ts';
import { PersistentMap } from './persistent-map.ts';
import type { ScramImage } from './scram-image.ts';
import { TopicsImage } from './topics-image.ts';

export interface ImageParts {
  readonly features: FeaturesImage;
  readonly cluster: ClusterImage;
  readonly topics: TopicsImage;
  readonly configs: ConfigsImage;
  /** The first id that no broker has been given yet; -1 before the first block. */
  readonly nextProducerId: Int64;
  readonly acls: AclsImage;
  readonly clientQuotas: ClientQuotasImage;
  readonly scram: ScramImage;
  readonly delegationTokens: DelegationTokensImage;
}

export class MetadataImage implements ImageParts {
  static readonly empty = new MetadataImage(
    { offset: -1, epoch: -1, appendTimeMs: -1, isBatchAligned: true },
    {
      features: EMPTY_FEATURES,
      cluster: EMPTY_CLUSTER,
      topics: TopicsImage.empty,
      configs: ConfigsImage.empty,
      nextProducerId: -1,
      acls: PersistentMap.empty(),
      clientQuotas: PersistentMap.empty(),
      scram: PersistentMap.empty(),
      delegationTokens: PersistentMap.empty(),
    },
  );

  readonly provenance: Provenance;
  readonly features: FeaturesImage;
  readonly cluster: ClusterImage;
  readonly topics: TopicsImage;
  readonly configs: ConfigsImage;
  readonly nextProducerId: Int64;
  readonly acls: AclsImage;
  readonly clientQuotas: ClientQuotasImage;
  readonly scram: ScramImage;
  readonly delegationTokens: DelegationTokensImage;

  constructor(provenance: Provenance, parts: ImageParts) {
    this.provenance = provenance;
    this.features = parts.features;
    this.cluster = parts.cluster;
    this.topics = parts.topics;
    this.configs = parts.configs;
    this.nextProducerId = parts.nextProducerId;
    this.acls = parts.acls;
    this.clientQuotas = parts.clientQuotas;
    this.scram = parts.scram;
    this.delegationTokens = parts.delegationTokens;
  }

  get offset(): number {
    return this.provenance.offset;
  }

  get epoch(): number {
    return this.provenance.epoch;
  }

  /** True when the log has never held a record: the controller writes the bootstrap records then. */
  get isEmpty(): boolean {
    return this.features.levels.size === 0 && this.cluster.brokers.size === 0 && this.topics.byId.size === 0;
  }
}
