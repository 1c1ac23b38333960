// The APIs of share groups (KIP-932): ShareGroupHeartbeat, ShareGroupDescribe, and those of their start offsets. Here stands what
// is decided without the group, and when others are asked for what they keep of it (Kafka: GroupCoordinatorService,
// shareGroupHeartbeat to deleteShareGroupOffsets).
import { coordinatorError } from '../../coordinator-common/index.ts';
import { type ErrorCode, errorMessage, Errors, KafkaError } from '../../protocol/index.ts';
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../protocol/messages/76-share-group-heartbeat.ts';
import type {
  ShareGroupDescribeRequest,
  ShareGroupDescribeResponse,
} from '../../protocol/messages/77-share-group-describe.ts';
import type { InitializeShareGroupStateRequest } from '../../protocol/messages/83-initialize-share-group-state.ts';
import type { DeleteShareGroupStateRequest } from '../../protocol/messages/86-delete-share-group-state.ts';
import type {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../protocol/messages/90-describe-share-group-offsets.ts';
import type {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../protocol/messages/91-alter-share-group-offsets.ts';
import type {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../protocol/messages/92-delete-share-group-offsets.ts';
import type { Logger } from '../../runtime/index.ts';
import { answering, eachOnce, followedBy, together } from '../answers.ts';
import { JOIN_EPOCH, LEAVE_EPOCH } from '../modern/index.ts';
import type { Answer, GroupRequestContext, GroupShards } from '../shards.ts';
import { type DescribedShareGroup, describedShareGroup, undescribedShareGroup } from './describe.ts';
import { type DescribedOffsets, describeShareOffsets, undescribedOffsets } from './describe-offsets.ts';
import { shareHeartbeat, shareLeave } from './share-heartbeat.ts';
import { initializationEnded, isAwaited } from './share-initialization.ts';
import {
  alterShareOffsets,
  checkPartitions,
  deleteShareOffsets,
  shareOffsetsDeleted,
  stateOfDeletedGroup,
} from './share-offsets.ts';
import type { ShareStates } from './share-states.ts';
import { knownShareGroup, type ShareWorld, type StateInitialization } from './share-world.ts';

/** What the APIs need of a shard. */
export interface ShareShard {
  readonly share: ShareWorld;
}

/** What became of share partitions that the share coordinator was asked about, by topic. */
interface Asked {
  readonly topicId: string;
  readonly partitions: readonly { readonly partition: number; readonly errorCode: ErrorCode }[];
}

type AskedOffsets = DescribeShareGroupOffsetsRequest['groups'][number];

export class ShareGroupCoordinator {
  readonly #shards: GroupShards<ShareShard>;
  readonly #states: ShareStates;
  readonly #logger: Logger;

  constructor(shards: GroupShards<ShareShard>, states: ShareStates, logger: Logger) {
    this.#shards = shards;
    this.#states = states;
    this.#logger = logger;
  }

  heartbeat(
    request: ShareGroupHeartbeatRequest,
    { clientId, clientHost }: GroupRequestContext,
  ): Answer<ShareGroupHeartbeatResponse> {
    return answering<ShareGroupHeartbeatResponse>(
      () => {
        checkHeartbeat(request);
        const { groupId, memberEpoch } = request;
        if (memberEpoch === LEAVE_EPOCH) {
          return this.#shards.ask(groupId, ({ share }, effects) => shareLeave(share, request, effects));
        }
        const outcome = this.#shards.ask(groupId, ({ share }, effects) =>
          shareHeartbeat(share, { request, clientId, clientHost }, effects),
        );
        return followedBy(outcome, ({ response, initialization }) => {
          // The member does not wait for it: it hears of its partitions with a later heartbeat.
          if (initialization !== undefined) void this.#initialize(initialization.request, initialization);
          return response;
        });
      },
      (errorCode, message) => ({ errorCode, errorMessage: message, memberEpoch: 0, heartbeatIntervalMs: 0 }),
    );
  }

  describe(request: ShareGroupDescribeRequest): Answer<ShareGroupDescribeResponse> {
    const groups = eachOnce(request.groupIds, (groupId) =>
      answering<DescribedShareGroup>(
        () => {
          if (groupId === '') throw new KafkaError(Errors.INVALID_GROUP_ID);
          return this.#shards.ask(groupId, ({ share }) =>
            describedShareGroup(knownShareGroup(share, groupId), share.image),
          );
        },
        (errorCode, message) =>
          undescribedShareGroup(groupId, errorCode, errorCode === Errors.GROUP_ID_NOT_FOUND ? message : null),
      ),
    );
    return together(groups, (all) => ({ groups: all }));
  }

  describeOffsets(request: DescribeShareGroupOffsetsRequest): Answer<DescribeShareGroupOffsetsResponse> {
    // Topics are part of the question: one that is put again, word for word, has its answer.
    const questions = new Map(request.groups.map((group) => [JSON.stringify([group.groupId, group.topics]), group]));
    const asked = request.groups.map(({ groupId, topics }) => JSON.stringify([groupId, topics]));
    const groups = eachOnce(asked, (question) => this.#describeOffsets(questions.get(question) as AskedOffsets));
    return together(groups, (all) => ({ groups: all }));
  }

  #describeOffsets(group: AskedOffsets): Answer<DescribedOffsets> {
    return answering<DescribedOffsets>(
      () =>
        followedBy(
          this.#shards.ask(group.groupId, ({ share }) => share),
          (share) => describeShareOffsets(share, group, this.#states),
        ),
      (errorCode) => undescribedOffsets(group.groupId, errorCode),
    );
  }

  alterOffsets(request: AlterShareGroupOffsetsRequest): Answer<AlterShareGroupOffsetsResponse> {
    return answering<AlterShareGroupOffsetsResponse>(
      () => {
        if (request.groupId === '') throw new KafkaError(Errors.INVALID_GROUP_ID);
        const outcome = this.#shards.ask(request.groupId, ({ share }, effects) =>
          alterShareOffsets(share, request, effects),
        );
        return followedBy(outcome, async (altered) => {
          checkPartitions(request.groupId, altered);
          const { topics, initialization } = altered;
          const faults = await this.#initialize(initialization);
          const responses = topics.map((topic) => {
            const partitions = topic.partitions.map((row) => {
              const errorCode = faults.get(keyOf(topic.topicId, row.partitionIndex));
              if (errorCode === undefined) return row;
              return { ...row, errorCode, errorMessage: `Error in initialize state RPC. ${errorMessage(errorCode)}` };
            });
            return { ...topic, partitions };
          });
          return { errorCode: Errors.NONE, errorMessage: null, responses };
        });
      },
      (errorCode, message) => ({ errorCode, errorMessage: message ?? errorMessage(errorCode), responses: [] }),
    );
  }

  deleteOffsets(request: DeleteShareGroupOffsetsRequest): Answer<DeleteShareGroupOffsetsResponse> {
    const { groupId } = request;
    return answering<DeleteShareGroupOffsetsResponse>(
      () => {
        if (groupId === '') throw new KafkaError(Errors.INVALID_GROUP_ID);
        const outcome = this.#shards.ask(groupId, ({ share }, effects) => ({
          image: share.image,
          ...deleteShareOffsets(share, request, effects),
        }));
        return followedBy(outcome, async ({ refused, deletion, image }) => {
          const rows = (await this.#delete(deletion)).map((topic) => {
            const topicName = image.topics.byId.get(topic.topicId)?.name ?? '';
            const errorCode = firstFault(topic);
            const why = errorCode === Errors.NONE ? null : errorMessage(errorCode);
            return { topicName, topicId: topic.topicId, errorCode, errorMessage: why };
          });
          const gone = rows.filter(({ errorCode }) => errorCode === Errors.NONE).map(({ topicId }) => topicId);
          if (gone.length > 0) {
            await this.#shards.ask(groupId, ({ share }, effects) => shareOffsetsDeleted(share, groupId, gone, effects));
          }
          return { errorCode: Errors.NONE, errorMessage: null, responses: [...rows, ...refused] };
        });
      },
      (errorCode, message) => ({ errorCode, errorMessage: message ?? errorMessage(errorCode), responses: [] }),
    );
  }

  /** All state of a share group that is about to be deleted; NONE when nothing is left, or nothing may be deleted. */
  deleteStates(groupId: string): Answer<ErrorCode> {
    const outcome = this.#shards.ask(groupId, ({ share }, effects) => stateOfDeletedGroup(share, groupId, effects));
    return followedBy(outcome, (deletion) => {
      if (deletion.topics.length === 0) return Errors.NONE;
      return this.#delete(deletion).then(
        (topics) => topics.map(firstFault).find((errorCode) => errorCode !== Errors.NONE) ?? Errors.NONE,
      );
    });
  }

  /**
   * Has state set up, and that written down. What failed, by share partition; never rejects. `initialization`: it is the first
   * time, and counts as long as the shard waits for it.
   */
  async #initialize(
    request: InitializeShareGroupStateRequest,
    initialization?: StateInitialization,
  ): Promise<ReadonlyMap<string, ErrorCode>> {
    const { groupId } = request;
    const faults = new Map<string, ErrorCode>();
    if (request.topics.length === 0) return faults;
    const isWanted = initialization && (() => this.#isAwaited(initialization));
    const asked = await askedOf(request, this.#states.initializeState(request, isWanted));
    for (const { topicId, partitions } of asked) {
      for (const { partition, errorCode } of partitions) {
        if (errorCode !== Errors.NONE) faults.set(keyOf(topicId, partition), errorCode);
      }
    }
    if (faults.size > 0) {
      const [errorCode] = faults.values();
      this.#logger.log('warn', 'the state of share partitions was not set up', { groupId, errorCode });
    }
    const topics = asked.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition }) => partition),
    }));
    try {
      await this.#shards.ask(groupId, ({ share }, effects) =>
        initializationEnded(share, groupId, { topics, isDone: faults.size === 0, initialization }, effects),
      );
    } catch (error) {
      // Whoever leads the group from now on asks again.
      this.#logger.log('debug', 'a share group has moved while its state was set up', {
        groupId,
        error: String(error),
      });
    }
    return faults;
  }

  async #isAwaited(initialization: StateInitialization): Promise<boolean> {
    try {
      return await this.#shards.ask(initialization.request.groupId, ({ share }) => isAwaited(share, initialization));
    } catch {
      // Whoever leads the group from now on asks again.
      return false;
    }
  }

  async #delete(request: DeleteShareGroupStateRequest): Promise<Asked[]> {
    if (request.topics.length === 0) return [];
    // Kafka asks nobody about a topic without partitions, nor about those beside it (DefaultStatePersister.validate).
    const isRefused = request.topics.some(({ partitions }) => partitions.length === 0);
    const answer = isRefused
      ? Promise.reject(new KafkaError(Errors.UNKNOWN_SERVER_ERROR))
      : this.#states.deleteState(request);
    return askedOf(request, answer);
  }
}

const keyOf = (topicId: string, partition: number): string => `${topicId}:${partition}`;

const firstFault = ({ partitions }: Asked): ErrorCode =>
  partitions.find(({ errorCode }) => errorCode !== Errors.NONE)?.errorCode ?? Errors.NONE;

interface Asking {
  readonly topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}

/** An answer that does not come says the same of everything that was asked. */
async function askedOf(
  { topics }: Asking,
  answer: Promise<{
    readonly results: readonly {
      readonly topicId: string;
      readonly partitions: readonly { readonly partition: number; readonly errorCode?: ErrorCode | undefined }[];
    }[];
  }>,
): Promise<Asked[]> {
  try {
    const { results } = await answer;
    return results.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition, errorCode = Errors.NONE }) => ({ partition, errorCode })),
    }));
  } catch (error) {
    const errorCode = coordinatorError(error);
    return topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    }));
  }
}

/** Throws KafkaError INVALID_REQUEST. */
function checkHeartbeat({
  groupId,
  memberId,
  memberEpoch,
  rackId,
  subscribedTopicNames,
}: ShareGroupHeartbeatRequest): void {
  const refuseIf = (isWrong: boolean, why: string): void => {
    if (isWrong) throw new KafkaError(Errors.INVALID_REQUEST, why);
  };
  refuseIf((memberId ?? '').trim() === '', "MemberId can't be empty.");
  refuseIf(groupId.trim() === '', "GroupId can't be empty.");
  refuseIf(rackId?.trim() === '', "RackId can't be empty.");
  const isFirst = memberEpoch === JOIN_EPOCH;
  refuseIf(isFirst && !subscribedTopicNames?.length, 'SubscribedTopicNames must be set in first request.');
  refuseIf(memberEpoch < LEAVE_EPOCH, 'MemberEpoch is invalid.');
}
