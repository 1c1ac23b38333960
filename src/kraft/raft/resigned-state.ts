// Resigned: we led this epoch and will not again, be it that we restarted, that the disk failed, that a majority has not been
// heard of, or that we go. The voters are told, so that they elect another. Leads to Unattached in the next epoch when the election
// timeout passes: in this one we have no vote any more.
import type { ReplicaKey } from './replica-key.ts';

export class ResignedState {
  readonly name = 'resigned';
  readonly leaderId = undefined;
  readonly voted = undefined;
  readonly epoch: number;
  /** Who had better succeed, the most complete log first. */
  readonly preferred: readonly ReplicaKey[];
  /** Voters that still have to be told. */
  readonly untold: Set<number>;
  electionDeadlineMs: number;

  constructor(facts: {
    epoch: number;
    preferred: readonly ReplicaKey[];
    untold: Iterable<number>;
    electionDeadlineMs: number;
  }) {
    this.epoch = facts.epoch;
    this.preferred = facts.preferred;
    this.untold = new Set(facts.untold);
    this.electionDeadlineMs = facts.electionDeadlineMs;
  }
}
