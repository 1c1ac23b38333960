// A snapshot of producers holds the last batch of each (Kafka's format), a running broker remembers five. A client that gets
// no answer before a restart sends up to five batches again; those before the last one would be refused as out of order, and a
// client that answers this by raising its epoch (KIP-360) writes them twice. So the others are looked up in the log.
import type { Int64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { BatchCursor } from '../segments/batch-cursor.ts';
import type { Segment } from '../segments/segment.ts';
import type { Segments } from '../segments/segments.ts';
import { type CachedBatch, CACHED_BATCHES, type ProducerEntry } from './producer-entry.ts';
import { follows } from './producer-sequences.ts';

/**
 * How far back to look, in entries of the offset index: each stands for `index.interval.bytes` of small batches or for one
 * large one. Producers whose batches lie further back are known by their last one, as in Kafka.
 */
const LOOK_BACK_ENTRIES = 256;

/** Gives `entries` what the log below `offset` has of their batches before the last one. Throws DiskError. */
export function recallBatches(entries: ReadonlyMap<Int64, ProducerEntry>, segments: Segments, offset: number): void {
  const wanted = [...entries.values()].filter((entry) => entry.hasBatches);
  if (wanted.length === 0) return;
  const found = new Map<Int64, CachedBatch[]>();
  const cursor = new BatchCursor();
  for (const { segment, position } of placesBefore(segments, offset)) {
    cursor.start(segment.log, position, segment.writtenBytes);
    while (cursor.next() && batch.baseOffset(cursor.bytes, cursor.at) < offset) note(found, cursor, entries);
  }
  for (const entry of wanted) entry.recall(chainBefore(entry, found.get(entry.producerId) ?? []));
}

/** Where to begin in each segment, oldest first. */
function placesBefore(segments: Segments, offset: number): { segment: Segment; position: number }[] {
  const places: { segment: Segment; position: number }[] = [];
  let left = LOOK_BACK_ENTRIES;
  for (let i = segments.floorIndex(offset); i >= 0 && left > 0; i--) {
    const segment = segments.at(i) as Segment;
    if (!segment.hasFile) continue;
    const index = segment.offsetIndex;
    let count = index.count;
    while (count > 0 && index.offsetOf(count - 1) >= offset) count--;
    places.unshift({ segment, position: count > left ? Math.max(0, index.positionOf(count - left)) : 0 });
    left -= count + 1;
  }
  return places;
}

function note(
  found: Map<Int64, CachedBatch[]>,
  { bytes, at }: BatchCursor,
  entries: ReadonlyMap<Int64, ProducerEntry>,
): void {
  const producerId = batch.producerId(bytes, at);
  const entry = producerId < 0 ? undefined : entries.get(producerId);
  if (entry === undefined || batch.isControl(bytes, at)) return;
  if (batch.producerEpoch(bytes, at) !== entry.producerEpoch) return;
  const lastOffset = batch.lastOffset(bytes, at);
  let batches = found.get(producerId);
  if (batches === undefined) found.set(producerId, (batches = []));
  if (batches.length === CACHED_BATCHES) batches.shift();
  batches.push({
    epoch: entry.producerEpoch,
    firstSequence: batch.baseSequence(bytes, at),
    lastSequence: batch.lastSequence(bytes, at),
    lastOffset,
    offsetDelta: lastOffset - batch.baseOffset(bytes, at),
    timestamp: batch.maxTimestamp(bytes, at),
  });
}

/** The batches, oldest first, that lead without a gap to the last one of the entry, which is left out; `found` ends with it, or none count. */
function chainBefore(entry: ProducerEntry, found: readonly CachedBatch[]): readonly CachedBatch[] {
  let next = found.at(-1);
  if (next?.lastOffset !== entry.lastOffset || next.lastSequence !== entry.lastSequence) return [];
  let from = found.length - 1;
  for (; from > 0; from--) {
    const before = found[from - 1] as CachedBatch;
    if (!follows(before.lastSequence, next.firstSequence)) break;
    next = before;
  }
  return found.slice(from, -1);
}
