// The ISR of a partition that this node leads: what is committed, and what the controller has been asked for. While a change
// is under way the high watermark answers to both, the committed and the proposed members (Kafka: PartitionState,
// PendingExpandIsr, PendingShrinkIsr).
import type { IsrChange } from './isr-changes.ts';

export class InSyncReplicas {
  #committed: readonly number[] = [];
  #maximal: readonly number[] = [];
  #change: IsrChange | undefined;

  get committed(): readonly number[] {
    return this.#committed;
  }
  /** Committed or proposed. */
  get maximal(): readonly number[] {
    return this.#maximal;
  }
  get isChanging(): boolean {
    return this.#change !== undefined;
  }

  /** What is committed now; a change that was under way is of the past. */
  commit(isr: readonly number[]): void {
    this.#committed = isr;
    this.#maximal = isr;
    this.#change = undefined;
  }

  propose(change: IsrChange): void {
    const added = change.isr.flatMap(({ brokerId }) => (this.#committed.includes(brokerId) ? [] : brokerId));
    this.#maximal = added.length === 0 ? this.#committed : [...this.#committed, ...added];
    this.#change = change;
  }

  awaits(change: IsrChange): boolean {
    return this.#change === change;
  }
}
