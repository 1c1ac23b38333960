// The world's randomness: fast numbers for jitter and choices, cryptographic bytes for identifiers.
import { randomFillSync } from 'node:crypto';
import type { Random } from '../random.ts';

export const nodeRandom: Random = {
  next: () => Math.random(),
  bytes: (sizeBytes) => randomFillSync(new Uint8Array(sizeBytes)),
};
