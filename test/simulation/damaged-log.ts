// A log whose directory was damaged, and what it held before: filled as producers of all kinds do, read as a consumer does.
import { expect } from 'chai';
import type { PartitionLog } from '../../src/log/index.ts';
import { Errors, KafkaError, type Int64 } from '../../src/protocol/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import { type Random, randomInt } from '../../src/runtime/index.ts';
import { verified } from '../log/verified.ts';

export const START_MS = 1_767_225_600_000;
export const GZIP = 1;

export interface ModelBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly bytes: Buffer;
  readonly records: readonly { readonly offset: number; readonly timestamp: Int64 }[];
}

export interface Model {
  readonly batches: ModelBatch[];
  readonly logStartOffset: number;
  readonly aborted: readonly {
    readonly producerId: Int64;
    readonly firstOffset: number;
    readonly lastOffset: number;
  }[];
}

/** Appends what producers of all kinds send. */
export class Filler {
  readonly batches: ModelBatch[] = [];
  readonly #log: PartitionLog;
  readonly #random: Random;
  readonly #sequences = new Map<number, number>();
  readonly #open = new Set<number>();
  #epoch: number;

  constructor(log: PartitionLog, random: Random, epoch = -1) {
    this.#log = log;
    this.#random = random;
    this.#epoch = epoch;
  }

  elect(): void {
    this.#log.becomeLeader(++this.#epoch);
  }

  append(timestamp: number): void {
    const dice = this.#random.next();
    const producerId = this.#epoch === 9 ? -1 : randomInt(this.#random, 0, 4);
    if (dice < 0.35 || producerId < 0) this.#data(timestamp, undefined);
    else if (dice < 0.5 && this.#open.has(producerId)) this.#end(producerId, timestamp);
    else this.#data(timestamp, producerId);
  }

  #data(timestamp: number, producerId: number | undefined): void {
    const count = randomInt(this.#random, 1, 6);
    const records = Array.from({ length: count }, (_, i) => ({
      key: Buffer.from(`key ${this.batches.length}.${i}`),
      value: Buffer.from(this.#random.bytes(randomInt(this.#random, 0, 120))),
      timestamp: timestamp + i,
    }));
    const codec = this.#random.next() < 0.3 ? GZIP : 0;
    const baseSequence = this.#sequences.get(producerId ?? -1) ?? 0;
    const isTransactional = producerId !== undefined && producerId > 0;
    const producer = producerId === undefined ? {} : { producerId, producerEpoch: 0, baseSequence, isTransactional };
    this.#send(batch.buildBatch(records, { codec, ...producer }), 'client');
    if (producerId === undefined) return;
    this.#sequences.set(producerId, baseSequence + count);
    if (isTransactional) this.#open.add(producerId);
  }

  #end(producerId: number, timestamp: number): void {
    const isCommit = this.#random.next() < 0.5;
    const marker = { isCommit, producerId, producerEpoch: 0, coordinatorEpoch: 1, timestamp };
    this.#send(batch.buildEndTransactionMarker(marker), 'coordinator');
    this.#open.delete(producerId);
  }

  #send(bytes: Buffer, origin: 'client' | 'coordinator'): void {
    const guard = origin === 'client' ? verified(this.#log, bytes) : undefined;
    const options = { origin, leaderEpoch: this.#epoch, now: START_MS, validation: 'header', guard } as const;
    const info = this.#log.append(bytes, options);
    expect(info.errorCode).to.equal(0);
    const records = [...batch.recordsOf(bytes)].map(({ offset, timestamp }) => ({ offset, timestamp }));
    this.batches.push({
      firstOffset: info.firstOffset,
      lastOffset: info.lastOffset,
      bytes: withoutEpoch(bytes),
      records,
    });
  }
}

/** Reads as a consumer does, and holds what it gets against the model. */
export class Reader {
  /** That the log has answered with. */
  errors = 0;
  readonly #log: PartitionLog;
  readonly #model: Model;
  readonly #where: string;
  readonly #mayBeCut: boolean;

  constructor(log: PartitionLog, model: Model, where: string, mayBeCut: boolean) {
    this.#log = log;
    this.#model = model;
    this.#where = where;
    this.#mayBeCut = mayBeCut;
  }

  get #end(): number {
    return (this.#model.batches.at(-1)?.lastOffset ?? -1) + 1;
  }

  /** From the first offset to the last; over an error to the next batch. */
  async readAll(): Promise<void> {
    for (let offset = this.#model.logStartOffset; offset < this.#end; ) offset = await this.#fetch(offset, 4000);
  }

  async readAt(random: Random): Promise<void> {
    const offset = randomInt(random, this.#model.logStartOffset, this.#end);
    await this.#fetch(offset, randomInt(random, 1, 3000));
  }

  /** The offset to go on at. */
  async #fetch(offset: number, maxBytes: number): Promise<number> {
    const { batches } = this.#model;
    const asked = batches.findIndex((one) => one.lastOffset >= offset);
    const behind = (batches[asked] as ModelBatch).lastOffset + 1;
    const bytes = await this.#bytesAt(offset, maxBytes);
    if (bytes === undefined) {
      this.errors++;
      return behind;
    }
    let next = offset;
    let wanted = asked;
    for (let at = 0; at + 12 <= bytes.length; wanted++) {
      const sizeBytes = batch.sizeInBytes(bytes, at);
      if (sizeBytes < 61 || at + sizeBytes > bytes.length) break;
      const found: Buffer = bytes.subarray(at, at + sizeBytes);
      // What a consumer finds by itself: it goes no further.
      if (batch.magic(found) !== 2 || !batch.isBatchValid(found)) break;
      const right = batches[wanted];
      const isRight = right !== undefined && withoutEpoch(found).equals(right.bytes);
      if (!isRight) {
        const what: string = `${batch.baseOffset(found)} in place of ${right?.firstOffset}`;
        expect.fail(`${this.#where}: a fetch at ${offset} finds, behind ${next}, the batch at ${what}`);
      }
      next = batch.lastOffset(found) + 1;
      at += sizeBytes;
    }
    if (next > offset) return next;
    // Nothing at all, where records were: only at the end of a log that has been cut. Else bytes that a consumer refuses.
    if (bytes.length === 0) this.#expectCut(offset);
    return behind;
  }

  async #bytesAt(offset: number, maxBytes: number): Promise<Buffer | undefined> {
    const log = this.#log;
    try {
      const slice = log.read(offset, maxBytes, { upTo: log.highWatermark, minOneBatch: true });
      return Buffer.concat(await slice.read());
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      if (error.code === Errors.OFFSET_OUT_OF_RANGE) this.#expectCut(offset);
      else expect(error.code, this.#where).to.equal(Errors.CORRUPT_MESSAGE);
      return undefined;
    }
  }

  #expectCut(offset: number): void {
    const { logEndOffset, logStartOffset } = this.#log;
    if (offset < logStartOffset) return;
    expect(
      offset >= logEndOffset && this.#mayBeCut,
      `${this.#where}: ${offset} is gone, the log ends at ${logEndOffset}`,
    ).to.equal(true);
  }

  async lookUp(timestamp: number): Promise<void> {
    const { batches, logStartOffset } = this.#model;
    const from = Math.max(logStartOffset, this.#log.logStartOffset);
    const isWanted = (record: ModelBatch['records'][number]): boolean =>
      record.timestamp >= timestamp && record.offset >= from;
    const wanted = batches.find(({ records }) => records.some(isWanted))?.records.find(isWanted);
    const where = `${this.#where}: timestamp ${timestamp}`;
    try {
      const found = await this.#log.offsetForTimestamp(timestamp);
      // Deleted records are there again when the checkpoint of log starts is lost.
      if (found !== undefined && found.offset < logStartOffset) return;
      if (found === undefined && wanted !== undefined && wanted.offset >= this.#log.logEndOffset) return;
      expect(found && { timestamp: found.timestamp, offset: found.offset }, where).to.deep.equal(
        wanted && { timestamp: wanted.timestamp, offset: wanted.offset },
      );
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      expect(error.code, where).to.equal(Errors.CORRUPT_MESSAGE);
      this.errors++;
    }
  }

  /** Of transactions whose first batch and marker can be read. */
  checkAborted(): void {
    const end = this.#log.logEndOffset;
    const listed = this.#log.abortedTransactions(this.#log.logStartOffset, end);
    for (const { producerId, firstOffset, lastOffset } of this.#model.aborted) {
      if (lastOffset >= end || lastOffset < this.#log.logStartOffset) continue;
      if (!this.#canRead(firstOffset) || !this.#canRead(lastOffset)) continue;
      const isListed = listed.some((one) => one.producerId === producerId && one.firstOffset === firstOffset);
      expect(isListed, `${this.#where}: aborted transaction ${firstOffset} to ${lastOffset}`).to.equal(true);
    }
  }

  #canRead(offset: number): boolean {
    if (offset < this.#log.logStartOffset) return false;
    try {
      this.#log.read(offset, 1, { upTo: this.#log.logEndOffset, minOneBatch: true });
      return true;
    } catch (error) {
      if (error instanceof KafkaError) return false;
      throw error;
    }
  }
}

/** The leader epoch is not under the checksum, and is whatever stands there. */
function withoutEpoch(bytes: Buffer): Buffer {
  return Buffer.from(bytes).fill(0, batch.PARTITION_LEADER_EPOCH, batch.MAGIC);
}
