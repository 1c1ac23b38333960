// Prospective: we ask the voters whether they would vote for us, in the present epoch and without changing it, so that a node
// that was cut off disturbs nobody when it comes back (KIP-996). Leads to Candidate with a majority; without one back to
// Follower of the leader that we know, else to Unattached.
import { electionOf } from './election-state.ts';
import type { ReplicaKey } from './replica-key.ts';
import type { VoteTally } from './vote-tally.ts';

export class ProspectiveState {
  readonly name = 'prospective';
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly voted: ReplicaKey | undefined;
  readonly tally: VoteTally;
  electionDeadlineMs: number;

  constructor(facts: {
    epoch: number;
    leaderId: number | undefined;
    voted: ReplicaKey | undefined;
    tally: VoteTally;
    electionDeadlineMs: number;
  }) {
    this.epoch = facts.epoch;
    this.leaderId = facts.leaderId;
    this.voted = facts.voted;
    this.tally = facts.tally;
    this.electionDeadlineMs = facts.electionDeadlineMs;
  }

  get election() {
    return electionOf(this);
  }
}
