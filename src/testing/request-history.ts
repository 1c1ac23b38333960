// The requests that a broker got, as many as it is told to remember. Bodies are copied without their records, so that no frame
// lives on because of them.
import { CLOSE, NO_RESPONSE, type Outcome } from '../api-handlers/index.ts';
import type { Fields } from '../protocol/index.ts';
import { errorsIn } from './answered-errors.ts';
import type { HistoryOptions, RequestFilter } from './requests.ts';
import type { SeenRequest } from './seen-request.ts';

const DEFAULT_LIMIT = 1000;

/** What is remembered of one request. */
export interface HistoryEntry {
  readonly api: string;
  readonly version: number;
  readonly clientId: string | null;
  readonly connectionId: number;
  readonly receivedAtMs: number;
  readonly topics: readonly string[];
  readonly body: unknown;
  outcome: 'pending' | 'answered' | 'none' | 'closed';
  errors: readonly string[];
}

export class RequestHistory {
  readonly #limit: number;
  #entries: HistoryEntry[] = [];
  /** The index of the oldest entry, once the history is full. */
  #oldest = 0;

  /** Throws TypeError when the limit is no number of requests. */
  constructor({ limit = DEFAULT_LIMIT }: HistoryOptions) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new TypeError(`history.limit is a number of requests, and not ${String(limit)}`);
    }
    this.#limit = limit;
  }

  add(request: SeenRequest): HistoryEntry {
    const { api, version, clientId, connectionId, receivedAtMs, topics } = request;
    const body = withoutRecords(request.body);
    const facts = { api, version, clientId, connectionId, receivedAtMs, topics, body };
    const entry: HistoryEntry = { ...facts, outcome: 'pending', errors: [] };
    if (this.#entries.length < this.#limit) {
      this.#entries.push(entry);
    } else {
      this.#entries[this.#oldest] = entry;
      this.#oldest = (this.#oldest + 1) % this.#limit;
    }
    return entry;
  }

  /** Oldest first. */
  select({ api, clientId, since }: RequestFilter): HistoryEntry[] {
    const ordered = [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)];
    return ordered.filter(
      (entry) =>
        (api === undefined || entry.api === api) &&
        (clientId === undefined || entry.clientId === clientId) &&
        (since === undefined || entry.receivedAtMs >= since),
    );
  }

  clear(): void {
    this.#entries = [];
    this.#oldest = 0;
  }
}

/** Notes how a request ended. `fields` are those of its answer. */
export function conclude(entry: HistoryEntry, outcome: Outcome<object>, fields: Fields): void {
  if (outcome === CLOSE) entry.outcome = 'closed';
  else if (outcome === NO_RESPONSE) entry.outcome = 'none';
  else {
    entry.outcome = 'answered';
    entry.errors = errorsIn(fields, outcome);
  }
}

function withoutRecords(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(withoutRecords);
  const copy: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    const isRecords = key === 'records' && ArrayBuffer.isView(each);
    copy[key] = isRecords ? { sizeBytes: each.byteLength } : withoutRecords(each);
  }
  return copy;
}
