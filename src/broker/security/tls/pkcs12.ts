// Key and trust stores in PKCS #12 (RFC 7292), as keytool and OpenSSL write them: the private key and all certificates. Node.js
// reads stores with a key itself, but no trust stores, so that both are read here.
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  type KeyObject,
  pbkdf2Sync,
  timingSafeEqual,
} from 'node:crypto';
import { derChild, derChildren, DerError, DerTag, type DerValue, oidText, readDer } from './der.ts';

export interface KeyStore {
  /** In DER. */
  readonly certificates: readonly Buffer[];
  readonly key: KeyObject | undefined;
}

/** The store cannot be read; the message is a half sentence that says why. */
export class KeyStoreError extends Error {
  override readonly name = 'KeyStoreError';
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const PBES2 = '1.2.840.113549.1.5.13';
const PBE_SHA1_3DES = '1.2.840.113549.1.12.1.3';
/** More iterations than any tool asks for would keep the start busy for minutes. */
const MOST_ITERATIONS = 10_000_000;

const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const PRFS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const CIPHERS: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
};

/** What the key of PKCS #12's own derivation is for. */
const FOR_KEY = 1;
const FOR_IV = 2;
const FOR_MAC = 3;

/** Throws KeyStoreError. `keyPassword`: of the key, where it has one of its own. */
export function readPkcs12(bytes: Buffer, password: string, keyPassword = password): KeyStore {
  try {
    const parts = derChildren(readDer(bytes));
    const content = contentOf(derChild(parts, 1, DerTag.SEQUENCE));
    const mac = parts[2];
    if (mac !== undefined) checkMac(mac, content, password);
    const certificates: Buffer[] = [];
    let key: KeyObject | undefined;
    for (const info of derChildren(readDer(content))) {
      for (const bag of derChildren(readDer(safeContents(info, password)))) {
        const [type, wrapped] = derChildren(bag);
        const value = derChild(derChildren(derChild([wrapped as DerValue], 0)), 0);
        const id = oidText(type as DerValue);
        if (id === CERTIFICATE_BAG) certificates.push(...certificateOf(value));
        else if (id === KEY_BAG || id === SHROUDED_KEY_BAG) key ??= keyOf(value.whole, keyPassword);
      }
    }
    return { certificates, key };
  } catch (error) {
    if (error instanceof DerError || error instanceof TypeError)
      throw new KeyStoreError('it is no PKCS #12 store, or damaged');
    throw error;
  }
}

function keyOf(pkcs8: Buffer, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8', passphrase });
  } catch {
    throw new KeyStoreError('its private key cannot be opened: is ssl.key.password right?');
  }
}

function certificateOf(value: DerValue): Buffer[] {
  const [type, wrapped] = derChildren(value);
  if (oidText(type as DerValue) !== X509_CERTIFICATE) return [];
  return [derChild(derChildren(wrapped as DerValue), 0, DerTag.OCTET_STRING).content];
}

/** The octets in a ContentInfo of type data. */
function contentOf(info: DerValue): Buffer {
  const [type, wrapped] = derChildren(info);
  if (oidText(type as DerValue) !== DATA) throw new KeyStoreError('it is signed, not protected by a password');
  return derChild(derChildren(wrapped as DerValue), 0, DerTag.OCTET_STRING).content;
}

function safeContents(info: DerValue, password: string): Buffer {
  const [type, wrapped] = derChildren(info);
  if (oidText(type as DerValue) !== ENCRYPTED_DATA) return contentOf(info);
  const [, encrypted] = derChildren(derChild(derChildren(wrapped as DerValue), 0, DerTag.SEQUENCE));
  const [, algorithm, content] = derChildren(encrypted as DerValue);
  return decrypted(algorithm as DerValue, (content as DerValue).content, password);
}

function decrypted(algorithm: DerValue, content: Buffer, password: string): Buffer {
  const [type, parameters] = derChildren(algorithm);
  const id = oidText(type as DerValue);
  const [cipher, key, iv] =
    id === PBES2
      ? pbes2(parameters as DerValue, password)
      : id === PBE_SHA1_3DES
        ? pkcs12Pbe(parameters as DerValue, password)
        : refuseAlgorithm(id);
  try {
    const decipher = createDecipheriv(cipher, key, iv);
    return Buffer.concat([decipher.update(content), decipher.final()]);
  } catch {
    throw new KeyStoreError('it cannot be opened: is the password right?');
  }
}

type CipherParts = readonly [cipher: string, key: Buffer, iv: Buffer];

function refuseAlgorithm(id: string): never {
  throw new KeyStoreError(
    `it is encrypted with an algorithm that Node.js does not have (${id}): write it anew with openssl pkcs12 or a keytool of Java 17 or later`,
  );
}

function pbes2(parameters: DerValue, password: string): CipherParts {
  const [derivation, encryption] = derChildren(parameters);
  const [, derivationParameters] = derChildren(derivation as DerValue);
  const [salt, iterations, ...rest] = derChildren(derivationParameters as DerValue);
  const prf = rest.find(({ tag }) => tag === DerTag.SEQUENCE);
  const hash = prf === undefined ? 'sha1' : PRFS[oidText(derChild(derChildren(prf), 0))];
  const [cipherId, iv] = derChildren(encryption as DerValue);
  const cipher = CIPHERS[oidText(cipherId as DerValue)];
  if (hash === undefined || cipher === undefined) return refuseAlgorithm(oidText(cipherId as DerValue));
  const [name, keyBytes] = cipher;
  const key = pbkdf2Sync(password, (salt as DerValue).content, countOf(iterations as DerValue), keyBytes, hash);
  return [name, key, (iv as DerValue).content];
}

function pkcs12Pbe(parameters: DerValue, password: string): CipherParts {
  const [salt, iterations] = derChildren(parameters);
  const derive = (purpose: number, size: number): Buffer =>
    derivedKey('sha1', password, (salt as DerValue).content, countOf(iterations as DerValue), purpose, size);
  return ['des-ede3-cbc', derive(FOR_KEY, 24), derive(FOR_IV, 8)];
}

function countOf({ content }: DerValue): number {
  const count = content.length > 0 && content.length <= 4 ? content.readUIntBE(0, content.length) : 0;
  if (count < 1 || count > MOST_ITERATIONS) throw new KeyStoreError('it asks for an absurd number of iterations');
  return count;
}

/** A mac of another kind (PBMAC1) is not looked at: a wrong password shows when the content is opened. */
function checkMac(mac: DerValue, content: Buffer, password: string): void {
  const [digestInfo, salt, iterations] = derChildren(mac);
  const [algorithm, digest] = derChildren(digestInfo as DerValue);
  const hash = HASHES[oidText(derChild(derChildren(algorithm as DerValue), 0))];
  if (hash === undefined || digest === undefined) return;
  const count = iterations === undefined ? 1 : countOf(iterations);
  const size = createHash(hash).digest().length;
  const key = derivedKey(hash, password, (salt as DerValue).content, count, FOR_MAC, size);
  const expected = createHmac(hash, key).update(content).digest();
  if (expected.length !== digest.content.length || !timingSafeEqual(expected, digest.content)) {
    throw new KeyStoreError('the password is not right, or the file is damaged');
  }
}

/** RFC 7292, appendix B.2. */
function derivedKey(
  hash: string,
  password: string,
  salt: Buffer,
  count: number,
  purpose: number,
  size: number,
): Buffer {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const input = Buffer.concat([filled(salt, block), filled(text, block)]);
  const diversifier = Buffer.alloc(block, purpose);
  const made: Buffer[] = [];
  let madeBytes = 0;
  while (madeBytes < size) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < count; round++) digest = createHash(hash).update(digest).digest();
    made.push(digest);
    madeBytes += digest.length;
    const addend = filled(digest, block).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addOne(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(made).subarray(0, size);
}

/** `bytes` over and over, up to a whole number of blocks. */
function filled(bytes: Buffer, block: number): Buffer {
  const target = Buffer.alloc(Math.ceil(bytes.length / block) * block);
  return bytes.length === 0 ? target : target.fill(bytes);
}

/** target = target + addend + 1, as big-endian numbers. */
function addOne(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let at = target.length - 1; at >= 0; at--) {
    const sum = (target[at] as number) + (addend[at] as number) + carry;
    target[at] = sum & 0xff;
    carry = sum >> 8;
  }
}
