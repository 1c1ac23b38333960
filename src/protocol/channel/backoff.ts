// How long to wait before the next attempt (Kafka: ExponentialBackoff): twice as long after every failure, up to a bound,
// give or take a fifth, so that many who lost the same peer do not come back all at once.
import type { Random } from '../../runtime/index.ts';

const FACTOR = 2;
const JITTER = 0.2;

export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** `failures`: how many attempts have failed one after the other, 1 or more. */
export function backoffMs({ firstMs, longestMs }: BackoffOptions, failures: number, random: Random): number {
  const exactMs = Math.min(longestMs, firstMs * FACTOR ** (failures - 1));
  return exactMs * (1 + JITTER * (2 * random.next() - 1));
}
