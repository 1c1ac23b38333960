// Which versions a peer speaks (KIP-35), asked for once on every connection, and which of them we choose.
import { Errors, errorName } from '../errors.ts';
import { ApiVersions } from '../messages/18-api-versions.ts';
import type { ApiSchema, DecodedResponseOf } from '../schema.ts';
import { ChannelError } from './channel-error.ts';

type VersionsAnswer = DecodedResponseOf<typeof ApiVersions>;

export class PeerVersions {
  readonly #ranges: ReadonlyMap<number, VersionsAnswer['apiKeys'][number]>;

  constructor({ apiKeys }: VersionsAnswer) {
    this.#ranges = new Map(apiKeys.map((range) => [range.apiKey, range]));
  }

  /**
   * The version to send in: `wanted`, or the newest that both know and that is not above `newest`. Throws ChannelError when there
   * is none.
   */
  choose(
    api: Pick<ApiSchema, 'key' | 'name' | 'versions' | 'latestVersionUnstable'>,
    wanted?: number,
    newest = Number.POSITIVE_INFINITY,
  ): number {
    const { key, name, versions, latestVersionUnstable } = api;
    const range = this.#ranges.get(key);
    const [ourMin, ourMax] = versions;
    const low = Math.max(ourMin, range?.minVersion ?? 0);
    const high = Math.min(latestVersionUnstable ? ourMax - 1 : ourMax, range?.maxVersion ?? -1);
    const version = wanted ?? Math.min(high, newest);
    if (version >= low && version <= high) return version;
    const theirs = range === undefined ? 'does not serve it' : `serves ${range.minVersion} to ${range.maxVersion}`;
    const ours = wanted === undefined ? `${ourMin} to ${ourMax}` : String(wanted);
    throw new ChannelError('unsupported version', `${name} ${ours}: the peer ${theirs}`);
  }
}

/**
 * Asks with `ask`, first in our newest version. A peer that does not know it answers with UNSUPPORTED_VERSION and the range
 * that it knows (KIP-511).
 */
export async function negotiate(ask: (version: number) => Promise<VersionsAnswer>): Promise<PeerVersions> {
  let version = ApiVersions.versions[1];
  for (;;) {
    const answer = await ask(version);
    if (answer.errorCode === Errors.NONE) return new PeerVersions(answer);
    if (answer.errorCode !== Errors.UNSUPPORTED_VERSION || version === 0) {
      throw new ChannelError('broken', `the peer answers ApiVersions with ${errorName(answer.errorCode)}`);
    }
    const theirs = answer.apiKeys.find(({ apiKey }) => apiKey === ApiVersions.key)?.maxVersion ?? 0;
    version = Math.max(0, Math.min(theirs, version - 1));
  }
}
