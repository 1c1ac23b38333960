// The answers to one round of votes or pre-votes (Kafka: EpochElection).
import type { VoterSet } from './voter-set.ts';

export class VoteTally {
  readonly #voters: VoterSet;
  readonly #granted = new Set<number>();
  readonly #refused = new Set<number>();

  constructor(voters: VoterSet, selfId: number) {
    this.#voters = voters;
    this.#granted.add(selfId);
  }

  get granted(): number[] {
    return [...this.#granted];
  }

  record(voterId: number, isGranted: boolean): void {
    (isGranted ? this.#granted : this.#refused).add(voterId);
  }

  isOpen(voterId: number): boolean {
    return !this.#granted.has(voterId) && !this.#refused.has(voterId);
  }

  get isWon(): boolean {
    return this.#count((id) => this.#granted.has(id)) > this.#voters.size / 2;
  }

  /** No majority can come any more. */
  get isLost(): boolean {
    return this.#count((id) => !this.#refused.has(id)) <= this.#voters.size / 2;
  }

  #count(counts: (id: number) => boolean): number {
    return this.#voters.ids.filter(counts).length;
  }
}
