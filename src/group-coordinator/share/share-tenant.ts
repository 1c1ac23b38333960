// The share groups of a shard: what the operations on them share, and what happens to them by themselves: sessions that begin
// when they are loaded, topics that change or go.
import { type MetadataDelta, MetadataImage } from '../../kraft/metadata/index.ts';
import type { GroupTenant } from '../group.ts';
import type { GroupEffects, GroupEvent } from '../group-effects.ts';
import { TopicHashes } from '../modern/index.ts';
import { keepSession } from '../sessions.ts';
import { removeShareMember } from './share-heartbeat.ts';
import { statePartitionsRecord } from './share-records.ts';
import type { ShareSettings } from './share-settings.ts';
import type { ShareGroupsOfShard, ShareWorld, StateInitialization } from './share-world.ts';
import { withoutTopics } from './state-partitions.ts';

export class ShareTenant implements GroupTenant, ShareWorld {
  readonly groups: ShareGroupsOfShard;
  readonly settings: ShareSettings;
  readonly hashes = new TopicHashes();
  readonly initializations = new Map<string, StateInitialization>();
  image = MetadataImage.empty;

  constructor(groups: ShareGroupsOfShard, settings: ShareSettings) {
    this.groups = groups;
    this.settings = settings;
  }

  onLoaded(image: MetadataImage, effects: GroupEffects): void {
    this.image = image;
    for (const { groupId, members } of this.groups.allShare()) {
      const sessionTimeoutMs = this.settings.sessionTimeoutMs(groupId, image);
      for (const { memberId } of members) keepSession(groupId, { memberId, sessionTimeoutMs }, effects);
    }
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta, effects: GroupEffects): void {
    this.image = image;
    const changed: string[] = [];
    for (const topicId of delta.changedTopics.keys()) {
      const name = image.topics.byId.get(topicId)?.name;
      if (name !== undefined) changed.push(name);
    }
    for (const { name } of delta.deletedTopics.values()) changed.push(name);
    if (changed.length === 0) return;
    const gone = new Set(Array.from(delta.deletedTopics.values(), ({ id }) => id));
    for (const group of this.groups.allShare()) {
      if (changed.some((name) => group.isSubscribedTo(name))) group.requestMetadataRefresh();
      const left = gone.size === 0 ? undefined : withoutTopics(group.statePartitions, gone);
      if (left !== undefined) effects.append(statePartitionsRecord(group.groupId, left));
    }
  }

  onTimer(event: GroupEvent, effects: GroupEffects): void {
    if (event.kind !== 'session') return;
    const group = this.groups.share(event.groupId);
    const member = group?.member(event.memberId);
    if (group !== undefined && member !== undefined) removeShareMember(this, group, member, effects);
  }
}
