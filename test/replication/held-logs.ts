// Partitions over real logs on a disk in memory and a virtual clock. What is appended is written when the test says so: the end
// of the turn does not come before `finishWrites`.
import type { AppendInfo, PartitionLog } from '../../src/log/index.ts';
import { type BatchOptions, buildBatch } from '../../src/protocol/records/index.ts';
import { Partition } from '../../src/replication/partition.ts';
import { HOT_BYTES } from '../../src/log/partition/log-slice.ts';
import type { SimClock } from '../../src/runtime/sim/index.ts';
import { LogFixture, NOW, TOPIC_ID } from '../log/log-fixture.ts';
import { verified } from '../log/verified.ts';

/** Of every batch of `appendBatch`. */
export const BATCH_BYTES = 100;
/** Makes a batch of one record, without key and headers, as long as that. */
const VALUE_BYTES = 32;
const LOCAL_ID = 1;

export class HeldLogs {
  /** Directories of logs that were told of a failed read. */
  readonly failedPaths: string[] = [];
  readonly partitions: Partition[] = [];
  readonly #fixture = new LogFixture();

  static async open(count: number): Promise<HeldLogs> {
    const logs = new HeldLogs();
    const { manager, config } = await logs.#fixture.open();
    for (let partition = 0; partition < count; partition++) {
      const made = { topic: 'orders', topicId: TOPIC_ID, partition, config };
      const log = manager.getLog('orders', partition) ?? manager.createLog(made);
      log.diskFailed = () => logs.failedPaths.push(log.directory);
      logs.partitions.push(new Partition(log, LOCAL_ID));
    }
    return logs;
  }

  get clock(): SimClock {
    return this.#fixture.clock;
  }

  partition(index: number): Partition {
    const partition = this.partitions[index];
    if (partition === undefined) throw new Error(`no partition ${index}`);
    return partition;
  }

  log(index: number): PartitionLog {
    return this.partition(index).log;
  }

  /** One record, one batch; with a size of its own when it is of a transaction. */
  appendBatch(index: number, options: BatchOptions = {}): AppendInfo {
    return this.append(index, buildBatch([{ value: Buffer.alloc(VALUE_BYTES), timestamp: NOW }], options));
  }

  append(index: number, records: Buffer, origin: 'client' | 'coordinator' = 'client'): AppendInfo {
    const { leaderEpoch, log } = this.partition(index);
    const guard = verified(log, records);
    return this.partition(index).append(records, { origin, leaderEpoch, now: NOW, validation: 'header', guard });
  }

  /** The disk writes everything, or refuses it when `refuseNext` has said so. */
  finishWrites(): Promise<void> {
    return this.clock.settle();
  }

  /** The next call of the kind on the partition's files fails. */
  refuseNext(call: 'read' | 'write', index: number): void {
    this.#fixture.disk.failNext({ call, path: `orders-${index}/` });
  }

  setMinInsyncReplicas(index: number, minInsyncReplicas: number): void {
    this.log(index).updateConfig({ ...this.log(index).config, minInsyncReplicas });
  }

  /** So much is written to other logs that nothing of these is taken to be in the page cache. */
  growCold(): void {
    this.#fixture.manager.environment.scheduler.totalWrittenBytes += HOT_BYTES + 1;
  }
}
