// TLS as a client's options and Kafka's ssl.* keys say it: PEM, as text or in files, which are read when the first connection is made
// and again when they are looked at by a new client.
import type { TlsClientOptions, TlsSettings, TlsVersion } from '../../runtime/index.ts';
import { readTextFile } from '../../runtime/node/index.ts';
import { ConfigurationError } from '../errors.ts';
import type { TlsOptions } from './client-options.ts';
import type { KafkaKeys } from './kafka-keys.ts';

const HANDSHAKE_MS = 10_000;
const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** Names win over keys. Throws ConfigurationError; what is wrong with a file shows when it is read. */
export function tlsOf(options: TlsOptions, keys: KafkaKeys): TlsClientOptions {
  ensurePem(keys, 'ssl.truststore');
  ensurePem(keys, 'ssl.keystore');
  const spoken = keys.list('ssl.enabled.protocols') ?? VERSIONS;
  const versions = VERSIONS.filter((version) => spoken.includes(version));
  if (versions.length === 0) throw new ConfigurationError('ssl.enabled.protocols has neither TLSv1.2 nor TLSv1.3');
  let settings: TlsSettings | undefined;
  const checksHost = options.checkHost ?? keys.given('ssl.endpoint.identification.algorithm') !== '';
  return { settings: () => (settings ??= settingsOf(options, keys, versions)), checksHost, handshakeMs: HANDSHAKE_MS };
}

function settingsOf(options: TlsOptions, keys: KafkaKeys, versions: readonly TlsVersion[]): TlsSettings {
  const keyStore = pemFile(keys, 'ssl.keystore.location');
  const key = options.key ?? keys.text('ssl.keystore.key') ?? keyStore;
  const certificates = options.cert ?? keys.text('ssl.keystore.certificate.chain') ?? keyStore;
  const authorities = keys.text('ssl.truststore.certificates') ?? pemFile(keys, 'ssl.truststore.location');
  const given = options.ca ?? authorities;
  const passphrase = options.passphrase ?? keys.text('ssl.key.password');
  const ciphers = keys.list('ssl.cipher.suites');
  return {
    minVersion: versions[0] as TlsVersion,
    maxVersion: versions.at(-1) as TlsVersion,
    ...(given !== undefined && {
      trusted: (typeof given === 'string' ? [given] : given).map((one) => onlyBlocks(one, /CERTIFICATE/)),
    }),
    ...(certificates !== undefined && { certificates: onlyBlocks(certificates, /CERTIFICATE/) }),
    ...(key !== undefined && { key: onlyBlocks(key, /PRIVATE KEY/) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(ciphers !== undefined && { ciphers: ciphers.join(':') }),
  };
}

/** Of a file that holds a key and its certificates, those blocks that are meant. */
function onlyBlocks(pem: string, kind: RegExp): string {
  const blocks = pem.match(/-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g) ?? [];
  const meant = blocks.filter((block) => kind.test(block.slice(0, block.indexOf('-----', 5))));
  return meant.length === 0 ? pem : meant.map(inLines).join('\n');
}

/** In a file of properties a block often stands in one line, which OpenSSL does not read. */
function inLines(block: string): string {
  if (block.includes('\n')) return block;
  const [, begin = '', body = '', end = ''] = /^(-----BEGIN [^-]+-----)([^-]*)(-----END [^-]+-----)$/.exec(block) ?? [];
  return [begin, ...body.trim().split(/\s+/), end].join('\n');
}

function ensurePem(keys: KafkaKeys, store: string): void {
  const type = keys.text(`${store}.type`);
  const hasFile = keys.text(`${store}.location`) !== undefined;
  if (type?.toUpperCase() === 'PEM' || (type === undefined && !hasFile)) return;
  // JKS is Java's own; where no type is given, Kafka takes it for that.
  if (type === undefined && /\.(pem|crt|cer|key)$/i.test(keys.text(`${store}.location`) ?? '')) return;
  throw new ConfigurationError(
    `${store}.type: only PEM can be read, not ${type ?? 'JKS'}`,
    'Convert the store: keytool -importkeystore ... -deststoretype PKCS12, then openssl pkcs12 -in ... -out store.pem; set the type to PEM.',
  );
}

function pemFile(keys: KafkaKeys, key: string): string | undefined {
  const path = keys.text(key);
  if (path === undefined) return undefined;
  const text = readTextFile(path);
  if (text === undefined) throw new ConfigurationError(`${key}: there is no file ${path}`);
  return text;
}
