// The public face of the room (Kafka: GroupCoordinatorService): one method per API, each handed to the part that knows the
// kind of group it is about.
import {
  type Coordinator,
  CoordinatorRuntime,
  type PartitionWriter,
  type TransactionMarker,
} from '../coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import { type CodecId, Codecs, Errors, HEADER_SIZE, KafkaError, partitionForId } from '../protocol/index.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../protocol/messages/08-offset-commit.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../protocol/messages/09-offset-fetch.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../protocol/messages/14-sync-group.ts';
import type { DescribeGroupsRequest, DescribeGroupsResponse } from '../protocol/messages/15-describe-groups.ts';
import type { ListGroupsRequest, ListGroupsResponse } from '../protocol/messages/16-list-groups.ts';
import type { DeleteGroupsRequest, DeleteGroupsResponse } from '../protocol/messages/42-delete-groups.ts';
import type { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../protocol/messages/28-txn-offset-commit.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../protocol/messages/47-offset-delete.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../protocol/messages/68-consumer-group-heartbeat.ts';
import type {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../protocol/messages/69-consumer-group-describe.ts';
import type { StreamsGroupHeartbeatRequest } from '../protocol/messages/88-streams-group-heartbeat.ts';
import type {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from '../protocol/messages/89-streams-group-describe.ts';
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../protocol/messages/76-share-group-heartbeat.ts';
import type {
  ShareGroupDescribeRequest,
  ShareGroupDescribeResponse,
} from '../protocol/messages/77-share-group-describe.ts';
import type {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../protocol/messages/90-describe-share-group-offsets.ts';
import type {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../protocol/messages/91-alter-share-group-offsets.ts';
import type {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../protocol/messages/92-delete-share-group-offsets.ts';
import type { Clock, Logger, Random } from '../runtime/index.ts';
import { ClassicCoordinator } from './classic/classic-coordinator.ts';
import { ConsumerCoordinator } from './consumer/consumer-coordinator.ts';
import { ConsumerSettings } from './consumer/consumer-settings.ts';
import { TopicRegexes } from './consumer/topic-regexes.ts';
import type { GroupKind } from './group.ts';
import { GroupAdmin } from './group-admin.ts';
import type { GroupCoordinatorConfig } from './group-coordinator-config.ts';
import type { GroupTimer } from './group-effects.ts';
import type { GroupRecord } from './group-record.ts';
import { GroupShard, type GroupShardSettings } from './group-shard.ts';
import { groupKinds } from './groups.ts';
import { OffsetCoordinator } from './offsets/offset-coordinator.ts';
import { groupRecordSerdeOf } from './record-types.ts';
import { ShareGroupCoordinator } from './share/share-group-coordinator.ts';
import { ShareSettings } from './share/share-settings.ts';
import { noShareStates, type ShareStates } from './share/share-states.ts';
import type { Answer, GroupRequestContext, GroupShards } from './shards.ts';
import type { GroupSnapshot } from './snapshots/index.ts';
import type { HeartbeatOutcome } from './streams/heartbeat.ts';
import { StreamsCoordinator } from './streams/streams-coordinator.ts';
import { StreamsSettings } from './streams/streams-settings.ts';

export interface GroupCoordinatorOptions {
  readonly runtime: { readonly clock: Clock; readonly random: Random; readonly logger: Logger };
  /** The configs as they are now: read again for everything that is judged by them. */
  readonly config: () => GroupCoordinatorConfig;
  /** __consumer_offsets. */
  readonly writer: PartitionWriter;
  /** How many partitions __consumer_offsets has; undefined while it does not exist. */
  readonly partitionCount: () => number | undefined;
  /** The share coordinator; left out, there is none to be reached. */
  readonly shareStates?: ShareStates;
  /** The kinds of groups; left out, all that this broker knows. */
  readonly kinds?: readonly GroupKind[];
}

const MS_PER_MINUTE = 60_000;
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
  readonly #classic: ClassicCoordinator;
  readonly #regexes = new TopicRegexes();
  readonly #consumer: ConsumerCoordinator;
  readonly #streams: StreamsCoordinator;
  readonly #share: ShareGroupCoordinator;
  readonly #offsets: OffsetCoordinator;
  readonly #admin: GroupAdmin;

  constructor(options: GroupCoordinatorOptions) {
    this.#options = options;
    const { config, writer, runtime, shareStates = noShareStates, kinds = groupKinds } = options;
    const { offsetsTopicCompressionCodec: codec, offsetsCommitTimeoutMs, offsetsLoadBufferSize } = config();
    this.#shards = new CoordinatorRuntime({
      name: 'group-coordinator',
      clock: runtime.clock,
      logger: runtime.logger.child('group-coordinator'),
      writer,
      serde: groupRecordSerdeOf(kinds),
      codec: codec >= Codecs.NONE && codec <= Codecs.ZSTD ? (codec as CodecId) : Codecs.NONE,
      commitTimeoutMs: offsetsCommitTimeoutMs,
      loadBufferBytes: offsetsLoadBufferSize,
      newShard: (partition) => new GroupShard(settingsOf(config, writer, partition, this.#regexes), kinds),
    });
    const shards = this.#access();
    this.#classic = new ClassicCoordinator(shards, config, runtime.random);
    this.#consumer = new ConsumerCoordinator(shards, new ConsumerSettings(config), this.#regexes, runtime.random);
    this.#streams = new StreamsCoordinator(shards);
    this.#offsets = new OffsetCoordinator(shards);
    this.#share = new ShareGroupCoordinator(shards, shareStates, runtime.logger.child('group-coordinator'));
    this.#admin = new GroupAdmin(shards, (groupId) => this.#share.deleteStates(groupId));
  }

  #access(): GroupShards<GroupShard> {
    const shards = this.#shards;
    const partitionOf = (groupId: string): number => {
      const partition = this.partitionFor(groupId);
      if (partition === undefined) throw new KafkaError(Errors.NOT_COORDINATOR);
      return partition;
    };
    return {
      ask: (groupId, operation) => shards.ask(partitionOf(groupId), operation),
      askInTransaction: (groupId, transaction, operation) =>
        shards.askInTransaction(partitionOf(groupId), transaction, operation),
      hold: (groupId, operation) => shards.hold(partitionOf(groupId), operation),
      get partitions() {
        return shards.partitions;
      },
      askPartition: (partition, operation) => shards.ask(partition, operation),
    };
  }

  /** The partition of __consumer_offsets that a group belongs to; undefined while the topic does not exist. */
  partitionFor(groupId: string): number | undefined {
    const count = this.#options.partitionCount();
    return count === undefined ? undefined : partitionForId(groupId, count);
  }

  /** Whether the configs let groups of this protocol be served: `classic`, `consumer`, `share`, `streams`. */
  serves(protocol: string): boolean {
    return this.#options.config().groupCoordinatorRebalanceProtocols.includes(protocol);
  }

  onLeader(partition: number, epoch: number): void {
    this.#shards.load(partition, epoch);
  }

  onResigned(partition: number, epoch?: number): void {
    this.#shards.unload(partition, epoch);
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta): void {
    this.#shards.onMetadata(image, delta);
  }

  /** Ends a transaction on the partition: the offsets that it wrote there count from now on, or are dropped. */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#shards.endTransaction(partition, marker);
  }

  endWaits(): void {
    this.#shards.endWaits();
  }

  close(): void {
    this.#shards.close();
  }

  /**
   * Where the groups of the partitions that are led here stand, by id, everything before them committed. Rejects with
   * KafkaError COORDINATOR_LOAD_IN_PROGRESS while some are loaded. For assertions in tests: loaded when it is first asked for.
   */
  async snapshots(): Promise<GroupSnapshot[]> {
    const { groupSnapshots } = await import('./snapshots/group-snapshots.ts');
    return groupSnapshots(this.#access(), (request) => this.#share.describeOffsets(request));
  }

  joinGroup(request: JoinGroupRequest, context: GroupRequestContext): Answer<JoinGroupResponse> {
    return this.#classic.joinGroup(request, context);
  }
  syncGroup(request: SyncGroupRequest, context: GroupRequestContext): Answer<SyncGroupResponse> {
    return this.#classic.syncGroup(request, context);
  }
  heartbeat(request: HeartbeatRequest, _context: GroupRequestContext): Answer<HeartbeatResponse> {
    return this.#classic.heartbeat(request);
  }
  leaveGroup(request: LeaveGroupRequest, context: GroupRequestContext): Answer<LeaveGroupResponse> {
    return this.#classic.leaveGroup(request, context);
  }
  consumerGroupHeartbeat(
    request: ConsumerGroupHeartbeatRequest,
    context: GroupRequestContext,
  ): Answer<ConsumerGroupHeartbeatResponse> {
    return this.#consumer.heartbeat(request, context);
  }
  consumerGroupDescribe(
    request: ConsumerGroupDescribeRequest,
    _context: GroupRequestContext,
  ): Answer<ConsumerGroupDescribeResponse> {
    return this.#consumer.describe(request);
  }
  /** The caller creates the topics that the outcome asks for. */
  streamsGroupHeartbeat(request: StreamsGroupHeartbeatRequest, context: GroupRequestContext): Answer<HeartbeatOutcome> {
    return this.#streams.heartbeat(request, context);
  }
  streamsGroupDescribe(
    request: StreamsGroupDescribeRequest,
    _context: GroupRequestContext,
  ): Answer<StreamsGroupDescribeResponse> {
    return this.#streams.describe(request);
  }
  shareGroupHeartbeat(
    request: ShareGroupHeartbeatRequest,
    context: GroupRequestContext,
  ): Answer<ShareGroupHeartbeatResponse> {
    return this.#share.heartbeat(request, context);
  }
  shareGroupDescribe(
    request: ShareGroupDescribeRequest,
    _context: GroupRequestContext,
  ): Answer<ShareGroupDescribeResponse> {
    return this.#share.describe(request);
  }
  describeShareGroupOffsets(
    request: DescribeShareGroupOffsetsRequest,
    _context: GroupRequestContext,
  ): Answer<DescribeShareGroupOffsetsResponse> {
    return this.#share.describeOffsets(request);
  }
  alterShareGroupOffsets(
    request: AlterShareGroupOffsetsRequest,
    _context: GroupRequestContext,
  ): Answer<AlterShareGroupOffsetsResponse> {
    return this.#share.alterOffsets(request);
  }
  deleteShareGroupOffsets(
    request: DeleteShareGroupOffsetsRequest,
    _context: GroupRequestContext,
  ): Answer<DeleteShareGroupOffsetsResponse> {
    return this.#share.deleteOffsets(request);
  }
  offsetCommit(request: OffsetCommitRequest, context: GroupRequestContext): Answer<OffsetCommitResponse> {
    return this.#offsets.offsetCommit(request, context);
  }
  txnOffsetCommit(request: TxnOffsetCommitRequest, context: GroupRequestContext): Answer<TxnOffsetCommitResponse> {
    return this.#offsets.txnOffsetCommit(request, context);
  }
  offsetFetch(request: OffsetFetchRequest, context: GroupRequestContext): Answer<OffsetFetchResponse> {
    return this.#offsets.offsetFetch(request, context);
  }
  offsetDelete(request: OffsetDeleteRequest, _context: GroupRequestContext): Answer<OffsetDeleteResponse> {
    return this.#offsets.offsetDelete(request);
  }
  listGroups(request: ListGroupsRequest, _context: GroupRequestContext): Answer<ListGroupsResponse> {
    return this.#admin.listGroups(request);
  }
  describeGroups(request: DescribeGroupsRequest, context: GroupRequestContext): Answer<DescribeGroupsResponse> {
    return this.#admin.describeGroups(request, context);
  }
  deleteGroups(request: DeleteGroupsRequest, _context: GroupRequestContext): Answer<DeleteGroupsResponse> {
    return this.#admin.deleteGroups(request);
  }
}

/** What a shard is told by the configs: read through to them, so that a change arrives. */
function settingsOf(
  config: () => GroupCoordinatorConfig,
  writer: PartitionWriter,
  partition: number,
  regexes: TopicRegexes,
): GroupShardSettings {
  return {
    get initialRebalanceDelayMs() {
      return config().groupInitialRebalanceDelayMs;
    },
    get maxSize() {
      return config().groupMaxSize;
    },
    get maxMetadata() {
      return config().offsetMetadataMaxBytes;
    },
    get retentionMs() {
      return config().offsetsRetentionMinutes * MS_PER_MINUTE;
    },
    get retentionCheckIntervalMs() {
      return config().offsetsRetentionCheckIntervalMs;
    },
    consumer: new ConsumerSettings(config),
    share: new ShareSettings(config),
    regexes,
    streams: new StreamsSettings(config),
    maxRecordBytes: () => writer.maxBatchBytes(partition) - HEADER_SIZE - GROUP_KEY_BYTES,
  };
}
