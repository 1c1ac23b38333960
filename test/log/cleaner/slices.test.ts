// The event loop has its turn all the while: what a pass does between two turns is counted at the ports.
import { expect } from 'chai';
import { defaultLogConfig, LogManager, topicLogConfig } from '../../../src/log/index.ts';
import { buildBatch, type BatchOptions, type RecordInput } from '../../../src/protocol/records/index.ts';
import { type Clock, type DiskFile, Metrics, silentLogger } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { leadingReplica } from '../../replication/leading-replica.ts';

/** A megabyte takes a millisecond, whatever is done with it, and each look at the clock a little. */
const BYTES_PER_MS = 1_000_000;
const LOOK_MS = 0.02;
const REST_MS = 1;

class CountingPorts {
  lookMs = LOOK_MS;
  turns = 0;
  /** Waits of a millisecond: other timers never come. */
  rests = 0;
  /** Called at each turn. */
  atTurn: () => void = () => undefined;
  /** The longest run between two turns, in bytes that were read or written, and in milliseconds. */
  mostBytes = 0;
  mostMs = 0;
  #bytes = 0;
  #nowMs = 0;
  #turnMs = 0;
  readonly disk = new CountingDisk({ nowMs: () => 0 });
  readonly clock: Clock = {
    nowMs: () => 1_767_225_600_000,
    monotonicMs: () => (this.#nowMs += this.lookMs),
    schedule: (delayMs, action) => {
      if (delayMs === REST_MS) {
        this.rests++;
        setImmediate(() => {
          this.#nowMs += delayMs;
          action();
        });
      }
      return { cancel: () => undefined };
    },
    endOfTurn: (action) =>
      void setImmediate(() => {
        this.turns++;
        this.mostMs = Math.max(this.mostMs, this.#nowMs - this.#turnMs);
        this.#turnMs = this.#nowMs;
        this.#bytes = 0;
        this.atTurn();
        action();
      }),
  };

  constructor() {
    this.disk.moved = (bytes) => {
      this.#nowMs += bytes / BYTES_PER_MS;
      this.#bytes += bytes;
      this.mostBytes = Math.max(this.mostBytes, this.#bytes);
    };
  }

  reset(): void {
    this.turns = 0;
    this.rests = 0;
    this.mostBytes = 0;
    this.mostMs = 0;
    this.#bytes = 0;
    this.#turnMs = this.#nowMs;
  }
}

class CountingDisk extends MemoryDisk {
  moved: (bytes: number) => void = () => undefined;

  override openSync(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    const file = super.openSync(path, mode);
    const readSync = file.readSync.bind(file);
    const writevSync = file.writevSync.bind(file);
    file.readSync = (target, offset, length, position) => {
      this.moved(length);
      return readSync(target, offset, length, position);
    };
    file.writevSync = (buffers, position) => {
      for (const { length } of buffers) this.moved(length);
      writevSync(buffers, position);
    };
    return file;
  }
}

interface Beside {
  /** What a look at the clock costs meanwhile. */
  readonly lookMs?: number;
  /** In so many turns somebody writes to another log. */
  readonly writes?: number;
}

/** What a pass over `batches` takes. */
async function cleaned(
  batches: readonly Buffer[],
  { lookMs = LOOK_MS, writes = 0 }: Beside = {},
): Promise<CountingPorts> {
  const ports = new CountingPorts();
  const config = { ...topicLogConfig(defaultLogConfig), cleanupPolicy: ['compact'], segmentBytes: 4_000_000 };
  const manager = await LogManager.open({
    runtime: { disk: ports.disk, clock: ports.clock, logger: silentLogger, metrics: new Metrics() },
    logDirs: ['/data'],
    config: defaultLogConfig,
    durability: 'memory',
    topicConfig: () => config,
  });
  const log = manager.createLog({ topic: 't', topicId: 'VA9A0MIcSd-qs8EYDiQibQ', partition: 0, config });
  const other = manager.createLog({ topic: 'u', topicId: 'VA9A0MIcSd-qs8EYDiQibR', partition: 0, config });
  const replica = leadingReplica(log, 0);
  const otherReplica = leadingReplica(other, 0);
  const append = (to: typeof replica, bytes: Buffer): void =>
    void to.append(bytes, { origin: 'client', leaderEpoch: 0, now: ports.clock.nowMs(), validation: 'header' });
  for (const bytes of batches) {
    append(replica, bytes);
    await new Promise((resolve) => ports.clock.endOfTurn(() => resolve(undefined)));
  }
  await log.flush();
  ports.reset();
  ports.lookMs = lookMs;
  let left = writes;
  ports.atTurn = () => {
    if (left-- > 0) append(otherReplica, batchOf(1, 100));
  };
  expect(await manager.cleanOnce()).to.equal(true);
  return ports;
}

const recordsOf = (count: number, valueBytes: number, keys = 500): RecordInput[] =>
  Array.from({ length: count }, (_, i) => ({ key: Buffer.from(`key ${i % keys}`), value: Buffer.alloc(valueBytes) }));

const batchOf = (count: number, valueBytes: number, options: BatchOptions = {}): Buffer =>
  buildBatch(recordsOf(count, valueBytes), options);

describe('A pass of the cleaner', () => {
  it('gives the event loop its turn after a millisecond and what was begun in it', async () => {
    const ports = await cleaned(Array.from({ length: 180 }, () => batchOf(100, 500)));
    expect(ports.turns).to.be.greaterThan(8);
    expect(ports.rests, 'nobody else has written').to.equal(0);
    expect(ports.mostBytes).to.be.lessThan(2_000_000);
    expect(ports.mostMs).to.be.lessThan(4);
  });

  it('does so within one batch of very many records, too', async () => {
    const packed = buildBatch(recordsOf(60_000, 60), { codec: 1 });
    expect(packed.length).to.be.lessThan(1_000_000);
    const others = (): Buffer[] => Array.from({ length: 80 }, () => batchOf(100, 500));
    // Each look finds the slice over: the turns tell how often was looked.
    const many = await cleaned([packed, ...others()], { lookMs: 1.1 });
    const few = await cleaned([batchOf(1, 60, { codec: 1 }), ...others()], { lookMs: 1.1 });
    expect(many.turns - few.turns).to.be.at.least(15);
  });

  it('rests between its slices while others write, and not for long after', async () => {
    const batches = (): Buffer[] => Array.from({ length: 180 }, () => batchOf(100, 500));
    const few = await cleaned(batches(), { writes: 3 });
    const many = await cleaned(batches(), { writes: 1000 });
    expect(few.rests).to.be.within(10, 60);
    expect(many.rests).to.be.greaterThan(few.rests);
    expect(many.mostMs).to.be.lessThan(4);
  });
});
