// Holds a log of log-world.ts against what was sent to it: what is read, looked up by offset and by time, and kept of producers.
import { expect } from 'chai';
import type { PartitionLog, ProducerRow, TopicLogConfig } from '../../src/log/index.ts';
import { addInt64 } from '../../src/protocol/index.ts';
import * as batch from '../../src/protocol/records/index.ts';
import type { Partition as Replica } from '../../src/replication/index.ts';
import { randomInt } from '../../src/runtime/index.ts';
import type { Simulation } from '../../src/runtime/sim/index.ts';
import { type AbortedRow, type SentBatch, stateAfter } from './log-model.ts';

export interface Producer {
  readonly producerId: number;
  readonly isTransactional: boolean;
  epoch: number;
  nextSequence: number;
  isOpen: boolean;
}

export interface Partition {
  readonly index: number;
  readonly config: TopicLogConfig;
  log: PartitionLog;
  /** Moves the high watermark, as the broker does. */
  replica: Replica;
  /** In the order of offsets; what failed or was lost is taken out. */
  batches: SentBatch[];
  /** Sent, but refused or cut off by a failure: may still be found after a crash. */
  doubtful: SentBatch[];
  producers: Producer[];
  leaderEpoch: number;
  logStartOffset: number;
  /** The highest log start so far. After a crash it may be lower again, as in Kafka, but epochs below are forgotten. */
  deletedUpTo: number;
}

export class LogJudge {
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  get #random() {
    return this.#simulation.random;
  }

  /** What is derived from the batches: producers, transactions, epochs, look-ups by offset and by time. */
  async check(partition: Partition): Promise<void> {
    const { log, batches } = partition;
    const expected = stateAfter(batches);
    const rows = new Map(log.producers().map((row) => [row.producerId, row]));
    for (const [producerId, row] of expected.producers) this.checkProducer(partition, rows.get(producerId), row);
    expect(
      [...rows.keys()].every((producerId) => expected.producers.has(producerId)),
      'an unknown producer',
    ).to.equal(true);
    const end = log.logEndOffset;
    const starts = [...rows.values()].map((row) => row.currentTxnStartOffset).filter((start) => start >= 0);
    expect(log.lastStableOffset).to.equal(
      starts.length === 0 ? end : Math.max(Math.min(...starts), log.logStartOffset),
    );
    for (const sent of batches) {
      if (sent.firstOffset < partition.deletedUpTo) continue;
      expect(log.epochOf(sent.firstOffset), `epoch at ${sent.firstOffset}`).to.equal(
        batch.partitionLeaderEpoch(sent.bytes),
      );
    }
    // Of a transaction with deleted batches the first offset is not certain.
    const isCertain = (one: AbortedRow & { lastOffset: number }): boolean =>
      expected.aborted.some(
        (other) => other.lastOffset === one.lastOffset && other.firstOffset >= partition.deletedUpTo,
      );
    const wanted = expected.aborted.filter(isCertain);
    const aborted = log.abortedTransactions(log.logStartOffset, end).filter(isCertain);
    expect(
      aborted.map(({ producerId, firstOffset, lastOffset }) => ({ producerId, firstOffset, lastOffset })),
    ).to.deep.equal(wanted);
    await this.checkReads(partition);
    await this.#checkTimes(partition);
    this.#checkRetry(partition);
  }

  /** Of a producer with deleted batches only the last batch is certain. */
  checkProducer(partition: Partition, found: ProducerRow | undefined, row: ProducerRow): void {
    const own = partition.batches.filter((one) => batch.producerId(one.bytes) === row.producerId);
    const where = `producer ${row.producerId} of ${partition.log.directory}`;
    if (own.every((one) => one.firstOffset >= partition.deletedUpTo)) {
      expect(found, where).to.deep.equal(row);
      return;
    }
    const lastData = own.findLast((one) => !batch.isControl(one.bytes));
    if (lastData === undefined || lastData.firstOffset < partition.deletedUpTo) return;
    const { producerEpoch, lastSequence, lastTimestamp } = row;
    expect(found, where).to.include({ producerEpoch, lastSequence, lastTimestamp });
  }

  async checkReads(partition: Partition): Promise<void> {
    await this.#simulation.clock.advance(50);
    const { log } = partition;
    const batches = partition.batches.filter(
      (one) => one.lastOffset >= log.logStartOffset && one.lastOffset < log.writtenEndOffset,
    );
    for (let i = 0; i < 4 && batches.length > 0; i++) {
      const sent = batches[randomInt(this.#random, 0, batches.length)] as SentBatch;
      const offset = Math.max(log.logStartOffset, randomInt(this.#random, sent.firstOffset, sent.lastOffset + 1));
      const slice = log.read(offset, randomInt(this.#random, 1, 5000), { upTo: log.highWatermark, minOneBatch: true });
      const read = Buffer.concat(this.#random.next() < 0.5 ? slice.readSync() : await slice.read());
      expect(slice.firstBatchOffset).to.equal(sent.firstOffset);
      expect(read.subarray(0, sent.bytes.length).equals(sent.bytes), `read at ${offset}`).to.equal(true);
    }
  }

  async #checkTimes(partition: Partition): Promise<void> {
    const { log } = partition;
    const batches = partition.batches.filter((one) => one.lastOffset >= log.logStartOffset);
    if (batches.length === 0) return;
    const some = batches[randomInt(this.#random, 0, batches.length)] as SentBatch;
    const timestamp = addInt64(batch.maxTimestamp(some.bytes), randomInt(this.#random, -2, 2));
    const records = batches.flatMap((one) => [...batch.recordsOf(one.bytes)]);
    const wanted = records.find((record) => record.timestamp >= timestamp && record.offset >= log.logStartOffset);
    expect((await log.offsetForTimestamp(timestamp))?.offset, `timestamp ${timestamp}`).to.equal(wanted?.offset);
  }

  /** A retry of the last batch of an idempotent producer is answered with where it stands. */
  #checkRetry(partition: Partition): void {
    const { log } = partition;
    const last = partition.batches.findLast(
      (one) => batch.producerId(one.bytes) >= 0 && !batch.isControl(one.bytes) && one.firstOffset >= log.logStartOffset,
    );
    if (last === undefined) return;
    const row = log.producers().find((one) => one.producerId === batch.producerId(last.bytes));
    if (row?.lastSequence !== batch.lastSequence(last.bytes) || row.producerEpoch !== batch.producerEpoch(last.bytes))
      return;
    const retry = Buffer.from(last.bytes);
    batch.setBaseOffset(retry, 0);
    const options = {
      origin: 'client',
      leaderEpoch: partition.leaderEpoch,
      now: this.#simulation.clock.nowMs(),
      validation: 'header',
    } as const;
    const info = log.append(retry, options);
    expect(info.isDuplicate, `retry of ${last.firstOffset}`).to.equal(true);
    expect(info.firstOffset).to.equal(last.firstOffset);
  }
}

/** All whole batches from `offset` on, each in a buffer of its own. */
export function readBatches(log: PartitionLog, offset: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = offset; at < log.logEndOffset; ) {
    const slice = log.read(at, 4000, { upTo: log.logEndOffset, minOneBatch: true });
    const bytes = Buffer.concat(slice.readSync());
    expect(bytes.length, `nothing to read at ${at}`).to.be.greaterThan(0);
    for (const position of batch.batchesOf(bytes)) {
      found.push(bytes.subarray(position, position + batch.sizeInBytes(bytes, position)));
      at = batch.lastOffset(bytes, position) + 1;
    }
  }
  return found;
}
