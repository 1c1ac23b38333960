// Which lines are left out, and why: computed from what the broker under test advertises and listens on. The short list of
// patterns at the end holds what follows from that only through the state that left-out lines would have made.
import { errorCodes } from './compare.ts';
import { type Line, type ListenerName, listenerOf } from './line.ts';
import type { Body } from './wire.ts';

export interface TargetFacts {
  /** An Apache Kafka that somebody else runs: everything is asked, reads may lag writes. */
  readonly isForeign: boolean;
  /** Advertised keys with their ranges. */
  readonly served: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>;
  /** The same on the controller listener, where there is one. */
  readonly servedByController?: TargetFacts['served'];
  readonly listeners: ReadonlyMap<ListenerName, { readonly host: string; readonly port: number }>;
}

const FIND_COORDINATOR = 10;
const INIT_PRODUCER_ID = 22;
const ADD_PARTITIONS_TO_TXN = 24;
const CONSUMER_GROUP_HEARTBEAT = 68;
const SHARE_GROUP_HEARTBEAT = 76;
const STREAMS_GROUP_HEARTBEAT = 88;
/** INVALID_REQUEST, INVALID_TRANSACTION_TIMEOUT */
const DECIDED_BY_ARGUMENTS = new Set([42, 50]);

/** Answered although ApiVersions tells of them only where somebody takes client metrics: GetTelemetrySubscriptions, PushTelemetry. */
const ANSWERED_UNTOLD = new Set([71, 72]);

/** The API that shows that coordinators of a key type (FindCoordinator) are there. */
const COORDINATORS = new Map([
  [1, ADD_PARTITIONS_TO_TXN],
  [2, SHARE_GROUP_HEARTBEAT],
]);

/** Lines whose answer depends on the effect of lines that are left out while `unless` is not served. */
const EARLIER_STATE: readonly { readonly unless: number; readonly ids: RegExp; readonly reason: string }[] = [
  {
    unless: ADD_PARTITIONS_TO_TXN,
    ids: /^txn\d?\.(?!init\.timeout)/,
    reason: 'earlier state: needs the transactions of the lines before',
  },
  {
    unless: ADD_PARTITIONS_TO_TXN,
    ids: /^cluster\.features\.down$/,
    reason: 'feature: transaction.version is finalised where transactions are served',
  },
  {
    unless: CONSUMER_GROUP_HEARTBEAT,
    ids: /^cgh\./,
    reason: 'earlier state: needs the consumer groups (KIP-848) of the lines before',
  },
  // Scenes of transcripts-groups.
  {
    unless: CONSUMER_GROUP_HEARTBEAT,
    ids: /^(cg[a-z]|rxm?|mg|mc|txc)\./,
    reason: 'earlier state: needs the consumer groups (KIP-848) of its scene',
  },
  {
    unless: ADD_PARTITIONS_TO_TXN,
    ids: /^(tx[a-z]\d?b?|shi)\./,
    reason: 'earlier state: needs the transactions of its scene',
  },
  {
    unless: SHARE_GROUP_HEARTBEAT,
    ids: /^sh[a-z]\./,
    reason: 'earlier state: needs the share group of its scene',
  },
  {
    unless: STREAMS_GROUP_HEARTBEAT,
    ids: /^s(tg|x[a-z])\./,
    reason: 'earlier state: needs the streams group of its scene',
  },
  {
    unless: SHARE_GROUP_HEARTBEAT,
    ids: /^share\.classic-join$/,
    reason: 'earlier state: needs the share group of the lines before',
  },
];

/** Why the line is left out; undefined when it is replayed. */
export function skipReason(line: Line, request: Body | undefined, facts: TargetFacts): string | undefined {
  const listener = listenerOf(line);
  if (!facts.listeners.has(listener)) return `listener: no ${listener} listener is served`;
  if (facts.isForeign || line.key === undefined) return undefined;
  if (!servedTo(line, facts).has(line.key) && !ANSWERED_UNTOLD.has(line.key))
    return `API: ${line.api} (${line.key}) is not served`;
  if (!facts.served.has(ADD_PARTITIONS_TO_TXN) && usesTransactions(line, request)) {
    return 'feature: transactions are not served';
  }
  if (findsCoordinatorNotServed(line, request, facts)) return 'feature: no such coordinator is served';
  return EARLIER_STATE.find(({ unless, ids }) => !facts.served.has(unless) && ids.test(line.id))?.reason;
}

/** What is served on the listener of the line. */
export function servedTo(line: Line, facts: TargetFacts): TargetFacts['served'] {
  return (listenerOf(line).startsWith('controller') ? facts.servedByController : undefined) ?? facts.served;
}

/** Does the answer come from a transaction coordinator? What the arguments alone decide, every broker can say. */
function usesTransactions(line: Line, request: Body | undefined): boolean {
  if (line.key !== INIT_PRODUCER_ID || request === undefined) return false;
  const { errorCode } = line.responseJson as { errorCode: number };
  return typeof request['transactionalId'] === 'string' && !DECIDED_BY_ARGUMENTS.has(errorCode);
}

/** Is a coordinator found, of a kind that is not served? That there is none yet, every broker can say. */
function findsCoordinatorNotServed(line: Line, request: Body | undefined, { served }: TargetFacts): boolean {
  if (line.key !== FIND_COORDINATOR || request === undefined) return false;
  const needed = COORDINATORS.get(Number(request['keyType']));
  if (needed === undefined || served.has(needed)) return false;
  return errorCodes(line.responseJson).has(0);
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
