// Records of one or several operations on their way to the log, and who is answered when they are committed.
import type { KafkaError } from '../protocol/index.ts';
import { assert } from '../runtime/index.ts';
import type { CommitWaiter } from './partition-writer.ts';
import type { EncodedRecord, Held, Producer, Reply } from './shard.ts';

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
  /** The producer whose transaction all records belong to; undefined: plain records. */
  readonly producer: Producer | undefined;
  readonly records: EncodedRecord[] = [];
  sizeBytes = 0;
  appendedAtMs = 0;
  /** The log end behind it; -1 until it is appended. */
  endOffset = -1;
  #isCommitted = false;
  readonly #owner: BatchOwner;
  #replies: Reply[] = [];
  #actions: (() => void)[] = [];

  constructor(owner: BatchOwner, producer?: Producer) {
    this.#owner = owner;
    this.producer = producer;
  }

  add(record: EncodedRecord): void {
    assert(this.endOffset < 0, 'nothing is added to what was appended');
    this.records.push(record);
    this.sizeBytes += sizeOf(record);
  }

  isFor(producer: Producer | undefined): boolean {
    const own = this.producer;
    if (own === undefined || producer === undefined) return own === producer;
    return own.producerId === producer.producerId && own.producerEpoch === producer.producerEpoch;
  }

  /** `held` is answered when this batch is committed: until then nobody may see what it rests on. */
  answerLater(reply: Reply): void {
    assert(!this.#isCommitted, 'what is committed is waited for no longer');
    this.#replies.push(reply);
  }

  /** `action` is called when this batch is committed, and never if it is not. */
  afterCommit(action: () => void): void {
    assert(!this.#isCommitted, 'what is committed is waited for no longer');
    this.#actions.push(action);
  }

  committed(errorCode: number): void {
    this.#owner.batchCommitted(this, errorCode);
  }

  /** The batch is committed: answers first, then the events behind it. */
  complete(): void {
    assert(!this.#isCommitted, 'a batch is committed once');
    this.#isCommitted = true;
    const replies = this.#replies;
    this.#replies = [];
    for (const { held, response } of replies) held.answer(response);
    const actions = this.#actions;
    this.#actions = [];
    for (const action of actions) action();
  }

  /** Requests that wait for the batch fail with `error`. */
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
  failAll(error: KafkaError): void {
    for (const held of this.#held) held.fail(error);
    this.#held.clear();
  }
}
