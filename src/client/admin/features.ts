// What the cluster's nodes can do, and what they have agreed to do: features and their levels (KIP-584).
import { Errors, KafkaError } from '../../protocol/index.ts';
import { ApiVersions } from '../../protocol/messages/18-api-versions.ts';
import { UpdateFeatures } from '../../protocol/messages/57-update-features.ts';
import { SOFTWARE } from '../connections/client-options.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { failureOf, type Outcome, throwIfFailed } from './outcomes.ts';

export interface FeatureRange {
  readonly min: number;
  readonly max: number;
}

export interface FeatureDescription {
  /** By name: what the cluster has agreed on. */
  readonly finalized: ReadonlyMap<string, FeatureRange>;
  /** Offset of the metadata in which it has; undefined: nobody knows. */
  readonly finalizedEpoch: number | undefined;
  /** By name: what the node that was asked can do. */
  readonly supported: ReadonlyMap<string, FeatureRange>;
}

export interface DescribeFeaturesOptions extends CallOptions {
  /** Whom to ask; whoever answers, when left out. */
  readonly nodeId?: number;
}

/** Rejects with KafkaError. */
export function describeFeatures(asking: Asking, { nodeId }: DescribeFeaturesOptions): Promise<FeatureDescription> {
  const request = { clientSoftwareName: SOFTWARE.name, clientSoftwareVersion: SOFTWARE.version };
  return asking.retrying(async () => {
    const answer = await (nodeId === undefined
      ? asking.any(ApiVersions, request)
      : asking.node(nodeId, ApiVersions, request));
    throwIfFailed(answer.errorCode);
    return {
      finalized: new Map(
        answer.finalizedFeatures.map(({ name, minVersionLevel, maxVersionLevel }) => [
          name,
          { min: minVersionLevel, max: maxVersionLevel },
        ]),
      ),
      finalizedEpoch: answer.finalizedFeaturesEpoch < 0 ? undefined : Number(answer.finalizedFeaturesEpoch),
      supported: new Map(
        answer.supportedFeatures.map(({ name, minVersion, maxVersion }) => [
          name,
          { min: minVersion, max: maxVersion },
        ]),
      ),
    };
  });
}

export interface FeatureUpdate {
  /** 0 removes the feature. */
  readonly level: number;
  /** UPGRADE when left out; UNSAFE_DOWNGRADE may lose what the lower level does not know. */
  readonly type?: 'UPGRADE' | 'SAFE_DOWNGRADE' | 'UNSAFE_DOWNGRADE';
}

export interface UpdateFeaturesOptions extends CallOptions {
  readonly validateOnly?: boolean;
}

const UPGRADE_TYPES = { UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const;

/** By feature. Rejects with KafkaError. */
export async function updateFeatures(
  asking: Asking,
  updates: Readonly<Record<string, FeatureUpdate>>,
  { validateOnly = false }: UpdateFeaturesOptions,
): Promise<Map<string, Outcome<undefined>>> {
  const answer = await asking.controller(
    UpdateFeatures,
    (version) => ({
      timeoutMs: asking.requestTimeoutMs,
      featureUpdates: Object.entries(updates).map(([feature, update]) => wireUpdate(version, feature, update)),
      ...(validateOnly && { validateOnly }),
    }),
    ({ errorCode }) => [errorCode],
  );
  const failure = failureOf(answer.errorCode, answer.errorMessage);
  // Before KIP-584's version 2 each feature has an answer of its own.
  const each = new Map(answer.results.map((one) => [one.feature, failureOf(one.errorCode, one.errorMessage)]));
  return new Map(Object.keys(updates).map((feature) => [feature, failure ?? each.get(feature)]));
}

function wireUpdate(version: number, feature: string, { level, type = 'UPGRADE' }: FeatureUpdate) {
  if (version > 0) return { feature, maxVersionLevel: level, upgradeType: UPGRADE_TYPES[type] };
  if (type === 'UNSAFE_DOWNGRADE') {
    throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'unsafe downgrades are known from Kafka 3.3 on');
  }
  return { feature, maxVersionLevel: level, allowDowngrade: type === 'SAFE_DOWNGRADE' };
}
