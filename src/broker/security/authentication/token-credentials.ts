// Delegation tokens as credentials (KIP-48; Kafka: DelegationTokenManager): the HMAC of a token, made of its id and the cluster's
// secret, is the password with which it logs in by SCRAM.
import { createHmac } from 'node:crypto';
import type { DelegationToken } from '../../../kraft/metadata/index.ts';
import { principalNameOf } from '../../../protocol/index.ts';
import {
  FEWEST_SCRAM_ITERATIONS,
  saltedPassword,
  scramKeys,
  type ScramMechanism,
} from '../../../protocol/sasl/index.ts';
import type { TokenCredential } from './scram.ts';

const SALT_BYTES = 16;
/** Credentials that are kept: making one takes some milliseconds of a thread. */
const MOST_KEPT = 1000;

/** What a client proves its knowledge of a token with. */
export function tokenHmac(secret: string, tokenId: string): Buffer {
  return createHmac('sha512', Buffer.from(secret, 'utf8')).update(tokenId, 'utf8').digest();
}

export interface TokenCredentialsOptions {
  readonly secret: string;
  readonly tokenOf: (tokenId: string) => DelegationToken | undefined;
  readonly salt: (sizeBytes: number) => Uint8Array;
}

type Kept = Pick<TokenCredential, 'salt' | 'storedKey' | 'serverKey' | 'iterations'>;

export class TokenCredentials {
  readonly #options: TokenCredentialsOptions;
  readonly #kept = new Map<string, Promise<Kept>>();

  constructor(options: TokenCredentialsOptions) {
    this.#options = options;
  }

  /** Also of a token that has expired and is still there: it logs in, and is of no use, as by Kafka. */
  async of(mechanism: ScramMechanism, tokenId: string): Promise<TokenCredential | undefined> {
    const token = this.#options.tokenOf(tokenId);
    if (token === undefined) return undefined;
    const key = `${mechanism}:${tokenId}`;
    let made = this.#kept.get(key);
    if (made === undefined) {
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      made = this.#make(mechanism, tokenId);
      this.#kept.set(key, made);
    }
    const owner = principalNameOf(token.owner);
    return { ...(await made), owner, expiresAtMs: Number(token.expirationTimestamp) };
  }

  async #make(mechanism: ScramMechanism, tokenId: string): Promise<Kept> {
    const { secret, salt: randomSalt } = this.#options;
    const salt = randomSalt(SALT_BYTES);
    const password = tokenHmac(secret, tokenId).toString('base64');
    const salted = await saltedPassword(mechanism, password, salt, FEWEST_SCRAM_ITERATIONS);
    return { salt, iterations: FEWEST_SCRAM_ITERATIONS, ...scramKeys(mechanism, salted) };
  }
}
