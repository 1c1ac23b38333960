// Sequence numbers of idempotent producers.

const LARGEST_SEQUENCE = 0x7fff_ffff;

/** KIP-98: sequences go on by one and wrap from 2^31 - 1 to 0. */
export function follows(lastSequence: number, firstSequence: number): boolean {
  return firstSequence === lastSequence + 1 || (firstSequence === 0 && lastSequence === LARGEST_SEQUENCE);
}
