// Candidate: we voted for ourselves in a new epoch and gather votes. Leads to Leader with a majority, to Unattached for a pause
// of random length when none can come, to Prospective when the election timeout passes.
import { electionOf } from './election-state.ts';
import type { ReplicaKey } from './replica-key.ts';
import type { VoteTally } from './vote-tally.ts';

export class CandidateState {
  readonly name = 'candidate';
  readonly leaderId = undefined;
  readonly epoch: number;
  /** Ourselves. */
  readonly voted: ReplicaKey;
  readonly tally: VoteTally;
  electionDeadlineMs: number;

  constructor(facts: { epoch: number; self: ReplicaKey; tally: VoteTally; electionDeadlineMs: number }) {
    this.epoch = facts.epoch;
    this.voted = facts.self;
    this.tally = facts.tally;
    this.electionDeadlineMs = facts.electionDeadlineMs;
  }

  get election() {
    return electionOf(this);
  }
}
