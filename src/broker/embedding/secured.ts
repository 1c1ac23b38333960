// Brokers of tests that ask for TLS or users: the configs that make the listener so, on throw-away certificates. Loaded when a test
// asks for it.
import { AlterUserScramCredentials } from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import { FEWEST_SCRAM_ITERATIONS, saltedPassword, SCRAM_MECHANISMS } from '../../protocol/sasl/index.ts';
import { nodeRandom } from '../../runtime/node/index.ts';
import { isEveryAddress } from '../configs/endpoints.ts';
import { StartError } from '../configs/settings.ts';
import type { BrokerNode } from '../node/broker-node.ts';
import { throwAwayCertificates, type ThrowAwayCertificates } from '../security/tls/certificates.ts';
import type { StartOptions } from './embedding.ts';

export interface Secured {
  /** The options with the configs of the secured listener. */
  readonly options: StartOptions;
  readonly certificates: ThrowAwayCertificates | undefined;
}

/** What a listener for clients is made of. */
export interface SecuredListener {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly configs: Readonly<Record<string, string>>;
  readonly certificates: ThrowAwayCertificates | undefined;
}

const SALT_BYTES = 16;
const DEFAULT_HOST = '127.0.0.1';

/** Throws StartError where the listener is not ours to make. */
export function secured(options: StartOptions): Secured {
  const { config = {}, host = DEFAULT_HOST } = options;
  const { protocol, configs, certificates } = securedListener(options);
  return {
    options: {
      ...options,
      config: {
        listeners: `${protocol}://${host.includes(':') ? `[${host}]` : host}:${options.port ?? 0}`,
        ...configs,
        ...config,
      },
    },
    certificates,
  };
}

/** Throws StartError where the listener is not ours to make. */
export function securedListener({
  tls = false,
  users,
  config = {},
  host = DEFAULT_HOST,
}: Pick<StartOptions, 'tls' | 'users' | 'config' | 'host'>): SecuredListener {
  if (config['listeners'] !== undefined) {
    throw new StartError(
      'tls and users make the listener themselves: leave out listeners, or secure it by its configs',
    );
  }
  const hasTls = tls !== false;
  const plain = hasTls ? 'SSL' : 'PLAINTEXT';
  const protocol = users === undefined ? plain : (`SASL_${hasTls ? 'SSL' : 'PLAINTEXT'}` as const);
  const hosts = [...new Set(['localhost', DEFAULT_HOST, '::1', ...(isEveryAddress(host) ? [] : [host])])];
  const certificates = hasTls ? throwAwayCertificates(hosts, nodeRandom) : undefined;
  const clientAuth = typeof tls === 'object' ? (tls.clientAuth ?? 'requested') : 'requested';
  return {
    protocol,
    configs: {
      ...(certificates !== undefined && tlsConfigs(certificates, clientAuth)),
      ...(users !== undefined && userConfigs(protocol, users)),
    },
    certificates,
  };
}

function tlsConfigs({ ca, server }: ThrowAwayCertificates, clientAuth: string): Record<string, string> {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.key': server.key,
    'ssl.keystore.certificate.chain': server.cert,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': ca,
    'ssl.client.auth': clientAuth,
  };
}

function userConfigs(protocol: string, users: Readonly<Record<string, string>>): Record<string, string> {
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const options = Object.entries(users).map(([name, password]) => `${quoted(`user_${name}`)}=${quoted(password)}`);
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required ${options.join(' ')};`;
  return {
    'sasl.enabled.mechanisms': ['PLAIN', ...SCRAM_MECHANISMS].join(','),
    [`listener.name.${protocol.toLowerCase()}.plain.sasl.jaas.config`]: login,
  };
}

/** SCRAM credentials of all users, for both mechanisms. */
export async function createUsers(node: BrokerNode, users: Readonly<Record<string, string>>): Promise<void> {
  for (const [index, mechanism] of SCRAM_MECHANISMS.entries()) {
    const upsertions = await Promise.all(
      Object.entries(users).map(async ([name, password]) => {
        const salt = Buffer.from(nodeRandom.bytes(SALT_BYTES));
        const salted = await saltedPassword(mechanism, password, salt, FEWEST_SCRAM_ITERATIONS);
        return { name, mechanism: index + 1, iterations: FEWEST_SCRAM_ITERATIONS, salt, saltedPassword: salted };
      }),
    );
    const { results } = await node.controller.send(AlterUserScramCredentials, { deletions: [], upsertions });
    const refused = results.find(({ errorCode }) => errorCode !== 0);
    if (refused !== undefined) {
      throw new StartError(`User ${refused.user} could not be created: ${refused.errorMessage ?? refused.errorCode}`);
    }
  }
}
