// Which lines are left out, and why: computed from what the broker under test advertises and listens on. The short list of
// patterns at the end holds what follows from that only through the state that left-out lines would have made.
import { type Line, listenerOf } from './line.ts';
import type { Body } from './wire.ts';
import { isTransactional } from './variables.ts';

export interface TargetFacts {
  /** An Apache Kafka that somebody else runs: everything is asked, reads may lag writes. */
  readonly isForeign: boolean;
  /** Advertised keys with their ranges. */
  readonly served: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>;
  readonly listeners: ReadonlyMap<'broker' | 'controller' | 'sasl', { readonly host: string; readonly port: number }>;
}

const FIND_COORDINATOR = 10;
const INIT_PRODUCER_ID = 22;
const ADD_PARTITIONS_TO_TXN = 24;
const PRODUCE = 0;
const INTERNAL_TOPICS = /^__(consumer_offsets|transaction_state|share_group_state)$/;

/** Lines whose answer depends on the effect of lines that are left out while `unless` is not served. */
const EARLIER_STATE: readonly { readonly unless: number; readonly ids: RegExp; readonly reason: string }[] = [
  {
    unless: ADD_PARTITIONS_TO_TXN,
    ids: /^txn\d?\./,
    reason: 'earlier state: needs the transactions of the lines before',
  },
];

/** Why the line is left out; undefined when it is replayed. */
export function skipReason(line: Line, request: Body | undefined, facts: TargetFacts): string | undefined {
  const listener = listenerOf(line);
  if (!facts.listeners.has(listener)) return `listener: no ${listener} listener is served`;
  if (facts.isForeign || line.key === undefined) return undefined;
  const range = facts.served.get(line.key);
  if (range === undefined) return `API: ${line.api} (${line.key}) is not served`;
  if (!facts.served.has(ADD_PARTITIONS_TO_TXN) && usesTransactions(line, request)) {
    return 'feature: transactions are not served';
  }
  if (!facts.served.has(FIND_COORDINATOR) && showsInternalTopics(line)) {
    return 'earlier state: internal topics, which the coordinators make, are not there';
  }
  return EARLIER_STATE.find(({ unless, ids }) => !facts.served.has(unless) && ids.test(line.id))?.reason;
}

function usesTransactions(line: Line, request: Body | undefined): boolean {
  if (request === undefined) return false;
  if (line.key === INIT_PRODUCER_ID)
    return typeof request['transactionalId'] === 'string' && request['transactionalId'] !== '';
  if (line.key !== PRODUCE) return false;
  return recordsIn(request).some(isTransactional);
}

/** Every `records` field of a request. */
export function recordsIn(value: unknown, found: Uint8Array[] = []): Uint8Array[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return found;
  for (const [name, field] of Object.entries(value)) {
    if (name === 'records' && field instanceof Uint8Array) found.push(field);
    else recordsIn(field, found);
  }
  return found;
}

/** Does the recorded answer speak of an internal topic as of one that exists (or that its coordinator will make)? */
function showsInternalTopics(line: Line): boolean {
  const text = JSON.stringify(line.responseJson ?? {});
  if (!/__(consumer_offsets|transaction_state|share_group_state)/.test(text)) return false;
  const topics = (line.responseJson as { topics?: { name?: string; errorCode?: number }[] }).topics ?? [];
  const internal = topics.filter((topic) => INTERNAL_TOPICS.test(topic.name ?? ''));
  return internal.length === 0 || internal.some((topic) => topic.errorCode !== 3);
}
