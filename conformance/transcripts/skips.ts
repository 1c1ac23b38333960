// Which lines are left out, and why: computed from what the broker under test advertises and listens on. The short list of
// patterns at the end holds what follows from that only through the state that left-out lines would have made.
import { errorCodes } from './compare.ts';
import { type Line, listenerOf } from './line.ts';
import type { Body } from './wire.ts';

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
/** INVALID_REQUEST, INVALID_TRANSACTION_TIMEOUT */
const DECIDED_BY_ARGUMENTS = new Set([42, 50]);
const INTERNAL_TOPICS = /"__(consumer_offsets|transaction_state|share_group_state)"/;

/** Lines whose answer depends on the effect of lines that are left out while `unless` is not served. */
const EARLIER_STATE: readonly { readonly unless: number; readonly ids: RegExp; readonly reason: string }[] = [
  {
    unless: ADD_PARTITIONS_TO_TXN,
    ids: /^txn\d?\.(?!init\.timeout)/,
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
  if (!facts.served.has(FIND_COORDINATOR) && restsOnInternalTopics(line)) {
    return 'earlier state: internal topics, which the coordinators make, are not there';
  }
  return EARLIER_STATE.find(({ unless, ids }) => !facts.served.has(unless) && ids.test(line.id))?.reason;
}

/** Does the answer come from a transaction coordinator? What the arguments alone decide, every broker can say. */
function usesTransactions(line: Line, request: Body | undefined): boolean {
  if (line.key !== INIT_PRODUCER_ID || request === undefined) return false;
  const { errorCode } = line.responseJson as { errorCode: number };
  return typeof request['transactionalId'] === 'string' && !DECIDED_BY_ARGUMENTS.has(errorCode);
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

const INVALID_TOPIC_EXCEPTION = 17;

/** Does the answer rest on an internal topic that exists: shows its partitions, or refuses to touch them? */
function restsOnInternalTopics(line: Line): boolean {
  if (!INTERNAL_TOPICS.test(JSON.stringify(line.responseJson ?? {}))) return false;
  const { topics = [] } = line.responseJson as { topics?: { name?: string; partitions?: { leaderId?: number }[] }[] };
  const isShown = topics.some(
    ({ name, partitions }) => INTERNAL_TOPICS.test(`"${name}"`) && partitions?.[0]?.leaderId !== undefined,
  );
  return isShown || errorCodes(line.responseJson).has(INVALID_TOPIC_EXCEPTION);
}
