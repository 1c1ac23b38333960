// Which transactions a pass is in the middle of as it goes through a log, and so which records were aborted and which markers are
// not needed any more (Kafka's CleanedTransactionMetadata).
import type { Int64 } from '../../protocol/index.ts';
import * as batch from '../../protocol/records/index.ts';
import { readEndTransactionMarker } from '../producers/end-transaction-marker.ts';
import type { AbortedTransaction } from '../segments/transaction-index.ts';

interface Aborted {
  readonly transaction: AbortedTransaction;
  /** A batch of it is still in the log. */
  isSeen: boolean;
}

export class CleanedTransactions {
  /** Told of aborted transactions of which records are left: for the index of the segment that is made. */
  onAborted: (transaction: AbortedTransaction) => void = () => undefined;
  readonly #committed = new Set<Int64>();
  readonly #aborted = new Map<Int64, Aborted>();
  /** Those that the pass has not come to, the first last. */
  #ahead: AbortedTransaction[] = [];

  /** Aborted transactions of the part that is read next. */
  add(transactions: readonly AbortedTransaction[]): void {
    if (transactions.length === 0) return;
    this.#ahead = [...this.#ahead, ...transactions].sort((a, b) => b.firstOffset - a.firstOffset);
  }

  /** The pass has come to a data batch, with this header. True: it was aborted. */
  dataRead(header: Uint8Array, at: number): boolean {
    this.#reach(batch.lastOffset(header, at));
    if (batch.magic(header, at) < batch.MAGIC_V2 || !batch.isTransactional(header, at)) return false;
    const producerId = batch.producerId(header, at);
    const aborted = this.#aborted.get(producerId);
    if (aborted === undefined) {
      this.#committed.add(producerId);
      return false;
    }
    aborted.isSeen = true;
    return true;
  }

  /** The pass has come to a control batch, whole in `bytes`. True: no record of its transaction is left. */
  controlRead(bytes: Uint8Array, at: number): boolean {
    this.#reach(batch.lastOffset(bytes, at));
    if (batch.recordsCount(bytes, at) === 0) return true;
    const marker = readEndTransactionMarker(bytes, at, at + batch.sizeInBytes(bytes, at));
    if (marker === undefined) return false;
    const producerId = batch.producerId(bytes, at);
    if (!marker.isAbort) return !this.#committed.delete(producerId);
    const aborted = this.#aborted.get(producerId);
    this.#aborted.delete(producerId);
    if (aborted?.isSeen !== true) return true;
    this.onAborted(aborted.transaction);
    return false;
  }

  #reach(offset: number): void {
    const ahead = this.#ahead;
    for (let next = ahead.at(-1); next !== undefined && next.firstOffset <= offset; next = ahead.at(-1)) {
      ahead.pop();
      const { producerId } = next;
      if (!this.#aborted.has(producerId)) this.#aborted.set(producerId, { transaction: next, isSeen: false });
    }
  }
}
