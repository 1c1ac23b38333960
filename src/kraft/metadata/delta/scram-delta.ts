// What happens to SCRAM credentials between two images (Kafka: ScramDelta).
import { type ScramCredential, type ScramImage, scramFromRecord, scramKey } from '../image/scram-image.ts';
import type { RemoveUserScramCredentialRecord, UserScramCredentialRecord } from '../records/index.ts';

/** Whose credential for which mechanism; null: removed. */
export interface ScramChange {
  readonly name: string;
  readonly mechanism: number;
  readonly credential: ScramCredential | null;
}

export class ScramDelta {
  readonly base: ScramImage;
  readonly #changed = new Map<string, ScramChange>();

  constructor(base: ScramImage) {
    this.base = base;
  }

  get changed(): Iterable<ScramChange> {
    return this.#changed.values();
  }
  get isEmpty(): boolean {
    return this.#changed.size === 0;
  }

  replay(record: UserScramCredentialRecord | RemoveUserScramCredentialRecord): void {
    const { name, mechanism } = record;
    const credential = record.type === 'UserScramCredentialRecord' ? scramFromRecord(record) : null;
    this.#changed.set(scramKey(record), { name, mechanism, credential });
  }

  apply(): ScramImage {
    let after = this.base;
    for (const [key, { credential }] of this.#changed) {
      after = credential === null ? after.delete(key) : after.set(key, credential);
    }
    return after;
  }
}
