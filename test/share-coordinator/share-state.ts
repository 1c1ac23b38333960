// The states of share partitions over a log of records in memory: what is written is replayed, and can be read anew from the log.
import { Effects } from '../../src/coordinator-common/index.ts';
import { MetadataDelta } from '../../src/kraft/metadata/index.ts';
import {
  ShareCoordinatorShard,
  type ShareShardSettings,
  type ShareStateEffects,
} from '../../src/share-coordinator/share-coordinator-shard.ts';
import { type ShareStateRecord, shareStateSerde } from '../../src/share-coordinator/share-state-record.ts';
import { MetadataBench } from '../api-handlers/metadata-bench.ts';

export const GROUP = 'group';

export class ShareStateWorld {
  readonly metadata = new MetadataBench();
  readonly topicId: string;
  readonly settings: ShareShardSettings;
  /** What was written, from `logStart` on. */
  log: ShareStateRecord[] = [];
  logStart = 0;
  nowMs = 1_000;
  shard: ShareCoordinatorShard;

  constructor(settings: Partial<ShareShardSettings> = {}) {
    this.settings = { updatesPerSnapshot: 500, coldSnapshotIntervalMs: 300_000, ...settings };
    this.topicId = this.metadata.createTopic('topic', 2);
    this.shard = this.#fresh();
    this.shard.onLoaded(this.metadata.image, new Effects(this.nowMs));
  }

  #fresh(): ShareCoordinatorShard {
    return new ShareCoordinatorShard(this.settings);
  }

  key(partition = 0, groupId = GROUP) {
    return { groupId, topicId: this.topicId, partition };
  }

  /** Runs `operation`; what it appends is written, and replayed from its bytes. */
  run<T>(operation: (shard: ShareCoordinatorShard, effects: ShareStateEffects) => T): T {
    const effects: ShareStateEffects = new Effects(this.nowMs);
    const result = operation(this.shard, effects);
    for (const record of effects.records) this.#store(record);
    return result;
  }

  #store(record: ShareStateRecord): void {
    this.#replay(this.shard, record, this.logStart + this.log.length);
    this.log.push(record);
  }

  #replay(shard: ShareCoordinatorShard, record: ShareStateRecord, offset: number): void {
    const encoded = shareStateSerde.encode(record);
    shard.replay(shareStateSerde.decode(encoded.key, encoded.value) as ShareStateRecord);
    shard.stored(encoded, offset);
  }

  /** Another node leads now. */
  reload(): void {
    this.shard = this.#fresh();
    for (const [at, record] of this.log.entries()) this.#replay(this.shard, record, this.logStart + at);
    this.shard.onLoaded(this.metadata.image, new Effects(this.nowMs));
  }

  /** Deletes what newer records replace; how many records. */
  prune(): number {
    const gone = Math.max(0, this.shard.redundantEnd - this.logStart);
    this.log = this.log.slice(gone);
    this.logStart += gone;
    return gone;
  }

  deleteTopic(): void {
    const delta: MetadataDelta = this.metadata.replay([
      { type: 'RemoveTopicRecord', version: 0, topicId: this.topicId },
    ]);
    this.run((shard, effects) => shard.onMetadata(this.metadata.image, delta, effects));
  }

  initialize(stateEpoch = 0, startOffset = 0, partition = 0) {
    return this.run((shard, effects) =>
      shard.initialize(this.key(partition), { partition, stateEpoch, startOffset }, effects),
    );
  }

  read(leaderEpoch = 0, partition = 0) {
    return this.run((shard, effects) => shard.read(this.key(partition), { partition, leaderEpoch }, effects));
  }
}
