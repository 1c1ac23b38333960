// The tools by name, each loaded when it is asked for. Nothing of this is loaded by `ottla start`.
import { nouns, type Tool } from '../tools/index.ts';

export const extras: Readonly<Record<string, () => Promise<Tool>>> = {
  ...nouns,
  dev: async () => (await import('../tools/dev/dev.ts')).dev((await import('./dev.ts')).startDevBroker),
  'kafka-broker-api-versions': async () => (await import('../tools/kafka/broker-api-versions.ts')).brokerApiVersions,
  'kafka-cluster': async () => (await import('../tools/kafka/cluster.ts')).cluster,
  'kafka-console-consumer': async () => (await import('../tools/kafka/console-consumer.ts')).consoleConsumer,
  'kafka-console-share-consumer': async () =>
    (await import('../tools/kafka/console-share-consumer.ts')).consoleShareConsumer,
  'kafka-consumer-perf-test': async () => (await import('../tools/kafka/consumer-perf-test.ts')).consumerPerfTest,
  'kafka-producer-perf-test': async () => (await import('../tools/kafka/producer-perf-test.ts')).producerPerfTest,
  'kafka-delegation-tokens': async () => (await import('../tools/kafka/delegation-tokens.ts')).delegationTokens,
  'kafka-e2e-latency': async () => (await import('../tools/kafka/e2e-latency.ts')).e2eLatency,
  'kafka-features': async () => (await import('../tools/kafka/features.ts')).features,
  'kafka-replica-verification': async () =>
    (await import('../tools/kafka/replica-verification.ts')).replicaVerification,
  'kafka-share-consumer-perf-test': async () =>
    (await import('../tools/kafka/share-consumer-perf-test.ts')).shareConsumerPerfTest,
  'kafka-verifiable-consumer': async () => (await import('../tools/kafka/verifiable-consumer.ts')).verifiableConsumer,
  'kafka-verifiable-producer': async () => (await import('../tools/kafka/verifiable-producer.ts')).verifiableProducer,
  'kafka-verifiable-share-consumer': async () =>
    (await import('../tools/kafka/verifiable-share-consumer.ts')).verifiableShareConsumer,
  'kafka-delete-records': async () => (await import('../tools/kafka/delete-records.ts')).deleteRecords,
  'kafka-dump-log': async () => (await import('../tools/kafka/dump-log.ts')).dumpLog,
  'kafka-console-producer': async () => (await import('../tools/kafka/console-producer.ts')).consoleProducer,
  'kafka-leader-election': async () => (await import('../tools/kafka/leader-election.ts')).leaderElection,
  'kafka-log-dirs': async () => (await import('../tools/kafka/log-dirs.ts')).logDirs,
  'kafka-get-offsets': async () => (await import('../tools/kafka/get-offsets.ts')).getOffsets,
  'kafka-reassign-partitions': async () => (await import('../tools/kafka/reassign-partitions.ts')).reassignPartitions,
  'kafka-storage': async () => {
    const [{ storage }, commands] = await Promise.all([import('../tools/kafka/storage.ts'), import('./format.ts')]);
    return storage(commands);
  },
  'kafka-topics': async () => (await import('../tools/kafka/topics.ts')).topics,
  'kafka-consumer-groups': async () => (await import('../tools/kafka/consumer-groups.ts')).consumerGroups,
  'kafka-groups': async () => (await import('../tools/kafka/groups.ts')).groups,
  'kafka-share-groups': async () => (await import('../tools/kafka/share-groups.ts')).shareGroups,
  'kafka-streams-groups': async () => (await import('../tools/kafka/streams-groups.ts')).streamsGroups,
  'kafka-streams-application-reset': async () =>
    (await import('../tools/kafka/streams-application-reset.ts')).streamsApplicationReset,
  'kafka-acls': async () => (await import('../tools/kafka/acls.ts')).acls,
  'kafka-client-metrics': async () => (await import('../tools/kafka/client-metrics.ts')).clientMetrics,
  'kafka-metadata-quorum': async () => (await import('../tools/kafka/metadata-quorum.ts')).metadataQuorum,
  'kafka-transactions': async () => (await import('../tools/kafka/transactions.ts')).transactions,
  'kafka-configs': async () => (await import('../tools/kafka/configs.ts')).configs,
};
