// The records of __consumer_offsets as the coordinator works with them: committed offsets, which groups of all kinds have,
// and records of groups. What is in a record of a group is known to its type only, and the types are declared by the kinds of
// groups (Kafka: CoordinatorRecord, CoordinatorRecordType).
import type { EncodedRecord } from '../coordinator-common/index.ts';
import {
  decodeRecordKey,
  decodeVersioned,
  encodeRecordKey,
  encodeVersioned,
  type Fields,
  type MessageSchema,
  type ValueOf,
  type Int64,
} from '../protocol/index.ts';

export interface CommittedOffset {
  readonly offset: Int64;
  /** -1: not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestampMs: Int64;
  /** -1: as the broker is configured (KIP-211). Clients before that asked for a retention of their own. */
  readonly expireTimestampMs: Int64;
}

export interface OffsetRecord {
  readonly kind: 'offset';
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  /** null: deleted. */
  readonly value: CommittedOffset | null;
}

/** A record of a group; `type.read(record)` gives its contents with their types. */
export interface GroupStateRecord<K extends Fields = Fields, V extends Fields = Fields> {
  readonly kind: 'group';
  readonly type: AnyGroupRecordType;
  readonly groupId: string;
  readonly key: ValueOf<K>;
  /** null: deleted. */
  readonly value: ValueOf<V> | null;
  /** The encoded value, where somebody had to know how long it is. */
  readonly valueBytes?: Uint8Array;
}

export type GroupRecord = OffsetRecord | GroupStateRecord;

/** A type of record, whatever is in it. */
export interface AnyGroupRecordType {
  /** The int16 that keys of this type begin with. */
  readonly number: number;
  readonly key: MessageSchema;
  readonly value: MessageSchema;
  /** The version in which values are written. */
  readonly valueVersion: number;
  /** Throws DecodeError; KafkaError UNSUPPORTED_VERSION. */
  decode(key: Uint8Array, value: Uint8Array | null): GroupStateRecord;
}

export class GroupRecordType<K extends Fields, V extends Fields> implements AnyGroupRecordType {
  readonly number: number;
  readonly key: MessageSchema<K>;
  readonly value: MessageSchema<V>;
  readonly valueVersion: number;
  readonly #groupIdOf: (key: ValueOf<K>) => string;

  constructor(type: {
    readonly number: number;
    readonly key: MessageSchema<K>;
    readonly value: MessageSchema<V>;
    readonly groupIdOf: (key: ValueOf<K>) => string;
    readonly valueVersion?: number;
  }) {
    this.number = type.number;
    this.key = type.key;
    this.value = type.value;
    this.valueVersion = type.valueVersion ?? 0;
    this.#groupIdOf = type.groupIdOf;
  }

  decode(key: Uint8Array, value: Uint8Array | null): GroupStateRecord<K, V> {
    return this.record(decodeRecordKey(this.key, key), value && decodeVersioned(this.value, value));
  }

  /** `value` null: a tombstone. */
  record(key: ValueOf<K>, value: ValueOf<V> | null): GroupStateRecord<K, V> {
    return { kind: 'group', type: this, groupId: this.#groupIdOf(key), key, value };
  }

  /** The record as one of this type; undefined when it is of another. */
  read(record: GroupStateRecord): GroupStateRecord<K, V> | undefined {
    return record.type === this ? (record as GroupStateRecord<K, V>) : undefined;
  }
}

export function encodeGroupState({ type, key, value, valueBytes }: GroupStateRecord): EncodedRecord {
  const keyBytes = encodeRecordKey(type.number, type.key, key);
  if (value === null) return { key: keyBytes, value: null };
  return { key: keyBytes, value: valueBytes ?? encodeVersioned(type.value, type.valueVersion, value) };
}
