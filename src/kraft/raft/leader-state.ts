// Leader: appends, and moves the high watermark when a majority of voters has flushed. Leads to Resigned when its disk
// fails or it shuts down.
import { assert } from '../../runtime/index.ts';
import { ZERO_UUID } from '../../protocol/index.ts';
import { type ElectionState, NO_NODE } from './election-state.ts';

export class LeaderState {
  readonly name = 'leader';
  readonly epoch: number;
  readonly leaderId: number;
  /** Where the records of this epoch begin. */
  readonly epochStartOffset: number;
  /** By voter: everything before this offset is on its stable storage; -1: not known. */
  readonly #endOffsets: Map<number, number>;
  #highWatermark: number | undefined;

  constructor(facts: { epoch: number; nodeId: number; epochStartOffset: number; voterIds: readonly number[] }) {
    this.epoch = facts.epoch;
    this.leaderId = facts.nodeId;
    this.epochStartOffset = facts.epochStartOffset;
    this.#endOffsets = new Map(facts.voterIds.map((id) => [id, -1]));
  }

  get election(): ElectionState {
    return { epoch: this.epoch, leaderId: this.leaderId, votedId: NO_NODE, votedDirectoryId: ZERO_UUID };
  }

  /** Takes note of a voter's flushed end and returns the high watermark, undefined as long as it is not known. */
  flushed(voterId: number, endOffset: number): number | undefined {
    const before = this.#endOffsets.get(voterId);
    if (before === undefined) return this.#highWatermark;
    assert(endOffset >= before, `voter ${voterId} went back from ${before} to ${endOffset}`);
    this.#endOffsets.set(voterId, endOffset);
    const descending = [...this.#endOffsets.values()].sort((one, other) => other - one);
    const held = descending[Math.floor(descending.length / 2)] as number;
    // Raft section 5.4.2: only a record of the own epoch commits, and with it everything before.
    if (held > this.epochStartOffset && held > (this.#highWatermark ?? -1)) this.#highWatermark = held;
    return this.#highWatermark;
  }
}
