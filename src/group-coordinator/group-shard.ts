// The groups of one partition of __consumer_offsets (Kafka: GroupCoordinatorShard): what the runtime replays records into,
// and what requests are answered from.
import type { CoordinatorShard } from '../coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../kraft/metadata/index.ts';
import { type ErrorCode, Errors, type Int64, ZERO_UUID } from '../protocol/index.ts';
import { assert, unreachable } from '../runtime/index.ts';
import { stickyTaskAssignor } from './assignors/index.ts';
import type { ClassicElsewhere } from './classic/classic-elsewhere.ts';
import { CLASSIC_TYPE } from './classic/classic-group.ts';
import { ClassicTenant } from './classic/classic-tenant.ts';
import { CONSUMER_TYPE } from './consumer/consumer-group.ts';
import type { ConsumerSettings } from './consumer/consumer-settings.ts';
import { ConsumerTenant } from './consumer/consumer-tenant.ts';
import type { TopicRegexes } from './consumer/topic-regexes.ts';
import type { ClassicSettings } from './classic/rebalance.ts';
import type { GroupKind, GroupTenant } from './group.ts';
import { EXPIRY_KEY, type GroupEffects, type GroupTimer } from './group-effects.ts';
import type { GroupRecord } from './group-record.ts';
import { groupKinds, Groups } from './groups.ts';
import { expire } from './offsets/expiry.ts';
import { OffsetStore } from './offsets/offset-store.ts';
import { type OffsetSettings, OffsetsOfGroups } from './offsets/offsets.ts';
import { STREAMS_TYPE } from './streams/streams-group.ts';
import type { StreamsSettings } from './streams/streams-settings.ts';
import { StreamsTenant } from './streams/streams-tenant.ts';
import { SHARE_TYPE } from './share/share-group.ts';
import type { ShareSettings } from './share/share-settings.ts';
import { ShareTenant } from './share/share-tenant.ts';

/** Read when they are needed: they may change while the shard lives. */
export interface GroupShardSettings extends ClassicSettings, OffsetSettings {
  readonly retentionMs: number;
  readonly retentionCheckIntervalMs: number;
  readonly consumer: ConsumerSettings;
  readonly share: ShareSettings;
  readonly regexes: TopicRegexes;
  readonly streams: StreamsSettings;
}

/** Between two stretches of work when much has expired at once. */
const EXPIRY_PAUSE_MS = 20;

export class GroupShard implements CoordinatorShard<GroupRecord, GroupTimer> {
  readonly groups: Groups;
  readonly offsets: OffsetsOfGroups;
  readonly consumer: ConsumerTenant;
  readonly streams: StreamsTenant;
  readonly share: ShareTenant;
  readonly settings: GroupShardSettings;
  readonly #store = new OffsetStore();
  /** By the kind of group. */
  readonly #tenants: ReadonlyMap<string, GroupTenant>;

  constructor(settings: GroupShardSettings, kinds: readonly GroupKind[] = groupKinds) {
    this.settings = settings;
    this.groups = new Groups(kinds);
    this.consumer = new ConsumerTenant(this.groups, {
      settings: settings.consumer,
      classicSettings: settings,
      regexes: settings.regexes,
    });
    this.streams = new StreamsTenant(this.groups, settings.streams, stickyTaskAssignor);
    this.share = new ShareTenant(this.groups, settings.share);
    this.offsets = new OffsetsOfGroups(this.groups, this.#store, settings, (name) => this.#topicId(name));
    this.#tenants = new Map<string, GroupTenant>([
      [CLASSIC_TYPE, new ClassicTenant(this.groups, settings)],
      [CONSUMER_TYPE, this.consumer],
      [STREAMS_TYPE, this.streams],
      [SHARE_TYPE, this.share],
    ]);
  }

  get elsewhere(): ClassicElsewhere {
    return this.consumer;
  }
  #topicId(name: string): string {
    return this.consumer.image.topics.byName.get(name)?.id ?? ZERO_UUID;
  }

  replay(record: GroupRecord, producerId: Int64): void {
    switch (record.kind) {
      case 'offset':
        if (record.value !== null) this.groups.ensure(record.groupId);
        return this.#store.replay(record, producerId);
      case 'group':
        return this.groups.replay(record);
      default:
        return unreachable(record);
    }
  }

  replayEndTransactionMarker(producerId: Int64, _producerEpoch: number, isCommit: boolean): void {
    this.#store.endTransaction(producerId, isCommit);
  }

  onLoaded(image: MetadataImage, effects: GroupEffects): void {
    for (const tenant of this.#tenants.values()) tenant.onLoaded(image, effects);
    this.#scheduleExpiry(effects);
  }

  /** Committed offsets of topics that are gone go with them. */
  onMetadata(image: MetadataImage, delta: MetadataDelta, effects: GroupEffects): void {
    for (const tenant of this.#tenants.values()) tenant.onMetadata(image, delta, effects);
    const { deletedTopics } = delta;
    if (deletedTopics.size === 0) return;
    effects.isAtomic = false;
    this.offsets.topicsDeleted(new Set(Array.from(deletedTopics.values(), ({ name }) => name)), effects);
  }

  onCommitted(event: GroupTimer): void {
    assert(false, `groups ask for nothing after a commit, and not for ${event.kind}`);
  }

  onTimer(event: GroupTimer, effects: GroupEffects): void {
    if (event.kind === 'expiry') return this.#expire(effects);
    const group = this.groups.get(event.groupId);
    if (group !== undefined) this.#tenants.get(group.type)?.onTimer(event, effects);
  }

  /** NONE when the group and all its offsets are deleted. */
  deleteGroup(groupId: string, effects: GroupEffects): ErrorCode {
    const group = this.groups.get(groupId);
    if (group === undefined) return Errors.GROUP_ID_NOT_FOUND;
    if (!group.isEmpty) return Errors.NON_EMPTY_GROUP;
    this.offsets.deleteAll(groupId, effects);
    group.cancelTimers(effects);
    group.appendTombstones(effects);
    effects.isAtomic = false;
    return Errors.NONE;
  }

  #expire(effects: GroupEffects): void {
    // The log takes them in any order and number: a tombstone too few is written the next time.
    effects.isAtomic = false;
    const isCutShort = expire(this.groups, this.#store, this.settings.retentionMs, effects);
    this.#scheduleExpiry(effects, isCutShort ? EXPIRY_PAUSE_MS : undefined);
  }

  #scheduleExpiry(effects: GroupEffects, delayMs = this.settings.retentionCheckIntervalMs): void {
    effects.schedule(EXPIRY_KEY, delayMs, { kind: 'expiry' });
  }
}
