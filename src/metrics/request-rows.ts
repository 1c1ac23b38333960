// What is to be counted of requests that have been answered, kept as a row of numbers each until there are many of them or somebody
// asks: to count many in a row costs a third of what it costs between the work of two requests, when nothing of it is near.

/** Milliseconds are of the monotonic clock, and of throttling. */
export interface RequestRow {
  /** A number of the caller's for what kind of request it was. */
  kind: number;
  version: number;
  atMs: number;
  totalUs: number;
  localUs: number;
  throttleMs: number;
  requestBytes: number;
  /** -1: it had no answer. */
  responseBytes: number;
}

const COLUMNS = 8;
const RESPONSE_BYTES = 7;
const ROWS = 64;

export class RequestRows {
  readonly #numbers = new Float64Array(ROWS * COLUMNS);
  #end = 0;
  readonly #count: (row: RequestRow) => void;
  /** One for all: what counts takes what it needs. */
  readonly #row: RequestRow = {
    kind: 0,
    version: 0,
    atMs: 0,
    totalUs: 0,
    localUs: 0,
    throttleMs: 0,
    requestBytes: 0,
    responseBytes: 0,
  };

  /** `count` may not keep the row. */
  constructor(count: (row: RequestRow) => void) {
    this.#count = count;
  }

  add(
    kind: number,
    version: number,
    atMs: number,
    totalUs: number,
    localUs: number,
    throttleMs: number,
    requestBytes: number,
  ): void {
    if (this.#end === this.#numbers.length) this.settle();
    const at = this.#end;
    const numbers = this.#numbers;
    numbers[at] = kind;
    numbers[at + 1] = version;
    numbers[at + 2] = atMs;
    numbers[at + 3] = totalUs;
    numbers[at + 4] = localUs;
    numbers[at + 5] = throttleMs;
    numbers[at + 6] = requestBytes;
    numbers[at + RESPONSE_BYTES] = -1;
    this.#end = at + COLUMNS;
  }

  /** The request that was added last had an answer of this size. */
  answered(sizeBytes: number): void {
    if (this.#end > 0) this.#numbers[this.#end - COLUMNS + RESPONSE_BYTES] = sizeBytes;
  }

  /** All are counted now, in the order in which they came. */
  settle(): void {
    const numbers = this.#numbers;
    const row = this.#row;
    const end = this.#end;
    this.#end = 0;
    for (let at = 0; at < end; at += COLUMNS) {
      row.kind = numbers[at] as number;
      row.version = numbers[at + 1] as number;
      row.atMs = numbers[at + 2] as number;
      row.totalUs = numbers[at + 3] as number;
      row.localUs = numbers[at + 4] as number;
      row.throttleMs = numbers[at + 5] as number;
      row.requestBytes = numbers[at + 6] as number;
      row.responseBytes = numbers[at + RESPONSE_BYTES] as number;
      this.#count(row);
    }
  }
}
