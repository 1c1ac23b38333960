// Which errors stand in an answer, wherever its API puts them. What of a message leads to an error code is found out once for
// each definition.
import { errorName, Errors, type Fields } from '../protocol/index.ts';

/** The fields that hold error codes, and those that lead to some. */
interface Way {
  readonly codes: readonly string[];
  readonly structs: readonly (readonly [key: string, way: Way])[];
  readonly arrays: readonly (readonly [key: string, way: Way])[];
}

/** The second is AddPartitionsToTxn's, the third ShareFetch's, whose request acknowledges as well. */
const CODE_KEYS: ReadonlySet<string> = new Set(['errorCode', 'partitionErrorCode', 'acknowledgeErrorCode']);

const ways = new WeakMap<Fields, Way>();

/** The names of the errors in an answer, each once, in the order in which they stand there. */
export function errorsIn(fields: Fields, answer: object): string[] {
  const codes = new Set<number>();
  collect(wayOf(fields), answer as Record<string, unknown>, codes);
  return [...codes].map(errorName);
}

function collect(way: Way, value: Record<string, unknown>, codes: Set<number>): void {
  for (const key of way.codes) {
    const code = value[key];
    if (typeof code === 'number' && code !== Errors.NONE) codes.add(code);
  }
  for (const [key, inner] of way.structs) {
    if (value[key]) collect(inner, value[key] as Record<string, unknown>, codes);
  }
  for (const [key, inner] of way.arrays) {
    for (const each of (value[key] ?? []) as Record<string, unknown>[]) collect(inner, each, codes);
  }
}

function wayOf(fields: Fields): Way {
  const known = ways.get(fields);
  if (known !== undefined) return known;
  const codes: string[] = [];
  const structs: [string, Way][] = [];
  const arrays: [string, Way][] = [];
  for (const [key, { facts }] of Object.entries(fields)) {
    if (facts.kind === 'int16' && CODE_KEYS.has(key)) codes.push(key);
    const inner = facts.fields ?? facts.element?.facts.fields;
    if (inner === undefined) continue;
    const way = wayOf(inner);
    if (way.codes.length + way.structs.length + way.arrays.length === 0) continue;
    (facts.kind === 'array' ? arrays : structs).push([key, way]);
  }
  const way = { codes, structs, arrays };
  ways.set(fields, way);
  return way;
}
