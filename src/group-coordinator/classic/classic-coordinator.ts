// The APIs of the classic protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup. Here stands what is decided without the group
// (Kafka: GroupCoordinatorService, joinGroup to leaveGroup).
import { type ErrorCode, Errors } from '../../protocol/index.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import type { Random } from '../../runtime/index.ts';
import { answering } from '../answers.ts';
import type { Answer, GroupRequestContext, GroupShards } from '../shards.ts';
import type { ClassicElsewhere } from './classic-elsewhere.ts';
import type { ClassicGroups } from './classic-groups.ts';
import { joinGroup } from './join.ts';
import { joinFailure, syncFailure } from './member-answers.ts';
import { heartbeat, leaveGroup } from './membership.ts';
import type { ClassicSettings } from './rebalance.ts';
import { syncGroup } from './sync.ts';

/** What the APIs need of a shard. */
export interface ClassicShard {
  readonly groups: ClassicGroups;
  /** Groups of other kinds that classic members may be in. */
  readonly elsewhere: ClassicElsewhere;
  readonly settings: ClassicSettings;
}

/** The session time-outs that members may ask for, as the configs are now. */
export interface SessionTimeouts {
  readonly groupMinSessionTimeoutMs: number;
  readonly groupMaxSessionTimeoutMs: number;
}

const NULL_PROTOCOL_SINCE = 7;
const SEVERAL_LEAVE_SINCE = 3;
const PROTOCOL_IN_SYNC_SINCE = 5;
const UNIQUE_ID_BYTES = 16;

export class ClassicCoordinator {
  readonly #shards: GroupShards<ClassicShard>;
  readonly #timeouts: () => SessionTimeouts;
  readonly #random: Random;

  constructor(shards: GroupShards<ClassicShard>, timeouts: () => SessionTimeouts, random: Random) {
    this.#shards = shards;
    this.#timeouts = timeouts;
    this.#random = random;
  }

  joinGroup(request: JoinGroupRequest, context: GroupRequestContext): Answer<JoinGroupResponse> {
    const { groupId, memberId, sessionTimeoutMs } = request;
    const { apiVersion, clientId, clientHost } = context;
    const failed = (errorCode: ErrorCode): JoinGroupResponse =>
      joinAnswerOf(joinFailure(memberId, errorCode), apiVersion);
    if (groupId === '') return failed(Errors.INVALID_GROUP_ID);
    const { groupMinSessionTimeoutMs: least, groupMaxSessionTimeoutMs: most } = this.#timeouts();
    if (sessionTimeoutMs < least || sessionTimeoutMs > most) return failed(Errors.INVALID_SESSION_TIMEOUT);
    return answering(() => {
      const uniqueId = memberId === '' ? uuidText(this.#random.bytes(UNIQUE_ID_BYTES)) : '';
      const joined = this.#shards.hold<JoinGroupResponse>(groupId, ({ groups, elsewhere, settings }, effects, held) => {
        const join = { request, apiVersion, clientId, clientHost, uniqueId, held, settings };
        if (elsewhere.takesClassic(groupId)) elsewhere.join(join, effects);
        else joinGroup(groups, join, effects);
      });
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
        this.#shards.hold<SyncGroupResponse>(groupId, ({ groups, elsewhere, settings }, effects, held) => {
          const sync = { request, held, settings };
          if (elsewhere.takesClassic(groupId)) elsewhere.sync(sync, effects);
          else syncGroup(groups.classic(groupId), sync, effects);
        }),
      (errorCode) =>
        // The group that the client has joined may be gone with the load: it has to join again.
        syncFailure(errorCode === Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.REBALANCE_IN_PROGRESS : errorCode),
    );
  }

  heartbeat(request: HeartbeatRequest): Answer<HeartbeatResponse> {
    const { groupId } = request;
    if (groupId === '') return { errorCode: Errors.INVALID_GROUP_ID };
    return answering<HeartbeatResponse>(
      () =>
        this.#shards.ask(groupId, ({ groups, elsewhere }, effects) => ({
          errorCode: elsewhere.takesClassic(groupId)
            ? elsewhere.heartbeat(request, effects)
            : heartbeat(groups.classic(groupId), request, effects),
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
        this.#shards.ask(groupId, ({ groups, elsewhere, settings }, effects) => {
          const members = elsewhere.takesClassic(groupId)
            ? elsewhere.leave(groupId, leaving, effects)
            : leaveGroup(groups.classic(groupId), leaving, settings, effects);
          return isSeveral ? { errorCode: Errors.NONE, members } : failed(members[0]?.errorCode ?? Errors.NONE);
        }),
      failed,
    );
  }
}

/** Before version 7 a missing protocol name is an empty one. */
function joinAnswerOf(answer: JoinGroupResponse, apiVersion: number): JoinGroupResponse {
  return apiVersion < NULL_PROTOCOL_SINCE && answer.protocolName === null ? { ...answer, protocolName: '' } : answer;
}

/** 16 random bytes as Java prints a random UUID: member ids look like those of Apache Kafka. */
function uuidText(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
