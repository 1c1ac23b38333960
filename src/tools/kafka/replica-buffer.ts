// What the replicas of partitions have answered to one round of fetches, and whether it is the same: batch by batch up to the high
// watermark of each, end offset against end offset and checksum against checksum (ReplicaBuffer of kafka.tools.ReplicaVerificationTool).
import { batchesOf, checksum, lastOffset } from '../../protocol/index.ts';
import { hashOrderOfPlaces, type Place, placeText } from './java-order.ts';

export interface ReplicaAnswer {
  readonly brokerId: number;
  readonly highWatermark: number;
  readonly records: Buffer;
}

export interface CheckedPartition extends Place {
  readonly replicas: readonly number[];
  /** What is fetched next of all replicas. */
  offset: number;
  /** Of the round under way. */
  answers: ReplicaAnswer[];
}

export interface Verdict {
  /** Behind `time: `. */
  readonly lines: readonly string[];
  /** Replicas do not even have batches that end alike. */
  readonly isBroken: boolean;
  readonly maxLag: number;
  readonly place: Place | undefined;
  readonly offset: number;
}

/** Compares a round, and moves the offsets behind what all replicas have. */
export function verified(partitions: readonly CheckedPartition[]): Verdict {
  const lines: string[] = [];
  let worst: { lag: number; partition: CheckedPartition | undefined } = { lag: -1, partition: undefined };
  for (const partition of hashOrderOfPlaces(partitions)) {
    const broken = compare(partition, lines);
    if (broken !== undefined) {
      return { lines: [...lines, broken], isBroken: true, maxLag: -1, place: partition, offset: partition.offset };
    }
    const highest = Math.max(-1, ...partition.answers.map(({ highWatermark }) => highWatermark));
    const lag = highest - partition.offset;
    if (lag > worst.lag) worst = { lag, partition };
    partition.answers = [];
  }
  const { lag, partition } = worst;
  return { lines, isBroken: false, maxLag: lag, place: partition, offset: partition?.offset ?? -1 };
}

interface FoundBatch {
  readonly brokerId: number;
  readonly end: number;
  readonly sum: number;
}

/** What breaks the comparison. */
function compare(partition: CheckedPartition, lines: string[]): string | undefined {
  const walks = partition.answers.map((answer) => ({ answer, batches: batchesOf(answer.records) }));
  const name = placeText(partition);
  for (let isInAll = walks.length === partition.replicas.length; isInAll; ) {
    let first: FoundBatch | undefined;
    for (const { answer, batches } of walks) {
      const found = nextBatch(answer, batches);
      if (found === undefined) isInAll = false;
      else if (first === undefined) first = found;
      else if (first.end !== found.end) {
        return `partition ${name}: replica ${first.brokerId}'s offset ${first.end} doesn't match replica ${found.brokerId}'s offset ${found.end}`;
      } else if (first.sum !== found.sum) {
        lines.push(
          `partition ${name} has unmatched checksum at offset ${found.end}; replica ${first.brokerId}'s checksum ${first.sum}; replica ${found.brokerId}'s checksum ${found.sum}`,
        );
      }
    }
    if (isInAll && first !== undefined) partition.offset = first.end + 1;
  }
  return undefined;
}

/** Only below the high watermark. */
function nextBatch(
  { brokerId, highWatermark, records }: ReplicaAnswer,
  batches: Iterator<number>,
): FoundBatch | undefined {
  const { done, value: at } = batches.next();
  if (done === true) return undefined;
  const end = lastOffset(records, at);
  return end >= highWatermark ? undefined : { brokerId, end, sum: checksum(records, at) };
}
