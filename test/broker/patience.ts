// Deadlines that do not depend on how loaded the machine is. Broker and test share one event loop: as long as the broker has
// something to do, the loop does not come round, and when the machine lets the process wait, neither. So time is counted
// in rounds of the loop in which nothing came of the waiting: on an idle machine they take as long as they say.
const TICK_MS = 10;

export class Patience {
  #ticksLeft: number;
  #timer: NodeJS.Timeout;
  readonly #ended: () => void;

  /** Calls `ended` once, when the loop has come round for `ms`; not after `stop`. */
  constructor(ms: number, ended: () => void) {
    this.#ticksLeft = Math.ceil(ms / TICK_MS);
    this.#ended = ended;
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  get isOver(): boolean {
    return this.#ticksLeft <= 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #tick(): void {
    this.#ticksLeft -= 1;
    if (this.isOver) return this.#ended();
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }
}
