// The tools by name, each loaded when it is asked for. Nothing of this is loaded by `ottla start`.
import type { Tool } from '../tools/index.ts';

export const extras: Readonly<Record<string, () => Promise<Tool>>> = {
  'kafka-broker-api-versions': async () => (await import('../tools/kafka/broker-api-versions.ts')).brokerApiVersions,
  'kafka-cluster': async () => (await import('../tools/kafka/cluster.ts')).cluster,
  'kafka-delete-records': async () => (await import('../tools/kafka/delete-records.ts')).deleteRecords,
  'kafka-get-offsets': async () => (await import('../tools/kafka/get-offsets.ts')).getOffsets,
  'kafka-topics': async () => (await import('../tools/kafka/topics.ts')).topics,
};
