// Produce, Fetch and ShareFetch as far as they are counted by topic: the parts of their messages that say what was moved.

export const PRODUCE_KEY = 0;
export const FETCH_KEY = 1;
export const SHARE_FETCH_KEY = 78;

export interface ProducedTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitionData: readonly { readonly index: number; readonly records: Buffer | null }[];
}

export interface ProducedAnswer {
  readonly name: string;
  readonly topicId: string;
  readonly partitionResponses: readonly { readonly index: number; readonly errorCode: number }[];
}

export interface FetchedTopic {
  readonly topic?: string;
  readonly topicId: string;
  readonly partitions: readonly {
    readonly errorCode: number;
    readonly records: Uint8Array | readonly Uint8Array[] | null;
  }[];
}

/** How often each error code was told. Most answers have no error: NONE is a field, so that they cost no look into the map. */
export class ErrorCounts {
  #none = 0;
  readonly #others = new Map<number, number>();

  add(code: number): void {
    if (code === 0) this.#none += 1;
    else this.#others.set(code, (this.#others.get(code) ?? 0) + 1);
  }

  /** NONE is always among them. */
  *[Symbol.iterator](): Generator<readonly [number, number]> {
    yield [0, this.#none];
    yield* this.#others;
  }
}

/** The broker that fetches as a follower; -1: a consumer does. */
export function followerOf(body: Readonly<Record<string, unknown>>): number {
  const { replicaId = -1, replicaState } = body as {
    readonly replicaId?: number;
    readonly replicaState?: { readonly replicaId: number };
  };
  return Math.max(replicaId, replicaState?.replicaId ?? -1);
}

/** Of a batch: how many records it says it has (RecordBatch v2); 0 for what is none. */
export function recordCount(batch: Buffer): number {
  return batch.length >= RECORD_COUNT_AT + 4 ? Math.max(0, batch.readInt32BE(RECORD_COUNT_AT)) : 0;
}
const RECORD_COUNT_AT = 57;

export function sizeOf(records: Uint8Array | readonly Uint8Array[] | null): number {
  if (records === null) return 0;
  if (records instanceof Uint8Array) return records.length;
  let sizeBytes = 0;
  for (const { length } of records) sizeBytes += length;
  return sizeBytes;
}
