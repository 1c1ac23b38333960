// kafka-topics: create, list, alter, describe, delete (org.apache.kafka.tools.TopicCommand).
import { type Admin, allOf, ClientError, type NewTopic } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { illegalArgument, JavaError, thrown, thrownText } from './java-error.ts';
import { logError } from './log-line.ts';
import { withAdmin } from './open-admin.ts';
import type { CommandOptions } from './options/command-options.ts';
import { toolWithTrace } from './run-tool.ts';
import { isInternalTopic, topicFilter } from './topic-filter.ts';
import { OPTIONS, topicOptions } from './topics-options.ts';

const LOGGER = 'org.apache.kafka.tools.TopicCommand';
const MOST_REPLICAS = 32_767;
const CAREFUL = { retryOnQuotaViolation: false } as const;

export const topics = toolWithTrace(async (args, io) => {
  const options = topicOptions(io, args);
  const properties = loadProperties(io, options.valueOf(OPTIONS.commandConfig));
  const target = { bootstrapServers: options.required(OPTIONS.bootstrapServer), properties };
  try {
    await withAdmin(io, target, (admin) => act(io, admin, options));
    return 0;
  } catch (error) {
    print(io, `Error while executing topic command : ${thrown(error).message}`);
    logError(io, LOGGER, `${thrownText(error)}\n`);
    return 1;
  }
});

async function act(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  if (options.has(OPTIONS.create)) return create(io, admin, options);
  if (options.has(OPTIONS.alter)) return alter(admin, options);
  if (options.has(OPTIONS.list)) return print(io, (await matching(admin, options)).join('\n'));
  if (options.has(OPTIONS.delete)) return remove(admin, options);
  const { describe } = await import('./topics-describe.ts');
  return describe(io, admin, options);
}

async function create(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const name = options.required(OPTIONS.topic);
  const topic = await newTopic(name, options);
  if (/[._]/.test(name)) {
    print(
      io,
      "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.",
    );
  }
  const { replicationFactor = 1, partitions = 1 } = topic;
  if (replicationFactor > MOST_REPLICAS || replicationFactor < 1) {
    throw illegalArgument('The replication factor must be between 1 and 32767 inclusive');
  }
  if (partitions < 1) throw illegalArgument('The partitions must be greater than 0');
  const created = await admin.createTopics([topic], CAREFUL);
  const outcome = created.get(name);
  const isThere = outcome instanceof ClientError && outcome.code === 'TOPIC_ALREADY_EXISTS';
  if (isThere && options.has(OPTIONS.ifNotExists)) return;
  if (outcome instanceof ClientError) throw outcome;
  print(io, `Created topic ${name}.`);
}

async function newTopic(name: string, options: CommandOptions): Promise<NewTopic> {
  const partitions = options.valueOf(OPTIONS.partitions);
  const replicationFactor = options.valueOf(OPTIONS.replicationFactor);
  const assignments = assignmentsOf(options);
  const configs = await configsOf(options);
  if (assignments.length > 0) return { name, assignments: { ...assignments }, configs };
  return {
    name,
    ...(partitions !== undefined && { partitions }),
    ...(replicationFactor !== undefined && { replicationFactor }),
    configs,
  };
}

/** Replicas by partition; none when none were asked for. Throws JavaError. */
function assignmentsOf(options: CommandOptions): number[][] {
  const text = options.valueOf(OPTIONS.replicaAssignment) ?? '';
  if (text === '') return [];
  const partitions = text.split(',').map((replicas) => replicas.split(':').map((id) => brokerId(id.trim())));
  partitions.forEach((replicas, partition) => {
    const repeated = [...new Set(replicas.filter((id, index) => replicas.indexOf(id) !== index))];
    if (repeated.length > 0) {
      const message = `Partition replica lists may not contain duplicate entries: ${repeated.join(',')}`;
      throw new JavaError('org.apache.kafka.tools.AdminCommandFailedException', message);
    }
    if (replicas.length !== partitions[0]?.length) {
      const message = `Partition ${partition} has different replication factor: [${replicas.join(', ')}]`;
      throw new JavaError('org.apache.kafka.tools.AdminOperationException', message);
    }
  });
  return partitions;
}

function brokerId(text: string): number {
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  throw new JavaError('java.lang.NumberFormatException', `For input string: "${text}"`);
}

async function configsOf(options: CommandOptions): Promise<Record<string, string>> {
  const given = options.valuesOf(OPTIONS.config);
  if (given.length === 0) return {};
  const pairs = given.map((text) => text.split(/\s*=\s*/));
  if (pairs.some((pair) => pair.length !== 2 || pair[1] === '')) {
    throw illegalArgument(
      'requirement failed: Invalid topic config: all configs to be added must be in the format "key=val".',
    );
  }
  const configs = Object.fromEntries(pairs.map(([key = '', value = '']) => [key.trim(), value.trim()]));
  const { checkTopicConfigs } = await import('./topic-configs.ts');
  checkTopicConfigs(configs);
  return configs;
}

async function alter(admin: Admin, options: CommandOptions): Promise<void> {
  const assignments = assignmentsOf(options);
  await configsOf(options);
  const names = await matching(admin, options);
  checkFound(names, options);
  if (names.length === 0) return;
  const totalCount = options.required(OPTIONS.partitions);
  const described = assignments.length === 0 ? new Map() : allOf(await admin.describeTopics(names));
  const wanted = names.map((name) => {
    const known = described.get(name)?.partitions.length ?? 0;
    return [name, assignments.length === 0 ? { totalCount } : { totalCount, assignments: assignments.slice(known) }];
  });
  allOf(await admin.createPartitions(Object.fromEntries(wanted), CAREFUL));
}

async function remove(admin: Admin, options: CommandOptions): Promise<void> {
  const names = await matching(admin, options);
  checkFound(names, options);
  allOf(await admin.deleteTopics(names, CAREFUL));
}

/** Names of the topics that --topic means, or of all, in alphabetic order. */
export async function matching(admin: Admin, options: CommandOptions): Promise<string[]> {
  const excludesInternal = options.has(OPTIONS.excludeInternalTopic);
  const pattern = options.valueOf(OPTIONS.topic);
  const filter = pattern === undefined ? undefined : topicFilter(pattern);
  const listed = await admin.listTopics({ includeInternal: !excludesInternal });
  return listed
    .map(({ name }) => name)
    .sort((a, b) => (a < b ? -1 : 1))
    .filter((name) => filter?.allows(name, excludesInternal) ?? !(excludesInternal && isInternalTopic(name)));
}

/** Throws JavaError. */
export function checkFound(found: readonly string[], options: CommandOptions): void {
  const asked = options.valueOf(OPTIONS.topic) ?? '';
  if (asked === '' || options.has(OPTIONS.ifExists) || found.length > 0) return;
  throw illegalArgument(`Topic '${asked}' does not exist as expected`);
}
