// How this node makes itself known to the others, and makes sure of them: TLS and a login on the channels that it dials (Kafka:
// ChannelBuilders.clientChannelBuilder). Loaded where brokers or controllers listen for more than PLAINTEXT.
import type { ChannelSecurity } from '../../protocol/index.ts';
import {
  isScramMechanism,
  OAuthBearerClient,
  PlainClient,
  type SaslClient,
  ScramClient,
} from '../../protocol/sasl/index.ts';
import { ConfigError, type Logger, parseConfigs, type Runtime, type TlsClientOptions } from '../../runtime/index.ts';
import { entriesOfListener, type ListenerSecurity, speaksSasl, speaksTls } from '../configs/listener-security.ts';
import { tlsConfig } from '../configs/security-config.ts';
import { brokerTokens } from './authentication/broker-tokens.ts';
import { isFor, type JaasEntry, parseJaas } from './authentication/jaas.ts';
import { RenewableStores } from './tls/renewable-stores.ts';

const HANDSHAKE_MS = 10_000;
const NONCE_BYTES = 24;

export interface PeerSecurityParts {
  /** `disk`: where key stores and tokens are. */
  readonly runtime: Pick<Runtime, 'clock' | 'disk' | 'random' | 'readUrl'>;
  /** As they are now. Key stores follow them; logins stay those of the start (Kafka: SaslChannelBuilder.reconfigurableConfigs). */
  readonly entries: () => ReadonlyMap<string, string>;
  readonly logger: Logger;
}

/** `mechanism`: the config that says how to log in. Throws ConfigError. */
export function peerSecurityOf(
  { name, protocol }: ListenerSecurity,
  mechanism: { readonly key: string; readonly value: string },
  parts: PeerSecurityParts,
): ChannelSecurity {
  const { runtime } = parts;
  const entries = entriesOfListener(name, parts.entries());
  try {
    return {
      tls: speaksTls(protocol) ? tlsOf(name, parts) : undefined,
      login: speaksSasl(protocol) ? loginOf(mechanism, entries, runtime) : undefined,
    };
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`Connections to listener ${name}: ${error.message}`);
    throw error;
  }
}

function tlsOf(listener: string, { runtime, entries, logger }: PeerSecurityParts): TlsClientOptions {
  const stores = new RenewableStores({ listener, entries, disk: runtime.disk, logger });
  const { sslEndpointIdentification } = parseConfigs(tlsConfig, entriesOfListener(listener, entries()));
  return {
    settings: () => stores.settings,
    checksHost: sslEndpointIdentification.trim().toLowerCase() === 'https',
    handshakeMs: HANDSHAKE_MS,
  };
}

function loginOf(
  { key, value: mechanism }: { readonly key: string; readonly value: string },
  entries: ReadonlyMap<string, string>,
  runtime: PeerSecurityParts['runtime'],
): () => SaslClient {
  const isScram = isScramMechanism(mechanism);
  if (mechanism !== 'PLAIN' && mechanism !== 'OAUTHBEARER' && !isScram) {
    throw new ConfigError(
      `${key}=${mechanism}: nodes log in to each other by PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER`,
    );
  }
  const { options } = jaasEntryFor(mechanism, entries);
  if (mechanism === 'OAUTHBEARER') {
    const token = brokerTokens({ options, entries, runtime });
    return () => new OAuthBearerClient(token);
  }
  const user = options.get('username');
  const password = options.get('password');
  if (user === undefined || password === undefined) {
    throw new ConfigError(`${mechanism.toLowerCase()}.sasl.jaas.config has no username and password to log in with`);
  }
  if (!isScram) return () => new PlainClient(user, password);
  const isToken = options.get('tokenauth')?.toLowerCase() === 'true';
  return () => {
    const nonce = Buffer.from(runtime.random.bytes(NONCE_BYTES)).toString('base64url');
    return new ScramClient(mechanism, { user, password, nonce, isToken });
  };
}

function jaasEntryFor(mechanism: string, entries: ReadonlyMap<string, string>): JaasEntry {
  for (const key of [`${mechanism.toLowerCase()}.sasl.jaas.config`, 'sasl.jaas.config']) {
    const text = entries.get(key);
    const found = text === undefined ? undefined : parseJaas(key, text).find((entry) => isFor(mechanism, entry));
    if (found !== undefined) return found;
  }
  throw new ConfigError(`${mechanism.toLowerCase()}.sasl.jaas.config is not set: there is no user to log in as`);
}
