// The APIs of streams groups: StreamsGroupHeartbeat, StreamsGroupDescribe (Kafka: GroupCoordinatorService).
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../protocol/messages/88-streams-group-heartbeat.ts';
import type {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from '../../protocol/messages/89-streams-group-describe.ts';
import { answering, eachOnce, together } from '../answers.ts';
import type { Answer, GroupRequestContext, GroupShards } from '../shards.ts';
import { describedGroup, type DescribedStreamsGroup, undescribed } from './describe.ts';
import { heartbeat, type HeartbeatOutcome } from './heartbeat.ts';
import { checkHeartbeatRequest } from './heartbeat-request.ts';
import { NO_ANSWER } from './membership.ts';
import { type StreamsWorld, streamsGroupOf } from './streams-world.ts';

/** What the APIs need of a shard. */
export interface StreamsShard {
  readonly streams: StreamsWorld;
}

export class StreamsCoordinator {
  readonly #shards: GroupShards<StreamsShard>;

  constructor(shards: GroupShards<StreamsShard>) {
    this.#shards = shards;
  }

  /** The caller creates the topics of the outcome. */
  heartbeat(request: StreamsGroupHeartbeatRequest, context: GroupRequestContext): Answer<HeartbeatOutcome> {
    const { clientId, clientHost } = context;
    return answering(
      () => {
        checkHeartbeatRequest(request);
        return this.#shards.ask(request.groupId, ({ streams }, effects) =>
          heartbeat(streams, request, { clientId, clientHost }, effects),
        );
      },
      (errorCode, message) => ({ response: heartbeatFailure(errorCode, message), topicsToCreate: [] }),
    );
  }

  describe({ groupIds }: StreamsGroupDescribeRequest): Answer<StreamsGroupDescribeResponse> {
    const groups = eachOnce(groupIds, (groupId) =>
      groupId === ''
        ? undescribed(groupId, Errors.INVALID_GROUP_ID, null)
        : answering<DescribedStreamsGroup>(
            () => this.#shards.ask(groupId, ({ streams }) => describedGroup(streamsGroupOf(streams.groups, groupId))),
            (errorCode, message) => undescribed(groupId, errorCode, message),
          ),
    );
    return together(groups, (all) => ({ throttleTimeMs: 0, groups: all }));
  }
}

function heartbeatFailure(errorCode: ErrorCode, errorMessage: string | null): StreamsGroupHeartbeatResponse {
  return { ...NO_ANSWER, status: [], errorCode, errorMessage };
}
