// A consumer that reads what is committed, as clients do: aborted records are left out by the list in the answer and the
// markers between them. It goes on where it was, across crashes of the broker.
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { Errors, type Int64 } from '../../../src/protocol/index.ts';
import * as batch from '../../../src/protocol/records/index.ts';
import { assert } from '../../../src/runtime/index.ts';
import type { SimClient } from './sim-client.ts';
import { OUT } from './sim-producer.ts';

const READ_COMMITTED = 1;
const VERSION = 12;

interface Aborted {
  readonly producerId: Int64;
  readonly firstOffset: number;
}

export class CommittedReader {
  readonly partition: number;
  readonly values: string[] = [];
  offset = 0;
  #lastStableOffset = 0;
  readonly #client: SimClient;

  constructor(client: SimClient, partition: number) {
    this.#client = client;
    this.partition = partition;
  }

  /** One fetch: true when it has got further. `maxBytes` cuts the answer anywhere, as a small consumer has it. */
  async poll(maxBytes: number): Promise<boolean> {
    const answer = await this.#client.ask(Fetch, VERSION, {
      replicaId: -1,
      maxWaitMs: 50,
      minBytes: 1,
      maxBytes,
      isolationLevel: READ_COMMITTED,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topic: OUT,
          partitions: [
            {
              partition: this.partition,
              currentLeaderEpoch: -1,
              fetchOffset: this.offset,
              lastFetchedEpoch: -1,
              logStartOffset: -1,
              partitionMaxBytes: maxBytes,
            },
          ],
        },
      ],
      forgottenTopicsData: [],
      rackId: '',
    });
    const found = answer?.responses[0]?.partitions[0];
    if (found === undefined || found.errorCode !== Errors.NONE) return false;
    assert(found.lastStableOffset >= this.#lastStableOffset, 'the last stable offset does not go back');
    assert(found.lastStableOffset <= found.highWatermark, 'what is stable is committed to the log');
    this.#lastStableOffset = found.lastStableOffset;
    const before = this.offset;
    this.#take(Buffer.from(found.records ?? []), found.abortedTransactions ?? [], found.lastStableOffset);
    return this.offset > before;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#lastStableOffset;
  }

  #take(bytes: Buffer, abortedTransactions: readonly Aborted[], lastStableOffset: number): void {
    const upcoming = [...abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset);
    const aborted = new Set<Int64>();
    for (const at of batch.batchesOf(bytes)) {
      const lastOffset = batch.lastOffset(bytes, at);
      assert(lastOffset < lastStableOffset, 'nothing that is not stable is shown');
      while (upcoming[0] !== undefined && upcoming[0].firstOffset <= lastOffset) {
        aborted.add((upcoming.shift() as Aborted).producerId);
      }
      if (lastOffset >= this.offset) this.#batch(bytes, at, aborted);
      else if (batch.isControl(bytes, at)) aborted.delete(batch.producerId(bytes, at));
    }
  }

  #batch(bytes: Buffer, at: number, aborted: Set<Int64>): void {
    const producerId = batch.producerId(bytes, at);
    if (batch.isControl(bytes, at)) {
      for (const { key } of batch.recordsOf(bytes, { at })) {
        if (batch.controlRecordType(key) === batch.ControlRecordType.ABORT) aborted.delete(producerId);
      }
    } else if (!(batch.isTransactional(bytes, at) && aborted.has(producerId))) {
      for (const { offset, value } of batch.recordsOf(bytes, { at })) {
        if (offset >= this.offset) this.values.push(Buffer.from(value ?? []).toString());
      }
    }
    this.offset = batch.lastOffset(bytes, at) + 1;
  }
}
