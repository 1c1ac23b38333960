// Administration of a cluster by the names of Kafka's Admin. Each method takes plain objects and answers plain objects:
//   - what concerns one thing answers it, or rejects with a ClientError;
//   - what concerns many answers for each what came of it, `T | ClientError` (Outcome), and rejects only when none could be asked:
//     a Map by name or number (Outcomes), or, where no single name tells what is meant, a list of the items in the order given, each
//     with `result` (OutcomeFor). `valueOf(outcome)` and `allOf(outcomes)` throw the error in place of answering it.
//   - what was only to be done, and is, has the outcome undefined.
// The last argument of each is its options, with `timeoutMs` (default.api.timeout.ms without it) and `signal`. What a cluster is too
// old for is asked for in the older way, or rejects with UNSUPPORTED_VERSION. One file a subject, loaded when it is first asked for.
import type { CallOptions } from '../connections/patience.ts';
import { ClusterAdmin } from './cluster-admin.ts';
import type { ChangedConfigs, ConfigResourceType } from './config-entries.ts';
import type { AlterConfigsOptions, AskedConfigs, DescribeConfigsOptions } from './configs.ts';
import type { DescribeTopicsOptions, ListTopicsOptions } from './describe-topics.ts';
import type { AskedOffset, DeleteBefore, ListOffsetsOptions } from './list-offsets.ts';
import type { ChangeOptions, NewPartitions, NewTopic, TopicToDelete } from './topics.ts';

export class Admin extends ClusterAdmin {
  createTopics(topics: readonly NewTopic[], how: ChangeOptions = {}) {
    return this.run(how, async (asking) => (await import('./topics.ts')).createTopics(asking, topics, how));
  }

  /** By name, or by id. */
  deleteTopics(topics: readonly TopicToDelete[], how: ChangeOptions = {}) {
    return this.run(how, async (asking) => (await import('./topics.ts')).deleteTopics(asking, topics, how));
  }

  listTopics(how: ListTopicsOptions = {}) {
    return this.run(how, async (asking) => (await import('./describe-topics.ts')).listTopics(asking, how));
  }

  describeTopics(names: readonly string[], how: DescribeTopicsOptions = {}) {
    return this.run(how, async (asking) => (await import('./describe-topics.ts')).describeTopics(asking, names, how));
  }

  describeTopicsById(ids: readonly string[], how: DescribeTopicsOptions = {}) {
    return this.run(how, async (asking) => (await import('./describe-topics.ts')).describeTopicsById(asking, ids, how));
  }

  /** More partitions for topics that are there. */
  createPartitions(topics: Readonly<Record<string, NewPartitions>>, how: ChangeOptions = {}) {
    return this.run(how, async (asking) => (await import('./topics.ts')).createPartitions(asking, topics, how));
  }

  deleteRecords(places: readonly DeleteBefore[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./list-offsets.ts')).deleteRecords(asking, places));
  }

  listOffsets(places: readonly AskedOffset[], how: ListOffsetsOptions = {}) {
    return this.run(how, async (asking) => (await import('./list-offsets.ts')).listOffsets(asking, places, how));
  }

  describeConfigs(resources: readonly AskedConfigs[], how: DescribeConfigsOptions = {}) {
    return this.run(how, async (asking) => (await import('./configs.ts')).describeConfigs(asking, resources, how));
  }

  incrementalAlterConfigs(resources: readonly ChangedConfigs[], how: AlterConfigsOptions = {}) {
    return this.run(how, async (asking) =>
      (await import('./configs.ts')).incrementalAlterConfigs(asking, resources, how),
    );
  }

  /** All types when none is given. */
  listConfigResources(types: readonly ConfigResourceType[] = [], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./configs.ts')).listConfigResources(asking, types));
  }

  /** Names of subscriptions to metrics of clients (KIP-714). */
  async listClientMetricsResources(how: CallOptions = {}) {
    return (await this.listConfigResources(['CLIENT_METRICS'], how)).map(({ name }) => name);
  }
}
