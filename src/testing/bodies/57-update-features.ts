// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface UpdateFeaturesFeatureUpdates {
  readonly feature: string;
  /** 0 or less: remove the feature. */
  readonly maxVersionLevel: number;
  /** Until version 0. */
  readonly allowDowngrade: boolean;
  /** 1 upgrade, 2 safe downgrade, 3 unsafe downgrade. Since version 1. */
  readonly upgradeType: number;
}

export interface UpdateFeaturesRequest {
  /** How long the broker may try before it answers REQUEST_TIMED_OUT. */
  readonly timeoutMs: number;
  readonly featureUpdates: readonly UpdateFeaturesFeatureUpdates[];
  /** true: only say whether it would work. Since version 1. */
  readonly validateOnly: boolean;
}
