// What the topic says at this moment, for whoever only looks.
import type { Kernel } from './kernel.ts';
import { PartitionLog } from './partition-log.ts';
import { type LogRecord, RegistryState } from './registry-state.ts';

const NO_WAIT_MS = 0;

/** The records of the topic up to its end, in their order. Throws KafkaError; nothing is written. */
export async function* topicRecords(client: Kernel, topic: string): AsyncGenerator<LogRecord, void> {
  const log = new PartitionLog(client, topic, 0);
  const end = await log.bound('latest');
  for (let offset = await log.bound('earliest'); offset < end; ) {
    const { records, nextOffset } = await log.read(offset, NO_WAIT_MS);
    for (const { offset: at, timestampMs, key, value } of records) {
      const text = value === null ? null : Buffer.from(value).toString();
      if (at < end && key !== null) yield { offset: at, timestampMs, key: Buffer.from(key).toString(), value: text };
    }
    // A broker that has nothing to give where it said that there was something.
    if (nextOffset <= offset) return;
    offset = nextOffset;
  }
}

/** Rejects with KafkaError. */
export async function readState(client: Kernel, topic: string): Promise<RegistryState> {
  const state = new RegistryState();
  for await (const record of topicRecords(client, topic)) state.apply(record);
  return state;
}
