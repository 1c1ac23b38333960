// Which batch of each producer was its last when a pass began (Kafka's lastRecordsOfActiveProducers): it stays, if need be without
// records. Taken before the log is flushed, so that a crash never goes back to before one of these, and finds each of them or a
// later one.
import type { Int64 } from '../../protocol/index.ts';
import { type CleaningWork, type LogToClean, RECORDS_PER_STEP } from './log-to-clean.ts';

export interface LastRecord {
  /** Of its last data batch, -1 when none is remembered: a marker came last, in a newer epoch. */
  readonly lastOffset: number;
  readonly producerEpoch: number;
}

/** Rejects with DiskError, CleaningAbortedError. */
export async function lastRecordsOf(log: LogToClean, work: CleaningWork): Promise<ReadonlyMap<Int64, LastRecord>> {
  const lastRecords = new Map<Int64, LastRecord>();
  for (const [producerId, { lastOffset, producerEpoch }] of log.producers.entries) {
    lastRecords.set(producerId, { lastOffset, producerEpoch });
    if (lastRecords.size % RECORDS_PER_STEP === 0) await work.pause();
  }
  return lastRecords;
}
