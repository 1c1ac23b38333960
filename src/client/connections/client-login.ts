// Who a client says that it is: by name in its options, or by sasl.mechanism and sasl.jaas.config.
import type { SaslClient } from '../../protocol/sasl/index.ts';
import { ConfigurationError } from '../errors.ts';
import type { ClientRuntime, SaslOptions } from './client-options.ts';
import { type JaasLogin, parseJaas } from './jaas.ts';
import type { KafkaKeys } from './kafka-keys.ts';

type Token = () => string | Promise<string>;

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
const MODULES: Readonly<Record<(typeof MECHANISMS)[number], string>> = {
  PLAIN: 'PlainLoginModule',
  'SCRAM-SHA-256': 'ScramLoginModule',
  'SCRAM-SHA-512': 'ScramLoginModule',
  OAUTHBEARER: 'OAuthBearerLoginModule',
};
const UNSECURED_CLAIM = 'unsecuredLoginStringClaim_';
const UNSECURED_LIFETIME_S = 3600;
const EXTENSION = 'extension_';

/** What sasl.mechanism and sasl.jaas.config say. Throws ConfigurationError. */
export function saslFromKeys(keys: KafkaKeys, runtime: ClientRuntime): SaslOptions {
  const mechanism = keys.oneOf('sasl.mechanism', MECHANISMS);
  if (mechanism === undefined) {
    throw new ConfigurationError('sasl.mechanism: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER has to be given');
  }
  const text = keys.text('sasl.jaas.config');
  if (text === undefined) throw new ConfigurationError('sasl.jaas.config has to be given for a login');
  const login = parseJaas(text);
  if (login.module !== MODULES[mechanism]) {
    throw new ConfigurationError(
      `sasl.jaas.config has a ${login.module}, and ${mechanism} needs ${MODULES[mechanism]}`,
    );
  }
  if (mechanism === 'OAUTHBEARER') return oauthFromKeys(keys, login, runtime);
  const username = login.options.get('username');
  const password = login.options.get('password');
  if (username === undefined || password === undefined) {
    throw new ConfigurationError('sasl.jaas.config needs username and password');
  }
  const isToken = login.options.get('tokenauth')?.toLowerCase() === 'true';
  const name = mechanism.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512';
  return { mechanism: name, username, password, ...(isToken && { isToken }) };
}

function oauthFromKeys(keys: KafkaKeys, { options }: JaasLogin, runtime: ClientRuntime): SaslOptions {
  const extensions = Object.fromEntries(
    [...options]
      .filter(([key]) => key.startsWith(EXTENSION))
      .map(([key, value]) => [key.slice(EXTENSION.length), value]),
  );
  const url = keys.text('sasl.oauthbearer.token.endpoint.url');
  const token = url === undefined ? unsecuredToken(options, runtime) : endpointToken(url, options, keys);
  return { mechanism: 'oauthbearer', token, extensions };
}

/** RFC 7515's unsecured form, for brokers that are being tried out (OAuthBearerUnsecuredLoginCallbackHandler). */
function unsecuredToken(options: ReadonlyMap<string, string>, { clock }: ClientRuntime): Token {
  const claims = Object.fromEntries(
    [...options]
      .filter(([key]) => key.startsWith(UNSECURED_CLAIM))
      .map(([key, value]) => [key.slice(UNSECURED_CLAIM.length), value]),
  );
  if (claims['sub'] === undefined) {
    throw new ConfigurationError(
      'OAUTHBEARER needs sasl.oauthbearer.token.endpoint.url, or unsecuredLoginStringClaim_sub in sasl.jaas.config',
    );
  }
  return () => {
    const issuedS = Math.floor(clock.nowMs() / 1000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none' })}.${part({ ...claims, iat: issuedS, exp: issuedS + UNSECURED_LIFETIME_S })}.`;
  };
}

/** The client's credentials for a token (RFC 6749, 4.4), asked for at each login. */
function endpointToken(url: string, options: ReadonlyMap<string, string>, keys: KafkaKeys): Token {
  const id = options.get('clientId') ?? keys.text('sasl.oauthbearer.client.credentials.client.id');
  const secret = options.get('clientSecret') ?? keys.text('sasl.oauthbearer.client.credentials.client.secret');
  const scope = options.get('scope') ?? keys.text('sasl.oauthbearer.scope');
  if (id === undefined || secret === undefined) {
    throw new ConfigurationError(
      'OAUTHBEARER with a token endpoint needs clientId and clientSecret in sasl.jaas.config',
    );
  }
  const credentials = Buffer.from(`${id}:${secret}`, 'utf8').toString('base64');
  return async () => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials${scope === undefined ? '' : `&scope=${encodeURIComponent(scope)}`}`,
    });
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
    const { access_token: token } = (await answer.json()) as { readonly access_token?: unknown };
    if (typeof token !== 'string') throw new Error(`${url} answers without access_token`);
    return token;
  };
}

/** One login, on one connection. What it needs is loaded by the first that there is. */
export async function beginLogin(sasl: SaslOptions, { random }: ClientRuntime): Promise<SaslClient> {
  const { OAuthBearerClient, PlainClient, ScramClient } = await import('../../protocol/sasl/index.ts');
  if (sasl.mechanism === 'oauthbearer') return new OAuthBearerClient(sasl.token, sasl.extensions);
  const { mechanism, username, password, isToken } = sasl;
  if (mechanism === 'plain') return new PlainClient(username, password);
  const nonce = Buffer.from(random.bytes(18)).toString('base64');
  const name = mechanism === 'scram-sha-256' ? 'SCRAM-SHA-256' : 'SCRAM-SHA-512';
  return new ScramClient(name, { user: username, password, nonce, ...(isToken !== undefined && { isToken }) });
}
