// kafka-share-groups --describe: offsets and lag, members, or the state of groups.
import {
  type Admin,
  allOf,
  type OffsetsOfShareGroup,
  type ShareGroupDescription,
  type TopicPartition,
  valueOf,
} from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { printGroupError } from './group-errors.ts';
import type { CommandOptions } from './options/command-options.ts';
import { timeoutOf } from './share-groups.ts';
import { OPTIONS } from './share-groups-options.ts';
import { row, widthOf } from './table-rows.ts';

const MISSING = '-';

export async function describeShareGroups(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  ids: readonly string[],
): Promise<void> {
  const how = timeoutOf(options);
  const described = [...allOf(await admin.describeShareGroups(ids, how)).values()];
  const groups = described.sort((a, b) => (a.groupId < b.groupId ? -1 : 1));
  const isVerbose = options.has(OPTIONS.verbose);
  if (options.has(OPTIONS.members)) return printMembers(io, groups, isVerbose);
  if (options.has(OPTIONS.state)) return printStates(io, groups, isVerbose);
  const offsets = allOf(await admin.listShareGroupOffsets([...ids], how));
  for (const group of groups) printOffsets(io, group, offsets.get(group.groupId) ?? [], isVerbose);
}

/** Whether there is something to show; tells of groups without members. */
function hasRows(io: ToolIo, { groupId, state }: ShareGroupDescription, count: number): boolean {
  if (state === 'Dead') printGroupError(io, `Share group '${groupId}' does not exist.`);
  else if (state === 'Empty') complain(io, `\nShare group '${groupId}' has no active members.`);
  return state !== 'Dead' && count > 0;
}

function printOffsets(io: ToolIo, group: ShareGroupDescription, all: OffsetsOfShareGroup, isVerbose: boolean): void {
  const { groupId, state } = group;
  if (state === 'Dead') return printGroupError(io, `Share group '${groupId}' does not exist.`);
  if (all.length === 0) return print(io, `\nShare group '${groupId}' has no offset information.`);
  const topics = all.map(({ topic }) => topic);
  const widths = [widthOf(15, [groupId]), widthOf(15, topics), 10, ...(isVerbose ? [13] : []), 13, undefined];
  const head = ['GROUP', 'TOPIC', 'PARTITION', ...(isVerbose ? ['LEADER-EPOCH'] : []), 'START-OFFSET', 'LAG'];
  io.stdout.write(`\n${row(widths, head)}`);
  const inOrder = [...all].sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
  for (const { topic, partition, result } of inOrder) {
    const { startOffset = MISSING, leaderEpoch = MISSING, lag = MISSING } = valueOf(result) ?? {};
    io.stdout.write(
      `\n${row(widths, [groupId, topic, partition, ...(isVerbose ? [leaderEpoch] : []), startOffset, lag])}`,
    );
  }
  print(io, '');
}

function printMembers(io: ToolIo, groups: readonly ShareGroupDescription[], isVerbose: boolean): void {
  for (const group of groups) {
    const { groupId, members } = group;
    if (!hasRows(io, group, members.length)) continue;
    const widthFor = (textOf: (member: (typeof members)[number]) => string): number => widthOf(15, members.map(textOf));
    const widths = [
      widthOf(15, [groupId]),
      widthFor(({ memberId }) => memberId),
      widthFor(({ host }) => host),
      widthFor(({ clientId }) => clientId),
      12,
      ...(isVerbose ? [13] : []),
      undefined,
    ];
    const head = ['GROUP', 'CONSUMER-ID', 'HOST', 'CLIENT-ID', '#PARTITIONS'];
    io.stdout.write(`\n${row(widths, [...head, ...(isVerbose ? ['MEMBER-EPOCH'] : []), 'ASSIGNMENT'])}`);
    for (const { memberId, host, clientId, assignment, memberEpoch } of members) {
      const cells = [groupId, memberId, host, clientId, assignment.length, ...(isVerbose ? [memberEpoch] : [])];
      io.stdout.write(`\n${row(widths, [...cells, assignmentText(assignment)])}`);
    }
    print(io, '');
  }
}

/** `topic:0,1;other:2`. */
function assignmentText(places: readonly TopicPartition[]): string {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of places) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics]
    .map(([topic, partitions]) => `${topic}:${partitions.sort((a, b) => a - b).join(',')}`)
    .sort()
    .join(';');
}

function printStates(io: ToolIo, groups: readonly ShareGroupDescription[], isVerbose: boolean): void {
  for (const group of groups) {
    if (!hasRows(io, group, 1)) continue;
    const { groupId, coordinator, state, groupEpoch, targetAssignmentEpoch, members } = group;
    const where = `${coordinator.host}:${coordinator.port}  (${coordinator.id})`;
    const widths = [widthOf(15, [groupId]), widthOf(25, [where]), 15, ...(isVerbose ? [12, 17] : []), undefined];
    const epochHead = isVerbose ? ['GROUP-EPOCH', 'ASSIGNMENT-EPOCH'] : [];
    const epochs = isVerbose ? [groupEpoch, targetAssignmentEpoch] : [];
    io.stdout.write(`\n${row(widths, ['GROUP', 'COORDINATOR (ID)', 'STATE', ...epochHead, '#MEMBERS'])}`);
    io.stdout.write(`\n${row(widths, [groupId, where, state, ...epochs, members.length])}`);
    print(io, '');
  }
}
