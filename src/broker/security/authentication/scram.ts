// The server's side of SCRAM (RFC 5802; Kafka: ScramSaslServer): the client proves that it knows the password, and hears the same
// of the server. Credentials are those of the metadata, or are made of a delegation token.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { FEWEST_SCRAM_ITERATIONS, hashOf, type ScramMechanism } from '../../../protocol/sasl/index.ts';
import {
  BrokenExchangeError,
  SaslAuthenticationError,
  SaslError,
  type SaslExchange,
  type SaslMechanism,
  type SaslStep,
} from './sasl-mechanism.ts';
import { type ClientFirst, parseClientFinal, parseClientFirst } from './scram-messages.ts';

export interface StoredCredential {
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly iterations: number;
}

export interface TokenCredential extends StoredCredential {
  readonly owner: string;
  readonly expiresAtMs: number;
}

export interface ScramCredentials {
  ofUser(mechanism: ScramMechanism, user: string): StoredCredential | undefined;
  ofToken(mechanism: ScramMechanism, tokenId: string): Promise<TokenCredential | undefined>;
}

export class ScramServer implements SaslMechanism {
  readonly name: ScramMechanism;
  readonly #credentials: ScramCredentials;
  readonly #nonce: () => string;

  /** `nonce` gives printable text without a comma, never the same twice. */
  constructor(name: ScramMechanism, credentials: ScramCredentials, nonce: () => string) {
    this.name = name;
    this.#credentials = credentials;
    this.#nonce = nonce;
  }

  begin(): SaslExchange {
    return new ScramExchange(this.name, this.#credentials, this.#nonce());
  }
}

interface Asked {
  readonly first: ClientFirst;
  readonly credential: StoredCredential;
  readonly login: { readonly user: string; readonly expiresAtMs: number; readonly isToken: boolean };
  readonly nonce: string;
  readonly serverFirst: string;
}

/** client first -> server first -> client final -> server final; each once. */
class ScramExchange implements SaslExchange {
  readonly #mechanism: ScramMechanism;
  readonly #credentials: ScramCredentials;
  readonly #serverNonce: string;
  #asked: Asked | undefined;
  #isOver = false;

  constructor(mechanism: ScramMechanism, credentials: ScramCredentials, serverNonce: string) {
    this.#mechanism = mechanism;
    this.#credentials = credentials;
    this.#serverNonce = serverNonce;
  }

  evaluate(token: Uint8Array): SaslStep | Promise<SaslStep> {
    if (this.#isOver) throw new BrokenExchangeError('Unexpected challenge in Sasl server state COMPLETE');
    if (this.#asked !== undefined) return this.#finish(token, this.#asked);
    const first = parseClientFirst(token);
    return first.isToken ? this.#askToken(first) : this.#askUser(first);
  }

  #askUser(first: ClientFirst): SaslStep {
    const credential = this.#credentials.ofUser(this.#mechanism, first.user);
    if (credential === undefined) throw new SaslError('Authentication failed: Invalid user credentials');
    return this.#ask(first, credential, { user: first.user, expiresAtMs: Infinity, isToken: false });
  }

  async #askToken(first: ClientFirst): Promise<SaslStep> {
    const credential = await this.#credentials.ofToken(this.#mechanism, first.user);
    if (credential === undefined) throw new SaslError(`Token Authentication failed: Invalid tokenId : ${first.user}`);
    const { owner: user, expiresAtMs } = credential;
    return this.#ask(first, credential, { user, expiresAtMs, isToken: true });
  }

  #ask(first: ClientFirst, credential: StoredCredential, login: Asked['login']): SaslStep {
    const { authorizationId, user } = first;
    if (authorizationId !== '' && authorizationId !== user) {
      throw new SaslAuthenticationError(
        'Authentication failed: Client requested an authorization id that is different from username',
      );
    }
    const { iterations, salt } = credential;
    if (iterations < FEWEST_SCRAM_ITERATIONS) {
      throw new SaslError(
        `Iterations ${iterations} is less than the minimum ${FEWEST_SCRAM_ITERATIONS} for ${this.#mechanism}`,
      );
    }
    const nonce = first.nonce + this.#serverNonce;
    const serverFirst = `r=${nonce},s=${Buffer.from(salt).toString('base64')},i=${iterations}`;
    this.#asked = { first, credential, login, nonce, serverFirst };
    return { token: Buffer.from(serverFirst, 'utf8') };
  }

  #finish(token: Uint8Array, { first, credential, login, nonce, serverFirst }: Asked): SaslStep {
    const final = parseClientFinal(token);
    if (final.nonce !== nonce) throw new SaslError('Invalid client nonce in the final client message.');
    const hash = hashOf(this.#mechanism);
    const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
    const clientKey = createHmac(hash, credential.storedKey).update(authMessage).digest();
    if (final.proof.length !== clientKey.length) {
      throw new BrokenExchangeError('Argument arrays must be of the same length');
    }
    for (let at = 0; at < clientKey.length; at++) {
      clientKey[at] = (clientKey[at] as number) ^ (final.proof[at] as number);
    }
    const computed = createHash(hash).update(clientKey).digest();
    const { storedKey } = credential;
    if (storedKey.length !== computed.length || !timingSafeEqual(computed, storedKey)) {
      throw new SaslError('Invalid client credentials');
    }
    this.#isOver = true;
    const signature = createHmac(hash, credential.serverKey).update(authMessage).digest('base64');
    return { token: Buffer.from(`v=${signature}`, 'utf8'), login };
  }
}
