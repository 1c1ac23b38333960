// What happens to a consumer's partitions when its place in the group changes: taken over, given up, lost. The program is told, and
// awaited, in the order in which it happens (Kafka: ConsumerRebalanceListenerInvoker).
import type { GroupPlace, MembershipHost } from '../group/membership.ts';
import type { Place } from './consumed-record.ts';
import type { Handover } from './handover.ts';
import { PartitionState } from './partition-state.ts';

export interface RebalanceListeners {
  readonly onAssigned?: ((places: readonly Place[]) => void | Promise<void>) | undefined;
  readonly onRevoked?: ((places: readonly Place[]) => void | Promise<void>) | undefined;
  /** onRevoked is called where this is left out, as Kafka's own does. */
  readonly onLost?: ((places: readonly Place[]) => void | Promise<void>) | undefined;
}

export interface RebalancingOptions extends RebalanceListeners {
  readonly states: Map<string, PartitionState>;
  readonly handover: Handover;
  /** Commits what the program is done with, of these, if that is done without being asked. Does not reject. */
  readonly commitBefore: (states: readonly PartitionState[], deadlineMs: number) => Promise<void>;
  /** Partitions have come or gone, or may go on. */
  readonly changed: () => void;
  readonly isIdleTooLong: () => boolean;
  readonly fault: (error: unknown) => void;
}

export class Rebalancing implements MembershipHost {
  readonly #options: RebalancingOptions;

  constructor(options: RebalancingOptions) {
    this.#options = options;
  }

  owned(): GroupPlace[] {
    return [...this.#options.states.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  async assign(places: readonly GroupPlace[]): Promise<void> {
    const { states, onAssigned, changed } = this.#options;
    const added: PartitionState[] = [];
    for (const { topic, partition } of places) {
      const state = new PartitionState(topic, partition, { kind: 'committed' });
      if (states.has(state.name)) continue;
      // The listener may seek before anything is fetched.
      state.isHeld = true;
      states.set(state.name, state);
      added.push(state);
    }
    await this.#tell(onAssigned, added);
    for (const state of added) state.isHeld = false;
    changed();
  }

  async revoke(places: readonly GroupPlace[], deadlineMs: number): Promise<void> {
    const revoked = this.#statesOf(places);
    if (revoked.length === 0) return;
    for (const state of revoked) state.isHeld = true;
    this.#options.changed();
    await this.#options.handover.drained(revoked, deadlineMs);
    await this.#options.commitBefore(revoked, deadlineMs);
    await this.#tell(this.#options.onRevoked, revoked);
    this.#forget(revoked);
  }

  async lose(places: readonly GroupPlace[]): Promise<void> {
    const lost = this.#statesOf(places);
    if (lost.length === 0) return;
    this.#forget(lost);
    await this.#tell(this.#options.onLost ?? this.#options.onRevoked, lost);
  }

  isIdleTooLong(): boolean {
    return this.#options.isIdleTooLong();
  }

  fault(error: unknown): void {
    this.#options.fault(error);
  }

  #statesOf(places: readonly GroupPlace[]): PartitionState[] {
    const { states } = this.#options;
    return places.flatMap(({ topic, partition }) => states.get(`${topic}-${partition}`) ?? []);
  }

  #forget(gone: readonly PartitionState[]): void {
    for (const state of gone) {
      state.isGone = true;
      state.clear();
      if (this.#options.states.get(state.name) === state) this.#options.states.delete(state.name);
    }
    this.#options.changed();
  }

  /** An error of the listener is the program's: it hears of it with the next poll. */
  async #tell(
    listener: ((places: readonly Place[]) => void | Promise<void>) | undefined,
    states: readonly PartitionState[],
  ): Promise<void> {
    if (listener === undefined) return;
    try {
      await listener(states.map(({ topic, partition }) => ({ topic, partition })));
    } catch (error) {
      this.#options.fault(error);
    }
  }
}
