// Candidate: we voted for ourselves in a new epoch and gather votes. Leads to Leader with a majority.
import { type ElectionState, NO_NODE } from './election-state.ts';
import type { VoterSet } from './voter-set.ts';

export class CandidateState {
  readonly name = 'candidate';
  readonly leaderId = undefined;
  readonly epoch: number;
  readonly #nodeId: number;
  readonly #directoryId: string;
  readonly #voters: VoterSet;
  readonly #granting: Set<number>;

  constructor(facts: { epoch: number; nodeId: number; directoryId: string; voters: VoterSet }) {
    this.epoch = facts.epoch;
    this.#nodeId = facts.nodeId;
    this.#directoryId = facts.directoryId;
    this.#voters = facts.voters;
    this.#granting = new Set([facts.nodeId]);
  }

  get grantingVoters(): number[] {
    return [...this.#granting];
  }

  get isElected(): boolean {
    const votes = this.#voters.ids.filter((id) => this.#granting.has(id)).length;
    return votes > this.#voters.size / 2;
  }

  get election(): ElectionState {
    return {
      epoch: this.epoch,
      leaderId: NO_NODE,
      votedId: this.#nodeId,
      votedDirectoryId: this.#directoryId,
    };
  }
}
