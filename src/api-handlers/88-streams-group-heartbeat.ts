// StreamsGroupHeartbeat, version 0: members of streams groups join, live and leave (KIP-1071). Topics that the application keeps for
// itself are created behind the answer. What Apache Kafka 4.3 refuses of the protocol is refused here: static members,
// topologies that change, source topics by pattern, offsets of tasks, warm-up tasks.
// Otherwise than in Kafka, a member with an end point joins while source topics are missing (Kafka fails on it), a member that
// reports less than it was given is told again, and a topology has at most 1,000 subtopologies.
import { CLUSTER_NAME, Errors } from '../protocol/index.ts';
import {
  StreamsGroupHeartbeat,
  type StreamsGroupHeartbeatResponse,
} from '../protocol/messages/88-streams-group-heartbeat.ts';
import type { GroupCoordinator } from '../group-coordinator/index.ts';
import type { Access } from './access.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { groupContext } from './group-requests.ts';
import { defineHandler, type RequestContext } from './handler.ts';
import { checkStreamsProtocol, checkTopologyTopics } from './streams-requests.ts';
import type { StreamsTopics } from './streams-topics.ts';

const MISSING_INTERNAL_TOPICS = 3;
/** A failure to create topics is told for so many heartbeats. */
const HEARTBEATS_TOLD = 2;

export const streamsGroupHeartbeat = (
  groups: GroupCoordinator,
  identity: BrokerIdentity,
  topics: StreamsTopics,
  access?: Access,
) =>
  defineHandler(StreamsGroupHeartbeat, {
    authorize: [
      { operation: 'READ', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
      {
        operation: 'DESCRIBE',
        resource: 'TOPIC',
        at: [
          'topology.subtopologies.sourceTopics',
          'topology.subtopologies.repartitionSinkTopics',
          'topology.subtopologies.repartitionSourceTopics.name',
          'topology.subtopologies.stateChangelogTopics.name',
        ],
        asked: 'within',
        denied: 'TOPIC_AUTHORIZATION_FAILED',
      },
      { operation: 'CREATE', resource: 'CLUSTER', at: [], asked: 'within', denied: null, orElse: ['TOPIC', 'CREATE'] },
    ],
    async handle(request, context) {
      checkStreamsProtocol(groups, identity);
      checkTopologyTopics(request);
      const { response, topicsToCreate } = await groups.streamsGroupHeartbeat(request, groupContext(context));
      if (topicsToCreate.length === 0 || response.errorCode !== Errors.NONE) return response;
      const nowMs = context.receivedAtMs;
      const creatable = topicsToCreate.filter(({ name }) => mayCreate(access, context, name));
      topics.create(creatable, nowMs, HEARTBEATS_TOLD * response.heartbeatIntervalMs);
      const status = topics.withFailures(response.status, creatable, nowMs);
      const denied = topicsToCreate.filter((topic) => !creatable.includes(topic)).map(({ name }) => name);
      return { ...response, status: denied.length === 0 ? status : withDenied(status, denied) };
    },
    failed: (_request, errorCode, errorMessage) => ({
      errorCode,
      errorMessage,
      memberId: '',
      memberEpoch: 0,
      heartbeatIntervalMs: 0,
      acceptableRecoveryLag: 0,
      taskOffsetIntervalMs: 0,
      status: [],
      endpointInformationEpoch: 0,
    }),
  });

function mayCreate(access: Access | undefined, context: RequestContext, topic: string): boolean {
  if (access === undefined || access.sees(context, 'CREATE', 'CLUSTER', CLUSTER_NAME)) return true;
  return access.may(context, 'CREATE', 'TOPIC', topic);
}

/** Heartbeats go on; their status says why topics stay missing. */
function withDenied(
  status: StreamsGroupHeartbeatResponse['status'],
  denied: readonly string[],
): StreamsGroupHeartbeatResponse['status'] {
  const text = `Unauthorized to CREATE on topics ${denied.join(', ')}.`;
  const missing = status?.find(({ statusCode }) => statusCode === MISSING_INTERNAL_TOPICS);
  if (missing === undefined) return [...(status ?? []), { statusCode: MISSING_INTERNAL_TOPICS, statusDetail: text }];
  const statusDetail = `${missing.statusDetail}; ${text}`;
  return (status ?? []).map((one) => (one === missing ? { ...one, statusDetail } : one));
}
