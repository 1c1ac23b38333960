// The world's clock. Timers are unref'ed (a broker that is closed leaves no handle behind), and what is asked for the
// end of a turn is gathered into one setImmediate, however many partitions and connections ask.
import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '../clock.ts';
import { empty } from '../empty.ts';

/** Node fires at once when asked for more than this many milliseconds; longer delays are cut into steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Actions asked for while the end of a turn runs are run in it too (an append that was written answers its request at
 * once), but for so many rounds only: then the event loop gets its turn.
 */
const ROUNDS_PER_TURN = 4;

class NodeTimer implements Timer {
  #handle: NodeJS.Timeout | undefined;
  readonly #action: () => void;
  readonly #keepsAlive: boolean;

  constructor(delayMs: number, action: () => void, keepsAlive: boolean) {
    this.#action = action;
    this.#keepsAlive = keepsAlive;
    this.#arm(Math.max(0, delayMs));
  }

  cancel(): void {
    if (this.#handle === undefined) return;
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  #arm(remainingMs: number): void {
    const stepMs = Math.min(remainingMs, LONGEST_TIMER_MS);
    this.#handle = setTimeout(() => {
      this.#handle = undefined;
      if (remainingMs > stepMs) this.#arm(remainingMs - stepMs);
      else this.#action();
    }, stepMs);
    if (!this.#keepsAlive) this.#handle.unref();
  }
}

export class NodeClock implements Clock {
  #actions: (() => void)[] = [];
  #spare: (() => void)[] = [];
  #isAsked = false;
  readonly #runTurn = (): void => this.#run();
  readonly #keepsAlive: boolean;

  /** `keepsAlive`: whoever waits on this clock keeps the process alive, as a client's program expects of a call that it awaits. */
  constructor(keepsAlive = false) {
    this.#keepsAlive = keepsAlive;
  }

  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  schedule(delayMs: number, action: () => void): Timer {
    return new NodeTimer(delayMs, action, this.#keepsAlive);
  }

  endOfTurn(action: () => void): void {
    this.#actions.push(action);
    if (this.#isAsked) return;
    this.#isAsked = true;
    setImmediate(this.#runTurn);
  }

  #run(): void {
    try {
      for (let round = 0; round < ROUNDS_PER_TURN && this.#actions.length > 0; round++) this.#runRound();
    } finally {
      this.#isAsked = this.#actions.length > 0;
      if (this.#isAsked) setImmediate(this.#runTurn);
    }
  }

  #runRound(): void {
    const actions = this.#actions;
    this.#actions = this.#spare;
    let done = 0;
    try {
      while (done < actions.length) (actions[done++] as () => void)();
    } finally {
      // One that throws does not take the others with it: they run in the next turn.
      if (done < actions.length) this.#actions.unshift(...actions.slice(done));
      empty(actions);
      this.#spare = actions;
    }
  }
}
