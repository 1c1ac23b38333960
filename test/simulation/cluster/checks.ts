// The promises of E.3 that clients can judge, from the history and what is in the logs in the end.
import type { History, RanTransaction, ReadValue, SentValue } from './history.ts';
import { ensure } from './violation.ts';

/** The data records of a partition, in order. */
export type FinalLog = ReadonlyMap<number, string>;

const nameOf = (one: { topic: string; partition: number }): string => `${one.topic}-${one.partition}`;

/** D1 and E1: what was acknowledged is there, where it was said, once; nothing else is there; each producer's order is kept. */
export function checkSent(history: History, logs: ReadonlyMap<string, FinalLog>): void {
  const places = new Map<string, { name: string; offset: number }>();
  for (const [name, log] of logs) {
    for (const [offset, value] of log) {
      const first = places.get(value);
      ensure(
        first === undefined,
        'E1',
        () => `${value} is in ${name} at ${offset} and in ${first?.name} at ${first?.offset}`,
      );
      places.set(value, { name, offset });
    }
  }
  const known = new Set<string>();
  const lasts = new Map<string, { place: number; sent: SentValue }>();
  for (const sent of history.sent) {
    known.add(sent.value);
    const place = places.get(sent.value);
    const { outcome, offset, value, producer, order } = sent;
    const name = nameOf(sent);
    if (outcome === 'acked') {
      ensure(place !== undefined, 'D1', () => `${value} was acknowledged at ${name} ${offset} and is not there`);
      ensure(
        offset < 0 || place.offset === offset,
        'D1',
        () => `${value} was acknowledged at ${offset} of ${name} and is at ${place.offset}`,
      );
    }
    if (place === undefined) continue;
    ensure(place.name === name, 'D1', () => `${value} was sent to ${name} and is in ${place.name}`);
    const last = lasts.get(`${producer} ${name}`);
    ensure(
      last === undefined || last.place < place.offset,
      'E1',
      () =>
        `${value} (${order}) is at ${place.offset} of ${name}, before ${last?.sent.value} (${last?.sent.order}) at ${last?.place}`,
    );
    lasts.set(`${producer} ${name}`, { place: place.offset, sent });
  }
  for (const [value, { name, offset }] of places) {
    ensure(known.has(value), 'D1', () => `${value} is in ${name} at ${offset} and was never sent`);
  }
}

/** D2: what was read stands there for ever, and nothing between was passed over. */
export function checkRead(reader: string, read: readonly ReadValue[], logs: ReadonlyMap<string, FinalLog>): void {
  const lasts = new Map<string, number>();
  for (const one of read) {
    const name = nameOf(one);
    const { offset, value } = one;
    const found = logs.get(name)?.get(offset);
    ensure(found === value, 'D2', () => `${reader} has read ${value} at ${offset} of ${name}, where ${found} is`);
    const last = lasts.get(name) ?? -1;
    ensure(offset > last, 'D2', () => `${reader} has read ${offset} of ${name} behind ${last}`);
    for (let between = last + 1; between < offset; between++) {
      const passed = logs.get(name)?.get(between);
      ensure(passed === undefined, 'D2', () => `${reader} has passed over ${passed} at ${between} of ${name}`);
    }
    lasts.set(name, offset);
  }
}

/** E2, E4 and E5: who reads what is committed sees transactions whole, or not at all. */
export function checkTransactions(
  history: History,
  committed: ReadonlySet<string>,
  offsets: ReadonlyMap<string, number>,
): void {
  const lastOffsets = new Map<string, number>();
  for (const transaction of history.transactions) {
    const { producer, number, values, fate, hasOffset } = transaction;
    const seen = values.filter((value) => committed.has(value));
    const name = `transaction ${number} of ${producer}, ${fate},`;
    if (fate === 'aborted' || fate === 'open') ensure(seen.length === 0, 'E2', () => `${name} is seen: ${seen.join()}`);
    if (fate === 'committed') {
      ensure(seen.length === values.length, 'E4', () => `${name} is seen as ${seen.join()} of ${values.join()}`);
    }
    ensure(seen.length === 0 || seen.length === values.length, 'E4', () => `${name} is seen in part: ${seen.join()}`);
    if (hasOffset && mayHaveBeenCommitted(transaction, seen.length, offsets.get(producer) ?? 0)) {
      lastOffsets.set(producer, number + 1);
    }
  }
  for (const [producer, offset] of offsets) {
    const expected = lastOffsets.get(producer) ?? 0;
    ensure(offset === expected, 'E5', () => `the offset of ${producer} is ${offset} and not ${expected}`);
  }
}

function mayHaveBeenCommitted({ fate, values, number }: RanTransaction, seen: number, offset: number): boolean {
  if (fate !== 'unknown') return fate === 'committed';
  // Of a transaction of an offset alone only the offset tells.
  return values.length > 0 ? seen > 0 : offset > number;
}

/** G1: in one generation no partition has two owners. G2: committed offsets do not go back. */
export function checkGroups(history: History): void {
  const owners = new Map<string, string>();
  for (const { group, generation, member, partitions } of history.shares) {
    for (const partition of partitions) {
      const key = `${group} ${generation} ${partition}`;
      const owner = owners.get(key);
      ensure(owner === undefined || owner === member, 'G1', () => `${key} belongs to ${owner} and to ${member}`);
      owners.set(key, member);
    }
  }
  for (const [name, offsets] of history.committed) {
    offsets.forEach((offset, index) => {
      const before = offsets[index - 1] ?? -1;
      ensure(offset >= before, 'G2', () => `the committed offset of ${name} went from ${before} to ${offset}`);
    });
  }
}
