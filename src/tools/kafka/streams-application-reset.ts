// kafka-streams-application-reset: an application of Kafka Streams begins again (org.apache.kafka.tools.StreamsResetter).
import {
  type Admin,
  allOf,
  ClientError,
  type ConsumerGroupDescription,
  type TopicPartition,
} from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { Exit } from './exit.ts';
import { executionError, illegalArgument, JavaError, thrownText } from './java-error.ts';
import { hashOrderOfTexts, placeText } from './java-order.ts';
import { withAdmin } from './open-admin.ts';
import type { CommandOptions } from './options/command-options.ts';
import { tool } from './run-tool.ts';
import { isInternalTopic } from './streams-internal-topics.ts';
import { resetPositions } from './streams-reset-positions.ts';
import { OPTIONS, streamsResetOptions } from './streams-reset-options.ts';

const LOCAL = 'localhost:9092';
const DRY_RUN = '----Dry run displays the actions which will be performed when running Streams Reset Tool----';

export const streamsApplicationReset = tool(async (args, io) => {
  try {
    const options = streamsResetOptions(io, args);
    const file = options.valueOf(OPTIONS.commandConfig) ?? options.valueOf(OPTIONS.configFile);
    const properties = loadProperties(io, file);
    const bootstrapServers = options.valueOf(OPTIONS.bootstrapServer) ?? properties['bootstrap.servers'] ?? LOCAL;
    return await withAdmin(io, { bootstrapServers, properties }, (admin) => reset(io, admin, options));
  } catch (error) {
    if (error instanceof Exit) throw error;
    const told = error instanceof ClientError ? executionError(error) : error;
    complain(io, `ERROR: ${thrownText(told)}`);
    complain(io, thrownText(told));
    return 1;
  }
});

async function reset(io: ToolIo, admin: Admin, options: CommandOptions): Promise<number> {
  await removeMembers(io, admin, options);
  const topics = (await admin.listTopics()).map(({ name }) => name);
  if (options.has(OPTIONS.dryRun)) print(io, DRY_RUN);
  const code = await resetPositions(io, admin, options, new Set(topics));
  await removeTopics(io, admin, options, hashOrderOfTexts(topics));
  return code;
}

/** Throws JavaError when there are some, unless --force is given. */
async function removeMembers(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const groupId = options.required(OPTIONS.applicationId);
  const group = (await admin.describeConsumerGroups([groupId])).get(groupId);
  if (group instanceof ClientError) {
    if (group.code === 'GROUP_ID_NOT_FOUND') return;
    throw group;
  }
  if (group === undefined || group.members.length === 0) return;
  if (options.has(OPTIONS.force)) {
    print(io, `Force deleting all active members in the group: ${groupId}`);
    allOf(await admin.removeMembersFromConsumerGroup(groupId));
    return;
  }
  throw new JavaError(
    'java.lang.IllegalStateException',
    `Consumer group '${groupId}' is still active and has following members: [${group.members.map(memberText).join(', ')}]. Make sure to stop all running application instances before running the reset tool. You can use option '--force' to remove active members from the group.`,
  );
}

/** As MemberDescription.toString() has it. */
function memberText(member: ConsumerGroupDescription['members'][number]): string {
  const { memberId, groupInstanceId, rackId, clientId, host, assignment, targetAssignment, memberEpoch } = member;
  const target = targetAssignment === undefined ? 'Optional.empty' : `Optional[${assignmentText(targetAssignment)}]`;
  const ids = `memberId=${memberId}, groupInstanceId=${groupInstanceId ?? 'null'}, rackId=${rackId ?? 'null'}`;
  const where = `clientId=${clientId}, host=${host}, assignment=${assignmentText(assignment)}`;
  return `(${ids}, ${where}, targetAssignment=${target}, memberEpoch=${memberEpoch ?? 'null'}, upgraded=${member.isUpgraded ?? 'null'})`;
}

const assignmentText = (places: readonly TopicPartition[]): string =>
  `(topicPartitions=${places.map(placeText).join(',')})`;

async function removeTopics(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  topics: readonly string[],
): Promise<void> {
  const applicationId = options.required(OPTIONS.applicationId);
  const given = [...options.valuesOf(OPTIONS.inputTopics), ...options.valuesOf(OPTIONS.intermediateTopics)];
  const inferred = topics.filter((topic) => !given.includes(topic) && isInternalTopic(topic, applicationId));
  const specified = options.valuesOf(OPTIONS.internalTopics);
  if (!specified.every((topic) => inferred.includes(topic))) {
    throw illegalArgument(
      'Invalid topic specified in the --internal-topics option. Ensure that the topics specified are all internal topics. Do a dry run without the --internal-topics option to see the list of all internal topics that can be deleted.',
    );
  }
  const wanted = specified.length > 0 ? specified : inferred;
  const kind = specified.length > 0 ? 'specified' : 'inferred';
  print(io, `Deleting ${kind} internal topics [${wanted.join(', ')}]`);
  if (!options.has(OPTIONS.dryRun)) await deleteAll(io, admin, wanted);
  print(io, 'Done.');
}

/** Throws JavaError when one stays. */
async function deleteAll(io: ToolIo, admin: Admin, topics: readonly string[]): Promise<void> {
  const outcomes = [...(await admin.deleteTopics(topics))];
  const failed = outcomes.filter(([, outcome]) => outcome instanceof ClientError);
  for (const [topic, outcome] of failed) {
    complain(io, `ERROR: deleting topic ${String(topic)}`);
    complain(io, thrownText(executionError(outcome)));
  }
  if (failed.length > 0) {
    throw new JavaError('java.lang.RuntimeException', 'Encountered an error deleting one or more topics');
  }
}
