// UpdateFeatures, versions 0 to 2, flexible. Finalizes feature levels (KIP-584).
//   v1 kinds of upgrade, dry runs (KIP-778) · v2 one error for all features (KIP-1022)
import { api, array, bool, int16, int32, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const UpdateFeatures = api({
  key: 57,
  name: 'UpdateFeatures',
  versions: [0, 2],
  flexible: 0,
  request: {
    timeoutMs: int32.default(60000).doc('How long the broker may try before it answers REQUEST_TIMED_OUT.'),
    featureUpdates: array({
      feature: string.mapKey(),
      maxVersionLevel: int16.doc('0 or less: remove the feature.'),
      allowDowngrade: bool.until(0),
      upgradeType: int8.since(1).default(1).doc('1 upgrade, 2 safe downgrade, 3 unsafe downgrade.'),
    }),
    validateOnly: bool.since(1).default(false).doc('true: only say whether it would work.'),
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable(),
    results: array({ feature: string.mapKey(), errorCode, errorMessage: string.nullable() }).until(1).ignorable(),
  },
});
export interface UpdateFeaturesRequest extends RequestOf<typeof UpdateFeatures> {}
export interface UpdateFeaturesResponse extends ResponseOf<typeof UpdateFeatures> {}
