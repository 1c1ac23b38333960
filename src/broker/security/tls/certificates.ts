// Throw-away certificates for tests (RFC 5280): an authority, a server's and a client's certificate, made in a millisecond, on keys
// that exist nowhere else. They hold for decades, whatever a test's clock says.
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Random } from '../../../runtime/index.ts';
import { der, derInteger, derOid, derSequence, DerTag, explicitTag, implicitTag } from './der.ts';

export interface ThrowAwayCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, not encrypted. */
  readonly key: string;
}

export interface ThrowAwayCertificates {
  /** The authority's certificate, in PEM. */
  readonly ca: string;
  readonly server: ThrowAwayCertificate;
  readonly client: ThrowAwayCertificate;
}

const COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const ALTERNATIVE_NAMES = '2.5.29.17';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERIAL_BYTES = 16;
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const TRUE = der(DerTag.BOOLEAN, Buffer.from([0xff]));
/** keyCertSign, cRLSign; digitalSignature. */
const CA_USAGE = Buffer.from([0x01, 0x06]);
const LEAF_USAGE = Buffer.from([0x07, 0x80]);

/** `hosts`: names and addresses that the server's certificate is for. */
export function throwAwayCertificates(hosts: readonly string[], random: Random): ThrowAwayCertificates {
  const ca = newPair();
  const issuer = { name: 'Ottla throw-away CA', key: ca.privateKey };
  const make = (name: string, subject: KeyObject, extensions: readonly Buffer[]): string =>
    certificate({ name, subject, issuer, extensions, serial: random.bytes(SERIAL_BYTES) });
  const leaf = (name: string, extensions: readonly Buffer[]): ThrowAwayCertificate => {
    const { privateKey } = newPair();
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    return {
      cert: make(name, privateKey, [extension(KEY_USAGE, der(DerTag.BIT_STRING, LEAF_USAGE), true), ...extensions]),
      key,
    };
  };
  return {
    ca: make(issuer.name, ca.privateKey, [
      extension(BASIC_CONSTRAINTS, derSequence(TRUE), true),
      extension(KEY_USAGE, der(DerTag.BIT_STRING, CA_USAGE), true),
    ]),
    // Brokers show it to each other as well.
    server: leaf('localhost', [
      extension(EXTENDED_KEY_USAGE, derSequence(derOid(SERVER_AUTH), derOid(CLIENT_AUTH))),
      extension(ALTERNATIVE_NAMES, derSequence(...hosts.map(alternativeName))),
    ]),
    client: leaf('client', [extension(EXTENDED_KEY_USAGE, derSequence(derOid(CLIENT_AUTH)))]),
  };
}

const newPair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

interface Parts {
  readonly name: string;
  readonly subject: KeyObject;
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly extensions: readonly Buffer[];
  readonly serial: Uint8Array;
}

function certificate({ name, subject, issuer, extensions, serial }: Parts): string {
  const algorithm = derSequence(derOid(ECDSA_WITH_SHA256));
  const positive = Buffer.from(serial);
  positive[0] = ((positive[0] as number) & 0x7f) | 0x40;
  const signed = derSequence(
    der(explicitTag(0), derInteger(Buffer.from([2]))),
    derInteger(positive),
    algorithm,
    nameOf(issuer.name),
    derSequence(time(DerTag.UTC_TIME, '200101000000Z'), time(DerTag.GENERALIZED_TIME, '20991231235959Z')),
    nameOf(name),
    createPublicKey(subject).export({ type: 'spki', format: 'der' }),
    der(explicitTag(3), derSequence(...extensions)),
  );
  const signature = sign('sha256', signed, issuer.key);
  const whole = derSequence(signed, algorithm, der(DerTag.BIT_STRING, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const time = (tag: number, text: string): Buffer => der(tag, Buffer.from(text, 'latin1'));

function nameOf(commonName: string): Buffer {
  const attribute = derSequence(derOid(COMMON_NAME), der(DerTag.UTF8_STRING, Buffer.from(commonName, 'utf8')));
  return derSequence(der(DerTag.SET, attribute));
}

function extension(oid: string, value: Buffer, isCritical = false): Buffer {
  return derSequence(derOid(oid), ...(isCritical ? [TRUE] : []), der(DerTag.OCTET_STRING, value));
}

function alternativeName(host: string): Buffer {
  const address = addressBytes(host);
  return address === undefined
    ? der(implicitTag(DNS_NAME), Buffer.from(host, 'latin1'))
    : der(implicitTag(IP_ADDRESS), address);
}

/** undefined: the host is a name. */
function addressBytes(host: string): Buffer | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return Buffer.from(host.split('.').map(Number));
  if (!host.includes(':')) return undefined;
  const [head = '', tail] = host.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const first = groups(head);
  const last = groups(tail ?? '');
  const bytes = Buffer.alloc(16);
  first.forEach((group, index) => bytes.writeUInt16BE(group, 2 * index));
  last.forEach((group, index) => bytes.writeUInt16BE(group, 16 - 2 * (last.length - index)));
  return bytes;
}
