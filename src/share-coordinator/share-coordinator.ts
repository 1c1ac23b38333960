// The public face of the room (Kafka: ShareCoordinatorService): one method per API. A request may be about share partitions
// whose states stand in different partitions of __share_group_state: each is asked for by itself, and the answers put together.
import {
  type Coordinator,
  coordinatorError,
  CoordinatorRuntime,
  type PartitionWriter,
  type TransactionMarker,
} from '../coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import {
  type CodecId,
  Codecs,
  type ErrorCode,
  errorMessage,
  Errors,
  KafkaError,
  partitionForId,
} from '../protocol/index.ts';
import type {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from '../protocol/messages/83-initialize-share-group-state.ts';
import type {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from '../protocol/messages/84-read-share-group-state.ts';
import type {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '../protocol/messages/85-write-share-group-state.ts';
import type {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from '../protocol/messages/86-delete-share-group-state.ts';
import type {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from '../protocol/messages/87-read-share-group-state-summary.ts';
import type { Clock, Logger, Timer } from '../runtime/index.ts';
import type { ShareCoordinatorConfig } from './share-coordinator-config.ts';
import {
  type ColdSnapshot,
  type ReadState,
  ShareCoordinatorShard,
  type ShareStateEffects,
  type StateSummary,
  type Verdict,
} from './share-coordinator-shard.ts';
import { coordinatorKeyOf, type SharePartitionKey } from './share-partition-key.ts';
import { type ShareStateRecord, shareStateSerde } from './share-state-record.ts';

export interface ShareCoordinatorOptions {
  readonly runtime: { readonly clock: Clock; readonly logger: Logger };
  /** The configs as they are now: read again for everything that is judged by them. */
  readonly config: () => ShareCoordinatorConfig;
  /** __share_group_state. */
  readonly writer: PartitionWriter;
  /** How many partitions __share_group_state has; undefined while it does not exist. */
  readonly partitionCount: () => number | undefined;
}

interface AskedTopics<P extends { readonly partition: number }> {
  readonly groupId: string;
  readonly topics: readonly { readonly topicId: string; readonly partitions: readonly P[] }[];
}

interface Results<A> {
  readonly results: readonly { readonly topicId: string; readonly partitions: readonly A[] }[];
}

/** All expected failures are told in the responses: nothing is thrown or rejected for a request, however wrong. */
export class ShareCoordinator implements Coordinator {
  readonly #options: ShareCoordinatorOptions;
  readonly #shards: CoordinatorRuntime<ShareCoordinatorShard, ShareStateRecord, ColdSnapshot>;
  readonly #logger: Logger;
  /** Up to where each partition has been deleted. */
  readonly #prunedTo = new Map<number, number>();
  #pruneTimer: Timer | undefined;
  #isClosed = false;

  constructor(options: ShareCoordinatorOptions) {
    this.#options = options;
    const { config, writer, runtime } = options;
    this.#logger = runtime.logger.child('share-coordinator');
    const { shareStateTopicCompressionCodec: codec, shareWriteTimeoutMs, shareLoadBufferSize } = config();
    this.#shards = new CoordinatorRuntime({
      name: 'share-coordinator',
      clock: runtime.clock,
      logger: this.#logger,
      writer,
      serde: shareStateSerde,
      codec: codec >= Codecs.NONE && codec <= Codecs.ZSTD ? (codec as CodecId) : Codecs.NONE,
      commitTimeoutMs: shareWriteTimeoutMs,
      loadBufferBytes: shareLoadBufferSize,
      newShard: () =>
        new ShareCoordinatorShard({
          get updatesPerSnapshot() {
            return config().shareSnapshotUpdateRecordsPerSnapshot;
          },
          get coldSnapshotIntervalMs() {
            return config().shareColdPartitionSnapshotIntervalMs;
          },
        }),
    });
  }

  onLeader(partition: number, epoch: number): void {
    this.#shards.load(partition, epoch);
    this.#schedulePruning();
  }

  onResigned(partition: number, epoch?: number): void {
    this.#shards.unload(partition, epoch);
    this.#prunedTo.delete(partition);
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta): void {
    this.#shards.onMetadata(image, delta);
  }

  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#shards.endTransaction(partition, marker);
  }

  endWaits(): void {
    this.#shards.endWaits();
  }

  close(): void {
    this.#isClosed = true;
    this.#pruneTimer?.cancel();
    this.#shards.close();
  }

  /** Of this one alone Kafka leaves out the topics without partitions, and goes on with the others. */
  initializeState(request: InitializeShareGroupStateRequest): Promise<InitializeShareGroupStateResponse> {
    return this.#forEach(
      { ...request, topics: request.topics.filter(({ partitions }) => partitions.length > 0) },
      (shard, key, asked, effects) => shard.initialize(key, asked, effects),
      (key, errorCode, reason) => refused(key, errorCode, `Unable to initialize share group state: ${reason}`),
    );
  }

  readState(request: ReadShareGroupStateRequest): Promise<ReadShareGroupStateResponse> {
    return this.#forEach<(typeof request)['topics'][number]['partitions'][number], ReadState>(
      request,
      (shard, key, asked, effects) => shard.read(key, asked, effects),
      (key, errorCode, reason) => ({
        ...refused(key, errorCode, `Unable to read share group state: ${reason}`),
        stateEpoch: 0,
        startOffset: 0,
        stateBatches: [],
      }),
    );
  }

  writeState(request: WriteShareGroupStateRequest): Promise<WriteShareGroupStateResponse> {
    return this.#forEach(
      request,
      (shard, key, asked, effects) => shard.write(key, asked, effects),
      (key, errorCode, reason) => refused(key, errorCode, `Unable to write share group state: ${reason}`),
    );
  }

  deleteState(request: DeleteShareGroupStateRequest): Promise<DeleteShareGroupStateResponse> {
    return this.#forEach(
      request,
      (shard, key, _asked, effects) => shard.delete(key, effects),
      (key, errorCode, reason) => refused(key, errorCode, `Unable to delete share group state: ${reason}`),
    );
  }

  readStateSummary(request: ReadShareGroupStateSummaryRequest): Promise<ReadShareGroupStateSummaryResponse> {
    return this.#forEach<(typeof request)['topics'][number]['partitions'][number], StateSummary>(
      request,
      (shard, key) => shard.readSummary(key),
      (key, errorCode, reason) => ({
        ...refused(key, errorCode, `Unable to read share group state summary: ${reason}`),
        stateEpoch: 0,
        leaderEpoch: 0,
        startOffset: 0,
        deliveryCompleteCount: -1,
      }),
    );
  }

  /** A request without a group, without topics, or with a topic without partitions is answered with nothing. */
  async #forEach<P extends { readonly partition: number }, A>(
    { groupId, topics }: AskedTopics<P>,
    operation: (shard: ShareCoordinatorShard, key: SharePartitionKey, asked: P, effects: ShareStateEffects) => A,
    failed: (key: SharePartitionKey, errorCode: ErrorCode, reason: string) => A,
  ): Promise<Results<A>> {
    if (groupId === '' || topics.some(({ partitions }) => partitions.length === 0)) return { results: [] };
    const results = topics.map(async ({ topicId, partitions }) => {
      const answers = partitions.map(async (asked) => {
        const key = { groupId, topicId, partition: asked.partition };
        try {
          return await this.#ask(key, (shard, effects) => operation(shard, key, asked, effects));
        } catch (error) {
          return failed(key, coordinatorError(error), error instanceof Error ? error.message : '');
        }
      });
      return { topicId, partitions: await Promise.all(answers) };
    });
    return { results: await Promise.all(results) };
  }

  #ask<A>(
    key: SharePartitionKey,
    operation: (shard: ShareCoordinatorShard, effects: ShareStateEffects) => A,
  ): A | Promise<A> {
    const count = this.#options.partitionCount();
    if (count === undefined) throw new KafkaError(Errors.NOT_COORDINATOR);
    return this.#shards.ask(partitionForId(coordinatorKeyOf(key), count), operation);
  }

  #schedulePruning(): void {
    if (this.#pruneTimer !== undefined || this.#isClosed) return;
    const { runtime, config } = this.#options;
    this.#pruneTimer = runtime.clock.schedule(config().shareStateTopicPruneIntervalMs, () => {
      this.#pruneTimer = undefined;
      void this.prune().then(() => {
        if (!this.#shards.partitions.next().done) this.#schedulePruning();
      });
    });
  }

  /** Deletes the records of all partitions that newer ones have replaced. */
  async prune(): Promise<void> {
    for (const partition of this.#shards.partitions) {
      try {
        const end = await this.#shards.ask(partition, (shard) => shard.redundantEnd);
        if (end <= (this.#prunedTo.get(partition) ?? 0)) continue;
        const errorCode = this.#options.writer.deleteRecords(partition, end);
        if (errorCode === Errors.NONE) this.#prunedTo.set(partition, end);
        else this.#pruneFailed(partition, errorMessage(errorCode));
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        this.#pruneFailed(partition, error.message);
      }
    }
  }

  #pruneFailed(partition: number, reason: string): void {
    this.#logger.log('info', 'old share group state could not be deleted', { partition, reason });
  }
}

function refused({ partition }: SharePartitionKey, errorCode: ErrorCode, message: string): Verdict {
  return { partition, errorCode, errorMessage: message };
}
