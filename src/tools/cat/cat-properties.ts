// librdkafka's names of settings, as they stand behind -X and in kcat.conf, turned into what a client of ours is made of.
import type { ClientConfig, SaslOptions, TlsOptions } from '../../client/index.ts';
import { DiskError } from '../../runtime/index.ts';
import type { ToolIo } from '../tool-io.ts';
import { CatFailure } from './cat-failure.ts';
import type { CatOptions } from './cat-options.ts';
import { LIBRDKAFKA_SETTINGS } from './librdkafka-settings.ts';

export type CatProperties = ReadonlyMap<string, string>;

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'inherit'];

/** Of -X, -z, -F or the file of the user. Throws CatFailure. */
export function catProperties(options: CatOptions, io: ToolIo): CatProperties {
  const found = new Map<string, string>();
  const set = ([given, value]: readonly [string, string]): void => {
    const name = given.replace(/^topic\./, '');
    check(given, name, value);
    found.set(name, value);
  };
  for (const entry of fileEntries(options, io)) set(entry);
  for (const entry of options.properties) set(entry);
  if (options.brokers !== undefined) found.set('bootstrap.servers', options.brokers);
  if (options.group !== undefined) found.set('group.id', options.group);
  return found;
}

function check(given: string, name: string, value: string): void {
  if (!LIBRDKAFKA_SETTINGS.has(name) && !name.startsWith('schema.registry.')) {
    throw new CatFailure(`No such configuration property: "${given}"`);
  }
  const isCodec = name === 'compression.codec' || name === 'compression.type';
  if (isCodec && !CODECS.includes(value))
    throw new CatFailure(`Invalid value "${value}" for configuration property "${name}"`);
}

/** -F, or KCAT_CONFIG, or ~/.config/kcat.conf where there is one. */
function fileEntries({ configFile, verbosity }: CatOptions, io: ToolIo): [string, string][] {
  const { KCAT_CONFIG: fromEnvironment, HOME: home } = io.environment;
  if (configFile === '-' || configFile === 'none') return [];
  const asked = configFile ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  const path = asked ?? (home === undefined || home === '' ? undefined : `${home}/.config/kcat.conf`);
  if (path === undefined) return [];
  try {
    const text = new TextDecoder().decode(io.readFile(path));
    if (verbosity >= (asked === undefined ? 3 : 1)) io.stderr.write(`% Reading configuration from file ${path}\n`);
    return entriesOf(text, path);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    if (asked === undefined && error.code === 'ENOENT') return [];
    const why = error.code === 'ENOENT' ? 'No such file or directory' : error.message;
    throw new CatFailure(`Failed to open ${path}: ${why}`);
  }
}

const PLAIN_LOGIN =
  /^org\.apache\.kafka\.common\.security\.plain\.PlainLoginModule required username="([^"]*)" password="([^"]*)"/;

/** Java's `client.properties` are taken too, as far as kcat takes them. */
function entriesOf(text: string, path: string): [string, string][] {
  return text.split('\n').flatMap((raw, index): [string, string][] => {
    const line = raw.trim().replaceAll('\\:', ':').replaceAll('\\=', '=');
    if (line === '' || line.startsWith('#')) return [];
    const at = line.indexOf('=');
    if (at <= 0) throw new CatFailure(`${path}:${index + 1}: expected property=value\n`);
    const [name, value] = [line.slice(0, at), line.slice(at + 1)];
    if (name === 'ssl.endpoint.identification.algorithm') return [];
    const login = name === 'sasl.jaas.config' ? PLAIN_LOGIN.exec(value) : null;
    if (login === null) return [[name, value]];
    return [
      ['sasl.username', login[1] ?? ''],
      ['sasl.password', login[2] ?? ''],
    ];
  });
}

/** Throws CatFailure. */
export function catClientConfig(properties: CatProperties, options: CatOptions, io: ToolIo): ClientConfig {
  const brokers = properties.get('bootstrap.servers') ?? properties.get('metadata.broker.list');
  if (brokers === undefined) throw new CatFailure('-b <broker,..> missing', 'usage');
  const protocol = (properties.get('security.protocol') ?? 'plaintext').toLowerCase();
  const { clock, random, network, logger } = io.runtime;
  const { metadataTimeoutMs: apiTimeoutMs } = options;
  return {
    brokers,
    clientId: properties.get('client.id') ?? 'rdkafka',
    ...(protocol.endsWith('ssl') && { tls: tlsOf(properties, io) }),
    ...(protocol.startsWith('sasl') && { sasl: saslOf(properties) }),
    limits: { apiTimeoutMs, connectTimeoutMs: Math.min(apiTimeoutMs, 30_000) },
    runtime: { clock, random, ...(network !== undefined && { network }), ...(logger !== undefined && { logger }) },
  };
}

function tlsOf(properties: CatProperties, io: ToolIo): TlsOptions {
  const pem = (name: string): string | undefined => {
    const path = properties.get(`${name}.location`);
    return path === undefined ? properties.get(`${name}.pem`) : new TextDecoder().decode(io.readFile(path));
  };
  const [ca, cert, key] = [pem('ssl.ca'), pem('ssl.certificate'), pem('ssl.key')];
  const passphrase = properties.get('ssl.key.password');
  const identification = properties.get('ssl.endpoint.identification.algorithm') ?? 'https';
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    checkHost: identification !== 'none' && identification !== '',
  };
}

function saslOf(properties: CatProperties): SaslOptions {
  const mechanism = (properties.get('sasl.mechanisms') ?? properties.get('sasl.mechanism') ?? 'GSSAPI').toLowerCase();
  if (mechanism !== 'plain' && mechanism !== 'scram-sha-256' && mechanism !== 'scram-sha-512') {
    throw new CatFailure(
      `sasl.mechanisms ${mechanism.toUpperCase()} is not known here: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512`,
    );
  }
  const username = properties.get('sasl.username');
  const password = properties.get('sasl.password');
  if (username === undefined || password === undefined) {
    throw new CatFailure('`sasl.username` and `sasl.password` must be set');
  }
  return { mechanism, username, password };
}

/** Secrets are not shown. */
export function dumpedProperties(properties: CatProperties): string {
  const lines = [...properties].map(
    ([name, value]) => `${name} = ${/password|key\.pem|user\.info/.test(name) ? '***' : value}\n`,
  );
  return `# Global config\n${lines.sort().join('')}\n`;
}

export function knownProperties(): string {
  return `${[...LIBRDKAFKA_SETTINGS].join('\n')}\n`;
}
