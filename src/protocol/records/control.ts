// Control batches: the markers that end a transaction and the batches of the raft layer. Key: version, type; the value of a
// marker: version, coordinator epoch. Bodies of the raft types are messages with a schema and come here as bytes.
import type { Int64 } from '../int64.ts';
import { buildBatch } from './batch-builder.ts';
import { int16At, int32At, putInt16, putInt32 } from './batch.ts';
import { InvalidRecordError } from './invalid-record-error.ts';

export const ControlRecordType = {
  UNKNOWN: -1,
  ABORT: 0,
  COMMIT: 1,
  LEADER_CHANGE: 2,
  SNAPSHOT_HEADER: 3,
  SNAPSHOT_FOOTER: 4,
  KRAFT_VERSION: 5,
  KRAFT_VOTERS: 6,
} as const;
export type ControlRecordType = (typeof ControlRecordType)[keyof typeof ControlRecordType];

const KEY_SIZE = 4;
const MARKER_VALUE_SIZE = 6;
const LAST_KNOWN_TYPE = ControlRecordType.KRAFT_VOTERS;

export function controlRecordKey(type: ControlRecordType): Uint8Array {
  const key = new Uint8Array(KEY_SIZE);
  putInt16(key, 2, type);
  return key;
}

/** UNKNOWN for a type of a later release, which readers skip. A later version of the key reads as version 0. Throws InvalidRecordError. */
export function controlRecordType(key: Uint8Array | null): ControlRecordType {
  if (key === null || key.length < KEY_SIZE) {
    throw new InvalidRecordError(`the key of a control record must have at least ${KEY_SIZE} bytes`, 0);
  }
  const version = int16At(key, 0);
  if (version < 0) throw new InvalidRecordError(`invalid version ${version} of a control record key`, 0);
  const type = int16At(key, 2);
  return type >= 0 && type <= LAST_KNOWN_TYPE ? (type as ControlRecordType) : ControlRecordType.UNKNOWN;
}

function endTransactionMarkerValue(coordinatorEpoch: number): Uint8Array {
  const value = new Uint8Array(MARKER_VALUE_SIZE);
  putInt32(value, 2, coordinatorEpoch);
  return value;
}

/** The coordinator epoch of a marker; later versions may be longer, their first six bytes read the same. Throws InvalidRecordError. */
export function readEndTransactionMarker(value: Uint8Array | null): { version: number; coordinatorEpoch: number } {
  if (value === null || value.length < MARKER_VALUE_SIZE) {
    throw new InvalidRecordError(`the value of a transaction marker must have at least ${MARKER_VALUE_SIZE} bytes`, 0);
  }
  const version = int16At(value, 0);
  if (version < 0) throw new InvalidRecordError(`invalid version ${version} of a transaction marker`, 0);
  return { version, coordinatorEpoch: int32At(value, 2) };
}

/** The batch with one marker that ends a transaction of the producer (KIP-98). */
export function buildEndTransactionMarker(marker: {
  readonly isCommit: boolean;
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestamp: Int64;
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
}): Buffer {
  const key = controlRecordKey(marker.isCommit ? ControlRecordType.COMMIT : ControlRecordType.ABORT);
  const value = endTransactionMarkerValue(marker.coordinatorEpoch);
  return buildBatch([{ key, value, timestamp: marker.timestamp }], {
    baseOffset: marker.baseOffset ?? 0,
    leaderEpoch: marker.leaderEpoch ?? -1,
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true,
  });
}

/** A control batch of the raft layer: one record per value, all of one timestamp. */
export function buildControlBatch(
  records: readonly { readonly type: ControlRecordType; readonly value: Uint8Array }[],
  options: { readonly timestamp: number; readonly baseOffset: number; readonly leaderEpoch: number },
): Buffer {
  const { timestamp, baseOffset, leaderEpoch } = options;
  return buildBatch(
    records.map(({ type, value }) => ({ key: controlRecordKey(type), value, timestamp })),
    { baseOffset, leaderEpoch, isControl: true },
  );
}
