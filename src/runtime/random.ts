// Randomness as a port, so that a simulation can be replayed from its seed.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `sizeBytes` random bytes, fit for identifiers (node: cryptographic; sim: from the seed). */
  bytes(sizeBytes: number): Uint8Array;
}

/** A whole number, uniform in [low, high). */
export function randomInt(random: Random, low: number, high: number): number {
  return low + Math.floor(random.next() * (high - low));
}
