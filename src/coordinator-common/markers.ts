// Markers in the log of a coordinator: what ends a transaction on its partition (KIP-98).
import { CONTROL_FLAG, attributes, ControlRecordType, controlRecordType, recordsOf } from '../protocol/index.ts';

export const isControlBatch = (bytes: Buffer, at = 0): boolean => (attributes(bytes, at) & CONTROL_FLAG) !== 0;

/** For each marker of a control batch, whether it commits. Control records of other types end no transaction. Throws InvalidRecordError. */
export function markersIn(bytes: Buffer, at = 0): boolean[] {
  const markers: boolean[] = [];
  for (const { key } of recordsOf(bytes, { at })) {
    const type = key === null ? ControlRecordType.UNKNOWN : controlRecordType(key);
    if (type === ControlRecordType.COMMIT) markers.push(true);
    else if (type === ControlRecordType.ABORT) markers.push(false);
  }
  return markers;
}
