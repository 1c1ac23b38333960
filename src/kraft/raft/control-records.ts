// Control records of the metadata log and of snapshots (KIP-595, KIP-630, KIP-853): which schema belongs to which type. The
// value begins with its own version, and no other prefix stands before it.
import { codecOf, type MessageSchema, Reader, Writer } from '../../protocol/index.ts';
import {
  type KRaftVersionRecord,
  kRaftVersionRecord,
  type LeaderChangeMessage,
  leaderChangeMessage,
  type SnapshotFooterRecord,
  type SnapshotHeaderRecord,
  snapshotFooterRecord,
  snapshotHeaderRecord,
  type VotersRecord,
  votersRecord,
} from '../../protocol/messages/control-records.ts';
import { ControlRecordType, controlRecordKey, controlRecordType, int16At } from '../../protocol/records/index.ts';

export type { VotersRecord };

export type ControlRecord =
  | { readonly type: 'LeaderChange'; readonly value: LeaderChangeMessage }
  | { readonly type: 'SnapshotHeader'; readonly value: SnapshotHeaderRecord }
  | { readonly type: 'SnapshotFooter'; readonly value: SnapshotFooterRecord }
  | { readonly type: 'KRaftVersion'; readonly value: KRaftVersionRecord }
  | { readonly type: 'KRaftVoters'; readonly value: VotersRecord };

interface Kind {
  readonly key: ControlRecordType;
  readonly schema: MessageSchema;
}

const kinds: Readonly<Record<ControlRecord['type'], Kind>> = {
  LeaderChange: { key: ControlRecordType.LEADER_CHANGE, schema: leaderChangeMessage },
  SnapshotHeader: { key: ControlRecordType.SNAPSHOT_HEADER, schema: snapshotHeaderRecord },
  SnapshotFooter: { key: ControlRecordType.SNAPSHOT_FOOTER, schema: snapshotFooterRecord },
  KRaftVersion: { key: ControlRecordType.KRAFT_VERSION, schema: kRaftVersionRecord },
  KRaftVoters: { key: ControlRecordType.KRAFT_VOTERS, schema: votersRecord },
};

const typeOfKey = new Map<number, ControlRecord['type']>(
  (Object.keys(kinds) as ControlRecord['type'][]).map((type) => [kinds[type].key, type]),
);

export function encodeControlRecord(record: ControlRecord): { readonly key: Uint8Array; readonly value: Uint8Array } {
  const { key, schema } = kinds[record.type];
  const writer = new Writer();
  // Each type carries the value of its own schema; the compiler cannot see that through the table.
  codecOf(schema, record.value.version).encode(writer, record.value as never);
  return { key: controlRecordKey(key), value: writer.finishToBytes() };
}

/** undefined for a type that is not known: readers skip those. Throws DecodeError, InvalidRecordError, KafkaError. */
export function decodeControlRecord(key: Uint8Array, value: Uint8Array): ControlRecord | undefined {
  const type = typeOfKey.get(controlRecordType(key));
  if (type === undefined) return undefined;
  const decoded: unknown = codecOf(kinds[type].schema, int16At(value, 0)).decode(new Reader(value));
  return { type, value: decoded } as ControlRecord;
}
