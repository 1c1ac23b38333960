// ApiVersions, versions 0 to 4. Which APIs and versions the broker speaks; any client's first request. An unknown
// version is answered in version 0 with UNSUPPORTED_VERSION, and the response header is 0 always (KIP-511).
//   v3 flexible; name of the client software (KIP-511), features (KIP-584)
//   v4 features whose lowest level is 0 are told (KIP-1022)
import { api, array, bool, int16, int64, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const ApiVersions = api({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexible: 3,
  request: {
    clientSoftwareName: string.since(3).ignorable().doc('Letters, digits, dots and hyphens (KIP-511).'),
    clientSoftwareVersion: string.since(3).ignorable(),
  },
  response: {
    errorCode,
    apiKeys: array({ apiKey: int16.mapKey(), minVersion: int16, maxVersion: int16 }),
    throttleTimeMs: throttleTimeMs.since(1).ignorable(),
    supportedFeatures: array({ name: string.mapKey(), minVersion: int16, maxVersion: int16 })
      .since(3)
      .tag(0)
      .ignorable(),
    finalizedFeaturesEpoch: int64
      .since(3)
      .tag(1)
      .default(-1)
      .ignorable()
      .doc('Offset of the metadata that the features are of; -1 when not known.'),
    finalizedFeatures: array({ name: string.mapKey(), maxVersionLevel: int16, minVersionLevel: int16 })
      .since(3)
      .tag(2)
      .ignorable(),
    zkMigrationReady: bool.since(3).tag(3).default(false).ignorable().doc('Of the time of ZooKeeper; always false.'),
  },
});
export interface ApiVersionsRequest extends RequestOf<typeof ApiVersions> {}
export interface ApiVersionsResponse extends ResponseOf<typeof ApiVersions> {}
