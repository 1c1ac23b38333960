// Who sends what nobody should: names that the group does not know, generations that are over, other people's instance ids,
// other protocols, and joins that nobody waits for. Each is refused with Kafka's error code, and changes nothing; an offset
// that got through would be 0, and seen by the model as one that went back.
import { assert, randomInt } from '../../src/runtime/index.ts';
import { type ErrorCode, Errors, errorName } from '../../src/protocol/index.ts';
import { commitRequest, context, joinRequest, syncRequest } from './coordinator-under-test.ts';
import type { GroupWorld } from './group-world.ts';
import { isAway, SESSION_MS } from './sim-member.ts';

type Intrusion = (world: GroupWorld, groupId: string) => Promise<void>;

const STRANGER = 'stranger';

/** One request of the kind that this seed comes to. */
export async function intrude(world: GroupWorld, groupId: string): Promise<void> {
  const intrusion = INTRUSIONS[randomInt(world.simulation.random, 0, INTRUSIONS.length)] as Intrusion;
  await intrusion(world, groupId);
}

const INTRUSIONS: readonly Intrusion[] = [
  strangeMember,
  staleGeneration,
  foreignInstance,
  strangeJoin,
  otherProtocol,
  otherProtocolType,
  vanishingJoin,
];

function refused(what: string, errorCode: number | undefined, ...expected: readonly ErrorCode[]): void {
  if (errorCode === undefined || isAway(errorCode) || (expected as readonly number[]).includes(errorCode)) return;
  assert(false, `${what} got ${errorName(errorCode)}`);
}

function commitAs(world: GroupWorld, groupId: string, who: Record<string, unknown>): Promise<number | undefined> {
  const answer = world.coordinator.offsetCommit(commitRequest(groupId, 0, who), context(9));
  return world.ask(answer).then(({ topics }) => topics[0]?.partitions[0]?.errorCode);
}

async function strangeMember(world: GroupWorld, groupId: string): Promise<void> {
  const { coordinator } = world;
  const member = {
    groupId,
    memberId: STRANGER,
    generationId: world.assignedGeneration(groupId),
    groupInstanceId: null,
  };
  const beat = await world.ask(coordinator.heartbeat(member, context(4)));
  // While a partition is loaded nobody is late.
  refused('a strange heartbeat', beat.errorCode, Errors.UNKNOWN_MEMBER_ID, Errors.NONE);
  const request = syncRequest(groupId, STRANGER, member.generationId);
  const synced = await world.ask(coordinator.syncGroup(request, context(5)));
  refused('a strange sync', synced.errorCode, Errors.UNKNOWN_MEMBER_ID, Errors.REBALANCE_IN_PROGRESS);
  const leaving = [{ memberId: STRANGER, groupInstanceId: null, reason: null }];
  const left = await world.ask(coordinator.leaveGroup({ groupId, memberId: '', members: leaving }, context(5)));
  refused('a strange leave', left.members?.[0]?.errorCode, Errors.UNKNOWN_MEMBER_ID);
  const errorCode = await commitAs(world, groupId, { memberId: STRANGER, generationIdOrMemberEpoch: 1 });
  refused('a strange commit', errorCode, Errors.UNKNOWN_MEMBER_ID, Errors.GROUP_ID_NOT_FOUND);
}

/** A member that has slept through a generation. */
async function staleGeneration(world: GroupWorld, groupId: string): Promise<void> {
  const member = world.members.find((one) => one.isAlive && one.groupId === groupId && one.memberId !== '');
  const generationId = world.assignedGeneration(groupId) - 1;
  if (member === undefined || generationId < 0) return;
  const { memberId, instance: groupInstanceId } = member;
  const gone = [Errors.UNKNOWN_MEMBER_ID, Errors.FENCED_INSTANCE_ID] as const;
  const who = { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId };
  const errorCode = await commitAs(world, groupId, who);
  refused('a stale commit', errorCode, Errors.ILLEGAL_GENERATION, Errors.GROUP_ID_NOT_FOUND, ...gone);
  const request = { ...syncRequest(groupId, memberId, generationId), groupInstanceId };
  const synced = await world.ask(world.coordinator.syncGroup(request, context(5)));
  refused('a stale sync', synced.errorCode, Errors.ILLEGAL_GENERATION, Errors.REBALANCE_IN_PROGRESS, ...gone);
}

/** Somebody else under the instance id of a static member, or of none. */
async function foreignInstance(world: GroupWorld, groupId: string): Promise<void> {
  const groupInstanceId = `instance-${randomInt(world.simulation.random, 0, 3)}`;
  const generationId = world.assignedGeneration(groupId);
  const fenced = [Errors.FENCED_INSTANCE_ID, Errors.UNKNOWN_MEMBER_ID] as const;
  const who = { memberId: STRANGER, groupInstanceId, generationIdOrMemberEpoch: generationId };
  refused('a fenced commit', await commitAs(world, groupId, who), ...fenced, Errors.GROUP_ID_NOT_FOUND);
  const request = joinRequest(groupId, STRANGER, { groupInstanceId, sessionTimeoutMs: SESSION_MS });
  const joined = await world.ask(world.coordinator.joinGroup(request, context(9)));
  const full = world.maxSize < 1_000 ? [Errors.GROUP_MAX_SIZE_REACHED] : [];
  refused('a fenced join', joined.errorCode, ...fenced, ...full);
}

async function strangeJoin(world: GroupWorld, groupId: string): Promise<void> {
  const request = joinRequest(groupId, STRANGER, { sessionTimeoutMs: SESSION_MS });
  const joined = await world.ask(world.coordinator.joinGroup(request, context(9)));
  const full = world.maxSize < 1_000 ? [Errors.GROUP_MAX_SIZE_REACHED] : [];
  refused('a strange join', joined.errorCode, Errors.UNKNOWN_MEMBER_ID, ...full);
}

/** In an empty group anything goes; the id that it is given there is never used. */
async function otherProtocol(world: GroupWorld, groupId: string): Promise<void> {
  await mismatched(world, groupId, { protocols: [{ name: 'another', metadata: Buffer.alloc(0) }] });
}

async function otherProtocolType(world: GroupWorld, groupId: string): Promise<void> {
  await mismatched(world, groupId, { protocolType: 'connect' });
}

async function mismatched(world: GroupWorld, groupId: string, change: Record<string, unknown>): Promise<void> {
  const request = joinRequest(groupId, '', { sessionTimeoutMs: SESSION_MS, ...change });
  const { errorCode } = await world.ask(world.coordinator.joinGroup(request, context(9)));
  const full = world.maxSize < 1_000 ? [Errors.GROUP_MAX_SIZE_REACHED] : [];
  refused('another protocol', errorCode, Errors.INCONSISTENT_GROUP_PROTOCOL, Errors.MEMBER_ID_REQUIRED, ...full);
}

/** A client that is gone before it is answered: the group has a member that never says anything. */
function vanishingJoin(world: GroupWorld, groupId: string): Promise<void> {
  const version = randomInt(world.simulation.random, 0, 2) === 0 ? 3 : 9;
  const request = joinRequest(groupId, '', { sessionTimeoutMs: SESSION_MS });
  void world.ask(world.coordinator.joinGroup(request, context(version)));
  return Promise.resolve();
}
