// Tokens with which this node logs in to the others by OAUTHBEARER: from a file, from an OAuth provider that knows the node by its id
// and secret (RFC 6749, 4.4; Kafka: OAuthBearerLoginCallbackHandler), or made up, for tests (OAuthBearerUnsecuredLoginCallbackHandler).
import { ConfigError, parseConfigs, type Runtime } from '../../../runtime/index.ts';
import { type BrokerLoginConfig, brokerLoginConfig, saslConfig } from '../../configs/security-config.ts';

export interface BrokerTokenParts {
  /** Of the entry in `sasl.jaas.config`. */
  readonly options: ReadonlyMap<string, string>;
  /** As they count for the listener. */
  readonly entries: ReadonlyMap<string, string>;
  readonly runtime: Pick<Runtime, 'clock' | 'disk' | 'readUrl'>;
}

export type TokenSource = () => string | Promise<string>;

const { oauthAllowedUrls } = saslConfig;
const URL_KEY = 'sasl.oauthbearer.token.endpoint.url';
const UNSECURED_CLAIM = 'unsecuredLoginStringClaim_';
const UNSECURED_LIFETIME_S = 3600;
const LARGEST_TOKEN_BYTES = 64 * 1024;

/** Throws ConfigError when there is nowhere to have a token from. */
export function brokerTokens(parts: BrokerTokenParts): TokenSource {
  const config = parseConfigs(brokerLoginConfig, parts.entries);
  const { oauthTokenUrl: url } = config;
  if (url === null) return unsecured(parts);
  let protocol: string;
  try {
    ({ protocol } = new URL(url));
  } catch {
    throw new ConfigError(`${URL_KEY}=${url} is no URL`);
  }
  if (protocol === 'file:') return fromFile(url, parts);
  if (protocol !== 'https:' && protocol !== 'http:') throw new ConfigError(`${URL_KEY} takes file:, https: and http:`);
  const { allowedUrls } = parseConfigs({ allowedUrls: oauthAllowedUrls }, parts.entries);
  if (!allowedUrls.includes(url)) {
    throw new ConfigError(`${URL_KEY}=${url} is not in ${oauthAllowedUrls.name}: add it there if it is yours`);
  }
  return kept(fromProvider(url, config, parts), config.loginRefreshWindowFactor, parts.runtime);
}

/** Read at each login: whoever renews the token writes the file anew. */
function fromFile(url: string, { runtime }: BrokerTokenParts): TokenSource {
  const path = decodeURIComponent(new URL(url).pathname);
  const read = (): string => Buffer.from(runtime.disk.readFileSync(path)).toString('utf8').trim();
  try {
    read();
  } catch (error) {
    throw new ConfigError(`${URL_KEY}=${url} cannot be read: ${(error as Error).message}`);
  }
  return read;
}

function fromProvider(url: string, config: BrokerLoginConfig, { options, runtime }: BrokerTokenParts) {
  const id = options.get('clientId') ?? config.oauthClientId;
  const secret = options.get('clientSecret') ?? config.oauthClientSecret;
  const scope = options.get('scope') ?? config.oauthScope;
  const { readUrl } = runtime;
  if (id === null || secret === null) {
    throw new ConfigError(
      `${URL_KEY} needs sasl.oauthbearer.client.credentials.client.id and sasl.oauthbearer.client.credentials.client.secret`,
    );
  }
  if (readUrl === undefined) throw new ConfigError('this runtime fetches no URLs');
  const credentials = Buffer.from(`${id}:${secret}`, 'utf8').toString('base64');
  const body = `grant_type=client_credentials${scope === null ? '' : `&scope=${encodeURIComponent(scope)}`}`;
  return async (): Promise<string> => {
    const headers = {
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    return tokenIn(url, await readUrl(url, { headers, body }));
  };
}

/** Throws an Error, in which nothing of the answer stands. */
function tokenIn(url: string, text: string): string {
  let token: unknown;
  try {
    ({ access_token: token } = JSON.parse(text) as { readonly access_token?: unknown });
  } catch {
    throw new Error(`${url} answers no JSON`);
  }
  if (typeof token !== 'string' || token === '' || token.length > LARGEST_TOKEN_BYTES) {
    throw new Error(`${url} answers without an access_token`);
  }
  return token;
}

/** One token for all logins until `factor` of its time has passed; those that ask at once wait for the same. */
function kept(fetch: () => Promise<string>, factor: number, { clock }: BrokerTokenParts['runtime']): TokenSource {
  let asked: Promise<string> | undefined;
  let renewAtMs = 0;
  return () => {
    const nowMs = clock.nowMs();
    if (asked !== undefined && nowMs < renewAtMs) return asked;
    renewAtMs = Number.POSITIVE_INFINITY;
    asked = fetch().then(
      (token) => {
        const expiresAtMs = expiryOf(token) ?? nowMs;
        renewAtMs = nowMs + (expiresAtMs - nowMs) * factor;
        return token;
      },
      (error: unknown) => {
        renewAtMs = 0;
        throw error;
      },
    );
    return asked;
  };
}

/** Milliseconds since the epoch; undefined where the token does not tell. */
function expiryOf(token: string): number | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: unknown;
    };
    return typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function unsecured({ options, runtime }: BrokerTokenParts): TokenSource {
  const named = [...options].filter(([key]) => key.startsWith(UNSECURED_CLAIM));
  const claims = Object.fromEntries(named.map(([key, value]) => [key.slice(UNSECURED_CLAIM.length), value]));
  const principal = options.get('unsecuredLoginPrincipalClaimName') ?? 'sub';
  if (claims[principal] === undefined) {
    throw new ConfigError(
      `OAUTHBEARER between brokers needs ${URL_KEY}, or, for tests, ${UNSECURED_CLAIM}${principal} in oauthbearer.sasl.jaas.config`,
    );
  }
  const lifetimeS = Number(options.get('unsecuredLoginLifetimeSeconds') ?? UNSECURED_LIFETIME_S);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return () => {
    const issuedS = Math.floor(runtime.clock.nowMs() / 1000);
    return `${part({ alg: 'none' })}.${part({ ...claims, iat: issuedS, exp: issuedS + lifetimeS })}.`;
  };
}
