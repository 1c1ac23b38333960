// Where replicas lie now, by broker and by directory, for kafka-reassign-partitions.
import { type Admin, allOf, ClientError } from '../../client/index.ts';
import { executionError, JavaError } from './java-error.ts';
import { reassignmentText, type WantedPartition } from './reassign-json.ts';

export const unknownPlace = (message: string): JavaError =>
  executionError(new JavaError('org.apache.kafka.common.errors.UnknownTopicOrPartitionException', message));

/** All partitions of the topics. Rejects with what the original says of a topic that is not there. */
export async function currentReplicas(admin: Admin, topics: readonly string[]): Promise<WantedPartition[]> {
  const outcomes = await admin.describeTopics(topics);
  for (const [topic, outcome] of outcomes) {
    const isUnknown = outcome instanceof ClientError && outcome.code === 'UNKNOWN_TOPIC_OR_PARTITION';
    if (isUnknown) throw unknownPlace(`Topic ${topic} not found.`);
  }
  return [...allOf(outcomes).values()].flatMap(({ name, partitions }) =>
    partitions.map(({ partition, replicas }) => ({ topic: name, partition, replicas })),
  );
}

/** The present assignment as JSON, with the directory of each replica that its broker tells of. */
export async function currentText(admin: Admin, partitions: readonly WantedPartition[]): Promise<string> {
  const replicas = partitions.flatMap(({ topic, partition, replicas: ids }) =>
    ids.map((brokerId) => ({ topic, partition, brokerId })),
  );
  const found = await admin.describeReplicaLogDirs(replicas);
  return reassignmentText(partitions, ({ topic, partition, brokerId }) => {
    const one = found.find(
      (replica) => replica.topic === topic && replica.partition === partition && replica.brokerId === brokerId,
    );
    return one === undefined || one.result instanceof ClientError ? 'any' : (one.result.currentLogDir ?? 'any');
  });
}
