// The public face of the room: one method per API, each finding the shard that a group belongs to (Kafka:
// GroupCoordinatorService).
import {
  type Coordinator,
  CoordinatorRuntime,
  type PartitionWriter,
  type TransactionMarker,
} from '../coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import { type Clock, type Logger, type Random } from '../runtime/index.ts';
import {
  type CodecId,
  Codecs,
  type ErrorCode,
  Errors,
  HEADER_SIZE,
  KafkaError,
  partitionForId,
} from '../protocol/index.ts';
import type { DeleteGroupsRequest, DeleteGroupsResponse } from '../protocol/messages/42-delete-groups.ts';
import type { DescribeGroupsRequest, DescribeGroupsResponse } from '../protocol/messages/15-describe-groups.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../protocol/messages/12-heartbeat.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/messages/11-join-group.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../protocol/messages/13-leave-group.ts';
import type { ListGroupsRequest, ListGroupsResponse } from '../protocol/messages/16-list-groups.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../protocol/messages/08-offset-commit.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../protocol/messages/47-offset-delete.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../protocol/messages/09-offset-fetch.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../protocol/messages/14-sync-group.ts';
import { answering, asksForSeveral, singleGroupAnswer, uuidText } from './answers.ts';
import { describeGroup, undescribed } from './classic/describe.ts';
import { joinFailure } from './classic/rebalance.ts';
import { syncFailure } from './classic/sync.ts';
import type { GroupCoordinatorConfig } from './group-coordinator-config.ts';
import type { GroupTimer } from './group-effects.ts';
import { type GroupRecord, groupRecordSerde } from './group-record.ts';
import { GroupShard, typeOf } from './group-shard.ts';
import { commitFailure, type FetchedGroup, type GroupFetch } from './offsets/offsets.ts';

/** What a request is, beside its body. */
export interface GroupRequestContext {
  /** Empty when the client named none. */
  readonly clientId: string;
  /** As Kafka shows it: `/127.0.0.1`. */
  readonly clientHost: string;
  readonly apiVersion: number;
}

export interface GroupCoordinatorOptions {
  readonly runtime: { readonly clock: Clock; readonly random: Random; readonly logger: Logger };
  readonly config: GroupCoordinatorConfig;
  /** __consumer_offsets. */
  readonly writer: PartitionWriter;
  /** Of __consumer_offsets; undefined while it does not exist. */
  readonly partitionCount: () => number | undefined;
}

type Answer<T> = T | Promise<T>;
type ListedGroup = ListGroupsResponse['groups'][number];

const MS_PER_MINUTE = 60_000;
const NULL_PROTOCOL_SINCE = 7;
const SEVERAL_LEAVE_SINCE = 3;
const PROTOCOL_IN_SYNC_SINCE = 5;
const UNIQUE_ID_BYTES = 16;
/** Beside its value, a group's record has its key and lengths. */
const GROUP_KEY_BYTES = 1024;

/**
 * One method per API. All expected failures are told in the response: nothing is thrown or rejected for a request, however
 * wrong. Topics are known by name here: for versions with topic ids the handler fills in the `name` of the request's topics,
 * leaves out those that do not exist (UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION are its answers), and finds both `name`
 * and `topicId` of the request back in the response; in an OffsetFetch of all topics `topicId` is zero, for the handler to
 * fill in.
 */
export class GroupCoordinator implements Coordinator {
  readonly #options: GroupCoordinatorOptions;
  readonly #shards: CoordinatorRuntime<GroupShard, GroupRecord, GroupTimer>;

  constructor(options: GroupCoordinatorOptions) {
    this.#options = options;
    const { config, writer, runtime } = options;
    const codec = config.offsetsTopicCompressionCodec;
    this.#shards = new CoordinatorRuntime({
      name: 'group-coordinator',
      clock: runtime.clock,
      logger: runtime.logger.child('group-coordinator'),
      writer,
      serde: groupRecordSerde,
      codec: codec >= Codecs.NONE && codec <= Codecs.ZSTD ? (codec as CodecId) : Codecs.NONE,
      commitTimeoutMs: config.offsetsCommitTimeoutMs,
      loadBufferBytes: config.offsetsLoadBufferSize,
      newShard: (partition) =>
        new GroupShard({
          initialRebalanceDelayMs: config.groupInitialRebalanceDelayMs,
          maxSize: config.groupMaxSize,
          maxMetadata: config.offsetMetadataMaxBytes,
          retentionMs: config.offsetsRetentionMinutes * MS_PER_MINUTE,
          retentionCheckIntervalMs: config.offsetsRetentionCheckIntervalMs,
          maxRecordBytes: () => writer.maxBatchBytes(partition) - HEADER_SIZE - GROUP_KEY_BYTES,
        }),
    });
  }

  /** The partition of __consumer_offsets that a group belongs to; undefined while the topic does not exist. */
  partitionFor(groupId: string): number | undefined {
    const count = this.#options.partitionCount();
    return count === undefined ? undefined : partitionForId(groupId, count);
  }

  /** Whether this node leads that partition, loaded or loading. */
  isCoordinatorFor(groupId: string): boolean {
    const partition = this.partitionFor(groupId);
    return partition !== undefined && this.#shards.isHosted(partition);
  }

  onLeader(partition: number, epoch: number): void {
    this.#shards.load(partition, epoch);
  }

  onResigned(partition: number): void {
    this.#shards.unload(partition);
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta): void {
    this.#shards.onMetadata(image, delta);
  }

  /** What a transaction has committed in the groups of the partition counts from now on, or is dropped. */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#shards.endTransaction(partition, marker);
  }

  endWaits(): void {
    this.#shards.endWaits();
  }

  close(): void {
    this.#shards.close();
  }

  joinGroup(request: JoinGroupRequest, context: GroupRequestContext): Answer<JoinGroupResponse> {
    const { groupId, memberId, sessionTimeoutMs } = request;
    const { clientId, clientHost, apiVersion } = context;
    const { config, runtime } = this.#options;
    const failed = (errorCode: ErrorCode): JoinGroupResponse =>
      joinAnswerOf(joinFailure(memberId, errorCode), apiVersion);
    if (groupId === '') return failed(Errors.INVALID_GROUP_ID);
    const { groupMinSessionTimeoutMs: least, groupMaxSessionTimeoutMs: most } = config;
    if (sessionTimeoutMs < least || sessionTimeoutMs > most) return failed(Errors.INVALID_SESSION_TIMEOUT);
    return answering(() => {
      const partition = this.#partitionOf(groupId);
      const uniqueId = memberId === '' ? uuidText(runtime.random.bytes(UNIQUE_ID_BYTES)) : '';
      const joined = this.#shards.hold<JoinGroupResponse>(partition, (shard, effects, held) =>
        shard.joins.join({ request, apiVersion, clientId, clientHost, uniqueId, held }, effects),
      );
      return joined.then((answer) => joinAnswerOf(answer, apiVersion));
    }, failed);
  }

  syncGroup(request: SyncGroupRequest, { apiVersion }: GroupRequestContext): Answer<SyncGroupResponse> {
    const { groupId, protocolType, protocolName } = request;
    if (groupId === '') return syncFailure(Errors.INVALID_GROUP_ID);
    // KIP-559: from version 5 on members must say what they believe to have agreed on.
    if (apiVersion >= PROTOCOL_IN_SYNC_SINCE && (protocolType === null || protocolName === null)) {
      return syncFailure(Errors.INCONSISTENT_GROUP_PROTOCOL);
    }
    return answering(
      () =>
        this.#shards.hold<SyncGroupResponse>(this.#partitionOf(groupId), (shard, effects, held) =>
          shard.syncs.sync(request, held, effects),
        ),
      (errorCode) =>
        // The group that the client has joined may be gone with the load: it has to join again.
        syncFailure(errorCode === Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.REBALANCE_IN_PROGRESS : errorCode),
    );
  }

  heartbeat(request: HeartbeatRequest, _context: GroupRequestContext): Answer<HeartbeatResponse> {
    if (request.groupId === '') return { errorCode: Errors.INVALID_GROUP_ID };
    return answering<HeartbeatResponse>(
      () =>
        this.#shards.ask(this.#partitionOf(request.groupId), (shard, effects) => ({
          errorCode: shard.memberships.heartbeat(request, effects),
        })),
      // While the group is loaded nobody is late.
      (errorCode) => ({ errorCode: errorCode === Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.NONE : errorCode }),
    );
  }

  leaveGroup(request: LeaveGroupRequest, { apiVersion }: GroupRequestContext): Answer<LeaveGroupResponse> {
    const { groupId } = request;
    const failed = (errorCode: ErrorCode): LeaveGroupResponse => ({ errorCode, members: [] });
    if (groupId === '') return failed(Errors.INVALID_GROUP_ID);
    const isSeveral = apiVersion >= SEVERAL_LEAVE_SINCE;
    const leaving = isSeveral ? request.members : [{ memberId: request.memberId, groupInstanceId: null }];
    return answering<LeaveGroupResponse>(
      () =>
        this.#shards.ask(this.#partitionOf(groupId), (shard, effects) => {
          const members = shard.memberships.leave(groupId, leaving, effects);
          return isSeveral ? { errorCode: Errors.NONE, members } : failed(members[0]?.errorCode ?? Errors.NONE);
        }),
      failed,
    );
  }

  offsetCommit(request: OffsetCommitRequest, { apiVersion }: GroupRequestContext): Answer<OffsetCommitResponse> {
    if (request.topics.length === 0) return { topics: [] };
    return answering(
      () =>
        this.#shards.ask(this.#partitionOf(request.groupId), (shard, effects) =>
          shard.offsets.commit(request, apiVersion, effects),
        ),
      (errorCode) => commitFailure(request, errorCode),
    );
  }

  offsetFetch(request: OffsetFetchRequest, { apiVersion }: GroupRequestContext): Answer<OffsetFetchResponse> {
    const { groupId, topics, requireStable } = request;
    if (asksForSeveral(apiVersion)) {
      return together(
        request.groups.map((group) => this.#fetchGroup({ ...group, requireStable })),
        (groups) => ({ groups }),
      );
    }
    const asked = topics?.map((topic) => ({ ...topic, topicId: '' })) ?? null;
    const group = this.#fetchGroup({ groupId, memberId: null, memberEpoch: -1, topics: asked, requireStable });
    return then(group, (fetched) => singleGroupAnswer(request, fetched, apiVersion));
  }

  #fetchGroup(ask: GroupFetch): Answer<FetchedGroup> {
    const { groupId } = ask;
    return answering<FetchedGroup>(
      () => this.#shards.ask(this.#partitionOf(groupId), (shard) => shard.offsets.fetch(ask)),
      (errorCode) => ({ groupId, topics: [], errorCode }),
    );
  }

  offsetDelete(request: OffsetDeleteRequest, _context: GroupRequestContext): Answer<OffsetDeleteResponse> {
    const failed = (errorCode: ErrorCode): OffsetDeleteResponse => ({ errorCode, throttleTimeMs: 0, topics: [] });
    if (request.groupId === '') return failed(Errors.INVALID_GROUP_ID);
    return answering(
      () =>
        this.#shards.ask(this.#partitionOf(request.groupId), (shard, effects) =>
          shard.offsets.deleteOffsets(request, effects),
        ),
      failed,
    );
  }

  deleteGroups(request: DeleteGroupsRequest, _context: GroupRequestContext): Answer<DeleteGroupsResponse> {
    const results = [...new Set(request.groupsNames)].map((groupId) =>
      answering<DeleteGroupsResponse['results'][number]>(
        () =>
          this.#shards.ask(this.#partitionOf(groupId), (shard, effects) => ({
            groupId,
            errorCode: shard.deleteGroup(groupId, effects),
          })),
        (errorCode) => ({ groupId, errorCode }),
      ),
    );
    return together(results, (all) => ({ throttleTimeMs: 0, results: all }));
  }

  describeGroups(request: DescribeGroupsRequest, { apiVersion }: GroupRequestContext): Answer<DescribeGroupsResponse> {
    const groups = request.groups.map((groupId) =>
      answering(
        () =>
          this.#shards.ask(this.#partitionOf(groupId), (shard) =>
            describeGroup(groupId, shard.groups.get(groupId), apiVersion),
          ),
        (errorCode) => undescribed(groupId, errorCode),
      ),
    );
    return together(groups, (all) => ({ groups: all }));
  }

  /** The groups of all partitions that are led here; the error of one that is being loaded is that of the whole answer. */
  listGroups(request: ListGroupsRequest, _context: GroupRequestContext): Answer<ListGroupsResponse> {
    const lists: Answer<readonly ListedGroup[] | ErrorCode>[] = [];
    for (const partition of this.#shards.partitions) {
      lists.push(
        answering<readonly ListedGroup[] | ErrorCode>(
          () => this.#shards.ask(partition, (shard) => listed(shard, request)),
          (errorCode) => (errorCode === Errors.NOT_COORDINATOR ? [] : errorCode),
        ),
      );
    }
    return together(lists, (all) => {
      const groups: ListedGroup[] = [];
      for (const one of all) {
        if (typeof one === 'number') return { errorCode: one, groups: [] };
        groups.push(...one);
      }
      return { errorCode: Errors.NONE, groups };
    });
  }

  #partitionOf(groupId: string): number {
    const partition = this.partitionFor(groupId);
    if (partition === undefined) throw new KafkaError(Errors.NOT_COORDINATOR);
    return partition;
  }
}

/** Before version 7 a missing protocol name is an empty one. */
function joinAnswerOf(answer: JoinGroupResponse, apiVersion: number): JoinGroupResponse {
  return apiVersion < NULL_PROTOCOL_SINCE && answer.protocolName === null ? { ...answer, protocolName: '' } : answer;
}

function listed(shard: GroupShard, { statesFilter, typesFilter }: ListGroupsRequest): ListedGroup[] {
  const states = new Set(statesFilter.map((state) => state.toLowerCase()));
  const types = new Set(typesFilter.map((type) => type.toLowerCase()));
  const found: ListedGroup[] = [];
  for (const group of shard.groups.all()) {
    const groupType = typeOf(group);
    if (states.size > 0 && !states.has(group.state.toLowerCase())) continue;
    if (types.size > 0 && !types.has(groupType)) continue;
    found.push({
      groupId: group.groupId,
      protocolType: group.protocolType ?? '',
      groupState: group.state,
      groupType,
    });
  }
  return found;
}

function then<T, U>(answer: Answer<T>, next: (value: T) => U): Answer<U> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}

/** Waits only for those that have to be waited for. */
function together<T, U>(answers: Answer<T>[], next: (values: T[]) => U): Answer<U> {
  if (!answers.some((answer) => answer instanceof Promise)) return next(answers as T[]);
  return Promise.all(answers).then(next);
}
