// When two answers are the same: masks by field name, maps of Kafka as sets, the texts of documentation by presence.
import { ZERO_UUID } from '../../src/protocol/index.ts';
import { withoutMarkerTimes } from './variables.ts';

/**
 * Arrays whose order Kafka does not promise, because it keeps them as hash maps: compared as sets. What is left out here
 * (synonyms, replicas, API keys, records) has an order that means something.
 */
const SETS = new Set(
  (
    'topics responses results configs groups members resources entries ' +
    'configResources matchingAcls acls filterResults supportedFeatures finalizedFeatures ' +
    'topicPartitions transactionStates nodeEndpoints replicaElectionResults topicResponses ' +
    'partitionResult resultsByTransaction resultsByTopicV3AndBelow resultsByPartition ' +
    'activeProducers entity values quotas topicResults partitions partitionResponses ' +
    'partitionsByUserEndpoint subscribedTopicNames tokens mechanisms activePartitions standbyPartitions'
  ).split(' '),
);

const MASKED = '<masked>';
/** In the words of an error. */
const OWN_CLUSTER_ID = /(the cluster id ")[\w-]{22}(?=")/;
const NOTHING: ReadonlySet<string> = new Set();

/** The names that a line masks: the last part of each pointer. */
export function maskedNames(masks: readonly string[]): Set<string> {
  return new Set(masks.map((pointer) => pointer.slice(pointer.lastIndexOf('/') + 1)));
}

/** Nothing, nobody, unknown: these stay visible under a mask, so that -1 is never taken for a node id. */
function isVoid(value: unknown): boolean {
  return value === null || value === '' || value === -1 || value === ZERO_UUID;
}

/**
 * A form in which equal answers are deep-equal: masked, bytes as hex, bigint as digits, sets sorted. The lists in `ordered`
 * are compared as they stand, though other APIs keep lists of that name as maps.
 */
export function canonical(
  value: unknown,
  masks: ReadonlySet<string>,
  ordered: ReadonlySet<string> = NOTHING,
  name = '',
): unknown {
  // Of records only the times of markers are masked.
  if (name === 'records' && masks.has(name) && value instanceof Uint8Array)
    return `hex:${withoutMarkerTimes(value).toString('hex')}`;
  if (masks.has(name) && !Array.isArray(value)) return isVoid(value) ? value : MASKED;
  if (name === 'documentation' && typeof value === 'string') return value === '' ? '' : '<own words>';
  if (value instanceof Uint8Array) return `hex:${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return value.replace(OWN_CLUSTER_ID, `$1${MASKED}`);
  if (Array.isArray(value)) {
    const elements = value.map((element) => canonical(element, masks, ordered, name));
    if (ordered.has(name) || !SETS.has(name)) return elements;
    return elements
      .map((element) => [JSON.stringify(element), element] as const)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, element]) => element);
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) fields[key] = canonical(field, masks, ordered, key);
  return fields;
}

/** Every error code in an answer, in any depth. */
export function errorCodes(value: unknown, found = new Set<number>()): Set<number> {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return found;
  for (const [key, field] of Object.entries(value)) {
    if (/errorCode$/i.test(key) && typeof field === 'number') found.add(field);
    else errorCodes(field, found);
  }
  return found;
}

/** `value` without the fields that `pattern` does not name, in any depth: answers have all fields of all versions. */
export function restrictedTo(pattern: unknown, value: unknown): unknown {
  if (!isTree(pattern) || !isTree(value) || value instanceof Uint8Array) return value;
  if (Array.isArray(pattern) && Array.isArray(value)) {
    return value.map((element, index) => restrictedTo(pattern[Math.min(index, pattern.length - 1)], element));
  }
  const fields = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(pattern).map(([key, inner]) => [key, restrictedTo(inner, fields[key])]));
}

/** At most `limit` places where two canonical values differ: `/path: expected … got …`. */
export function differences(expected: unknown, actual: unknown, limit = 6): string[] {
  const found: string[] = [];
  walk(expected, actual, '', found, limit);
  return found;
}

function walk(expected: unknown, actual: unknown, path: string, found: string[], limit: number): void {
  if (found.length >= limit || expected === actual) return;
  if (!isTree(expected) || !isTree(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    found.push(`${path || '/'}: expected ${short(expected)} got ${short(actual)}`);
    return;
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    walkArrays(expected, actual, path, found, limit);
    return;
  }
  const left = expected as Record<string, unknown>;
  const right = actual as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    walk(left[key], right[key], `${path}/${key}`, found, limit);
  }
}

/** Elements that stand in both are taken out first, so that one missing element does not shift the rest. */
function walkArrays(
  expected: readonly unknown[],
  actual: readonly unknown[],
  path: string,
  found: string[],
  limit: number,
) {
  if (expected.length === actual.length) {
    for (let i = 0; i < expected.length; i++) walk(expected[i], actual[i], `${path}/${i}`, found, limit);
    return;
  }
  const surplus = actual.map((element) => JSON.stringify(element));
  const missing: unknown[] = [];
  for (const element of expected) {
    const at = surplus.indexOf(JSON.stringify(element));
    if (at >= 0) surplus.splice(at, 1);
    else missing.push(element);
  }
  found.push(`${path}: expected ${expected.length} elements, got ${actual.length}`);
  for (const element of missing.slice(0, 3)) found.push(`${path}: missing ${short(element)}`);
  for (const element of surplus.slice(0, 3)) found.push(`${path}: surplus ${element.slice(0, 200)}`);
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length})` : text;
}
