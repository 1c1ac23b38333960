// The target assignment: which tasks each member is to have once all are reconciled (Kafka: TargetAssignmentBuilder), and when it is
// time for a new one.
import { Errors, hashOrderOfTexts, KafkaError } from '../../protocol/index.ts';
import { AssignorError, type SubtopologySpec, type TaskMemberSpec } from '../assignors/index.ts';
import type { GroupEffects } from '../group-effects.ts';
import { isAssignmentDue } from '../modern/index.ts';
import { type ConfiguredTopology, StatusCodes } from './configured-topology.ts';
import type { Target } from './current-assignment.ts';
import type { StreamsGroup } from './streams-group.ts';
import type { KeyValue, StreamsMember } from './streams-member.ts';
import { targetMetadataRecord, targetRecord } from './streams-records.ts';
import type { StreamsWorld } from './streams-world.ts';
import { NO_TASKS, sameTuple, type TasksTuple } from './tasks.ts';

/** What a member is told of how its group is. */
export interface Status {
  readonly statusCode: number;
  readonly statusDetail: string;
}

interface Assigning {
  readonly group: StreamsGroup;
  /** As it will be. */
  readonly epoch: number;
  /** A member as it will be: its record has not been replayed; undefined: all are as they stand. */
  readonly updated: StreamsMember | undefined;
  readonly configured: ConfiguredTopology;
  readonly assignmentConfigs: readonly KeyValue[];
  /** The first assignment of the group waits for more members. */
  readonly isDelayed: boolean;
}

const NUM_STANDBY_REPLICAS = 'num.standby.replicas';

/** The target of `updated` after a new assignment, if it is time for one; `statuses` gets the reason why it is not. */
export function targetFor(
  world: StreamsWorld,
  assigning: Assigning,
  effects: GroupEffects,
  statuses: Status[],
): Target {
  const { group, epoch, updated } = assigning;
  const { groupId } = group;
  const delayed = (why: string): void => {
    const statusDetail = `Assignment delayed due to the configured ${why}.`;
    statuses.push({ statusCode: StatusCodes.ASSIGNMENT_DELAYED, statusDetail });
  };
  if (assigning.isDelayed) {
    delayed('initial rebalance delay');
    return { epoch: group.assignmentEpoch, tasks: NO_TASKS };
  }
  const last: Target = { epoch: group.assignmentEpoch, tasks: group.target(updated?.memberId ?? '') };
  if (group.assignmentEpoch >= epoch) return last;
  if (!isAssignmentDue(group, world.settings.assignmentIntervalMs(groupId, world.image), effects.nowMs)) {
    delayed('assignment interval');
    return last;
  }
  const targets = assign(world, assigning, effects);
  return { epoch, tasks: targets.get(updated?.memberId ?? '') ?? NO_TASKS };
}

function assign(world: StreamsWorld, assigning: Assigning, effects: GroupEffects): ReadonlyMap<string, TasksTuple> {
  const { group, epoch } = assigning;
  const { groupId } = group;
  const members = memberSpecs(assigning);
  const assigned = tasksFor(world, assigning, members);
  const targets = new Map<string, TasksTuple>();
  for (const memberId of members.keys()) {
    const tasks = assigned.get(memberId) ?? NO_TASKS;
    targets.set(memberId, tasks);
    const known = group.targets.get(memberId);
    if (known === undefined || !sameTuple(known, tasks)) effects.append(targetRecord(groupId, memberId, tasks));
  }
  effects.append(targetMetadataRecord(groupId, epoch, effects.nowMs));
  return targets;
}

function memberSpecs({ group, updated }: Assigning): Map<string, TaskMemberSpec> {
  const members = new Map(group.members);
  if (updated !== undefined) members.set(updated.memberId, updated);
  const specs = new Map<string, TaskMemberSpec>();
  // Where members are equally good the first one is taken.
  for (const memberId of hashOrderOfTexts(members.keys())) {
    const { processId } = members.get(memberId) as StreamsMember;
    specs.set(memberId, { processId, target: group.target(memberId) });
  }
  return specs;
}

/** Nobody has tasks while topics are missing. */
function tasksFor(
  { assignor }: StreamsWorld,
  { configured, assignmentConfigs }: Assigning,
  members: ReadonlyMap<string, TaskMemberSpec>,
): ReadonlyMap<string, TasksTuple> {
  if (configured.fault !== undefined || configured.subtopologies === undefined) return new Map();
  const subtopologies: SubtopologySpec[] = [];
  for (const [id, { taskCount, stateChangelogTopics }] of configured.subtopologies) {
    subtopologies.push({ id, taskCount, isStateful: stateChangelogTopics.length > 0 });
  }
  const standbyReplicas = Number(assignmentConfigs.find(({ key }) => key === NUM_STANDBY_REPLICAS)?.value ?? 0);
  try {
    return assignor({ members, subtopologies, standbyReplicas });
  } catch (error) {
    if (error instanceof AssignorError) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    throw error;
  }
}
