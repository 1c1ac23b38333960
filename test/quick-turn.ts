// The end of a turn of a simulated world: every promise that is ready has run, and what it made ready. A turn of the real event loop
// (nextTurn of runtime/node) costs more than most of what happens in one of a world.
import { importsUnderWay } from '../scripts/typescript/importing.mjs';

/** Of so many turns one is real: what waits outside of the world, a time-out of the test among it, is not forgotten. */
const QUICK_TURNS = 16;

let turns = 0;

/** Modules that are being loaded on demand are waited for: to a simulated clock that takes no time. */
export function quickTurn(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      if (importsUnderWay() === 0 && ++turns % QUICK_TURNS !== 0) resolve();
      else void realTurns().then(resolve);
    };
    // Node empties the queue of promises before it comes to what was asked for with nextTick.
    process.nextTick(end);
  });
}

async function realTurns(): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (importsUnderWay() > 0);
}
