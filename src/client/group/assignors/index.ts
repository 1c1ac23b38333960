// The assignors that Kafka's clients know, by the names that go over the wire.
import { ConfigurationError } from '../../errors.ts';
import type { Assignor } from './assignor.ts';
import { rangeAssignor } from './range.ts';
import { roundRobinAssignor } from './round-robin.ts';
import { cooperativeStickyAssignor, stickyAssignor } from './sticky.ts';

const KNOWN: readonly Assignor[] = [rangeAssignor, roundRobinAssignor, stickyAssignor, cooperativeStickyAssignor];

/** Throws ConfigurationError. */
export function assignorNamed(name: string): Assignor {
  const found = KNOWN.find((one) => one.name === name);
  if (found === undefined) {
    throw new ConfigurationError(`assignors: '${name}' is none of ${KNOWN.map((one) => one.name).join(', ')}`);
  }
  return found;
}
