// The world's randomness: fast numbers for jitter and choices, cryptographic bytes for identifiers.
import type { Random } from '../random.ts';

export const nodeRandom: Random = {
  next: () => Math.random(),
  // node:crypto is large: it is loaded by the first identifier, not by whoever imports this (a client's import).
  bytes: (sizeBytes) => process.getBuiltinModule('node:crypto').randomFillSync(new Uint8Array(sizeBytes)),
};
