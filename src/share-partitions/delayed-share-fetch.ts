// One ShareFetch over share partitions of this node (Kafka: DelayedShareFetch): what can be acquired, whether that is enough or
// has to wait, then the reading and the acquiring. A share partition is read for one member at a time: what is read for one
// must not be offered to the next.
import { Errors } from '../protocol/index.ts';
import {
  type ClosableScope,
  FetchAnswer,
  type FetchOptions,
  FetchTarget,
  type ReadLease,
  type ReplicaManager,
} from '../replication/index.ts';
import { assert } from '../runtime/index.ts';
import type { AcquiredRange } from './in-flight/acquisition.ts';
import { type FetchedBatch, fetchedBatches } from './in-flight/fetched-batches.ts';
import { ShareRead } from './share-read.ts';
import type { SharePartition, ShareWatcher } from './share-partition.ts';

export interface ShareFetchRequest {
  readonly memberId: string;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly batchSize: number;
  readonly isRecordLimit: boolean;
  /** What is read is held by it. */
  readonly lease: ReadLease;
}

export interface ShareFetchAnswer {
  readonly topicId: string;
  readonly topic: string;
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly records: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly acquiredRecords: readonly AcquiredRange[];
}

const NO_RECORDS: readonly Uint8Array[] = [];

export function failedAnswer(
  topicId: string,
  topic: string,
  partitionIndex: number,
  errorCode: number,
): ShareFetchAnswer {
  return { topicId, topic, partitionIndex, errorCode, records: NO_RECORDS, sizeBytes: 0, acquiredRecords: [] };
}

interface Located {
  readonly share: SharePartition;
  readonly found: FetchAnswer;
}

/** Use once: `execute`. */
export class DelayedShareFetch implements ShareWatcher {
  readonly #replicas: ReplicaManager;
  readonly #request: ShareFetchRequest;
  readonly #shares: readonly SharePartition[];
  readonly #scope: ClosableScope;
  #place: { leave(): void } | undefined;
  #resolve: ((answers: ShareFetchAnswer[] | Promise<ShareFetchAnswer[]>) => void) | undefined;

  constructor(
    replicas: ReplicaManager,
    request: ShareFetchRequest,
    shares: readonly SharePartition[],
    scope: ClosableScope,
  ) {
    this.#replicas = replicas;
    this.#request = request;
    this.#shares = shares;
    this.#scope = scope;
  }

  execute(): ShareFetchAnswer[] | Promise<ShareFetchAnswer[]> {
    for (const share of this.#shares) share.initialise();
    const located = this.#locate();
    if (this.#isEnough(located) || this.#request.maxWaitMs <= 0) return this.#answer(located);
    const place = this.#replicas.purgatory.park(this, this.#request.maxWaitMs);
    if (place === undefined) return this.#answer(located);
    this.#place = place;
    for (const share of this.#shares) {
      share.watch(this);
      share.partition.watch(this);
    }
    const promise = new Promise<ShareFetchAnswer[]>((resolve) => (this.#resolve = resolve));
    this.#scope.whenClosed(this);
    return promise;
  }

  /** What can be acquired, and where it stands in the log. */
  #locate(): Located[] {
    const ready = this.#shares.filter(({ canAcquire }) => canAcquire);
    const bytes = Math.min(this.#request.maxBytes, this.#replicas.memory.freeBytes);
    const maxBytes = Math.floor(bytes / Math.max(1, ready.length));
    return ready.map((share) => {
      const { partition, topicId, isReadCommitted } = share;
      const target = new FetchTarget(partition.topic, topicId, {
        partition: partition.index,
        currentLeaderEpoch: -1,
        fetchOffset: share.nextFetchOffset(),
        lastFetchedEpoch: -1,
        logStartOffset: -1,
        partitionMaxBytes: maxBytes,
      });
      const found = new FetchAnswer(target, partition.topic, partition, Errors.NONE);
      found.locate(this.#optionsFor(isReadCommitted), limitOf(share), maxBytes, true);
      return { share, found };
    });
  }

  #optionsFor(isReadCommitted: boolean): FetchOptions {
    const { maxWaitMs, minBytes, maxBytes } = this.#request;
    return { replicaId: -1, isReadCommitted, leaderOnly: true, maxWaitMs, minBytes, maxBytes };
  }

  #isEnough(located: readonly Located[]): boolean {
    if (this.#shares.every(({ fault }) => fault !== undefined)) return true;
    if (located.length === 0) return false;
    let bytes = 0;
    for (const { found } of located) {
      if (found.errorCode !== Errors.NONE) return true;
      bytes += found.sizeBytes;
    }
    return bytes >= this.#request.minBytes;
  }

  /** Something may have become available, or there is a reason to wait no longer. */
  moved(): void {
    if (this.#resolve === undefined) return;
    const located = this.#locate();
    if (this.#isEnough(located)) this.#complete(located);
  }

  expired(): void {
    this.#complete(this.#locate());
  }

  connectionClosed(): void {
    this.#leave()?.([]);
  }

  #complete(located: readonly Located[]): void {
    this.#leave()?.(this.#answer(located));
  }

  #leave(): ((answers: ShareFetchAnswer[] | Promise<ShareFetchAnswer[]>) => void) | undefined {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#place?.leave();
    this.#scope.forget(this);
    for (const share of this.#shares) {
      share.unwatch(this);
      share.partition.unwatch(this);
    }
    return resolve;
  }

  #answer(located: readonly Located[]): ShareFetchAnswer[] | Promise<ShareFetchAnswer[]> {
    const reads = located.filter(({ found }) => found.slice !== undefined).map((one) => this.#readOf(one));
    if (reads.some(({ isHot }) => !isHot)) return this.#answerLater(located, reads);
    for (const read of reads) read.now();
    return this.#acquire(located);
  }

  #readOf({ share, found }: Located): ShareRead {
    const limit = limitOf(share);
    const options = this.#optionsFor(share.isReadCommitted);
    const locate = (maxBytes: number): void => found.locate(options, limit, maxBytes, true);
    const { maxRecords, lease } = this.#request;
    return new ShareRead({ share, found, locate, maxRecords, lease });
  }

  async #answerLater(located: readonly Located[], reads: readonly ShareRead[]): Promise<ShareFetchAnswer[]> {
    for (const { share } of located) share.isBeingRead = true;
    try {
      for (const read of reads) await read.later(this.#replicas.memory);
    } finally {
      for (const { share } of located) share.isBeingRead = false;
    }
    const answers = this.#acquire(located);
    for (const { share } of located) share.notify();
    return answers;
  }

  #acquire(located: readonly Located[]): ShareFetchAnswer[] {
    const answers: ShareFetchAnswer[] = [];
    let left = this.#request.maxRecords;
    for (const one of located) {
      const { answer, count } = this.#acquireOne(one, left);
      answers.push(answer);
      left -= count;
    }
    const answered = new Set(located.map(({ share }) => share));
    for (const share of this.#shares) {
      const { fault, topicId, partition } = share;
      if (fault === undefined || answered.has(share)) continue;
      answers.push(failedAnswer(topicId, partition.topic, partition.index, fault.errorCode));
    }
    return answers;
  }

  #acquireOne({ share, found }: Located, maxRecords: number): { answer: ShareFetchAnswer; count: number } {
    const { topicId, partition } = share;
    const nothing = failedAnswer(topicId, partition.topic, partition.index, found.errorCode);
    if (found.errorCode === Errors.OFFSET_OUT_OF_RANGE) {
      // The log begins later by now: who asks again gets what is there.
      share.logStartMoved();
      return { answer: { ...nothing, errorCode: Errors.NONE }, count: 0 };
    }
    if (found.errorCode !== Errors.NONE) {
      if (partition.checkAccess(-1, true) !== Errors.NONE) share.fence();
      return { answer: nothing, count: 0 };
    }
    const bytes = found.records[0];
    if (bytes === undefined) return { answer: nothing, count: 0 };
    assert(found.records.length === 1, 'a share fetch reads into one buffer');
    const batches = fetchedBatches(bytes);
    const { memberId, isRecordLimit, batchSize } = this.#request;
    const { fetchOffset } = found.target;
    const asked = { memberId, isRecordLimit, batchSize, maxRecords, fetchOffset, batches };
    const { ranges, count } = share.acquire(asked, found.abortedTransactions ?? []);
    if (ranges.length === 0) return { answer: nothing, count: 0 };
    const records = withRecordsOf(bytes, batches, ranges);
    this.#replicas.bytesOut.count += records.length;
    const answer = { ...nothing, records: [records], sizeBytes: records.length, acquiredRecords: ranges };
    return { answer, count };
  }
}

const limitOf = ({ isReadCommitted }: SharePartition): 'last-stable-offset' | 'high-watermark' =>
  isReadCommitted ? 'last-stable-offset' : 'high-watermark';

/** From the batch with the first acquired record to the one with the last (Kafka: ShareFetchUtils.maybeSliceFetchRecords). */
function withRecordsOf(
  bytes: Uint8Array,
  batches: readonly FetchedBatch[],
  ranges: readonly AcquiredRange[],
): Uint8Array {
  const firstOffset = (ranges[0] as AcquiredRange).firstOffset;
  const lastOffset = (ranges[ranges.length - 1] as AcquiredRange).lastOffset;
  let start = 0;
  let end = 0;
  for (const { baseOffset, position, sizeBytes } of batches) {
    if (baseOffset <= firstOffset) start = position;
    else if (baseOffset > lastOffset) break;
    end = position + sizeBytes;
  }
  return bytes.subarray(start, end);
}
