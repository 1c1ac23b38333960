// `ottla format --add-scram MECHANISM=[name=alice,password=...]`: users that a cluster has from its first moment, in the form of
// kafka-storage (Kafka: ScramParser). What is written proves the password, and does not hold it.
import { pbkdf2Sync } from 'node:crypto';
import type { MetadataRecord } from '../kraft/metadata/index.ts';
import {
  FEWEST_SCRAM_ITERATIONS,
  hashOf,
  isScramMechanism,
  MOST_SCRAM_ITERATIONS,
  SCRAM_MECHANISMS,
  scramKeys,
} from '../protocol/sasl/index.ts';
import type { Random } from '../runtime/index.ts';

const SALT_BYTES = 16;

/** Throws an Error whose message is for the user, and holds no password. */
export function scramRecordOf(text: string, random: Random): MetadataRecord {
  const [, mechanism = '', inner] = /^([^=]+)=\[(.*)\]$/s.exec(text.trim()) ?? [];
  if (inner === undefined) throw mistake('is written as MECHANISM=[name=NAME,password=PASSWORD]');
  if (!isScramMechanism(mechanism)) throw mistake(`knows ${SCRAM_MECHANISMS.join(' and ')}, not ${mechanism}`);
  const options = optionsOf(inner);
  const name = options.get('name');
  if (name === undefined || name === '') throw mistake('needs a name');
  const iterations = Number(options.get('iterations') ?? FEWEST_SCRAM_ITERATIONS);
  if (!Number.isInteger(iterations) || iterations < FEWEST_SCRAM_ITERATIONS || iterations > MOST_SCRAM_ITERATIONS) {
    throw mistake(`takes from ${FEWEST_SCRAM_ITERATIONS} to ${MOST_SCRAM_ITERATIONS} iterations`);
  }
  const saltText = options.get('salt');
  const salt = saltText === undefined ? Buffer.from(random.bytes(SALT_BYTES)) : Buffer.from(saltText, 'base64');
  const salted = saltedOf(options, mechanism, salt, iterations);
  const { storedKey, serverKey } = scramKeys(mechanism, salted);
  const type = SCRAM_MECHANISMS.indexOf(mechanism) + 1;
  return {
    type: 'UserScramCredentialRecord',
    version: 0,
    name,
    mechanism: type,
    salt,
    storedKey,
    serverKey,
    iterations,
  };
}

function saltedOf(
  options: ReadonlyMap<string, string>,
  mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
  salt: Buffer,
  iterations: number,
): Buffer {
  const password = options.get('password');
  const salted = options.get('saltedpassword');
  if ((password === undefined) === (salted === undefined)) throw mistake('needs either password or saltedpassword');
  if (salted !== undefined) {
    if (!options.has('salt')) throw mistake('needs the salt of a saltedpassword');
    return Buffer.from(salted, 'base64');
  }
  const hash = hashOf(mechanism);
  return pbkdf2Sync(password ?? '', salt, iterations, hash === 'sha512' ? 64 : 32, hash);
}

/** `key=value` or `key="value"`, separated by commas. */
function optionsOf(text: string): Map<string, string> {
  const options = new Map<string, string>();
  const scanner = /\s*([a-z]+)=(?:"([^"]*)"|([^,]*))\s*(,|$)/gy;
  while (scanner.lastIndex < text.length) {
    const match = scanner.exec(text);
    if (match === null) throw mistake('has options as key=value, separated by commas');
    const [, key = '', quoted, bare = ''] = match;
    if (!KNOWN.has(key)) throw mistake(`has no option ${key}`);
    options.set(key, quoted ?? bare.trim());
  }
  return options;
}

const KNOWN = new Set(['name', 'password', 'saltedpassword', 'salt', 'iterations']);

const mistake = (words: string): Error => new Error(`--add-scram ${words}`);
