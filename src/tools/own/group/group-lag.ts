// How far groups are behind: what they have committed, held against what the partitions hold.
import type { ConsumerGroupDescription, GroupMemberDescription } from '../../../client/index.ts';
import type { CommandContext } from '../command-frame.ts';
import { answered, failureOf, isFailed } from '../outcome-rows.ts';

export interface LagRow {
  readonly topic: string;
  readonly partition: number;
  /** null: nothing was committed. */
  readonly current_offset: number | null;
  readonly log_start_offset: number | null;
  readonly log_end_offset: number | null;
  readonly lag: number | null;
  readonly member_id?: string;
  readonly instance_id?: string;
  readonly client_id?: string;
  readonly host?: string;
  readonly error?: string;
}

export interface GroupLag {
  readonly group: string;
  readonly coordinator: number;
  readonly type: string;
  readonly state: string;
  readonly balancer: string;
  readonly members: number;
  readonly total_lag: number;
  readonly partitions: readonly LagRow[];
}

/** Throws Failure for a group that cannot be described. */
export async function lagOfGroups(context: CommandContext, groups: readonly string[]): Promise<GroupLag[]> {
  const admin = await context.admin();
  const described = await admin.describeConsumerGroups(groups, context.call);
  const committed = await admin.listConsumerGroupOffsets(groups, context.call);
  const all: GroupLag[] = [];
  for (const [group, outcome] of described) {
    const description = answered(outcome, group);
    const offsets = answered(committed.get(group), `offsets of ${group}`);
    const places = new Map<string, Committed>();
    for (const { topic, partition, result } of offsets) {
      const offset = result === null || isFailed(result) ? null : Number(result.offset);
      places.set(`${topic}-${partition}`, { topic, partition, offset, member: undefined });
    }
    for (const member of description.members) {
      for (const { topic, partition } of member.assignment) {
        const { offset = null } = places.get(`${topic}-${partition}`) ?? {};
        places.set(`${topic}-${partition}`, { topic, partition, offset, member });
      }
    }
    all.push(lagOf(description, await lagRows(context, [...places.values()])));
  }
  return all;
}

/** What a group has committed of a partition, null for nothing, and who has it. */
export interface Committed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | null;
  readonly member?: GroupMemberDescription | undefined;
}

function lagOf(described: ConsumerGroupDescription, partitions: readonly LagRow[]): GroupLag {
  return {
    group: described.groupId,
    coordinator: described.coordinator.id,
    type: described.type,
    state: described.state,
    balancer: described.partitionAssignor,
    members: described.members.length,
    total_lag: partitions.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
    partitions,
  };
}

export async function lagRows(context: CommandContext, places: readonly Committed[]): Promise<LagRow[]> {
  if (places.length === 0) return [];
  const admin = await context.admin();
  const sorted = places.toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
  const ask = (spec: 'earliest' | 'latest') => {
    const asked = sorted.map(({ topic, partition }) => ({ topic, partition, spec }));
    return admin.listOffsets(asked, context.call);
  };
  const [starts, ends] = await Promise.all([ask('earliest'), ask('latest')]);
  return sorted.map(({ topic, partition, offset, member }, index) => {
    const start = starts[index]?.result;
    const end = ends[index]?.result;
    const startOffset = start === undefined || isFailed(start) ? null : start.offset;
    const endOffset = end === undefined || isFailed(end) ? null : end.offset;
    return {
      topic,
      partition,
      current_offset: offset,
      log_start_offset: startOffset,
      log_end_offset: endOffset,
      lag: lagBetween(offset, startOffset, endOffset),
      ...(member !== undefined && {
        member_id: member.memberId,
        ...(member.groupInstanceId !== undefined && { instance_id: member.groupInstanceId }),
        client_id: member.clientId,
        host: member.host,
      }),
      ...(isFailed(end) && { error: failureOf(end) }),
    };
  });
}

/** A group that has committed nothing has all of it before it. */
function lagBetween(offset: number | null, start: number | null, end: number | null): number | null {
  if (end === null) return null;
  return Math.max(0, end - (offset ?? start ?? end));
}
