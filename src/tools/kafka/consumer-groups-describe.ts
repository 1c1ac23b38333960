// kafka-consumer-groups --describe: offsets and lag, members, or the state of groups.
import {
  type Admin,
  allOf,
  type GroupOffset,
  type ConsumerGroupDescription,
  type TopicPartition,
  valueOf,
} from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { timeoutOf } from './consumer-groups.ts';
import { OPTIONS } from './consumer-groups-options.ts';
import { printGroupError } from './group-errors.ts';
import { JavaError } from './java-error.ts';
import { hashOrderOfPlaces, hashOrderOfTexts, placeText } from './java-order.ts';
import type { CommandOptions } from './options/command-options.ts';
import { row, widthOf } from './table-rows.ts';

const MISSING = '-';

export async function describeGroups(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  ids: readonly string[],
): Promise<void> {
  const groups = allOf(await admin.describeConsumerGroups(ids, timeoutOf(options)));
  const inOrder = [...groups.keys()]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((id) => groups.get(id) as ConsumerGroupDescription);
  const isVerbose = options.has(OPTIONS.verbose);
  if (options.has(OPTIONS.members)) return printMembers(io, inOrder, isVerbose);
  if (options.has(OPTIONS.state)) return printStates(io, inOrder, isVerbose);
  for (const group of inOrder) {
    const rows = await offsetRows(admin, group, timeoutOf(options));
    printOffsets(io, group, rows, isVerbose);
  }
}

/** Whether there is something to show; tells of groups at rest or in unrest. Throws JavaError. */
function hasRows(io: ToolIo, { groupId, state }: ConsumerGroupDescription, count: number): boolean {
  switch (state) {
    case 'Dead':
      printGroupError(io, `Consumer group '${groupId}' does not exist.`);
      break;
    case 'Empty':
      complain(io, `\nConsumer group '${groupId}' has no active members.`);
      break;
    case 'PreparingRebalance':
    case 'CompletingRebalance':
    case 'Assigning':
    case 'Reconciling':
      complain(io, `\nWarning: Consumer group '${groupId}' is rebalancing.`);
      break;
    case 'Stable':
      break;
    default:
      throw new JavaError(
        'org.apache.kafka.common.KafkaException',
        `Expected a valid consumer group state, but found '${state}'.`,
      );
  }
  return state !== 'Dead' && count > 0;
}

interface OffsetRow {
  readonly topic: string;
  readonly partition: string;
  readonly leaderEpoch: string;
  readonly offset: string;
  readonly end: string;
  readonly lag: string;
  readonly consumerId: string;
  readonly host: string;
  readonly clientId: string;
}

type Committed = ReadonlyMap<string, GroupOffset | null>;

async function offsetRows(
  admin: Admin,
  group: ConsumerGroupDescription,
  how: { readonly timeoutMs: number },
): Promise<OffsetRow[]> {
  const [offsets = []] = [...allOf(await admin.listConsumerGroupOffsets([group.groupId], how)).values()];
  const committed: Committed = new Map(offsets.map((one) => [placeText(one), valueOf(one.result)]));
  const assigned = new Set(group.members.flatMap(({ assignment }) => assignment.map(placeText)));
  const withPartitions = group.members
    .filter(({ assignment }) => assignment.length > 0)
    .sort((a, b) => b.assignment.length - a.assignment.length);
  const rows: OffsetRow[] = [];
  for (const { assignment, memberId, host, clientId } of withPartitions) {
    rows.push(...(await rowsOf(admin, assignment, committed, { consumerId: memberId, host, clientId }, how)));
  }
  const others = offsets.filter((one) => !assigned.has(placeText(one)));
  const nobody = { consumerId: MISSING, host: MISSING, clientId: MISSING };
  return [...rows, ...(await rowsOf(admin, others, committed, nobody, how))];
}

async function rowsOf(
  admin: Admin,
  places: readonly TopicPartition[],
  committed: Committed,
  owner: Pick<OffsetRow, 'consumerId' | 'host' | 'clientId'>,
  how: { readonly timeoutMs: number },
): Promise<OffsetRow[]> {
  if (places.length === 0) return [];
  const asked = places.map(({ topic, partition }) => ({ topic, partition, spec: 'latest' as const }));
  const found = await admin.listOffsets(asked, how);
  const inOrder = [...found].sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
  return inOrder.map((one) => {
    const end = valueOf(one.result).offset;
    const own = committed.get(placeText(one)) ?? undefined;
    const lag = own === undefined ? MISSING : String(end - Number(own.offset));
    return {
      topic: one.topic,
      partition: String(one.partition),
      leaderEpoch: own?.leaderEpoch === undefined ? MISSING : String(own.leaderEpoch),
      offset: own === undefined ? MISSING : String(own.offset),
      end: String(end),
      lag,
      ...owner,
    };
  });
}

function printOffsets(
  io: ToolIo,
  group: ConsumerGroupDescription,
  rows: readonly OffsetRow[],
  isVerbose: boolean,
): void {
  if (!hasRows(io, group, rows.length)) return;
  const widths = [
    widthOf(15, [group.groupId]),
    widthOf(
      15,
      rows.map(({ topic }) => topic),
    ),
    10,
    ...(isVerbose ? [15] : []),
    15,
    15,
    15,
    widthOf(
      15,
      rows.map(({ consumerId }) => consumerId),
    ),
    widthOf(
      15,
      rows.map(({ host }) => host),
    ),
    undefined,
  ];
  const head = ['GROUP', 'TOPIC', 'PARTITION', ...(isVerbose ? ['LEADER-EPOCH'] : []), 'CURRENT-OFFSET'];
  io.stdout.write(`\n${row(widths, [...head, 'LOG-END-OFFSET', 'LAG', 'CONSUMER-ID', 'HOST', 'CLIENT-ID'])}`);
  for (const one of rows) {
    const cells = [group.groupId, one.topic, one.partition, ...(isVerbose ? [one.leaderEpoch] : []), one.offset];
    io.stdout.write(`\n${row(widths, [...cells, one.end, one.lag, one.consumerId, one.host, one.clientId])}`);
  }
  print(io, '');
}

function printMembers(io: ToolIo, groups: readonly ConsumerGroupDescription[], isVerbose: boolean): void {
  for (const group of groups) {
    const { members, groupId } = group;
    hasRows(io, group, members.length);
    const hasInstances = members.some(({ groupInstanceId = '' }) => groupInstanceId !== '');
    const widths = [
      widthOf(15, [groupId]),
      widthOf(
        15,
        members.map(({ memberId }) => memberId),
      ),
      ...(hasInstances
        ? [
            widthOf(
              17,
              members.map(({ groupInstanceId = '' }) => groupInstanceId),
            ),
          ]
        : []),
      widthOf(
        15,
        members.map(({ host }) => host),
      ),
      widthOf(
        15,
        members.map(({ clientId }) => clientId),
      ),
      15,
    ];
    const withInstance = (instance: string): string[] => (hasInstances ? [instance] : []);
    const details = isVerbose ? memberDetails(group) : undefined;
    const head = ['GROUP', 'CONSUMER-ID', ...withInstance('GROUP-INSTANCE-ID'), 'HOST', 'CLIENT-ID', '#PARTITIONS'];
    print(io, `\n${row(widths, head)} ${details?.head ?? ''}`);
    for (const [index, one] of members.entries()) {
      const instance = withInstance(one.groupInstanceId ?? '');
      const cells = [groupId, one.memberId, ...instance, one.host, one.clientId, one.assignment.length];
      print(io, `${row(widths, cells)} ${details?.rows[index] ?? ''}`);
    }
  }
}

function memberDetails({ members, targetAssignmentEpoch }: ConsumerGroupDescription): {
  readonly head: string;
  readonly rows: string[];
} {
  const isUpgrading = [true, false].every((kind) => members.some(({ isUpgraded }) => isUpgraded === kind));
  const current = members.map(({ assignment }) => assignmentText(assignment));
  const target = members.map(({ targetAssignment = [] }) => assignmentText(targetAssignment));
  const widths = [15, widthOf(20, current), 15, widthOf(20, target), ...(isUpgrading ? [undefined] : [])];
  const head = ['CURRENT-EPOCH', 'CURRENT-ASSIGNMENT', 'TARGET-EPOCH', 'TARGET-ASSIGNMENT'];
  const rows = members.map(({ memberEpoch, isUpgraded }, index) => {
    const epoch = memberEpoch === undefined ? MISSING : String(memberEpoch);
    const goal = targetAssignmentEpoch === undefined ? MISSING : String(targetAssignmentEpoch);
    const cells = [epoch, current[index] as string, goal, target[index] as string];
    return row(widths, isUpgrading ? [...cells, isUpgraded === undefined ? MISSING : String(isUpgraded)] : cells);
  });
  return { head: row(widths, isUpgrading ? [...head, 'UPGRADED'] : head), rows };
}

/** `topic:0,1;other:2`. */
function assignmentText(places: readonly TopicPartition[]): string {
  if (places.length === 0) return MISSING;
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of hashOrderOfPlaces(places)) {
    topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  }
  const texts = hashOrderOfTexts(topics.keys()).map((topic) => {
    const partitions = (topics.get(topic) ?? []).sort((a, b) => a - b);
    return `${topic}:${partitions.join(',')}`;
  });
  return texts.sort().join(';');
}

function printStates(io: ToolIo, groups: readonly ConsumerGroupDescription[], isVerbose: boolean): void {
  for (const group of groups) {
    if (!hasRows(io, group, 1)) continue;
    const { coordinator, groupId, partitionAssignor, state, groupEpoch, targetAssignmentEpoch, members } = group;
    const where = `${coordinator.host}:${coordinator.port}  (${coordinator.id})`;
    const widths = [widthOf(15, [groupId]), widthOf(25, [where]), 20, 20, ...(isVerbose ? [15, 25] : []), undefined];
    const epochs = [groupEpoch ?? MISSING, targetAssignmentEpoch ?? MISSING];
    const head = ['GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE'];
    const strategy = partitionAssignor === '' ? MISSING : partitionAssignor;
    const epochHead = isVerbose ? ['GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH'] : [];
    io.stdout.write(`\n${row(widths, [...head, ...epochHead, '#MEMBERS'])}`);
    io.stdout.write(
      `\n${row(widths, [groupId, where, strategy, state, ...(isVerbose ? epochs : []), members.length])}`,
    );
    print(io, '');
  }
}
