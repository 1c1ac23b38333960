// An int64 of which nothing is lost: a number as long as it is a safe integer, else a bigint. What is only compared may mix
// the two (`<` is exact between them, and equal values are always of one kind, so `===` and Map keys work); what is added or
// subtracted goes through the functions here, which wrap as Java's long does.

/** Always a number when it lies within ±(2^53−1). */
export type Int64 = number | bigint;

export function toInt64(value: bigint): Int64 {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : BigInt.asIntN(64, value);
}

export function addInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return toInt64(BigInt.asIntN(64, BigInt(a) + BigInt(b)));
}

export function subtractInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return toInt64(BigInt.asIntN(64, BigInt(a) - BigInt(b)));
}

/** For Array.sort. */
export const compareInt64 = (a: Int64, b: Int64): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether the value of an `int64` field, which is clamped to ±(2^53−1), may have been a greater one: it must not be kept. */
export const isClamped = (value: number): boolean => Math.abs(value) >= Number.MAX_SAFE_INTEGER;
