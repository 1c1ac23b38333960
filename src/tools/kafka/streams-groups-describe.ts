// kafka-streams-groups --describe: offsets and lag, members, or the state of groups.
import {
  type Admin,
  allOf,
  type StreamsAssignment,
  type StreamsGroupDescription,
  type StreamsTasks,
  type TopicPartition,
  valueOf,
} from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { printGroupError } from './group-errors.ts';
import { illegalArgument } from './java-error.ts';
import { hashOrderOfPlaces, placeText } from './java-order.ts';
import type { CommandOptions } from './options/command-options.ts';
import { committedOf } from './streams-groups-offsets.ts';
import { timeoutOf } from './streams-groups.ts';
import { OPTIONS } from './streams-groups-options.ts';
import { row, widthOf } from './table-rows.ts';

const MISSING = '-';

export async function describeStreamsGroups(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  ids: readonly string[],
): Promise<void> {
  const how = timeoutOf(options);
  const isVerbose = options.has(OPTIONS.verbose);
  for (const id of ids) {
    const group = allOf(await admin.describeStreamsGroups([id], how)).get(id) as StreamsGroupDescription;
    if (options.has(OPTIONS.members)) printMembers(io, group, isVerbose);
    else if (options.has(OPTIONS.state)) printState(io, group, isVerbose);
    else await printOffsets(io, admin, group, { isVerbose, ...how });
  }
}

function printMembers(io: ToolIo, group: StreamsGroupDescription, isVerbose: boolean): void {
  if (group.members.length === 0) return;
  const { groupId, members, targetAssignmentEpoch, topologyEpoch } = group;
  const widthFor = (textOf: (member: (typeof members)[number]) => string): number => widthOf(15, members.map(textOf));
  const [ofGroup, ofMember, ofProcess, ofClient] = [
    widthOf(15, [groupId]),
    widthFor(({ memberId }) => memberId),
    widthFor(({ processId }) => processId),
    widthFor(({ clientId }) => clientId),
  ];
  if (!isVerbose) {
    const widths = [ofGroup, ofMember, ofProcess, ofClient, undefined];
    print(io, row(widths, ['GROUP', 'MEMBER', 'PROCESS', 'CLIENT-ID', 'ASSIGNMENTS']));
    for (const { memberId, processId, clientId, assignment } of members) {
      print(io, row(widths, [groupId, memberId, processId, clientId, tasksText(assignment)]));
    }
    return;
  }
  // The original has no space between the epoch of the topology and the member.
  const line = (epoch: string | number, topology: string | number, cells: readonly (string | number)[]): void => {
    const widths = [ofMember, 15, 15, ofProcess, ofClient, undefined];
    print(io, row([ofGroup, 25, 15], [groupIdOr(epoch, groupId), epoch, topology]) + row(widths, cells));
  };
  const rest = ['MEMBER', 'MEMBER-PROTOCOL', 'MEMBER-EPOCH', 'PROCESS', 'CLIENT-ID', 'ASSIGNMENTS'];
  line('TARGET-ASSIGNMENT-EPOCH', 'TOPOLOGY-EPOCH', rest);
  for (const { memberId, isClassic, memberEpoch, processId, clientId, assignment, targetAssignment } of members) {
    const protocol = isClassic ? 'classic' : 'streams';
    const tasks = tasksText(assignment) + tasksText(targetAssignment, 'TARGET-');
    line(targetAssignmentEpoch, topologyEpoch, [memberId, protocol, memberEpoch, processId, clientId, tasks]);
  }
}

const groupIdOr = (epoch: string | number, groupId: string): string => (typeof epoch === 'string' ? 'GROUP' : groupId);

/** `ACTIVE: 0:[0,1]; 1:[0]; STANDBY: …`. */
function tasksText({ activeTasks, standbyTasks, warmupTasks }: StreamsAssignment, prefix = ''): string {
  const kinds: [string, readonly StreamsTasks[]][] = [
    ['ACTIVE', activeTasks],
    ['STANDBY', standbyTasks],
    ['WARMUP', warmupTasks],
  ];
  return kinds.map(([name, tasks]) => (tasks.length === 0 ? '' : `${prefix}${name}: ${listOf(tasks)}`)).join('');
}

const listOf = (tasks: readonly StreamsTasks[]): string =>
  tasks.map(({ subtopologyId, partitions }) => `${subtopologyId}:[${partitions.join(',')}]; `).join('');

function printState(io: ToolIo, group: StreamsGroupDescription, isVerbose: boolean): void {
  const { groupId, coordinator, state, groupEpoch, targetAssignmentEpoch, members } = group;
  if (state === 'Dead') return printGroupError(io, `Streams group '${groupId}' does not exist.`);
  if (state === 'Empty') printGroupError(io, `Streams group '${groupId}' has no active members.`);
  const where = `${coordinator.host}:${coordinator.port} (${coordinator.id})`;
  const widths = [widthOf(15, [groupId]), widthOf(25, [where]), 25, ...(isVerbose ? [15, 25] : []), undefined];
  const epochHead = isVerbose ? ['GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH'] : [];
  const epochs = isVerbose ? [groupEpoch, targetAssignmentEpoch] : [];
  print(io, row(widths, ['GROUP', 'COORDINATOR (ID)', 'STATE', ...epochHead, '#MEMBERS']));
  print(io, row(widths, [groupId, where, state, ...epochs, members.length]));
}

interface OffsetView {
  readonly isVerbose: boolean;
  readonly timeoutMs: number;
}

async function printOffsets(
  io: ToolIo,
  admin: Admin,
  group: StreamsGroupDescription,
  { isVerbose, timeoutMs }: OffsetView,
): Promise<void> {
  if (group.members.length === 0) return;
  const rows = await offsetRows(admin, group, timeoutMs);
  const { groupId } = group;
  const topics = rows.map(({ topic }) => topic);
  const widths = [widthOf(15, [groupId]), widthOf(15, topics), 10, ...(isVerbose ? [15, 15, 15, 15] : [undefined])];
  const more = isVerbose ? ['CURRENT-OFFSET', 'LEADER-EPOCH', 'LOG-END-OFFSET'] : [];
  print(io, row(widths, ['GROUP', 'TOPIC', 'PARTITION', ...more, 'OFFSET-LAG']));
  for (const { topic, partition, offset, leaderEpoch, end, lag } of rows) {
    const cells = isVerbose ? [offset, leaderEpoch, end] : [];
    print(io, row(widths, [groupId, topic, partition, ...cells, lag]));
  }
}

interface OffsetRow extends TopicPartition {
  readonly offset: string | number;
  readonly leaderEpoch: string | number;
  readonly end: number;
  readonly lag: number;
}

async function offsetRows(admin: Admin, group: StreamsGroupDescription, timeoutMs: number): Promise<OffsetRow[]> {
  const places = hashOrderOfPlaces(
    new Map(
      group.members.flatMap(({ assignment }) => placesOf(assignment, group)).map((one) => [placeText(one), one]),
    ).values(),
  );
  const at = async (spec: 'earliest' | 'latest'): Promise<ReadonlyMap<string, number>> => {
    const found = await admin.listOffsets(
      places.map((place) => ({ ...place, spec })),
      { timeoutMs },
    );
    return new Map(found.map((one) => [placeText(one), valueOf(one.result).offset]));
  };
  const [starts, ends] = [await at('earliest'), await at('latest')];
  const committed = await committedOf(admin, group.groupId, timeoutMs);
  return places.map(({ topic, partition }) => {
    const key = placeText({ topic, partition });
    const own = committed.get(key);
    const end = ends.get(key) as number;
    const from = own === undefined ? (starts.get(key) as number) : Number(own.offset);
    const offset = own === undefined ? MISSING : Number(own.offset);
    return { topic, partition, offset, leaderEpoch: own?.leaderEpoch ?? MISSING, end, lag: end - from };
  });
}

/** What the active tasks read. Throws JavaError. */
function placesOf({ activeTasks }: StreamsAssignment, { subtopologies }: StreamsGroupDescription): TopicPartition[] {
  return activeTasks.flatMap(({ subtopologyId, partitions }) => {
    const subtopology = subtopologies.find((one) => one.subtopologyId === subtopologyId);
    if (subtopology === undefined) {
      throw illegalArgument(`Subtopology ${subtopologyId} not found in group description!`);
    }
    const topics = [...subtopology.sourceTopics, ...subtopology.repartitionSourceTopics.map(({ name }) => name)];
    return topics.flatMap((topic) => partitions.map((partition) => ({ topic, partition })));
  });
}
