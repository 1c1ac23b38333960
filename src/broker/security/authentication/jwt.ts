// Tokens of OAuth providers: JSON Web Tokens (RFC 7515, 7519; Kafka: BrokerJwtValidator over jose4j). A token is taken only when all
// of it is right: a signature by a listed key of the right kind, issuer, audience, times, subject.
import { constants, type KeyObject, verify } from 'node:crypto';
import type { BearerToken, TokenRefusal, TokenValidator } from './oauthbearer.ts';

/** A key that an OAuth provider signs with. */
export interface SigningKey {
  readonly id: string | undefined;
  readonly key: KeyObject;
  /** The only algorithm that it is for, where the provider says so. */
  readonly algorithm: string | undefined;
}

export interface SigningKeys {
  current(): readonly SigningKey[];
  /** Fetches the keys anew, if that was not done a moment ago; true when there may be others now. */
  refresh(): Promise<boolean>;
}

export interface JwtRules {
  readonly audiences: readonly string[];
  readonly issuer: string | null;
  readonly clockSkewMs: number;
  readonly scopeClaim: string;
  readonly subClaim: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Longer tokens are not looked at: the largest of known providers have a few KB. */
const LONGEST_TOKEN = 64 * 1024;
/** RFC 7518, 3.3. */
const SHORTEST_RSA_BITS = 2048;
const BASE64URL = /^[A-Za-z0-9_-]*={0,2}$/;

interface Algorithm {
  readonly hash: string;
  readonly keyType: string;
  readonly padding?: number;
  /** Of the curve that the standard pairs with the hash. */
  readonly curve?: string;
}

/** Signatures with a public key, and no others: a secret that both sides know, or none, is not looked at. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: { hash: 'sha256', keyType: 'rsa' },
  RS384: { hash: 'sha384', keyType: 'rsa' },
  RS512: { hash: 'sha512', keyType: 'rsa' },
  PS256: { hash: 'sha256', keyType: 'rsa', padding: constants.RSA_PKCS1_PSS_PADDING },
  PS384: { hash: 'sha384', keyType: 'rsa', padding: constants.RSA_PKCS1_PSS_PADDING },
  PS512: { hash: 'sha512', keyType: 'rsa', padding: constants.RSA_PKCS1_PSS_PADDING },
  ES256: { hash: 'sha256', keyType: 'ec', curve: 'prime256v1' },
  ES384: { hash: 'sha384', keyType: 'ec', curve: 'secp384r1' },
  ES512: { hash: 'sha512', keyType: 'ec', curve: 'secp521r1' },
};

/** Why a token is not taken. */
class InvalidTokenError extends Error {}

export class SignedJwtValidator implements TokenValidator {
  readonly #keys: SigningKeys;
  readonly #rules: JwtRules;
  readonly #nowMs: () => number;

  constructor(keys: SigningKeys, rules: JwtRules, nowMs: () => number) {
    this.#keys = keys;
    this.#rules = rules;
    this.#nowMs = nowMs;
  }

  async validate(token: string): Promise<BearerToken | TokenRefusal> {
    try {
      const parts = partsOf(token);
      const isKnown = this.#hasKeyFor(parts.header);
      if (!isKnown) await this.#keys.refresh();
      checkSignature(parts, this.#keys.current());
      return this.#bearerOf(parts.claims);
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error;
      return { status: 'invalid_token', reason: error.message };
    }
  }

  #hasKeyFor({ kid }: Json): boolean {
    return typeof kid !== 'string' || this.#keys.current().some(({ id }) => id === kid);
  }

  #bearerOf(claims: Json): BearerToken {
    const { audiences, issuer, clockSkewMs, scopeClaim, subClaim } = this.#rules;
    const now = this.#nowMs();
    const expiresAtMs = timeOf(claims, 'exp');
    timeOf(claims, 'iat');
    if (now - clockSkewMs >= expiresAtMs) throw new InvalidTokenError('the token has expired');
    if (claims['nbf'] !== undefined && now + clockSkewMs < timeOf(claims, 'nbf')) {
      throw new InvalidTokenError('the token does not hold yet');
    }
    if (issuer !== null && claims['iss'] !== issuer) throw new InvalidTokenError('the token has another issuer');
    const { aud } = claims;
    const named = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : [];
    // As jose4j has it: a token that names an audience is for nobody else, so also where none is expected.
    const isForUs = audiences.length === 0 ? aud === undefined : audiences.some((audience) => named.includes(audience));
    if (!isForUs) throw new InvalidTokenError('the token is for another audience');
    const scope = claims[scopeClaim];
    if (scope !== undefined && typeof scope !== 'string' && !Array.isArray(scope)) {
      throw new InvalidTokenError(`the token has a ${scopeClaim} that is none`);
    }
    return { subject: subjectOf(claims, subClaim), expiresAtMs };
  }
}

function subjectOf(claims: Json, claim: string): string {
  const subject = claims[claim];
  if (typeof subject !== 'string' || subject.trim() === '') throw new InvalidTokenError(`the token has no ${claim}`);
  return subject.trim();
}

interface TokenParts {
  readonly header: Json;
  readonly claims: Json;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

function partsOf(token: string): TokenParts {
  const texts = token.length > LONGEST_TOKEN ? [] : token.split('.');
  const [header = '', claims = '', signature = ''] = texts;
  if (texts.length !== 3 || !texts.every((text) => BASE64URL.test(text))) {
    throw new InvalidTokenError('the token is no compact JWT');
  }
  return {
    header: jsonOf(header),
    claims: jsonOf(claims),
    signed: Buffer.from(`${header}.${claims}`, 'latin1'),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function jsonOf(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw new InvalidTokenError('a part of the token is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidTokenError('a part of the token is no JSON object');
  }
  return value as Json;
}

/** Milliseconds since the epoch. */
function timeOf(claims: Json, name: string): number {
  const seconds = claims[name];
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) throw new InvalidTokenError(`the token has no ${name}`);
  return Math.floor(seconds) * 1000;
}

function checkSignature({ header, signed, signature }: TokenParts, keys: readonly SigningKey[]): void {
  const { alg, kid, crit } = header;
  const algorithm = typeof alg === 'string' && Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined;
  if (algorithm === undefined) throw new InvalidTokenError('the token is not signed with a public key');
  if (crit !== undefined) throw new InvalidTokenError('the token demands extensions');
  const isRight = keys.some(({ id, key, algorithm: only }) => {
    if (kid !== undefined && id !== kid) return false;
    if (only !== undefined && only !== alg) return false;
    return isFit(key, algorithm) && isSignedBy(key, algorithm, signed, signature);
  });
  if (!isRight) throw new InvalidTokenError('the signature is by no key that is listed');
}

function isFit({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, { keyType, curve }: Algorithm): boolean {
  if (asymmetricKeyType !== keyType) return false;
  if (curve !== undefined) return asymmetricKeyDetails?.namedCurve === curve;
  return (asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_RSA_BITS;
}

function isSignedBy(key: KeyObject, { hash, padding }: Algorithm, signed: Buffer, signature: Buffer): boolean {
  const options = padding === undefined ? { key } : { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return verify(hash, signed, { ...options, dsaEncoding: 'ieee-p1363' }, signature);
}

/**
 * Tokens that nobody has signed (Kafka: OAuthBearerUnsecuredValidatorCallbackHandler): whoever writes one is who it says. For tests,
 * and named as such when a broker starts with it.
 */
export class UnsecuredJwtValidator implements TokenValidator {
  readonly #options: ReadonlyMap<string, string>;
  readonly #nowMs: () => number;

  /** `options`: those of the JAAS entry. */
  constructor(options: ReadonlyMap<string, string>, nowMs: () => number) {
    this.#options = options;
    this.#nowMs = nowMs;
  }

  validate(token: string): Promise<BearerToken | TokenRefusal> {
    return new Promise((resolve) => {
      try {
        resolve(this.#bearerOf(token));
      } catch (error) {
        if (!(error instanceof InvalidTokenError)) throw error;
        resolve({ status: 'invalid_token', reason: error.message });
      }
    });
  }

  #bearerOf(token: string): BearerToken | TokenRefusal {
    const { header, claims, signature } = partsOf(token);
    const { alg } = header;
    if (alg === undefined) throw new TypeError('a token without an algorithm');
    if (alg !== 'none' || signature.length > 0) throw new InvalidTokenError('the token is signed');
    const skewMs = Number(this.#options.get('unsecuredValidatorAllowableClockSkewMs') ?? 0);
    const now = this.#nowMs();
    const expiresAtMs = timeOf(claims, 'exp');
    if (now - skewMs >= expiresAtMs) throw new InvalidTokenError('the token has expired');
    if (claims['iat'] !== undefined) {
      const issuedAtMs = timeOf(claims, 'iat');
      if (issuedAtMs > now + skewMs || issuedAtMs >= expiresAtMs) {
        throw new InvalidTokenError('the token does not hold yet');
      }
    }
    const subClaim = this.#options.get('unsecuredValidatorPrincipalClaimName') ?? 'sub';
    const subject = subjectOf(claims, subClaim);
    const missing = this.#missingScope(claims);
    return missing ?? { subject, expiresAtMs };
  }

  #missingScope(claims: Json): TokenRefusal | undefined {
    const wanted = this.#options.get('unsecuredValidatorRequiredScope')?.trim();
    if (wanted === undefined || wanted === '') return undefined;
    const scope = claims[this.#options.get('unsecuredValidatorScopeClaimName') ?? 'scope'];
    const given = new Set(typeof scope === 'string' ? scope.trim().split(/\s+/) : Array.isArray(scope) ? scope : []);
    const isEnough = wanted.split(/\s+/).every((one) => given.has(one));
    return isEnough ? undefined : { status: 'insufficient_scope', scope: wanted, reason: 'the token lacks a scope' };
  }
}
