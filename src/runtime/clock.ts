// Time as a port. Nothing outside runtime/node reads the world's clock: state machines are handed `now`, and
// whoever waits does it here, so that a simulation can replay every timer in order.

/** A pending call; cancelling one that has fired or was cancelled does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump; used for record timestamps and retention. */
  nowMs(): number;
  /** Never goes back; milliseconds with fraction, unrelated to the wall clock. Used for time-outs and rates. */
  monotonicMs(): number;
  /** Calls `action` once after `delayMs` (0 or more). A pending timer does not keep a broker's process alive. */
  schedule(delayMs: number, action: () => void): Timer;
  /** Calls `action` after the I/O events of this turn of the event loop have been handled, in the order asked. */
  endOfTurn(action: () => void): void;
}

/** Resolves after `delayMs` on this clock. */
export function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(delayMs, resolve));
}
