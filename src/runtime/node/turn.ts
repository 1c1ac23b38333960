// The end of a turn of the real event loop, for code that has to let pending promises and I/O through first.

/** The thread that finds modules for Node's loader has been asked for one; `import()` ends when it has answered. */
const LOADING = 'MessagePort';
/** Somebody else may have a port open all the time. */
const MOST_LOOKS = 10_000;

/**
 * Resolves after the promises that are ready now, and what they make ready, have run, and I/O has had its turn. Modules that are being
 * imported are waited for: to a simulated clock their loading takes no time, however long the machine needs for it.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    let looks = 0;
    const look = (): void => {
      if (isLoading() && ++looks < MOST_LOOKS) setImmediate(look);
      else resolve();
    };
    setImmediate(look);
  });
}

function isLoading(): boolean {
  return process.getActiveResourcesInfo().includes(LOADING);
}
