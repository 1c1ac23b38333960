// The world's randomness: fast numbers for jitter and choices, cryptographic bytes for identifiers.
import type { Random } from '../random.ts';

/** To ask the system costs tens of microseconds, and where thousands of partitions go, each asks: short ones are cut from what is fetched at once. */
const POOL_BYTES = 4096;
const LONGEST_CUT = 64;

let pool: Uint8Array = new Uint8Array(0);
let used = 0;

// node:crypto is large: it is loaded by the first identifier, not by whoever imports this (a client's import).
const fetched = (sizeBytes: number): Uint8Array =>
  process.getBuiltinModule('node:crypto').randomFillSync(new Uint8Array(sizeBytes));

export const nodeRandom: Random = {
  next: () => Math.random(),
  bytes(sizeBytes) {
    if (sizeBytes > LONGEST_CUT) return fetched(sizeBytes);
    if (used + sizeBytes > pool.length) {
      pool = fetched(POOL_BYTES);
      used = 0;
    }
    const bytes = pool.slice(used, used + sizeBytes);
    // They may become somebody's secret: nobody else is to find them here.
    pool.fill(0, used, used + sizeBytes);
    used += sizeBytes;
    return bytes;
  },
};
