// ApiVersions, versions 0 to 4: what is served here, in which versions, and at which level the features of the cluster are
// (KIP-35, KIP-511, KIP-584). The only API that is answered in a version that nobody knows, and that any connection may ask.
//   v3 the client's software must have a name · v4 features whose lowest level is 0 are told too
// What is not served is not announced.
import { apiFacts, Errors } from '../protocol/index.ts';
import { ApiVersions, type ApiVersionsResponse } from '../protocol/messages/18-api-versions.ts';
import { isNamedSoftware } from './client-software.ts';
import { defineHandler } from './handler.ts';
import { OPEN_TO_ALL } from './permission.ts';

/** Feature levels that this broker could run with, and those that the cluster has agreed on. */
export interface Features {
  readonly supported: readonly { readonly name: string; readonly minVersion: number; readonly maxVersion: number }[];
  /** Level by name; level 0 is not told. */
  readonly finalized: ReadonlyMap<string, number>;
  /** The metadata offset that `finalized` is of; -1 when not known. */
  readonly epoch: number;
}

const NAMED_SINCE = 3;
/** Up to version 3, clients refuse a supported feature that begins at level 0 (KAFKA-17011). */
const LEVEL_ZERO_SINCE = 4;
const [LOWEST, HIGHEST] = ApiVersions.versions;

/** `servedKeys` is asked once, at the first request: what is served does not change while a broker runs. */
export const apiVersions = (servedKeys: () => readonly number[], features: () => Features) => {
  let apiKeys: ApiVersionsResponse['apiKeys'] | undefined;
  return defineHandler(ApiVersions, {
    authorize: OPEN_TO_ALL,
    handle(request, { apiVersion, connection }) {
      if (apiVersion < LOWEST || apiVersion > HIGHEST) return unknownVersion();
      if (apiVersion >= NAMED_SINCE) {
        const { clientSoftwareName: name, clientSoftwareVersion: version } = request;
        if (!isNamedSoftware(name, version)) return { errorCode: Errors.INVALID_REQUEST, apiKeys: [] };
        connection.software = { name, version };
      }
      apiKeys ??= advertised(servedKeys());
      return { errorCode: Errors.NONE, apiKeys, ...featuresFor(apiVersion, features()) };
    },
    failed: (_request, code) => ({ errorCode: code, apiKeys: [] }),
  });
};

/** Encoded as version 0: the client learns which version to ask with. */
function unknownVersion(): ApiVersionsResponse {
  const own = { apiKey: ApiVersions.key, minVersion: LOWEST, maxVersion: HIGHEST };
  return { errorCode: Errors.UNSUPPORTED_VERSION, apiKeys: [own] };
}

function featuresFor(version: number, { supported, finalized, epoch }: Features) {
  return {
    supportedFeatures: version >= LEVEL_ZERO_SINCE ? supported : supported.filter(({ minVersion }) => minVersion > 0),
    finalizedFeaturesEpoch: epoch,
    finalizedFeatures: [...finalized]
      .filter(([, level]) => level > 0)
      .map(([name, level]) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
  };
}

/** In ascending order, each with the range that Apache Kafka announces. */
function advertised(keys: readonly number[]): ApiVersionsResponse['apiKeys'] {
  return [...keys]
    .sort((a, b) => a - b)
    .map((key) => {
      const facts = apiFacts(key);
      if (facts === undefined) throw new RangeError(`there is no API ${key}`);
      return { apiKey: key, minVersion: facts.advertisedMinVersion, maxVersion: facts.advertisedMaxVersion };
    });
}
