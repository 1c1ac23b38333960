// From Kafka's ssl.* configs to what TLS is spoken with: PEM in configs, PEM files, PKCS #12 stores; keys may be encrypted.
// JKS is Java's own, and refused with the line that converts it (Kafka: DefaultSslEngineFactory).
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ConfigError, type Disk, DiskError, type TlsSettings, type TlsVersion } from '../../../runtime/index.ts';
import type { TlsConfig } from '../../configs/security-config.ts';
import { openSslCipher } from './cipher-names.ts';
import { KeyStoreError, readPkcs12 } from './pkcs12.ts';

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\s\S]*?-----END (?:[A-Z]+ )?PRIVATE KEY-----/;
const JKS_MAGIC = 0xfeedfeed;
const JCEKS_MAGIC = 0xcececece;

export interface LoadedTls {
  readonly settings: TlsSettings;
  /** Files that it was read from. */
  readonly files: readonly string[];
}

interface Identity {
  readonly key: KeyObject | undefined;
  /** PEM. */
  readonly certificates: readonly string[];
}

/**
 * Throws ConfigError in one line, which holds no secret. `needsKey`: servers have to have one; clients may do without.
 */
export function loadTls(config: TlsConfig, disk: Disk, needsKey: boolean): LoadedTls {
  const files = new Set<string>();
  const read = (key: string, path: string): Buffer => {
    files.add(path);
    return readStore(disk, key, path);
  };
  const identity = keyStoreOf(config, read);
  if (needsKey && identity?.key === undefined) {
    throw new ConfigError(
      'A TLS listener needs a private key and its certificate: set ssl.keystore.location and ssl.keystore.type (PKCS12 or PEM), or ssl.keystore.key and ssl.keystore.certificate.chain',
    );
  }
  if (identity?.key !== undefined) checkPair(identity.key, identity.certificates);
  const trusted = trustStoreOf(config, read);
  const { minVersion, maxVersion } = versionsOf(config.sslEnabledProtocols);
  const ciphers = config.sslCipherSuites.map(openSslCipher).join(':');
  const settings: TlsSettings = {
    ...(identity?.key !== undefined && {
      key: identity.key.export({ type: 'pkcs8', format: 'pem' }) as string,
      certificates: identity.certificates.join('\n'),
    }),
    ...(trusted !== undefined && { trusted }),
    ...(ciphers !== '' && { ciphers }),
    minVersion,
    maxVersion,
  };
  return { settings, files: [...files] };
}

type Read = (key: string, path: string) => Buffer;

function readStore(disk: Disk, key: string, path: string): Buffer {
  try {
    return Buffer.from(disk.readFileSync(path));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new ConfigError(`${key}=${path} cannot be read (${error.code})`);
  }
}

function keyStoreOf(config: TlsConfig, read: Read): Identity | undefined {
  const { sslKeystoreKey, sslKeystoreChain, sslKeystoreLocation: path, sslKeystorePassword, sslKeyPassword } = config;
  if (sslKeystoreKey !== null || sslKeystoreChain !== null) {
    if (sslKeystoreKey === null || sslKeystoreChain === null) {
      throw new ConfigError('ssl.keystore.key and ssl.keystore.certificate.chain go together: set both');
    }
    checkType('ssl.keystore.type', config.sslKeystoreType, 'PEM');
    return fromPem('ssl.keystore.key', `${sslKeystoreKey}\n${sslKeystoreChain}`, sslKeyPassword);
  }
  if (path === null) return undefined;
  const bytes = read('ssl.keystore.location', path);
  if (config.sslKeystoreType.toUpperCase() === 'PEM') return fromPem(path, bytes.toString('utf8'), sslKeyPassword);
  const store = openStore('ssl.keystore', path, bytes, sslKeystorePassword, sslKeyPassword);
  if (store.key === undefined) throw new ConfigError(`${path} holds no private key`);
  return { key: store.key, certificates: chainOf(store.key, store.certificates, path) };
}

/** undefined: no trust store is set. */
function trustStoreOf(config: TlsConfig, read: Read): string[] | undefined {
  const { sslTruststoreCertificates: text, sslTruststoreLocation: path, sslTruststorePassword } = config;
  if (text !== null) {
    checkType('ssl.truststore.type', config.sslTruststoreType, 'PEM');
    return certificatesIn('ssl.truststore.certificates', text);
  }
  if (path === null) return undefined;
  const bytes = read('ssl.truststore.location', path);
  if (config.sslTruststoreType.toUpperCase() === 'PEM') return certificatesIn(path, bytes.toString('utf8'));
  return openStore('ssl.truststore', path, bytes, sslTruststorePassword, null).certificates.map(pemOf);
}

function checkType(key: string, type: string, wanted: string): void {
  if (type.toUpperCase() !== wanted) throw new ConfigError(`PEM in a config needs ${key}=${wanted}, which is ${type}`);
}

/** A PKCS #12 store; Java takes one where it says JKS as well. */
function openStore(key: string, path: string, bytes: Buffer, password: string | null, keyPassword: string | null) {
  const magic = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  if (magic === JKS_MAGIC || magic === JCEKS_MAGIC) {
    throw new ConfigError(
      `${path} is a JKS store, which Node.js cannot read: convert it with keytool -importkeystore -srckeystore ${path} -destkeystore ${path}.p12 -deststoretype PKCS12, then set ${key}.location=${path}.p12 and ${key}.type=PKCS12`,
    );
  }
  try {
    return readPkcs12(bytes, password ?? '', keyPassword ?? password ?? '');
  } catch (error) {
    if (error instanceof KeyStoreError) throw new ConfigError(`${key}.location=${path}: ${error.message}`);
    throw error;
  }
}

function fromPem(origin: string, text: string, password: string | null): Identity {
  const pem = PRIVATE_KEY.exec(text)?.[0];
  if (pem === undefined) throw new ConfigError(`${origin} holds no private key in PEM`);
  const certificates = certificatesIn(origin, text);
  try {
    return { key: createPrivateKey({ key: pem, ...(password !== null && { passphrase: password }) }), certificates };
  } catch {
    throw new ConfigError(
      `The private key of ${origin} cannot be opened: ${password === null ? 'set ssl.key.password if it is encrypted' : 'is ssl.key.password right?'}`,
    );
  }
}

/** Throws ConfigError when there is none, or one of them is damaged. */
function certificatesIn(origin: string, text: string): string[] {
  const found = text.match(CERTIFICATES) ?? [];
  if (found.length === 0) throw new ConfigError(`${origin} holds no certificate in PEM`);
  for (const pem of found) certificateOf(pem, origin);
  return found;
}

function certificateOf(pem: string, origin: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new ConfigError(`A certificate of ${origin} is damaged`);
  }
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----`;
}

/** The certificate of the key first, then those that vouch for it, in their order. */
function chainOf(key: KeyObject, certificates: readonly Buffer[], path: string): string[] {
  const left = certificates.map((der) => certificateOf(pemOf(der), path));
  const chain: X509Certificate[] = [];
  let next = left.find((certificate) => certificate.checkPrivateKey(key));
  while (next !== undefined && !chain.includes(next)) {
    const last: X509Certificate = next;
    chain.push(last);
    next = left.find((other) => other !== last && last.checkIssued(other));
  }
  return chain.map((certificate) => certificate.toString());
}

function checkPair(key: KeyObject, certificates: readonly string[]): void {
  const first = certificates[0];
  if (first === undefined) throw new ConfigError('The key store holds no certificate for its private key');
  const certificate = new X509Certificate(first);
  if (!certificate.publicKey.equals(createPublicKey(key))) {
    throw new ConfigError(
      `The private key does not belong to the certificate of ${certificate.subject.replaceAll('\n', ', ')}`,
    );
  }
}

/** OpenSSL takes a range. Throws ConfigError for versions that are not spoken. */
function versionsOf(names: readonly string[]): { minVersion: TlsVersion; maxVersion: TlsVersion } {
  const spoken = names.filter((name): name is TlsVersion => name === 'TLSv1.2' || name === 'TLSv1.3');
  if (spoken.length === 0) {
    throw new ConfigError(`ssl.enabled.protocols=${names.join(',')}: TLSv1.2 and TLSv1.3 are spoken here`);
  }
  return {
    minVersion: spoken.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: spoken.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
  };
}
