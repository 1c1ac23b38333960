// An API in the list of what a listener serves: how far, and how its handler is loaded when it is first asked for.
import { apiFacts } from '../protocol/index.ts';
import type { Handler } from './handler.ts';

export interface ServedApi {
  readonly key: number;
  /** Requests in these versions are decoded; others close the connection (ApiVersions excepted, KIP-511). */
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly load: () => Promise<Handler>;
  /** Whether ApiVersions tells of it; left out where it always does. */
  readonly isAnnounced?: () => boolean;
}

/** Every stable version of the API. */
export function serve(key: number, load: () => Promise<Handler>): ServedApi {
  const facts = apiFacts(key);
  if (facts === undefined) throw new RangeError(`there is no API ${key}`);
  return { key, minVersion: facts.minVersion, maxVersion: facts.advertisedMaxVersion, load };
}
