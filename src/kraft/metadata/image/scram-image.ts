// Credentials of users who log in with SCRAM (KIP-900; Kafka: ScramImage): never a password, only what proves it.
import type { RemoveUserScramCredentialRecord, UserScramCredentialRecord } from '../records/index.ts';
import type { PersistentMap } from './persistent-map.ts';

export interface ScramCredential {
  readonly name: string;
  /** ScramMechanism: 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
  readonly mechanism: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly iterations: number;
}

/** By `scramKey`. */
export type ScramImage = PersistentMap<ScramCredential>;

/** A user may have one credential for each mechanism. */
export const scramKey = (
  user: Pick<UserScramCredentialRecord | RemoveUserScramCredentialRecord, 'mechanism' | 'name'>,
): string => `${user.mechanism}:${user.name}`;

export function scramFromRecord(record: UserScramCredentialRecord): ScramCredential {
  const { name, mechanism, salt, storedKey, serverKey, iterations } = record;
  return { name, mechanism, salt, storedKey, serverKey, iterations };
}

export function* scramRecords(image: ScramImage): Generator<UserScramCredentialRecord> {
  for (const credential of image.values()) yield { type: 'UserScramCredentialRecord', version: 0, ...credential };
}
