// The newest records of a topic, partition by partition, for whoever looks at what it holds.
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { Errors, KafkaError, type ErrorCode } from '../../protocol/index.ts';
import type { Kernel } from '../store/kernel.ts';
import { PartitionLog, type ReadRecord } from '../store/partition-log.ts';

export interface PlacedRecord extends ReadRecord {
  readonly topic: string;
  readonly partition: number;
}

const NO_WAIT_MS = 0;

/** Topics that programs write to, by name. Rejects with KafkaError. */
export async function topicNames(client: Kernel): Promise<string[]> {
  const answer = await client.retrying(client.deadlineIn(client.limits.apiTimeoutMs), () =>
    client.askAny(Metadata, { topics: null, allowAutoTopicCreation: false }),
  );
  const names = answer.topics.flatMap(({ name, isInternal, errorCode }) =>
    name === null || isInternal || errorCode !== Errors.NONE ? [] : [name],
  );
  return names.sort();
}

/** Rejects with KafkaError. */
export async function partitionsOf(client: Kernel, topic: string): Promise<number[]> {
  const { topics } = await client.askAny(Metadata, { topics: [{ name: topic }], allowAutoTopicCreation: false });
  const code = topics[0]?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION;
  if (code !== Errors.NONE) throw new KafkaError(code as ErrorCode);
  return (topics[0]?.partitions ?? []).map(({ partitionIndex }) => partitionIndex).sort((one, other) => one - other);
}

/** The `last` newest records of the topic, as many of each partition; those that stand when it begins. Throws KafkaError. */
export async function* newestRecords(client: Kernel, topic: string, last: number): AsyncGenerator<PlacedRecord, void> {
  const reader = client.apart();
  try {
    const partitions = await partitionsOf(reader, topic);
    const each = Math.ceil(last / Math.max(1, partitions.length));
    for (const partition of partitions) {
      const log = new PartitionLog(reader, topic, partition);
      const [earliest, end] = [await log.bound('earliest'), await log.bound('latest')];
      let offset = Math.max(earliest, end - each);
      while (offset < end) {
        const { records, nextOffset } = await log.read(offset, NO_WAIT_MS);
        for (const record of records) if (record.offset < end) yield { ...record, topic, partition };
        // A broker that has nothing to give where it said that there was something.
        if (nextOffset <= offset) break;
        offset = nextOffset;
      }
    }
  } finally {
    await reader.close();
  }
}
