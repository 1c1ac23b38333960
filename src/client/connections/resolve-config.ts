// From what a program says of its cluster to what connections are made of. Names win over Kafka's dotted keys.
import type { ChannelSecurity } from '../../protocol/index.ts';
import { parseProperties, silentLogger } from '../../runtime/index.ts';
import { NodeClock, nodeNetwork, nodeRandom } from '../../runtime/node/index.ts';
import { ConfigurationError } from '../errors.ts';
import { beginLogin, saslFromKeys } from './client-login.ts';
import {
  type Address,
  type ClientConfig,
  type ClientLimits,
  type ClientRuntime,
  DEFAULT_CLIENT_LIMITS,
} from './client-options.ts';
import { tlsOf } from './client-tls.ts';
import { KafkaKeys } from './kafka-keys.ts';
import { aboutUnknownKeys } from './known-keys.ts';

export interface ResolvedClient {
  readonly runtime: ClientRuntime;
  readonly brokers: readonly Address[];
  readonly clientId: string;
  readonly security: ChannelSecurity | undefined;
  readonly limits: ClientLimits;
  readonly keys: KafkaKeys;
}

const DEFAULT_PORT = 9092;
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;

/** The text of a `client.properties`, for `config`. Throws ConfigError for a broken escape. */
export function readProperties(text: Uint8Array | string): Record<string, string> {
  return Object.fromEntries(parseProperties(text));
}

/** Throws ConfigurationError that says what is wrong with which key. */
export function resolveConfig(config: ClientConfig): ResolvedClient {
  const runtime = runtimeOf(config);
  const keys = new KafkaKeys(config.config);
  const unknown = aboutUnknownKeys(keys.names);
  if (unknown !== undefined) warn(config, unknown);
  return {
    runtime,
    brokers: brokersOf(config, keys),
    clientId: config.clientId ?? keys.text('client.id') ?? 'ottla',
    security: securityOf(config, keys, runtime),
    limits: { ...DEFAULT_CLIENT_LIMITS, ...limitsOf(keys), ...config.limits },
    keys,
  };
}

function runtimeOf({ runtime }: ClientConfig): ClientRuntime {
  const logger = runtime?.logger ?? silentLogger;
  return {
    logger,
    clock: runtime?.clock ?? new NodeClock(true),
    random: runtime?.random ?? nodeRandom,
    network: runtime?.network ?? nodeNetwork(logger.child('network')),
  };
}

/** Where the program has no logger, as Node.js warns: a slip in a key must not go unseen. */
function warn({ runtime }: ClientConfig, text: string): void {
  if (runtime?.logger === undefined) process.emitWarning(text, { type: 'OttlaWarning', code: 'OTTLA_UNKNOWN_CONFIG' });
  else runtime.logger.log('warn', text, {});
}

function brokersOf({ brokers: given }: ClientConfig, keys: KafkaKeys): readonly Address[] {
  const said = given ?? keys.text('bootstrap.servers');
  if (said === undefined) throw new ConfigurationError('brokers: say where the cluster is, as host:port');
  const list = typeof said === 'string' ? said.split(',').filter((one) => one.trim() !== '') : said;
  if (list.length === 0) throw new ConfigurationError('brokers: give at least one address, as host:port');
  return list.map((one) => (typeof one === 'string' ? addressOf(one.trim()) : one));
}

/** `host`, `host:port`, `[::1]:port`; a scheme as in `SASL_SSL://host:port` is not looked at. */
function addressOf(text: string): Address {
  const found = /^(?:[A-Za-z_]+:\/\/)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = found?.[3] === undefined ? DEFAULT_PORT : Number(found[3]);
  if (host === undefined || port > 65_535) {
    throw new ConfigurationError(`brokers: '${text}' is no address`, 'Write host:port.');
  }
  return { host, port };
}

function limitsOf(keys: KafkaKeys): Partial<ClientLimits> {
  const given: { [name in keyof ClientLimits]: number | undefined } = {
    requestTimeoutMs: keys.number('request.timeout.ms'),
    connectTimeoutMs: keys.number('socket.connection.setup.timeout.ms'),
    longestConnectTimeoutMs: keys.number('socket.connection.setup.timeout.max.ms'),
    maxIdleMs: keys.number('connections.max.idle.ms', Number.NEGATIVE_INFINITY),
    firstBackoffMs: keys.number('retry.backoff.ms'),
    longestBackoffMs: keys.number('retry.backoff.max.ms'),
    apiTimeoutMs: keys.number('default.api.timeout.ms'),
    metadataMaxAgeMs: keys.number('metadata.max.age.ms'),
    firstReconnectMs: keys.number('reconnect.backoff.ms'),
    longestReconnectMs: keys.number('reconnect.backoff.max.ms'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function securityOf(config: ClientConfig, keys: KafkaKeys, runtime: ClientRuntime): ChannelSecurity | undefined {
  const protocol = keys.oneOf('security.protocol', PROTOCOLS) ?? 'PLAINTEXT';
  const { tls = protocol.endsWith('SSL') } = config;
  const sasl = config.sasl ?? (protocol.startsWith('SASL_') ? saslFromKeys(keys, runtime) : undefined);
  if (tls === false && sasl === undefined) return undefined;
  return {
    tls: tls === false ? undefined : tlsOf(tls === true ? {} : tls, keys),
    login: sasl && (() => beginLogin(sasl, runtime)),
  };
}
