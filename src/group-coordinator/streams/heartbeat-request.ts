// What a StreamsGroupHeartbeat must be like before any group is looked at (Kafka: GroupCoordinatorService,
// throwIfStreamsGroupHeartbeatRequestIsInvalid and …IsUsingUnsupportedFeatures). What Apache Kafka 4.3 does not serve of KIP-1071 is
// refused here in its words: static members, source topics by regular expression, offsets of tasks, warm-up tasks.
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { StreamsGroupHeartbeatRequest } from '../../protocol/messages/88-streams-group-heartbeat.ts';
import { JOIN_EPOCH, LEAVE_STATIC_EPOCH } from '../modern/index.ts';
import { checkTopology } from './topology.ts';

/** Throws KafkaError INVALID_REQUEST, STREAMS_INVALID_TOPOLOGY. */
export function checkHeartbeatRequest(request: StreamsGroupHeartbeatRequest): void {
  checkServed(request);
  const { memberId, groupId, rackId, memberEpoch } = request;
  if (isBlank(memberId)) throw invalid("MemberId can't be empty.");
  if (isBlank(groupId)) throw invalid("GroupId can't be empty.");
  if (rackId !== null && isBlank(rackId)) throw invalid("RackId can't be empty.");
  if (memberEpoch === JOIN_EPOCH) checkJoin(request);
  else if (memberEpoch === LEAVE_STATIC_EPOCH) throw invalid("InstanceId can't be null.");
  else if (memberEpoch < LEAVE_STATIC_EPOCH) {
    throw invalid(`MemberEpoch is ${memberEpoch}, but must be greater than or equal to -2.`);
  }
  const kinds = [request.activeTasks, request.standbyTasks, request.warmupTasks];
  const given = kinds.filter((tasks) => tasks !== null).length;
  if (given > 0 && given < kinds.length) throw invalid('If one task-type is non-null, all must be non-null.');
  if (memberEpoch !== JOIN_EPOCH && request.topology !== null) {
    throw invalid('Topology can only be provided when (re-)joining.');
  }
}

function checkServed({
  instanceId,
  taskOffsets,
  taskEndOffsets,
  warmupTasks,
  topology,
}: StreamsGroupHeartbeatRequest): void {
  if (instanceId !== null) throw invalid('Static membership is not yet supported.');
  if (taskOffsets !== null) throw invalid('TaskOffsets are not supported yet.');
  if (taskEndOffsets !== null) throw invalid('TaskEndOffsets are not supported yet.');
  if (warmupTasks !== null && warmupTasks.length > 0) throw invalid('WarmupTasks are not supported yet.');
  if (topology?.subtopologies.some(({ sourceTopicRegex }) => sourceTopicRegex.length > 0)) {
    throw invalid('Regular expressions for source topics are not supported yet.');
  }
}

function checkJoin(request: StreamsGroupHeartbeatRequest): void {
  const { rebalanceTimeoutMs, activeTasks, standbyTasks, warmupTasks, topology } = request;
  if (rebalanceTimeoutMs === -1) throw invalid('RebalanceTimeoutMs must be provided in first request.');
  if (activeTasks?.length !== 0) throw invalid('ActiveTasks must be empty when (re-)joining.');
  if (standbyTasks?.length !== 0) throw invalid('StandbyTasks must be empty when (re-)joining.');
  if (warmupTasks?.length !== 0) throw invalid('WarmupTasks must be empty when (re-)joining.');
  if (topology === null) throw invalid('Topology must be non-null when (re-)joining.');
  for (const { stateChangelogTopics } of topology.subtopologies) {
    for (const { name, partitions } of stateChangelogTopics) {
      if (partitions === 0) continue;
      throw new KafkaError(
        Errors.STREAMS_INVALID_TOPOLOGY,
        `Changelog topic ${name} must have an undefined partition count, but it is set to ${partitions}.`,
      );
    }
  }
  checkTopology(topology);
}

/** As Java's trim sees it: nothing but spaces and control characters. */
function isBlank(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x20) return false;
  return true;
}

const invalid = (message: string): KafkaError => new KafkaError(Errors.INVALID_REQUEST, message);
