// The client's side of OAUTHBEARER (RFC 7628): the token says it all; the server either is content or says why not.
import { type SaslClient, SaslClientError } from './sasl-client.ts';

/** The separator of RFC 7628. */
const SEPARATOR = '\u0001';
const KEY = /^[A-Za-z]+$/;

export class OAuthBearerClient implements SaslClient {
  readonly mechanism = 'OAUTHBEARER';
  readonly #token: () => string | Promise<string>;
  readonly #extensions: Readonly<Record<string, string>>;
  #fault: string | undefined;

  /** `token` is asked once for each login. */
  constructor(token: () => string | Promise<string>, extensions: Readonly<Record<string, string>> = {}) {
    this.#token = token;
    this.#extensions = extensions;
  }

  async first(): Promise<Uint8Array> {
    const token = await this.#token();
    const pairs = Object.entries(this.#extensions).map(([key, value]) => {
      if (!KEY.test(key) || key === 'auth') throw new SaslClientError(`'${key}' cannot be an extension of OAUTHBEARER`);
      return `${key}=${value}${SEPARATOR}`;
    });
    return Buffer.from(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${pairs.join('')}${SEPARATOR}`, 'utf8');
  }

  next(challenge: Uint8Array): Promise<Uint8Array | undefined> {
    if (challenge.length === 0 && this.#fault === undefined) return Promise.resolve(undefined);
    if (this.#fault !== undefined) return Promise.reject(new SaslClientError(`the token is refused: ${this.#fault}`));
    // The server says why in JSON; it ends the login when it has been told that this was read.
    this.#fault = Buffer.from(challenge).toString('utf8');
    return Promise.resolve(Buffer.from(SEPARATOR));
  }
}
