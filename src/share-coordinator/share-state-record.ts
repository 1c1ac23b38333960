// The records of __share_group_state and their bytes (Kafka: ShareCoordinatorRecordHelpers, ShareCoordinatorRecordSerde).
import type { EncodedRecord, RecordSerde } from '../coordinator-common/index.ts';
import { decodeRecordKey, decodeVersioned, encodeRecordKey, encodeVersioned, prefixOf } from '../protocol/index.ts';
import {
  shareSnapshotKey,
  type ShareSnapshotValue,
  shareSnapshotValue,
  shareUpdateKey,
  type ShareUpdateValue,
  shareUpdateValue,
} from '../protocol/messages/share-state-records.ts';
import type { SharePartitionKey } from './share-partition-key.ts';

export type ShareStateRecord =
  /** The whole state; null: there is none any more. */
  | { readonly kind: 'snapshot'; readonly key: SharePartitionKey; readonly value: ShareSnapshotValue | null }
  /** What has changed since. */
  | { readonly kind: 'update'; readonly key: SharePartitionKey; readonly value: ShareUpdateValue };

const SNAPSHOT = 0;
const UPDATE = 1;
const VALUE_VERSION = 0;

export const shareStateSerde: RecordSerde<ShareStateRecord> = {
  encode(record) {
    if (record.kind === 'update') {
      const value = encodeVersioned(shareUpdateValue, VALUE_VERSION, record.value);
      return { key: encodeRecordKey(UPDATE, shareUpdateKey, record.key), value };
    }
    const key = encodeRecordKey(SNAPSHOT, shareSnapshotKey, record.key);
    return { key, value: record.value && encodeVersioned(shareSnapshotValue, VALUE_VERSION, record.value) };
  },
  decode(key, value) {
    const type = prefixOf(key);
    if (type === SNAPSHOT) {
      const decoded = value && decodeVersioned(shareSnapshotValue, value);
      return { kind: 'snapshot', key: decodeRecordKey(shareSnapshotKey, key), value: decoded };
    }
    // An update has no tombstone: what ends a share partition is that of its snapshot.
    if (type !== UPDATE || value === null) return undefined;
    return {
      kind: 'update',
      key: decodeRecordKey(shareUpdateKey, key),
      value: decodeVersioned(shareUpdateValue, value),
    };
  },
};

export function isSnapshot({ key }: EncodedRecord): boolean {
  return prefixOf(key) === SNAPSHOT;
}
