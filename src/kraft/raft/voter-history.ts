// The voters by the log up to each offset (Kafka: KRaftControlRecordStateMachine, VoterSetHistory): the last set counts,
// committed or not; when the log is cut, the one before counts again.
import { readControlBatches } from './raft-batches.ts';
import { VoterSet } from './voter-set.ts';

export interface Quorum {
  readonly voters: VoterSet;
  readonly kraftVersion: number;
  /** Where in the log the voters stand; -1: only in the snapshot of the format, or in the configuration. */
  readonly votersOffset: number;
}

interface Entry extends Quorum {
  readonly offset: number;
}

export class VoterHistory {
  /** Ascending by offset; never empty. */
  #entries: Entry[];

  constructor(first: Quorum) {
    this.#entries = [{ ...first, offset: first.votersOffset }];
  }

  get last(): Quorum {
    return this.#entries.at(-1) as Entry;
  }

  /** What counted before the last change, as long as that is not known to be committed. */
  get previous(): Quorum | undefined {
    return this.#entries.at(-2);
  }

  /** What counted when the log ended before `endOffset`. */
  before(endOffset: number): Quorum {
    return this.#entries.findLast(({ offset }) => offset < endOffset) ?? (this.#entries[0] as Entry);
  }

  /** What stands in the log at `offset` and counts from there on. */
  add(offset: number, change: { readonly voters?: VoterSet; readonly kraftVersion?: number }): void {
    const { last } = this;
    const votersOffset = change.voters === undefined ? last.votersOffset : offset;
    this.#entries.push({
      voters: change.voters ?? last.voters,
      kraftVersion: change.kraftVersion ?? last.kraftVersion,
      votersOffset,
      offset,
    });
  }

  /** Takes in the control records of whole batches as they stand in the log. Throws CorruptBatchError. */
  addFrom(batches: Buffer): void {
    for (const { baseOffset, controlRecords } of readControlBatches(batches)) {
      for (const record of controlRecords) {
        if (record.type === 'KRaftVersion') this.add(baseOffset, { kraftVersion: record.value.kRaftVersion });
        if (record.type === 'KRaftVoters') this.add(baseOffset, { voters: VoterSet.fromRecord(record.value) });
      }
    }
  }

  /** In memory only: with kraft.version 0 voters tell where they listen, and nothing of it is written (KAFKA-16538). */
  amend(voters: VoterSet): void {
    this.#entries.push({ ...(this.#entries.pop() as Entry), voters });
  }

  /** The log was cut: what stood at `endOffset` and behind counts no more. */
  truncateTo(endOffset: number): void {
    const kept = this.#entries.filter(({ offset }) => offset < endOffset);
    this.#entries = kept.length === 0 ? this.#entries.slice(0, 1) : kept;
  }

  /** The log begins anew behind a snapshot, which says who votes. */
  restart(quorum: Quorum): void {
    this.#entries = [{ ...quorum, offset: quorum.votersOffset }];
  }

  /** Everything before `offset` is committed: only the last of what stands there can ever count again. */
  forgetBefore(offset: number): void {
    const at = this.#entries.findLastIndex((entry) => entry.offset < offset);
    if (at > 0) this.#entries.splice(0, at);
  }
}
