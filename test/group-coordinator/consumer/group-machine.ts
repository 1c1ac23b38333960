// The groups of one shard by themselves, without a log and without a runtime: what operations want done is done at once, on a clock
// that the test moves, and everything that would stand in the log is kept, so that the groups can be made of it anew.
import { Effects, Held } from '../../../src/coordinator-common/index.ts';
import { ClassicTenant } from '../../../src/group-coordinator/classic/classic-tenant.ts';
import { joinGroup } from '../../../src/group-coordinator/classic/join.ts';
import { syncFailure } from '../../../src/group-coordinator/classic/member-answers.ts';
import {
  heartbeat as classicHeartbeat,
  leaveGroup,
  type Left,
} from '../../../src/group-coordinator/classic/membership.ts';
import { syncGroup } from '../../../src/group-coordinator/classic/sync.ts';
import type { ConsumerGroup } from '../../../src/group-coordinator/consumer/consumer-group.ts';
import { ConsumerSettings } from '../../../src/group-coordinator/consumer/consumer-settings.ts';
import { ConsumerTenant } from '../../../src/group-coordinator/consumer/consumer-tenant.ts';
import { TopicRegexes } from '../../../src/group-coordinator/consumer/topic-regexes.ts';
import { heartbeat } from '../../../src/group-coordinator/consumer/heartbeat.ts';
import { leave } from '../../../src/group-coordinator/consumer/membership.ts';
import type { GroupTenant } from '../../../src/group-coordinator/group.ts';
import type { GroupEffects, GroupEvent, GroupTimer } from '../../../src/group-coordinator/group-effects.ts';
import type { GroupRecord, GroupStateRecord } from '../../../src/group-coordinator/group-record.ts';
import { groupKinds, Groups } from '../../../src/group-coordinator/groups.ts';
import { groupRecordSerdeOf } from '../../../src/group-coordinator/record-types.ts';
import type { MetadataRecord } from '../../../src/kraft/metadata/index.ts';
import { KafkaError } from '../../../src/protocol/index.ts';
import type { JoinGroupResponse } from '../../../src/protocol/messages/11-join-group.ts';
import type { SyncGroupResponse } from '../../../src/protocol/messages/14-sync-group.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { MetadataBench } from '../../api-handlers/metadata-bench.ts';
import { configOf, joinRequest, syncRequest } from '../coordinator-under-test.ts';

const serde = groupRecordSerdeOf(groupKinds);
const START_MS = 1_000_000;

/** Left out: as a heartbeat says that nothing has changed. */
export type HeartbeatPart = Partial<ConsumerGroupHeartbeatRequest> & { readonly memberId: string };

export class GroupMachine {
  readonly metadata = new MetadataBench();
  groups = new Groups(groupKinds);
  readonly regexes = new TopicRegexes();
  consumer: ConsumerTenant;
  nowMs = START_MS;
  /** Everything that stands in the log, as bytes, in its order. */
  readonly log: { key: Uint8Array; value: Uint8Array | null }[] = [];
  readonly #settings: ConsumerSettings;
  readonly #classicSettings = { initialRebalanceDelayMs: 0, maxSize: 1_000, maxRecordBytes: () => 1_000_000 };
  #classic: ClassicTenant;
  readonly #timers = new Map<string, { readonly dueMs: number; readonly event: GroupTimer }>();
  #nextId = 1;

  constructor(configs: Readonly<Record<string, string>> = {}) {
    const config = configOf({ 'group.consumer.assignment.interval.ms': '0', ...configs });
    this.#settings = new ConsumerSettings(() => config);
    this.consumer = this.#consumerTenant();
    this.#classic = new ClassicTenant(this.groups, this.#classicSettings);
    this.#load();
  }

  #consumerTenant(): ConsumerTenant {
    const parts = { settings: this.#settings, classicSettings: this.#classicSettings, regexes: this.regexes };
    return new ConsumerTenant(this.groups, parts);
  }

  #load(): void {
    const effects = this.#effects();
    this.#classic.onLoaded(this.metadata.image, effects);
    this.consumer.onLoaded(this.metadata.image, effects);
    this.#apply(effects);
  }

  /** The groups that the log makes, with nothing but the log. */
  replayed(): Groups {
    const groups = new Groups(groupKinds);
    for (const { key, value } of this.log) {
      const record = serde.decode(key, value);
      if (record?.kind === 'group') groups.replay(record);
    }
    return groups;
  }
  /** Another coordinator finds what is in the log. */
  restart(): void {
    this.groups = this.replayed();
    this.consumer = this.#consumerTenant();
    this.#classic = new ClassicTenant(this.groups, this.#classicSettings);
    this.#timers.clear();
    this.#load();
  }

  group(groupId = 'g'): ConsumerGroup {
    const group = this.groups.consumer(groupId);
    if (group === undefined) throw new Error(`there is no consumer group ${groupId}`);
    return group;
  }

  /** Records of a type that an operation wrote last, and all that it wrote. */
  written: GroupStateRecord[] = [];

  #effects(): GroupEffects {
    return new Effects(this.nowMs);
  }

  #apply(effects: GroupEffects): void {
    this.written = [];
    for (const record of effects.records) {
      this.#keep(record);
      if (record.kind === 'group') this.groups.replay(record);
    }
    for (const record of effects.written) this.#keep(record);
    for (const change of effects.timers) {
      if (change.kind === 'cancel') this.#timers.delete(change.key);
      else this.#timers.set(change.key, { dueMs: this.nowMs + change.delayMs, event: change.event });
    }
    for (const { held, response } of effects.replies) held.answer(response);
  }

  #keep(record: GroupRecord): void {
    const { key, value } = serde.encode(record);
    this.log.push({ key, value });
    if (record.kind === 'group') this.written.push(record);
  }

  run<T>(operation: (effects: GroupEffects) => T): T {
    const effects = this.#effects();
    const result = operation(effects);
    this.#apply(effects);
    return result;
  }

  /** Moves the clock; what is due on the way happens in its order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      let next: [string, { dueMs: number; event: GroupTimer }] | undefined;
      for (const entry of this.#timers) if (next === undefined || entry[1].dueMs < next[1].dueMs) next = entry;
      if (next === undefined || next[1].dueMs > endMs) break;
      this.#timers.delete(next[0]);
      this.nowMs = Math.max(this.nowMs, next[1].dueMs);
      this.#fire(next[1].event);
    }
    this.nowMs = endMs;
  }

  #fire(event: GroupTimer): void {
    if (event.kind === 'expiry') return;
    const tenant = this.#tenantOf(event);
    if (tenant !== undefined) this.run((effects) => tenant.onTimer(event, effects));
  }
  #tenantOf({ groupId }: GroupEvent): GroupTenant | undefined {
    if (this.groups.consumer(groupId) !== undefined) return this.consumer;
    return this.groups.classic(groupId) === undefined ? undefined : this.#classic;
  }

  // Topics.

  createTopic(name: string, partitions: number): string {
    const topicId = this.metadata.createTopic(name, partitions);
    this.consumer.onMetadata(this.metadata.image, this.metadata.createdTopic);
    return topicId;
  }
  changeMetadata(...records: MetadataRecord[]): void {
    const delta = this.metadata.replay(records);
    this.consumer.onMetadata(this.metadata.image, delta);
  }
  deleteTopic(topicId: string): void {
    this.changeMetadata({ type: 'RemoveTopicRecord', version: 0, topicId });
  }

  // The consumer protocol.

  /** Throws KafkaError. */
  beat(part: HeartbeatPart): ConsumerGroupHeartbeatResponse {
    const request: ConsumerGroupHeartbeatRequest = {
      groupId: 'g',
      memberEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
      ...part,
    };
    const facts = { request, clientId: 'client', clientHost: '/127.0.0.1', newMemberId: `made-${this.#nextId++}` };
    return this.run((effects) =>
      request.memberEpoch < 0 ? leave(this.consumer, request, effects) : heartbeat(this.consumer, facts, effects),
    );
  }
  join(memberId: string, topics: readonly string[], more: Partial<ConsumerGroupHeartbeatRequest> = {}) {
    const subscribedTopicNames = [...topics];
    return this.beat({ memberId, subscribedTopicNames, rebalanceTimeoutMs: 30_000, topicPartitions: [], ...more });
  }

  // The classic protocol.

  joinClassic(memberId: string, change: Record<string, unknown> = {}, apiVersion = 9): Promise<JoinGroupResponse> {
    const held = new Held<JoinGroupResponse>();
    const request = joinRequest('g', memberId, change) as never;
    const uniqueId = `00000000-0000-4000-8000-${String(this.#nextId++).padStart(12, '0')}`;
    const facts = { clientId: 'client', clientHost: '/127.0.0.1', settings: this.#classicSettings };
    this.run((effects) => {
      const join = { request, apiVersion, uniqueId, held, ...facts };
      if (this.consumer.takesClassic('g')) this.consumer.join(join, effects);
      else joinGroup(this.groups, join, effects);
    });
    return held.promise;
  }
  syncClassic(
    memberId: string,
    generationId: number,
    assignments: { memberId: string; assignment: Uint8Array }[] = [],
  ): Promise<SyncGroupResponse> {
    const held = new Held<SyncGroupResponse>();
    const sync = {
      request: syncRequest('g', memberId, generationId, assignments),
      held,
      settings: this.#classicSettings,
    };
    const errorCode = codeOf(() =>
      this.run((effects) => {
        if (this.consumer.takesClassic('g')) this.consumer.sync(sync, effects);
        else syncGroup(this.groups.classic('g'), sync, effects);
      }),
    );
    if (errorCode !== 0) return Promise.resolve(syncFailure(errorCode as SyncGroupResponse['errorCode']));
    return held.promise;
  }
  beatClassic(memberId: string, generationId: number): number {
    const request = { groupId: 'g', memberId, generationId, groupInstanceId: null };
    return this.run((effects) =>
      this.consumer.takesClassic('g')
        ? codeOf(() => this.consumer.heartbeat(request, effects))
        : classicHeartbeat(this.groups.classic('g'), request, effects),
    );
  }
  leaveClassic(memberId: string): Left[] {
    const leaving = [{ memberId, groupInstanceId: null }];
    return this.run((effects) =>
      this.consumer.takesClassic('g')
        ? this.consumer.leave('g', leaving, effects)
        : leaveGroup(this.groups.classic('g'), leaving, this.#classicSettings, effects),
    );
  }
}

/** The error code that `action` throws, or gives. */
export function codeOf(action: () => unknown): number {
  try {
    const code = action();
    return typeof code === 'number' ? code : 0;
  } catch (error) {
    if (error instanceof KafkaError) return error.code;
    throw error;
  }
}
