// kafka-topics --describe: a line a topic, a line a partition; or only those that something is wrong with.
import {
  type Admin,
  allOf,
  ClientError,
  type ConfigEntry,
  type PartitionDescription,
  type TopicDescription,
} from '../../client/index.ts';
import { javaHash, ZERO_UUID } from '../../protocol/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { illegalArgument } from './java-error.ts';
import { hashOrder, hashOrderOfTexts } from './java-order.ts';
import type { CommandOptions } from './options/command-options.ts';
import { checkFound, matching } from './topics.ts';
import { OPTIONS } from './topics-options.ts';

const PARTITIONS_PER_ANSWER = 2000;

interface Reassignment {
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

/** What is known of one topic. */
interface Subject {
  readonly topic: TopicDescription;
  readonly configs: readonly ConfigEntry[];
  readonly reassignments: ReadonlyMap<number, Reassignment>;
  readonly liveBrokers: ReadonlySet<number>;
}

export async function describe(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const described = await describedTopics(admin, options);
  const resources = described.map(({ name }) => ({ type: 'TOPIC' as const, name }));
  const configs = await admin.describeConfigs(resources);
  const { nodes } = await admin.describeCluster();
  const liveBrokers = new Set(nodes.map(({ id }) => id));
  const reassignments = await reassignmentsOf(admin, described);
  described.forEach((topic, index) => {
    const entries = configs[index]?.result ?? [];
    if (entries instanceof ClientError) throw entries;
    tell(io, options, {
      topic,
      configs: entries,
      reassignments: reassignments.get(topic.name) ?? new Map(),
      liveBrokers,
    });
  });
}

async function describedTopics(admin: Admin, options: CommandOptions): Promise<TopicDescription[]> {
  const topicId = options.valueOf(OPTIONS.topicId);
  if (topicId !== undefined && topicId !== ZERO_UUID) return describedById(admin, topicId, options);
  const names = await matching(admin, options);
  checkFound(names, options);
  if (names.length === 0) return [];
  const partitionsPerAnswer = options.valueOf(OPTIONS.partitionSizeLimitPerResponse) ?? PARTITIONS_PER_ANSWER;
  const found = allOf(await admin.describeTopics(names, { partitionsPerAnswer }));
  return hashOrderOfTexts(hashOrderOfTexts(names), names.length).map((name) => found.get(name) as TopicDescription);
}

async function describedById(admin: Admin, topicId: string, options: CommandOptions): Promise<TopicDescription[]> {
  const includeInternal = !options.has(OPTIONS.excludeInternalTopic);
  const listed = await admin.listTopics({ includeInternal });
  if (listed.some((topic) => topic.topicId === topicId)) {
    return [...allOf(await admin.describeTopicsById([topicId])).values()];
  }
  if (options.has(OPTIONS.ifExists)) return [];
  throw illegalArgument(`TopicId '${topicId}' does not exist as expected`);
}

/** By topic and partition; nothing where the brokers do not tell. */
async function reassignmentsOf(
  admin: Admin,
  topics: readonly TopicDescription[],
): Promise<Map<string, Map<number, Reassignment>>> {
  const places = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition })),
  );
  const found = new Map<string, Map<number, Reassignment>>();
  try {
    for (const { topic, partition, ...reassignment } of await admin.listPartitionReassignments(places)) {
      found.set(topic, (found.get(topic) ?? new Map<number, Reassignment>()).set(partition, reassignment));
    }
  } catch (error) {
    const isKnown =
      error instanceof ClientError && /^(UNSUPPORTED_VERSION|CLUSTER_AUTHORIZATION_FAILED)$/.test(error.code ?? '');
    if (!isKnown) throw error;
  }
  return found;
}

function tell(io: ToolIo, options: CommandOptions, subject: Subject): void {
  const { topic, configs, reassignments } = subject;
  const onlyOverridden = options.has(OPTIONS.topicsWithOverrides);
  const reports = [
    OPTIONS.reportUnavailablePartitions,
    OPTIONS.reportUnderReplicatedPartitions,
    OPTIONS.reportUnderMinIsrPartitions,
    OPTIONS.reportAtMinIsrPartitions,
  ];
  const isReport = reports.some((report) => options.has(report));
  const partitions = [...topic.partitions].sort((a, b) => a.partition - b.partition);
  const overridden = hashOrder(configs, ({ name }) => javaHash(name)).filter(({ isDefault }) => !isDefault);
  const [first] = partitions;
  if (!isReport && first !== undefined && (!onlyOverridden || overridden.length > 0)) {
    const factor = replicationFactor(first, reassignments.get(first.partition));
    const texts = overridden.map(({ name, value }) => `${name}=${value}`).join(',');
    const id = topic.topicId === undefined ? '' : `\tTopicId: ${topic.topicId}`;
    print(
      io,
      `Topic: ${topic.name}${id}\tPartitionCount: ${partitions.length}\tReplicationFactor: ${factor}\tConfigs: ${texts}`,
    );
  }
  if (onlyOverridden) return;
  for (const partition of partitions) {
    if (!isReport || isReported(options, subject, partition)) print(io, partitionLine(subject, partition));
  }
}

function isReported(options: CommandOptions, subject: Subject, partition: PartitionDescription): boolean {
  const { isr, leader } = partition;
  const minIsr = Number(subject.configs.find(({ name }) => name === 'min.insync.replicas')?.value ?? 1);
  const reassignment = subject.reassignments.get(partition.partition);
  const facts = [
    [OPTIONS.reportUnderReplicatedPartitions, replicationFactor(partition, reassignment) > isr.length],
    [OPTIONS.reportUnavailablePartitions, leader === undefined || !subject.liveBrokers.has(leader)],
    [OPTIONS.reportUnderMinIsrPartitions, leader === undefined || isr.length < minIsr],
    [OPTIONS.reportAtMinIsrPartitions, isr.length === minIsr],
  ] as const;
  return facts.some(([report, isSo]) => isSo && options.has(report));
}

/** A reassignment may have ended between the two questions: then it does not count. */
function replicationFactor({ replicas }: PartitionDescription, reassignment: Reassignment | undefined): number {
  const changing = [...(reassignment?.removingReplicas ?? []), ...(reassignment?.addingReplicas ?? [])];
  const isMoving = reassignment !== undefined && replicas.some((id) => changing.includes(id));
  return isMoving ? reassignment.replicas.length - reassignment.addingReplicas.length : replicas.length;
}

function partitionLine({ topic, reassignments }: Subject, described: PartitionDescription): string {
  const { partition, leader, replicas, isr, eligibleLeaderReplicas, lastKnownEligibleLeaderReplicas } = described;
  const moving = reassignments.get(partition);
  const ids = (some: readonly number[] | undefined): string => some?.join(',') ?? 'N/A';
  return [
    `\tTopic: ${topic.name}`,
    `\tPartition: ${partition}`,
    `\tLeader: ${leader ?? 'none'}`,
    `\tReplicas: ${ids(replicas)}`,
    `\tIsr: ${ids(isr)}`,
    ...(moving === undefined
      ? []
      : [`\tAdding Replicas: ${ids(moving.addingReplicas)}`, `\tRemoving Replicas: ${ids(moving.removingReplicas)}`]),
    `\tElr: ${ids(eligibleLeaderReplicas)}`,
    `\tLastKnownElr: ${ids(lastKnownEligibleLeaderReplicas)}`,
  ].join('');
}
