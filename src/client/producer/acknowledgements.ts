// Who waits for the records of a batch: for one alone with a promise of its own, for several that were sent at once with one for
// all of them. No object is made per record until there is something to tell.
import type { Int64 } from '../../protocol/index.ts';
import type { RecordMetadata } from './producer-record.ts';

export type Resolve = (sent: RecordMetadata) => void;
export type Reject = (error: unknown) => void;

/** Where a batch has come to: of record i the offset is `baseOffset + i`, unless that is below 0. */
export interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
  readonly timestamps: readonly Int64[];
  /** Where the topic keeps its own time; -1: it does not. */
  readonly logAppendTimeMs: Int64;
}

/** Records of one call, which may lie in several batches: it succeeds with all of them, or fails with the first that does. */
export class SentTogether {
  readonly promise: Promise<RecordMetadata[]>;
  readonly #sent: RecordMetadata[];
  #waiting: number;
  #resolve: (sent: RecordMetadata[]) => void = () => undefined;
  #reject: Reject = () => undefined;

  constructor(count: number) {
    this.#sent = [];
    this.#waiting = count;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  placed(index: number, sent: RecordMetadata): void {
    this.#sent[index] = sent;
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#resolve(this.#sent);
  }

  failed(error: unknown): void {
    this.#reject(error);
  }
}

export class Acknowledgements {
  readonly #resolves: Resolve[] = [];
  readonly #rejects: Reject[] = [];
  /** Record in the batch → index in `#resolves` for those that wait alone. */
  readonly #alone: number[] = [];
  readonly #groups: SentTogether[] = [];
  /** For each of `#groups`: the record in the batch, and its index in the group. */
  readonly #groupRecords: number[] = [];
  readonly #groupIndexes: number[] = [];

  alone(record: number, resolve: Resolve, reject: Reject): void {
    this.#alone.push(record);
    this.#resolves.push(resolve);
    this.#rejects.push(reject);
  }

  together(record: number, group: SentTogether, index: number): void {
    this.#groups.push(group);
    this.#groupRecords.push(record);
    this.#groupIndexes.push(index);
  }

  /** In the order of the records, as Kafka's callbacks are called. */
  placed(where: Placed): void {
    let group = 0;
    for (let i = 0; i < this.#alone.length; i++) {
      const record = this.#alone[i] as number;
      group = this.#groupsPlaced(where, group, record);
      (this.#resolves[i] as Resolve)(sentAt(where, record));
    }
    this.#groupsPlaced(where, group, Number.POSITIVE_INFINITY);
  }

  /** From `#groups[from]` on, those of records before `end`. */
  #groupsPlaced(where: Placed, from: number, end: number): number {
    let i = from;
    for (; i < this.#groups.length; i++) {
      const record = this.#groupRecords[i] as number;
      if (record >= end) break;
      (this.#groups[i] as SentTogether).placed(this.#groupIndexes[i] as number, sentAt(where, record));
    }
    return i;
  }

  failed(error: unknown): void {
    for (const reject of this.#rejects) reject(error);
    for (const group of new Set(this.#groups)) group.failed(error);
  }

  /** Hands those of the records [from, to) over to another batch, in which `from` is the first. */
  handTo(other: Acknowledgements, from: number, to: number): void {
    this.#alone.forEach((record, i) => {
      if (record < from || record >= to) return;
      other.alone(record - from, this.#resolves[i] as Resolve, this.#rejects[i] as Reject);
    });
    this.#groups.forEach((group, i) => {
      const record = this.#groupRecords[i] as number;
      if (record >= from && record < to) other.together(record - from, group, this.#groupIndexes[i] as number);
    });
  }
}

function sentAt({ topic, partition, baseOffset, timestamps, logAppendTimeMs }: Placed, record: number): RecordMetadata {
  const timestamp = logAppendTimeMs === -1 ? (timestamps[record] as Int64) : logAppendTimeMs;
  return { topic, partition, offset: baseOffset < 0 ? -1 : baseOffset + record, timestamp };
}
