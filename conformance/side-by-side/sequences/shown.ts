// Answers whose made-up ids stand by their roles already: what no two brokers share beyond these is masked.
import { canonical } from '../../transcripts/compare.ts';

const MASKS = new Set(
  'throttleTimeMs host port clusterId sessionId logAppendTimeMs timestamp lastTimestamp transactionStartTimeMs startTimestamp'.split(
    ' ',
  ),
);
/** Lists that Kafka keeps in hash order, beyond those that canonical knows. */
const ENDPOINTS_OF_STREAMS = 88;

export function shownNamed(key: number, answer: unknown): unknown {
  return sized(canonical(answer, MASKS), '', key);
}

/** Of records only the size: they have times in them. Tasks are kept by subtopology in hash maps. */
function sized(value: unknown, name: string, key: number): unknown {
  if (name === 'records' && typeof value === 'string') return `${value.length >> 1} bytes`;
  if (Array.isArray(value)) {
    const all = value.map((element) => sized(element, name, key));
    return key >= ENDPOINTS_OF_STREAMS && /tasks$|^topics$|^responses$/i.test(name) ? sorted(all) : all;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, sized(inner, field, key)]));
}

const sorted = (all: readonly unknown[]): unknown[] =>
  [...all].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
