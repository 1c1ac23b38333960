// Which segments a pass reads, and which of them it makes one of (Kafka's LogSegments.values and Cleaner.groupSegmentsBySize).
import { LARGEST_RELATIVE_OFFSET, type Segment } from '../segments/segment.ts';
import type { Segments } from '../segments/segments.ts';
import { OFFSET_INDEX_ENTRY } from '../segments/offset-index.ts';
import { TIME_INDEX_ENTRY } from '../segments/time-index.ts';

/** From the one that holds `from` (or the first) to the last that begins before `to`. */
export function segmentsIn(segments: Segments, from: number, to: number): Segment[] {
  const found: Segment[] = [];
  if (from >= to) return found;
  for (let i = Math.max(0, segments.floorIndex(from)); i < segments.count; i++) {
    const segment = segments.at(i) as Segment;
    if (segment.baseOffset >= to) break;
    found.push(segment);
  }
  return found;
}

export interface GroupBounds {
  readonly segmentBytes: number;
  readonly indexBytes: number;
  readonly firstUncleanableOffset: number;
}

/** Neighbours whose files together stay within the bounds, by their sizes before they are cleaned. Throws DiskError. */
export function groupSegments(segments: readonly Segment[], bounds: GroupBounds): Segment[][] {
  const groups: Segment[][] = [];
  let sizes = { log: 0, offsets: 0, times: 0 };
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as Segment;
    const group = groups.at(-1);
    const own = sizesOf(segment);
    const sum = { log: sizes.log + own.log, offsets: sizes.offsets + own.offsets, times: sizes.times + own.times };
    const lastOffset = (segments[i + 1]?.baseOffset ?? bounds.firstUncleanableOffset) - 1;
    if (group !== undefined && isWithin(sum, bounds) && canHold(group, segment, lastOffset)) {
      group.push(segment);
      sizes = sum;
    } else {
      groups.push([segment]);
      sizes = own;
    }
  }
  return groups;
}

interface Sizes {
  readonly log: number;
  readonly offsets: number;
  readonly times: number;
}

const sizesOf = (segment: Segment): Sizes => ({
  log: segment.sizeBytes,
  offsets: segment.offsetIndex.count * OFFSET_INDEX_ENTRY,
  times: segment.timeIndex.count * TIME_INDEX_ENTRY,
});

const isWithin = ({ log, offsets, times }: Sizes, { segmentBytes, indexBytes }: GroupBounds): boolean =>
  log <= segmentBytes && offsets <= indexBytes && times <= indexBytes;

/** Whether its offsets can be told relative to the base of the group. One without records does not matter. */
const canHold = (group: readonly Segment[], segment: Segment, lastOffset: number): boolean =>
  segment.sizeBytes === 0 || lastOffset - (group[0] as Segment).baseOffset <= LARGEST_RELATIVE_OFFSET;
