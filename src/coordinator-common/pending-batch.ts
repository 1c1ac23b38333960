// Records of one or several operations on their way to the log, and who is answered when they are committed.
import type { KafkaError } from '../protocol/index.ts';
import type { CommitWaiter } from './partition-writer.ts';
import type { EncodedRecord, Held, Reply } from './shard.ts';

/** What a record takes beside its key and value, at most: lengths, attributes, deltas, header count. */
const RECORD_OVERHEAD_BYTES = 24;

export function sizeOf(record: EncodedRecord): number {
  return RECORD_OVERHEAD_BYTES + record.key.length + (record.value?.length ?? 0);
}

/** Told when the batch is committed, or has failed. */
export interface BatchOwner {
  batchCommitted(batch: PendingBatch, errorCode: number): void;
}

export class PendingBatch implements CommitWaiter {
  readonly records: EncodedRecord[] = [];
  sizeBytes = 0;
  appendedAtMs = 0;
  readonly #owner: BatchOwner;
  #replies: Reply[] = [];

  constructor(owner: BatchOwner) {
    this.#owner = owner;
  }

  add(record: EncodedRecord): void {
    this.records.push(record);
    this.sizeBytes += sizeOf(record);
  }

  /** `held` is answered when this batch is committed: until then nobody may see what it rests on. */
  answerLater(reply: Reply): void {
    this.#replies.push(reply);
  }

  committed(errorCode: number): void {
    this.#owner.batchCommitted(this, errorCode);
  }

  answer(): void {
    const replies = this.#replies;
    this.#replies = [];
    for (const { held, response } of replies) held.answer(response);
  }

  fail(error: KafkaError): void {
    const replies = this.#replies;
    this.#replies = [];
    for (const { held } of replies) held.fail(error);
  }
}

/** All who wait for the shard itself: they fail with it. */
export class HeldRequests {
  readonly #held = new Set<Held<unknown>>();

  add(held: Held<unknown>): void {
    this.#held.add(held);
  }
  delete(held: Held<unknown>): void {
    this.#held.delete(held);
  }
  get size(): number {
    return this.#held.size;
  }
  failAll(error: KafkaError): void {
    for (const held of this.#held) held.fail(error);
    this.#held.clear();
  }
}
