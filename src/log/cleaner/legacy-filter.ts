// Which records of formats 0 and 1 stay: they have no delete horizon, so that tombstones go by the age of their segment. A batch of
// these formats cannot be without records: where Kafka gives the whole partition up as one that must stay loses its last record
// (the last of a pass), it goes here, as the segment behind tells where the log goes on.
import type { CleanerStats } from './cleaner-stats.ts';
import type { OffsetMap } from './offset-map.ts';

export interface LegacyRules {
  readonly map: OffsetMap;
  readonly keepsTombstones: boolean;
  readonly stats: CleanerStats;
}

export interface JudgedRecord {
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

export function keepsLegacyRecord({ offset, key, value }: JudgedRecord, rules: LegacyRules): boolean {
  const { map, keepsTombstones, stats } = rules;
  if (offset > map.latestOffset) return true;
  if (key === null) {
    stats.invalidMessagesRead++;
    return false;
  }
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return offset >= map.get(view, 0, key.length) && (value !== null || keepsTombstones);
}
