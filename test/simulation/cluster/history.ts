// What the clients asked for and were told: all that a checker may know of a cluster without looking into it.
export interface SentValue {
  readonly topic: string;
  readonly partition: number;
  readonly value: string;
  /** Who sent it, and where in its own order for this partition. */
  readonly producer: string;
  readonly order: number;
  /** pending: nobody has said anything. lost: an error came, it may be there all the same. */
  outcome: 'pending' | 'acked' | 'lost';
  /** -1 when it was not told. */
  offset: number;
}

export interface ReadValue {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

export type Fate = 'open' | 'committed' | 'aborted' | 'unknown';

export interface RanTransaction {
  readonly producer: string;
  readonly number: number;
  /** All of them are there or none is. */
  readonly values: string[];
  /** For the group of the producer: number + 1. */
  hasOffset: boolean;
  fate: Fate;
}

export interface HeldShare {
  readonly group: string;
  readonly generation: number;
  readonly member: string;
  readonly partitions: readonly string[];
}

export class History {
  readonly sent: SentValue[] = [];
  /** By reader, in the order read. */
  readonly read = new Map<string, ReadValue[]>();
  readonly transactions: RanTransaction[] = [];
  readonly shares: HeldShare[] = [];
  /** Group and partition → offsets as they were seen committed, in this order, by one observer. */
  readonly committed = new Map<string, number[]>();

  readBy(reader: string): ReadValue[] {
    let read = this.read.get(reader);
    if (read === undefined) this.read.set(reader, (read = []));
    return read;
  }
}
