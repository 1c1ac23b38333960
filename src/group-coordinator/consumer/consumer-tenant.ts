// The consumer groups of a shard: what the operations on them share, and what happens to them by themselves: sessions and time-outs
// that begin when they are loaded, topics that change, regular expressions that are matched.
import type { MetadataDelta } from '../../kraft/metadata/index.ts';
import { MetadataImage } from '../../kraft/metadata/index.ts';
import { type ErrorCode, KafkaError } from '../../protocol/index.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import { type Assignor, rangeAssignor, uniformAssignor } from '../assignors/index.ts';
import type { ClassicElsewhere } from '../classic/classic-elsewhere.ts';
import type { Join } from '../classic/join.ts';
import { joinFailure } from '../classic/member-answers.ts';
import type { Leaving, Left } from '../classic/membership.ts';
import type { ClassicSettings } from '../classic/rebalance.ts';
import type { Sync } from '../classic/sync.ts';
import type { GroupTenant } from '../group.ts';
import type { GroupEffects, GroupEvent } from '../group-effects.ts';
import { assert } from '../../runtime/index.ts';
import { TopicHashes } from '../modern/index.ts';
import { keepSession } from '../sessions.ts';
import { beatConsumerGroup, joinConsumerGroup, leaveConsumerGroup, syncConsumerGroup } from './classic-members.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import type { ConsumerGroups, ConsumerWorld } from './consumer-world.ts';
import { removeMembers } from './membership.ts';
import type { TopicRegexes } from './topic-regexes.ts';
import { scheduleRevocation } from './rebalance.ts';
import { RegexResolver } from './regular-expressions.ts';

const ASSIGNORS: readonly Assignor[] = [uniformAssignor, rangeAssignor];

export class ConsumerTenant implements GroupTenant, ConsumerWorld, ClassicElsewhere {
  readonly groups: ConsumerGroups;
  readonly settings: ConsumerSettings;
  readonly classicSettings: ClassicSettings;
  readonly regexes: TopicRegexes;
  readonly hashes = new TopicHashes();
  image = MetadataImage.empty;
  newTopicsVersion = -1;
  readonly #resolver = new RegexResolver();

  constructor(groups: ConsumerGroups, parts: Pick<ConsumerWorld, 'settings' | 'classicSettings' | 'regexes'>) {
    this.groups = groups;
    this.settings = parts.settings;
    this.classicSettings = parts.classicSettings;
    this.regexes = parts.regexes;
  }

  onLoaded(image: MetadataImage, effects: GroupEffects): void {
    this.image = image;
    this.newTopicsVersion = image.offset;
    for (const group of this.groups.allConsumer()) this.#begin(group, effects);
  }

  #begin(group: ConsumerGroup, effects: GroupEffects): void {
    const { groupId } = group;
    const timeoutMs = this.settings.sessionTimeoutMs(groupId, this.image);
    for (const member of group.members) {
      const sessionTimeoutMs = member.classic?.sessionTimeoutMs ?? timeoutMs;
      keepSession(groupId, { memberId: member.memberId, sessionTimeoutMs }, effects);
      scheduleRevocation(groupId, member, effects);
    }
  }

  onMetadata(image: MetadataImage, delta: MetadataDelta): void {
    this.image = image;
    const changed: string[] = [];
    for (const topicId of delta.changedTopics.keys()) {
      const name = image.topics.byId.get(topicId)?.name;
      if (name !== undefined) changed.push(name);
      if (!delta.base.topics.byId.has(topicId)) this.newTopicsVersion = image.offset;
    }
    for (const { name } of delta.deletedTopics.values()) changed.push(name);
    if (changed.length === 0) return;
    for (const group of this.groups.allConsumer()) {
      if (changed.some((name) => group.isSubscribedTo(name))) group.requestMetadataRefresh();
    }
  }

  onTimer(event: GroupEvent, effects: GroupEffects): void {
    const group = this.groups.consumer(event.groupId);
    if (group === undefined) return;
    if (event.kind === 'regex') return this.#resolver.onTurn(this, event.groupId, effects);
    if (
      event.kind !== 'session' &&
      event.kind !== 'revocation' &&
      event.kind !== 'member-join' &&
      event.kind !== 'member-sync'
    ) {
      return;
    }
    const member = group.member(event.memberId);
    // A member that has come to another epoch has given up what it was to give up in that one.
    if (member === undefined || (event.kind === 'revocation' && member.memberEpoch !== event.memberEpoch)) return;
    removeMembers(this, group, [member], effects);
  }

  assignorOf(name: string): Assignor | undefined {
    return ASSIGNORS.find((assignor) => assignor.name === name);
  }
  // Members of the classic protocol.

  takesClassic(groupId: string): boolean {
    return this.groups.consumer(groupId)?.isEmpty === false;
  }
  join(join: Join, effects: GroupEffects): void {
    try {
      joinConsumerGroup(this, this.#group(join.request.groupId), join, effects);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      effects.reply(join.held, joinFailure('', error.code));
    }
  }
  sync(sync: Sync, effects: GroupEffects): void {
    syncConsumerGroup(this, this.#group(sync.request.groupId), sync, effects);
  }
  heartbeat(request: HeartbeatRequest, effects: GroupEffects): ErrorCode {
    return beatConsumerGroup(this.#group(request.groupId), request, effects);
  }
  leave(groupId: string, leaving: readonly Leaving[], effects: GroupEffects): Left[] {
    return leaveConsumerGroup(this, this.#group(groupId), leaving, effects);
  }

  #group(groupId: string): ConsumerGroup {
    const group = this.groups.consumer(groupId);
    assert(group !== undefined, 'only groups that take classic members are asked');
    return group;
  }
}
