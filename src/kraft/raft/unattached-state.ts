// Unattached: we know an epoch, perhaps whom we voted for or who leads, and follow nobody. We ask around for the leader.
// Leads to Prospective when the election timeout passes (an observer has none), to Follower when the leader is found.
import { electionOf } from './election-state.ts';
import type { ReplicaKey } from './replica-key.ts';

export class UnattachedState {
  readonly name = 'unattached';
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly voted: ReplicaKey | undefined;
  /** Infinity: never, as we may not vote. */
  electionDeadlineMs: number;

  constructor(facts: {
    epoch: number;
    leaderId: number | undefined;
    voted: ReplicaKey | undefined;
    electionDeadlineMs: number;
  }) {
    this.epoch = facts.epoch;
    this.leaderId = facts.leaderId;
    this.voted = facts.voted;
    this.electionDeadlineMs = facts.electionDeadlineMs;
  }

  get election() {
    return electionOf(this);
  }
}
