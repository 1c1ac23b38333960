// Which records may be worked on at the same time: those of one lane follow one another, lanes go on beside each other. Pure.
import type { AnyRecord } from './delivery.ts';
import type { PartitionState } from './partition-state.ts';

export type LaneBy = 'key' | 'partition';

export interface Task {
  readonly record: AnyRecord;
  readonly state: PartitionState;
  readonly key: Uint8Array | null;
}

interface Lane {
  readonly name: string;
  readonly tasks: Task[];
  isBusy: boolean;
}

export class Lanes {
  readonly #by: LaneBy;
  readonly #lanes = new Map<string, Lane>();
  /** With something to do and nobody at it, in the order in which they came to be. */
  #ready: Lane[] = [];
  #unkeyed = 0;
  #waiting = 0;

  constructor(by: LaneBy) {
    this.#by = by;
  }

  /** Tasks that nobody has begun. */
  get waiting(): number {
    return this.#waiting;
  }

  add(task: Task): void {
    const name = this.#nameOf(task);
    let lane = this.#lanes.get(name);
    if (lane === undefined) this.#lanes.set(name, (lane = { name, tasks: [], isBusy: false }));
    lane.tasks.push(task);
    this.#waiting++;
    if (!lane.isBusy && lane.tasks.length === 1) this.#ready.push(lane);
  }

  /** How many of those that wait it is true of. */
  count(isSo: (task: Task) => boolean): number {
    let count = 0;
    for (const { tasks } of this.#lanes.values()) for (const task of tasks) if (isSo(task)) count++;
    return count;
  }

  /** The next one that may begin and is not `keptBack`, with what ends it: the next of its lane may begin then. */
  begin(keptBack: (task: Task) => boolean): { readonly task: Task; readonly end: () => void } | undefined {
    const index = this.#ready.findIndex(({ tasks }) => !keptBack(tasks[0] as Task));
    const lane = index < 0 ? undefined : this.#ready.splice(index, 1)[0];
    const task = lane?.tasks.shift();
    if (lane === undefined || task === undefined) return undefined;
    this.#waiting--;
    lane.isBusy = true;
    return { task, end: () => this.#end(lane) };
  }

  /** Forgets the tasks of which it is true; none of them has begun. */
  drop(isGone: (task: Task) => boolean): Task[] {
    const dropped: Task[] = [];
    for (const lane of this.#lanes.values()) {
      const kept = lane.tasks.filter((task) => !isGone(task));
      if (kept.length === lane.tasks.length) continue;
      dropped.push(...lane.tasks.filter(isGone));
      lane.tasks.splice(0, lane.tasks.length, ...kept);
      if (kept.length === 0 && !lane.isBusy) this.#lanes.delete(lane.name);
    }
    this.#waiting -= dropped.length;
    this.#ready = this.#ready.filter(({ tasks }) => tasks.length > 0);
    return dropped;
  }

  #end(lane: Lane): void {
    lane.isBusy = false;
    if (lane.tasks.length > 0) this.#ready.push(lane);
    else this.#lanes.delete(lane.name);
  }

  /** Records without a key have no order to keep. */
  #nameOf({ state, key }: Task): string {
    if (this.#by === 'partition') return state.name;
    if (key === null) return `${this.#unkeyed++}`;
    return `${state.name} ${Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')}`;
  }
}
