// From what a command says of its cluster (--brokers, -X, --command-config, a profile) to what a client is made of.
import type { ClientConfig, SaslOptions, TlsOptions } from '../../client/index.ts';
import { parseProperties } from '../../runtime/index.ts';
import { settingsOf } from '../profile/profile-store.ts';
import type { ToolIo } from '../tool-io.ts';
import { Failure } from './failure.ts';

export interface ConnectionOptions {
  readonly brokers?: string | undefined;
  /** `-X key=value`, in the order given. */
  readonly X?: readonly string[] | undefined;
  readonly commandConfig?: string | undefined;
  readonly profile?: string | undefined;
}

const DEFAULT_BROKERS = '127.0.0.1:9092';

/** All that is known of the cluster, by Kafka's keys and rpk's. What is said nearer to the command wins. Throws Failure. */
export function connectionSettings(io: ToolIo, options: ConnectionOptions): Record<string, string> {
  const environment = io.environment['OTTLA_BROKERS'];
  return {
    brokers: environment === undefined || environment === '' ? DEFAULT_BROKERS : environment,
    ...named(settingsOf(io, options.profile)),
    ...named(options.commandConfig === undefined ? {} : propertiesOf(io, options.commandConfig)),
    ...named(keyValues('-X', options.X ?? [])),
    ...(options.brokers !== undefined && { brokers: options.brokers }),
  };
}

/** Kafka's name of what has one of rpk's. */
const NAMES: Readonly<Record<string, string>> = {
  'bootstrap.servers': 'brokers',
  'kafka_api.brokers': 'brokers',
  'registry.hosts': 'registry',
  'schema.registry.url': 'registry',
  'sasl.username': 'user',
  'sasl.password': 'pass',
};

function named(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [NAMES[key] ?? key, value]));
}

function propertiesOf(io: ToolIo, path: string): Record<string, string> {
  return Object.fromEntries(parseProperties(readGiven(io, path, '--command-config')));
}

/** The content of a file that was given with a flag. Throws Failure that names both. */
export function readGiven(io: ToolIo, path: string, flag: string): Uint8Array {
  try {
    return io.readFile(path);
  } catch (error) {
    throw new Failure(`${flag} ${path}: it cannot be read (${(error as Error).message})`);
  }
}

/** `key=value`, several times; of a key that stands twice the last one counts. Throws Failure. */
export function keyValues(flag: string, pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at <= 0) throw new Failure(`${flag} ${JSON.stringify(pair)} is not KEY=VALUE`);
    return [pair.slice(0, at).trim(), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** Throws Failure that says what is wrong with which key. */
export function clientConfigOf(io: ToolIo, settings: Readonly<Record<string, string>>): ClientConfig {
  const { brokers = DEFAULT_BROKERS, user, pass, registry: _, 'client.id': clientId, ...rest } = settings;
  const own = Object.fromEntries(Object.entries(rest).filter(([key]) => !/^(tls\.|globals\.|registry\.)/.test(key)));
  const { 'sasl.mechanism': mechanism, ...config } = own;
  const tls = tlsOf(io, settings);
  const sasl = saslOf(mechanism, user, pass);
  const { clock, random, network, logger } = io.runtime;
  return {
    brokers,
    clientId: clientId ?? 'ottla-cli',
    ...(tls !== undefined && { tls }),
    ...(sasl !== undefined && { sasl }),
    config: sasl === undefined && mechanism !== undefined ? { ...config, 'sasl.mechanism': mechanism } : config,
    runtime: { clock, random, ...(network !== undefined && { network }), ...(logger !== undefined && { logger }) },
  };
}

function tlsOf(io: ToolIo, settings: Readonly<Record<string, string>>): TlsOptions | boolean | undefined {
  const { 'tls.enabled': enabled, 'tls.ca': ca, 'tls.cert': cert, 'tls.key': key } = settings;
  const isUnchecked = settings['tls.insecure_skip_verify'] === 'true';
  const text = (name: string, path: string): string => new TextDecoder().decode(readGiven(io, path, `-X ${name}`));
  if (enabled === 'false') return undefined;
  if (ca === undefined && cert === undefined && key === undefined) return enabled === 'true' ? true : undefined;
  return {
    ...(ca !== undefined && { ca: text('tls.ca', ca) }),
    ...(cert !== undefined && { cert: text('tls.cert', cert) }),
    ...(key !== undefined && { key: text('tls.key', key) }),
    ...(isUnchecked && { checkHost: false }),
  };
}

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** undefined: nobody logs in, or Kafka's own keys say how. */
function saslOf(
  mechanism: string | undefined,
  user: string | undefined,
  pass: string | undefined,
): SaslOptions | undefined {
  if (user === undefined) return undefined;
  const wanted = (mechanism ?? 'scram-sha-256').toLowerCase();
  const known = MECHANISMS.find((one) => one === wanted);
  if (known === undefined)
    throw new Failure(`sasl.mechanism ${mechanism}: with a user it is one of ${MECHANISMS.join(', ')}`);
  if (pass === undefined)
    throw new Failure(`user ${user} needs a password: -X pass=..., or better a --command-config file`);
  return { mechanism: known, username: user, password: pass };
}

/** Where the schema registry is; undefined: nobody has said it. */
export function registryOf(settings: Readonly<Record<string, string>>): string | undefined {
  const { registry } = settings;
  if (registry === undefined || registry === '') return undefined;
  return /^https?:\/\//.test(registry) ? registry : `http://${registry}`;
}
