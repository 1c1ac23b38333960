// What a form of a tool is: a call of one of Kafka's programs, and what it wrote and answered, with what differs from run to run masked.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tarFiles } from '../tar-files.ts';

export interface Form {
  readonly name: string;
  /** As `ottla` knows it: `kafka-topics`. */
  readonly tool: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** Files that are there before it runs, by name; `$D` in arguments is their directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** What clients do to the broker before it runs. */
  readonly prepare?: (bootstrap: string) => Promise<void>;
  /** Output is told in no promised order: lines are sorted before they are compared. */
  readonly isUnordered?: boolean;
  /** Only this much of the output is the same by nature: patterns of lines that are left out on both sides. */
  readonly leftOut?: RegExp;
}

/** What is called twice has its place in its name. */
export function numbered(forms: readonly Form[]): readonly Form[] {
  const calls = new Map<string, number>();
  return forms.map((form) => {
    const call = (calls.get(form.name) ?? 0) + 1;
    calls.set(form.name, call);
    return call === 1 ? form : { ...form, name: `${form.name} (${call})` };
  });
}

export interface FormOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The class whose main method is the tool. */
export const MAIN_CLASSES: Readonly<Record<string, string>> = {
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-share-consumer': 'org.apache.kafka.tools.consumer.ConsoleShareConsumer',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-dump-log': 'org.apache.kafka.tools.DumpLogSegments',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-storage': 'kafka.tools.StorageTool',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
};

/** The same for the tools of groups, security and the cluster, whose forms stand in group-cases.ts. */
export const GROUP_CLASSES: Readonly<Record<string, string>> = {
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-client-metrics': 'org.apache.kafka.tools.ClientMetricsCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-groups': 'org.apache.kafka.tools.GroupsCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
};

/** The same for share groups and streams groups (modern-group-cases.ts). */
export const MODERN_GROUP_CLASSES: Readonly<Record<string, string>> = {
  'kafka-share-groups': 'org.apache.kafka.tools.consumer.group.ShareGroupCommand',
  'kafka-streams-groups': 'org.apache.kafka.tools.streams.StreamsGroupCommand',
  'kafka-streams-application-reset': 'org.apache.kafka.tools.StreamsResetter',
};

/** And for the tools of more-cases.ts and token-cases.ts. */
export const MORE_CLASSES: Readonly<Record<string, string>> = {
  'kafka-delegation-tokens': 'org.apache.kafka.tools.DelegationTokenCommand',
  'kafka-e2e-latency': 'org.apache.kafka.tools.EndToEndLatency',
  'kafka-features': 'org.apache.kafka.tools.FeatureCommand',
  'kafka-replica-verification': 'org.apache.kafka.tools.ReplicaVerificationTool',
  'kafka-share-consumer-perf-test': 'org.apache.kafka.tools.ShareConsumerPerformance',
  'kafka-verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
  'kafka-verifiable-share-consumer': 'org.apache.kafka.tools.VerifiableShareConsumer',
};

export interface Place {
  readonly bootstrap: string;
  /** Of the files. */
  readonly directory: string;
  /** Where the broker keeps its logs. */
  readonly logDirectory: string;
}

const DATA = join(import.meta.dirname, '../../test/fixtures/kafka-4.3.1-datadir.tar.gz');

/** A data directory that Apache Kafka wrote, unpacked beside the files: `$K`. */
export function unpackData({ directory }: Place): void {
  for (const [path, { content }] of tarFiles(readFileSync(DATA))) {
    if (content.length === 0 || path.includes('longlong')) continue;
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}

export async function prepareForm(form: Form, place: Place): Promise<void> {
  for (const [name, content] of Object.entries(form.files ?? {})) writeFileSync(join(place.directory, name), content);
  await form.prepare?.(place.bootstrap);
}

/** `$B` is the broker, `$D` the directory of files, `$K` that of Kafka's data, `$L` that of the logs. */
export function argumentsAt(args: readonly string[], { bootstrap, directory, logDirectory }: Place): string[] {
  return args.map((one) =>
    one
      .replaceAll('$K', join(directory, 'data'))
      .replaceAll('$B', bootstrap)
      .replaceAll('$D', directory)
      .replaceAll('$L', logDirectory),
  );
}

/** Stack traces, log lines, ids, times, addresses and directories are masked. */
export function masked(outcome: FormOutcome, form: Form, place: Place): FormOutcome {
  const clean = (text: string): string => {
    const all = text.split('\n');
    const lines = all.filter((line, index) => {
      const isLogged = isLogLine(all[index - 1] ?? '') && /^[\w.$]+(Exception|Error)(: |$)/.test(line);
      return !isLogged && !isNoise(line) && form.leftOut?.test(line) !== true;
    });
    const joined = (form.isUnordered === true ? lines.map((line) => line.trim()).sort() : lines).join('\n');
    return withoutNames(joined, place);
  };
  return { code: outcome.code, out: clean(outcome.out), err: clean(outcome.err) };
}

const isNoise = (line: string): boolean =>
  /^\s+at [\w$.<>/]+\(/.test(line) ||
  /^\s+Suppressed: /.test(line) ||
  /^(\s*\.\.\. \d+ (more|common frames omitted)|Caused by: )/.test(line) ||
  /^ \([\w.$]+\)$/.test(line) ||
  line.startsWith('The consumer rebalance protocol (KIP-848) is production-ready') ||
  isLogLine(line);

const isLogLine = (line: string): boolean => /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] (ERROR|WARN|INFO)/.test(line);

function withoutNames(text: string, { bootstrap, directory, logDirectory }: Place): string {
  const port = bootstrap.slice(bootstrap.lastIndexOf(':') + 1);
  const paths = [[logDirectory, '$L'] as const, [directory, '$D'] as const].sort(([a], [b]) => b.length - a.length);
  return paths
    .reduce((rest, [path, name]) => rest.replaceAll(path, name), text)
    .replaceAll(bootstrap, '$B')
    .replaceAll(new RegExp(`\\b${port}\\b`, 'g'), '$PORT')
    .replaceAll(/perf-consumer-\d+\)\s*/g, 'perf-consumer-$N)')
    .replaceAll(/\b1[5-9]\d{11}\b/g, '$TIME')
    .replaceAll(/\b20\d\d-\d\d-\d\dT\d\d:\d\d\b/g, '$WHEN')
    .replaceAll(/[\w+/]{86}==/g, '$HMAC')
    .replaceAll(/^[\w-]{22}(?= \$HMAC)/gm, '$ID')
    .replaceAll(/"avg_throughput":[\d.E-]+/g, '"avg_throughput":$N')
    .replaceAll(/"offsets":\[([\d,]+)\]/g, (_, list: string) => `"offsets":[${list.split(',').sort().join(',')}]`)
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '$UUID')
    .replaceAll(/(TopicId: |Cluster ID: |tokenId : |topicId":")[\w-]{22}/g, '$1$ID');
}
