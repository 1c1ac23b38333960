// From what a program says of its cluster to what connections are made of. Names win over Kafka's dotted keys.
import type { ChannelSecurity } from '../../protocol/index.ts';
import { PlainClient, type SaslClient, ScramClient } from '../../protocol/sasl/index.ts';
import { silentLogger, type TlsClientOptions } from '../../runtime/index.ts';
import { NodeClock, nodeNetwork, nodeRandom } from '../../runtime/node/index.ts';
import {
  type Address,
  type ClientConfig,
  type ClientLimits,
  type ClientRuntime,
  DEFAULT_CLIENT_LIMITS,
  type SaslOptions,
  type TlsOptions,
} from './client-options.ts';

export interface ResolvedClient {
  readonly runtime: ClientRuntime;
  readonly brokers: readonly Address[];
  readonly clientId: string;
  readonly security: ChannelSecurity | undefined;
  readonly limits: ClientLimits;
  readonly keys: KafkaKeys;
}

import { KafkaKeys } from './kafka-keys.ts';

const DEFAULT_PORT = 9092;
const HANDSHAKE_MS = 10_000;

/** Throws Error that says what is wrong with which key. */
export function resolveConfig(config: ClientConfig): ResolvedClient {
  const logger = config.runtime?.logger ?? silentLogger;
  const runtime: ClientRuntime = {
    logger,
    clock: config.runtime?.clock ?? new NodeClock(),
    random: config.runtime?.random ?? nodeRandom,
    network: config.runtime?.network ?? nodeNetwork(logger.child('network')),
  };
  const given = config.brokers;
  const list = typeof given === 'string' ? given.split(',') : given;
  const brokers = list.map((one) => (typeof one === 'string' ? addressOf(one.trim()) : one));
  if (brokers.length === 0) throw new Error('brokers: give at least one address, as host:port');
  return {
    runtime,
    brokers,
    clientId: config.clientId ?? 'ottla',
    security: securityOf(config, runtime),
    limits: { ...DEFAULT_CLIENT_LIMITS, ...config.limits },
    keys: new KafkaKeys(config.config),
  };
}

/** `host`, `host:port`, `[::1]:port`; a scheme as in `SASL_SSL://host:port` is not looked at. */
function addressOf(text: string): Address {
  const found = /^(?:[A-Za-z_]+:\/\/)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = found?.[3] === undefined ? DEFAULT_PORT : Number(found[3]);
  if (host === undefined || port > 65_535) throw new Error(`brokers: '${text}' is no address; write host:port`);
  return { host, port };
}

function securityOf({ tls, sasl }: ClientConfig, runtime: ClientRuntime): ChannelSecurity | undefined {
  const channelTls = tls === undefined || tls === false ? undefined : tlsOf(tls === true ? {} : tls);
  if (channelTls === undefined && sasl === undefined) return undefined;
  return { tls: channelTls, login: sasl && (() => loginOf(sasl, runtime)), isRefusalFinal: true };
}

function tlsOf({ ca, cert, key, checkHost = true }: TlsOptions): TlsClientOptions {
  const settings = {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ...(ca !== undefined && { trusted: typeof ca === 'string' ? [ca] : ca }),
    ...(cert !== undefined && { certificates: cert }),
    ...(key !== undefined && { key }),
  } as const;
  return { settings: () => settings, checksHost: checkHost, handshakeMs: HANDSHAKE_MS };
}

function loginOf(sasl: SaslOptions, { random }: ClientRuntime): SaslClient {
  if (sasl.mechanism === 'oauthbearer') throw new Error('sasl.mechanism: OAUTHBEARER');
  const { mechanism, username, password, isToken } = sasl;
  if (mechanism === 'plain') return new PlainClient(username, password);
  const nonce = Buffer.from(random.bytes(18)).toString('base64');
  const name = mechanism === 'scram-sha-256' ? 'SCRAM-SHA-256' : 'SCRAM-SHA-512';
  return new ScramClient(name, { user: username, password, nonce, ...(isToken !== undefined && { isToken }) });
}
