// Follower, as voter or as observer: fetches from the leader of the epoch. A voter that could not for the fetch timeout becomes
// Prospective; an observer keeps asking, others too. A leader whose process is dead (its port refuses) is not waited for.
import { electionOf } from './election-state.ts';
import type { PeerAddress } from './quorum-peers.ts';
import type { ReplicaKey } from './replica-key.ts';
import type { SnapshotId } from './snapshot-files.ts';

/** A snapshot that is being fetched; another leader's of the same id need not have the same bytes. */
export interface SnapshotDownload {
  readonly id: SnapshotId;
  position: number;
}

export class FollowerState {
  readonly name = 'follower';
  readonly epoch: number;
  readonly leaderId: number;
  leaderAddress: PeerAddress;
  readonly voted: ReplicaKey | undefined;
  /** Has had an answer of this leader: who asks for a pre-vote is refused from then on. */
  hasFetched = false;
  hasLeaderResigned = false;
  /** When to stand without waiting for the fetch timeout, as the leader is gone; Infinity otherwise. */
  standMs = Number.POSITIVE_INFINITY;
  fetchDeadlineMs: number;
  /** When the leader is told next where we listen, if the voters record says otherwise. */
  updateVoterMs: number;
  /** The leader has taken that in. */
  hasToldLeader = false;
  download: SnapshotDownload | undefined;

  constructor(facts: {
    epoch: number;
    leaderId: number;
    leaderAddress: PeerAddress;
    voted: ReplicaKey | undefined;
    fetchDeadlineMs: number;
    updateVoterMs: number;
  }) {
    this.epoch = facts.epoch;
    this.leaderId = facts.leaderId;
    this.leaderAddress = facts.leaderAddress;
    this.voted = facts.voted;
    this.fetchDeadlineMs = facts.fetchDeadlineMs;
    this.updateVoterMs = facts.updateVoterMs;
  }

  get election() {
    return electionOf(this);
  }
}
