// Groups of other types (consumer, share, streams) that are in the log: their records are kept as they are, nothing of them
// expires, and just enough is known of them to list them, to say that they are no classic groups, and to delete them.
import type { ForeignGroupType, ForeignRecord } from './group-record.ts';

export class ForeignGroup {
  readonly kind = 'foreign';
  readonly groupId: string;
  readonly type: ForeignGroupType;
  /** Every key with a value, in text that can be compared. */
  readonly #records = new Map<string, ForeignRecord>();
  readonly #members = new Set<string>();

  constructor(groupId: string, type: ForeignGroupType) {
    this.groupId = groupId;
    this.type = type;
  }

  get isGone(): boolean {
    return this.#records.size === 0;
  }
  get state(): 'Empty' | 'Stable' {
    return this.#members.size === 0 ? 'Empty' : 'Stable';
  }
  get records(): MapIterator<ForeignRecord> {
    return this.#records.values();
  }
  /** In ListGroups. Streams groups speak of themselves as such (KIP-1071). */
  get protocolType(): string {
    return this.type;
  }

  replay(record: ForeignRecord): void {
    const key = Buffer.from(record.key.buffer, record.key.byteOffset, record.key.length).toString('latin1');
    if (record.isTombstone) {
      this.#records.delete(key);
      this.#members.delete(key);
      return;
    }
    this.#records.set(key, record);
    if (record.isMember) this.#members.add(key);
  }
}
