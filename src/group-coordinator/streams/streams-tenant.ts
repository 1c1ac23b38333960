// The streams groups of a shard by themselves: sessions begin when they are loaded, time-outs, the first assignment, and topics that
// come, grow and go.
import { MetadataImage, type MetadataDelta } from '../../kraft/metadata/index.ts';
import type { TaskAssignor } from '../assignors/index.ts';
import type { GroupsById, GroupTenant } from '../group.ts';
import type { GroupEffects, GroupEvent } from '../group-effects.ts';
import { TopicHashes } from '../modern/index.ts';
import { fence, groupLoaded } from './membership.ts';
import { StreamsGroup } from './streams-group.ts';
import type { StreamsSettings } from './streams-settings.ts';
import type { StreamsWorld } from './streams-world.ts';
import { targetFor } from './target-assignment.ts';

export class StreamsTenant implements GroupTenant, StreamsWorld {
  readonly groups: GroupsById;
  readonly settings: StreamsSettings;
  readonly assignor: TaskAssignor;
  readonly hashes = new TopicHashes();
  readonly delayedUntilMs = new Map<string, number>();
  image: MetadataImage = MetadataImage.empty;

  constructor(groups: GroupsById, settings: StreamsSettings, assignor: TaskAssignor) {
    this.groups = groups;
    this.settings = settings;
    this.assignor = assignor;
  }

  onLoaded(image: MetadataImage, effects: GroupEffects): void {
    this.image = image;
    for (const group of this.#streamsGroups()) {
      groupLoaded(group, this.settings.sessionTimeoutMs(group.groupId, image), effects);
    }
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta): void {
    this.image = image;
    const changed = new Set<string>();
    for (const id of delta.changedTopics.keys()) {
      const topic = image.topics.byId.get(id);
      if (topic !== undefined) changed.add(topic.name);
    }
    for (const { name } of delta.deletedTopics.values()) changed.add(name);
    if (changed.size === 0) return;
    for (const group of this.#streamsGroups()) {
      for (const topic of group.topology?.requiredTopics ?? []) if (changed.has(topic)) group.mustLookAtTopics = true;
    }
  }

  onTimer(event: GroupEvent, effects: GroupEffects): void {
    const group = this.groups.get(event.groupId);
    if (!(group instanceof StreamsGroup)) return;
    switch (event.kind) {
      case 'session':
      case 'revocation': {
        const member = group.members.get(event.memberId);
        const isOver = event.kind === 'session' || member?.memberEpoch === event.memberEpoch;
        if (member !== undefined && isOver) fence(group, member, effects);
        return;
      }
      case 'initial-assignment':
        return this.#assignFirst(group, effects);
      default:
        return undefined;
    }
  }

  /** Members have had their time to come: whoever is there gets tasks with its next heartbeat. */
  #assignFirst(group: StreamsGroup, effects: GroupEffects): void {
    this.delayedUntilMs.delete(group.groupId);
    const { configured, lastAssignmentConfigs: assignmentConfigs } = group;
    // A topology that has not been looked at since the group was loaded is looked at in the next heartbeat.
    if (group.isEmpty || configured === undefined) return;
    const { epoch } = group.epoch;
    const assigning = { group, epoch, updated: undefined, configured, assignmentConfigs, isDelayed: false };
    targetFor(this, assigning, effects, []);
  }

  *#streamsGroups(): Iterable<StreamsGroup> {
    for (const group of this.groups.all()) if (group instanceof StreamsGroup) yield group;
  }
}
