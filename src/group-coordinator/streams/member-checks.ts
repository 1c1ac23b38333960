// What a member says in a heartbeat, held against what the coordinator knows of it (Kafka: GroupMetadataManager,
// throwIfStreamsGroupMemberEpochIsInvalid, throwIfRequestContainsInvalidTasks).
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { StreamsGroupHeartbeatRequest } from '../../protocol/messages/88-streams-group-heartbeat.ts';
import { JOIN_EPOCH } from '../modern/index.ts';
import type { ConfiguredTopology } from './configured-topology.ts';
import type { StreamsMember } from './streams-member.ts';
import { areContained, tasksOf, type TasksTuple } from './tasks.ts';

/**
 * Throws KafkaError FENCED_MEMBER_EPOCH. The epoch before is taken as long as the member claims no more than it has: it may
 * not have had the last answer.
 */
export function checkEpoch(member: StreamsMember, request: StreamsGroupHeartbeatRequest): void {
  const { memberEpoch: known, previousMemberEpoch, assigned } = member;
  const { memberEpoch: received, activeTasks, standbyTasks, warmupTasks } = request;
  if (received === JOIN_EPOCH || received === known) return;
  if (received > known) throw fenced('greater', received, known);
  const claimsNoMore =
    activeTasks !== null &&
    standbyTasks !== null &&
    warmupTasks !== null &&
    areContained(activeTasks, assigned.active) &&
    areContained(standbyTasks, assigned.standby) &&
    areContained(warmupTasks, assigned.warmup);
  if (received !== previousMemberEpoch || !claimsNoMore) throw fenced('smaller', received, known);
}

function fenced(how: string, received: number, known: number): KafkaError {
  return new KafkaError(
    Errors.FENCED_MEMBER_EPOCH,
    `The streams group member has a ${how} member epoch (${received}) than the one known by the group coordinator (${known}). The member must abandon all its partitions and rejoin.`,
  );
}

/** Throws KafkaError INVALID_REQUEST for tasks that the topology does not have. */
export function checkOwnedTasks(
  { activeTasks, standbyTasks, warmupTasks }: StreamsGroupHeartbeatRequest,
  { subtopologies }: ConfiguredTopology,
): void {
  for (const rows of [activeTasks, standbyTasks, warmupTasks]) {
    for (const { subtopologyId, partitions } of rows ?? []) {
      const taskCount = subtopologies?.get(subtopologyId)?.taskCount;
      if (taskCount === undefined) throw invalid(`Subtopology ${subtopologyId} does not exist in the topology.`);
      const stranger = partitions.find((partition) => partition < 0 || partition >= taskCount);
      if (stranger === undefined) continue;
      throw invalid(
        `Task ${stranger} for subtopology ${subtopologyId} is invalid. Number of tasks for this subtopology: ${taskCount}`,
      );
    }
  }
}

const invalid = (message: string): KafkaError => new KafkaError(Errors.INVALID_REQUEST, message);

/** undefined: the member says nothing of what it has. */
export function ownedTasks({
  activeTasks,
  standbyTasks,
  warmupTasks,
}: StreamsGroupHeartbeatRequest): TasksTuple | undefined {
  if (activeTasks === null || standbyTasks === null || warmupTasks === null) return undefined;
  return { active: tasksOf(activeTasks), standby: tasksOf(standbyTasks), warmup: tasksOf(warmupTasks) };
}
