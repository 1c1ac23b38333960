// The client's side of SCRAM (RFC 5802): proves that it knows the password without saying it, and has the server prove the same.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type SaslClient, SaslClientError } from './sasl-client.ts';
import {
  FEWEST_SCRAM_ITERATIONS,
  hashOf,
  MOST_SCRAM_ITERATIONS,
  saltedPassword,
  type ScramMechanism,
} from './scram-keys.ts';

const SERVER_FIRST = /^r=([^,]+),s=([A-Za-z0-9+/=]*),i=(\d{1,9})(?:,.*)?$/;
const SERVER_FINAL = /^v=([A-Za-z0-9+/]+=*)(?:,.*)?$/;

export interface ScramLogin {
  readonly user: string;
  readonly password: string;
  /** Printable, without a comma, and never used before. */
  readonly nonce: string;
  /** The user is the id of a delegation token, the password its HMAC in base64. */
  readonly isToken?: boolean;
}

export class ScramClient implements SaslClient {
  readonly mechanism: ScramMechanism;
  readonly #login: ScramLogin;
  readonly #bareFirst: string;
  #serverSignature: Buffer | undefined;

  constructor(mechanism: ScramMechanism, login: ScramLogin) {
    this.mechanism = mechanism;
    this.#login = login;
    const name = login.user.replaceAll('=', '=3D').replaceAll(',', '=2C');
    this.#bareFirst = `n=${name},r=${login.nonce}${login.isToken === true ? ',tokenauth=true' : ''}`;
  }

  first(): Uint8Array {
    return Buffer.from(`n,,${this.#bareFirst}`, 'utf8');
  }

  async next(challenge: Uint8Array): Promise<Uint8Array | undefined> {
    const text = Buffer.from(challenge).toString('utf8');
    if (this.#serverSignature === undefined) return this.#answer(text);
    const signature = Buffer.from(SERVER_FINAL.exec(text)?.[1] ?? '', 'base64');
    if (signature.length !== this.#serverSignature.length || !timingSafeEqual(signature, this.#serverSignature)) {
      throw new SaslClientError('the server cannot prove that it knows the user');
    }
    return undefined;
  }

  async #answer(serverFirst: string): Promise<Uint8Array> {
    const [, nonce = '', salt = '', count = ''] = SERVER_FIRST.exec(serverFirst) ?? [];
    const iterations = Number(count);
    if (!nonce.startsWith(this.#login.nonce) || nonce.length === this.#login.nonce.length) {
      throw new SaslClientError('the nonce of the server is not made of ours');
    }
    if (iterations < FEWEST_SCRAM_ITERATIONS || iterations > MOST_SCRAM_ITERATIONS) {
      throw new SaslClientError(`the server asks for ${iterations} iterations`);
    }
    const hash = hashOf(this.mechanism);
    const salted = await saltedPassword(this.mechanism, this.#login.password, Buffer.from(salt, 'base64'), iterations);
    const withoutProof = `c=biws,r=${nonce}`;
    const authMessage = `${this.#bareFirst},${serverFirst},${withoutProof}`;
    const clientKey = createHmac(hash, salted).update('Client Key').digest();
    const storedKey = createHash(hash).update(clientKey).digest();
    const proof = createHmac(hash, storedKey).update(authMessage).digest();
    for (let at = 0; at < proof.length; at++) proof[at] = (proof[at] as number) ^ (clientKey[at] as number);
    const serverKey = createHmac(hash, salted).update('Server Key').digest();
    this.#serverSignature = createHmac(hash, serverKey).update(authMessage).digest();
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`, 'utf8');
  }
}
