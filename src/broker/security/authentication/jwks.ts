// The keys that an OAuth provider signs its tokens with (RFC 7517), from a file or a URL that the configuration allows. They are kept
// and fetched anew from time to time; a token of an unknown key may have them fetched sooner, but not more often than a provider
// can stand (Kafka: RefreshingHttpsJwks).
import { createPublicKey } from 'node:crypto';
import { type Clock, type Disk, type Logger, type ReadUrl, ConfigError, type Timer } from '../../../runtime/index.ts';
import type { SigningKey, SigningKeys } from './jwt.ts';

/** Fetched again because of an unknown key at most so often. */
const EXPEDITED_EVERY_MS = 10_000;
const RETRY_MS = 10_000;
/** What a provider lists at most. */
const MOST_KEYS = 1000;

export interface JwksOptions {
  readonly url: string;
  readonly allowedUrls: readonly string[];
  readonly refreshMs: number;
  readonly disk: Disk;
  readonly readUrl: ReadUrl | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Jwks implements SigningKeys {
  readonly #options: JwksOptions;
  #keys: readonly SigningKey[] = [];
  #fetchedMs = Number.NEGATIVE_INFINITY;
  #fetching: Promise<boolean> | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  private constructor(options: JwksOptions) {
    this.#options = options;
  }

  /** Rejects with ConfigError when the keys cannot be had, or may not be fetched from there. */
  static async open(options: JwksOptions): Promise<Jwks> {
    checkUrl(options);
    const jwks = new Jwks(options);
    jwks.#keys = await jwks.#read();
    jwks.#fetchedMs = options.clock.monotonicMs();
    jwks.#plan(options.refreshMs);
    return jwks;
  }

  current(): readonly SigningKey[] {
    return this.#keys;
  }

  refresh(): Promise<boolean> {
    const { clock } = this.#options;
    if (clock.monotonicMs() - this.#fetchedMs < EXPEDITED_EVERY_MS) return this.#fetching ?? Promise.resolve(false);
    return this.#fetch();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #plan(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#isClosed) return;
    this.#timer = this.#options.clock.schedule(delayMs, () => void this.#fetch());
  }

  #fetch(): Promise<boolean> {
    const { clock, logger, refreshMs } = this.#options;
    this.#fetchedMs = clock.monotonicMs();
    this.#fetching ??= this.#read().then(
      (keys) => {
        this.#keys = keys;
        this.#fetching = undefined;
        this.#plan(refreshMs);
        return true;
      },
      (error: unknown) => {
        this.#fetching = undefined;
        const reason = error instanceof Error ? error.message : String(error);
        logger.log('warn', 'the keys of the OAuth provider could not be fetched; those known stay in use', { reason });
        this.#plan(Math.min(refreshMs, RETRY_MS));
        return false;
      },
    );
    return this.#fetching;
  }

  async #read(): Promise<SigningKey[]> {
    const { url, disk, readUrl } = this.#options;
    const { protocol, pathname } = new URL(url);
    if (protocol === 'file:') {
      return parseJwks(Buffer.from(disk.readFileSync(decodeURIComponent(pathname))).toString('utf8'));
    }
    if (readUrl === undefined) throw new ConfigError('this runtime fetches no URLs');
    return parseJwks(await readUrl(url));
  }
}

function checkUrl({ url, allowedUrls }: JwksOptions): void {
  const key = 'sasl.oauthbearer.jwks.endpoint.url';
  let protocol: string;
  try {
    ({ protocol } = new URL(url));
  } catch {
    throw new ConfigError(`${key}=${url} is no URL`);
  }
  if (protocol === 'file:') return;
  if (protocol !== 'https:' && protocol !== 'http:') throw new ConfigError(`${key} takes file:, https: and http: URLs`);
  if (!allowedUrls.includes(url)) {
    throw new ConfigError(`${key}=${url} is not in ottla.sasl.oauthbearer.allowed.urls: add it there if it is yours`);
  }
}

/** Throws ConfigError when there is no key that can be used. */
function parseJwks(text: string): SigningKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError('the JWKS is no JSON');
  }
  const listed = (value as { keys?: unknown } | null)?.keys;
  const keys = (Array.isArray(listed) ? listed.slice(0, MOST_KEYS) : []).flatMap(keyOf);
  if (keys.length === 0) throw new ConfigError('the JWKS holds no public key for signatures');
  return keys;
}

function keyOf(jwk: unknown): SigningKey[] {
  if (typeof jwk !== 'object' || jwk === null) return [];
  const { kid, use, alg, kty } = jwk as Readonly<Record<string, unknown>>;
  if ((use !== undefined && use !== 'sig') || (kty !== 'RSA' && kty !== 'EC')) return [];
  try {
    const key = createPublicKey({ key: jwk as Record<string, string>, format: 'jwk' });
    return [
      {
        id: typeof kid === 'string' ? kid : undefined,
        key,
        algorithm: typeof alg === 'string' ? alg : undefined,
      },
    ];
  } catch {
    // A key of a kind that is not known here: the others may still be of use.
    return [];
  }
}
