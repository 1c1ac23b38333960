// The record types of __consumer_offsets by the number that a key begins with, and what makes records of bytes and bytes of
// records (Kafka: CoordinatorRecordType, GroupCoordinatorRecordSerde). Committed offsets have two types: both are read, only the
// newer is written.
import type { RecordSerde } from '../coordinator-common/index.ts';
import { type MessageSchema, prefixOf } from '../protocol/index.ts';
import { assert } from '../runtime/index.ts';
import type { GroupKind } from './group.ts';
import { type AnyGroupRecordType, encodeGroupState, type GroupRecord } from './group-record.ts';
import { groupKinds } from './groups.ts';
import {
  decodeOffset,
  encodeOffset,
  LEGACY_OFFSET_COMMIT,
  OFFSET_COMMIT,
  offsetRecordTypes,
} from './offsets/offset-records.ts';

interface RecordSchemas {
  readonly number: number;
  readonly key: MessageSchema;
  readonly value: MessageSchema;
}

export const groupRecordTypes: ReadonlyMap<number, RecordSchemas> = new Map<number, RecordSchemas>(
  [...offsetRecordTypes, ...groupKinds.flatMap(({ recordTypes }) => recordTypes)].map((type) => [type.number, type]),
);

export function groupRecordSerdeOf(kinds: readonly GroupKind[]): RecordSerde<GroupRecord> {
  const types = new Map<number, AnyGroupRecordType>();
  for (const type of kinds.flatMap(({ recordTypes }) => recordTypes)) {
    assert(!types.has(type.number) && type.number > OFFSET_COMMIT, 'a record type has a number of its own');
    types.set(type.number, type);
  }
  return {
    encode: (record) => (record.kind === 'offset' ? encodeOffset(record) : encodeGroupState(record)),
    decode(key, value) {
      const number = prefixOf(key);
      if (number === OFFSET_COMMIT || number === LEGACY_OFFSET_COMMIT) return decodeOffset(key, value);
      return types.get(number)?.decode(key, value);
    },
  };
}
