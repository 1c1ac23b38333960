// UpdateFeatures (KIP-584, KIP-778, KIP-1022): the levels that the whole cluster holds to. All of a request is taken over,
// or nothing of it (Kafka: FeatureControlManager).
import { Errors } from '../../../protocol/index.ts';
import type { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../../protocol/messages/57-update-features.ts';
import {
  ELIGIBLE_LEADER_REPLICAS_VERSION,
  type FeatureRange,
  hasControllerRegistrations,
  hasMetadataChanged,
  isElrEnabled,
  KRAFT_VERSION,
  METADATA_VERSION,
  type MetadataImage,
  type MetadataRecord,
  SUPPORTED_FEATURES,
} from '../../metadata/index.ts';
import { elrSafetyRecords } from '../activation.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import type { Outcome } from '../operation.ts';
import { endOfEligibleReplicas } from '../topics/elr-removal.ts';

const UPGRADE = 1;
const SAFE_DOWNGRADE = 2;
const UNSAFE_DOWNGRADE = 3;
/** Up to this version the answer has a row for each feature. */
const LAST_WITH_RESULTS = 1;
const ELR_NEEDS_METADATA_VERSION = 23;

export interface FeatureFacts {
  readonly nodeId: number;
  readonly apiVersion: number;
  /** The level of kraft.version, which stands in the log of Raft itself. */
  readonly kraftVersion: number;
}

type Update = UpdateFeaturesRequest['featureUpdates'][number];

export function updateFeatures(
  image: MetadataImage,
  policy: ConfigPolicy,
  request: UpdateFeaturesRequest,
  facts: FeatureFacts,
): Outcome<UpdateFeaturesResponse> {
  const levels: MetadataRecord[] = [];
  let kraftVersion: number | undefined;
  const proposed = new Map(image.features.levels);
  for (const { feature, maxVersionLevel } of request.featureUpdates) proposed.set(feature, maxVersionLevel);
  for (const asked of request.featureUpdates) {
    const update = { ...asked, upgradeType: upgradeTypeOf(asked, facts.apiVersion) };
    const fault = featureFault(image, update, facts, proposed);
    if (fault !== undefined) return { records: [], response: refused(fault) };
    const { feature: name, maxVersionLevel: featureLevel } = update;
    if (name !== KRAFT_VERSION) levels.push({ type: 'FeatureLevelRecord', version: 0, name, featureLevel });
    else if (featureLevel > facts.kraftVersion) kraftVersion = featureLevel;
  }
  const records = [...elrRecords(image, policy, levels, proposed), ...levels];
  const results = request.featureUpdates.map(({ feature }) => ({
    feature,
    errorCode: Errors.NONE,
    errorMessage: 'NONE',
  }));
  return {
    records: request.validateOnly ? [] : records,
    kraftVersion: request.validateOnly ? undefined : kraftVersion,
    response: {
      throttleTimeMs: 0,
      errorCode: Errors.NONE,
      errorMessage: null,
      results: facts.apiVersion <= LAST_WITH_RESULTS ? results : [],
    },
  };
}

/** What goes before the new levels so that eligible replicas are sound, or gone (KIP-966). */
function elrRecords(
  image: MetadataImage,
  policy: ConfigPolicy,
  levels: readonly MetadataRecord[],
  proposed: ReadonlyMap<string, number>,
): MetadataRecord[] {
  if (proposed.get(ELIGIBLE_LEADER_REPLICAS_VERSION) === 1) return elrSafetyRecords(image, levels, policy);
  return isElrEnabled(image.features) ? [...endOfEligibleReplicas(image)] : [];
}

/** Version 0 knew one bit: whether the level may go down. */
function upgradeTypeOf({ allowDowngrade, upgradeType }: Update, apiVersion: number): number {
  if (apiVersion > 0) return upgradeType;
  return allowDowngrade ? SAFE_DOWNGRADE : UPGRADE;
}

function refused(fault: string): UpdateFeaturesResponse {
  const errorMessage = `The update failed for all features since the following feature had an error: ${fault}`;
  return { throttleTimeMs: 0, errorCode: Errors.INVALID_UPDATE_VERSION, errorMessage, results: [] };
}

/** Kafka's words for what forbids the update; undefined when nothing does. */
function featureFault(
  image: MetadataImage,
  { feature, maxVersionLevel: level, upgradeType }: Update,
  facts: FeatureFacts,
  proposed: ReadonlyMap<string, number>,
): string | undefined {
  const invalid = (words: string): string => `Invalid update version ${level} for feature ${feature}. ${words}`;
  if (upgradeType < UPGRADE || upgradeType > UNSAFE_DOWNGRADE) {
    return invalid('The controller does not support the given upgrade type.');
  }
  const current = currentLevel(image, feature, facts);
  if (level < 0) return invalid('A feature version cannot be less than 0.');
  const unsupported = unsupportedBy(image, feature, level, facts.nodeId);
  if (unsupported !== undefined) return invalid(unsupported);
  if (level < current && upgradeType === UPGRADE) {
    return invalid(
      "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
    );
  }
  if (level > current && upgradeType !== UPGRADE) return invalid("Can't downgrade to a newer version.");
  if (feature === METADATA_VERSION) return metadataVersionFault(current, level, upgradeType);
  if (feature === KRAFT_VERSION) {
    return level < current ? invalid("Can't downgrade the version of this feature.") : undefined;
  }
  // Level 0 of what nobody knows is told last: it is no level that a node could lack.
  if (!SUPPORTED_FEATURES.some(({ name }) => name === feature)) return invalid(`Feature ${feature} not found.`);
  const isTooOld = (proposed.get(METADATA_VERSION) ?? 0) < ELR_NEEDS_METADATA_VERSION;
  if (feature === ELIGIBLE_LEADER_REPLICAS_VERSION && level > 0 && isTooOld) {
    const needs = `it depends on ${METADATA_VERSION} level ${ELR_NEEDS_METADATA_VERSION}`;
    return invalid(`${feature} could not be set to ${level} because ${needs}`);
  }
  return undefined;
}

function currentLevel(image: MetadataImage, feature: string, { kraftVersion }: FeatureFacts): number {
  if (feature === METADATA_VERSION) return image.features.metadataVersion;
  return feature === KRAFT_VERSION ? kraftVersion : (image.features.levels.get(feature) ?? 0);
}

/** Every node of the cluster must know the level: this controller, then the brokers, then the other controllers. */
function unsupportedBy(image: MetadataImage, feature: string, level: number, nodeId: number): string | undefined {
  const nodes: [string, readonly FeatureRange[]][] = [[`Local controller ${nodeId}`, SUPPORTED_FEATURES]];
  for (const broker of image.cluster.brokers.values()) nodes.push([`Broker ${broker.id}`, broker.features]);
  const isTold = hasControllerRegistrations(image.features.metadataVersion);
  for (const controller of isTold ? image.cluster.controllers.values() : []) {
    if (controller.id !== nodeId) nodes.push([`Controller ${controller.id}`, controller.features]);
  }
  for (const [what, ranges] of nodes) {
    const range = ranges.find(({ name }) => name === feature);
    const low = range?.minSupportedVersion ?? 0;
    const high = range?.maxSupportedVersion ?? 0;
    if (level >= low && level <= high) continue;
    if (high === 0) return `${what} does not support this feature.`;
    return `${what} only supports versions ${low === high ? String(low) : `${low}-${high}`}`;
  }
  return undefined;
}

function metadataVersionFault(current: number, level: number, upgradeType: number): string | undefined {
  if (level >= current || !hasMetadataChanged(level, current)) return undefined;
  const words =
    upgradeType === SAFE_DOWNGRADE
      ? 'Refusing to perform the requested downgrade because it might delete metadata information.'
      : 'Unsafe metadata downgrade is not supported in this version.';
  return `Unsupported metadata.version downgrade from ${current} to ${level}. ${words}`;
}
