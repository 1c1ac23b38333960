// The end of a turn of the real event loop, for code that has to let pending promises and I/O through first.

/** Resolves after the promises that are ready now, and what they make ready, have run, and I/O has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
