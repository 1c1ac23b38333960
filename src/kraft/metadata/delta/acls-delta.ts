// What happens to access control entries between two images (Kafka: AclsDelta).
import { type AclEntry, type AclsImage, aclFromRecord } from '../image/acls-image.ts';
import type { AccessControlEntryRecord, RemoveAccessControlEntryRecord } from '../records/index.ts';

export class AclsDelta {
  readonly base: AclsImage;
  readonly #changed = new Map<string, AclEntry | null>();

  constructor(base: AclsImage) {
    this.base = base;
  }

  /** New entries by id; null: removed. */
  get changed(): ReadonlyMap<string, AclEntry | null> {
    return this.#changed;
  }

  replay(record: AccessControlEntryRecord | RemoveAccessControlEntryRecord): void {
    const isNew = record.type === 'AccessControlEntryRecord';
    this.#changed.set(record.id, isNew ? aclFromRecord(record) : null);
  }

  apply(): AclsImage {
    return this.base.withChanges(this.#changed);
  }
}
