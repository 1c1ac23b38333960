// The keys of SCRAM (RFC 5802): what a server keeps of a password, and cannot log in with itself. As in Kafka a password is its
// UTF-8 bytes, without SASLprep (ScramFormatter).
import { createHash, createHmac, pbkdf2 } from 'node:crypto';

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** By the numbers of the protocol and the metadata (ScramMechanism). */
export const SCRAM_MECHANISMS: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** Fewer would make the password cheap to find, more the login dear for the client (Kafka: ScramMechanism). The fewest are the default. */
export const FEWEST_SCRAM_ITERATIONS = 4096;
export const MOST_SCRAM_ITERATIONS = 16384;

export const isScramMechanism = (name: string): name is ScramMechanism =>
  name === 'SCRAM-SHA-256' || name === 'SCRAM-SHA-512';

/** undefined for a number that Kafka does not know. */
export const scramMechanismOf = (type: number): ScramMechanism | undefined =>
  type === 1 ? 'SCRAM-SHA-256' : type === 2 ? 'SCRAM-SHA-512' : undefined;

export const hashOf = (mechanism: ScramMechanism): 'sha256' | 'sha512' =>
  mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';

export interface ScramKeys {
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

const KEY_BYTES = { sha256: 32, sha512: 64 } as const;

/** Hi(password, salt, iterations): takes as long as it is meant to, off the event loop. */
export function saltedPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Buffer> {
  const hash = hashOf(mechanism);
  return new Promise((resolve, reject) => {
    pbkdf2(Buffer.from(password, 'utf8'), salt, iterations, KEY_BYTES[hash], hash, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

export function scramKeys(mechanism: ScramMechanism, salted: Uint8Array): ScramKeys {
  const hash = hashOf(mechanism);
  const clientKey = createHmac(hash, salted).update('Client Key').digest();
  return {
    storedKey: createHash(hash).update(clientKey).digest(),
    serverKey: createHmac(hash, salted).update('Server Key').digest(),
  };
}
