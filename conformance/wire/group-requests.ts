// The requests of consumers in classic groups, each in the last version before flexible fields.

import type { WireConnection } from './connection.ts';
import type { WireReader, WireWriter } from './primitives.ts';

/** The coordinator answers with these while it is being made, moved or loaded. */
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;
export const isCoordinatorAway = (errorCode: number): boolean =>
  errorCode === COORDINATOR_LOAD_IN_PROGRESS ||
  errorCode === COORDINATOR_NOT_AVAILABLE ||
  errorCode === NOT_COORDINATOR;

/** FindCoordinator v2 for a group; the error code. */
export async function findCoordinator(connection: WireConnection, groupId: string): Promise<number> {
  const reader = await connection.request({ key: 10, version: 2, flexible: false }, (body) =>
    body.string(groupId).int8(0),
  );
  reader.int32();
  return reader.int16();
}

export interface JoinedMember {
  readonly errorCode: number;
  readonly generation: number;
  readonly leader: string;
  readonly memberId: string;
  /** Told to the leader only. */
  readonly members: readonly string[];
}

/** JoinGroup v5 of a dynamic consumer that prefers `range`. Times are milliseconds. */
export async function joinGroup(
  connection: WireConnection,
  member: { readonly groupId: string; readonly memberId: string; readonly topic: string },
  timeouts: { readonly sessionMs: number; readonly rebalanceMs: number },
): Promise<JoinedMember> {
  const subscription = Buffer.concat([
    Buffer.from([0, 0, 0, 0, 0, 1, 0, member.topic.length]),
    Buffer.from(member.topic),
    Buffer.from([255, 255, 255, 255]),
  ]);
  const reader = await connection.request({ key: 11, version: 5, flexible: false }, (body) => {
    body.string(member.groupId).int32(timeouts.sessionMs).int32(timeouts.rebalanceMs).string(member.memberId);
    body.string(null).string('consumer').int32(1).string('range').bytes(subscription);
  });
  reader.int32();
  const errorCode = reader.int16();
  const generation = reader.int32();
  reader.string();
  const leader = reader.string() ?? '';
  const memberId = reader.string() ?? '';
  const members = reader.array((r) => {
    const id = r.string() ?? '';
    r.string();
    r.bytesField();
    return id;
  });
  return { errorCode, generation, leader, memberId, members };
}

export interface MemberInGeneration {
  readonly groupId: string;
  readonly memberId: string;
  readonly generation: number;
}

function writeMember(body: WireWriter, member: MemberInGeneration): void {
  body.string(member.groupId).int32(member.generation).string(member.memberId).string(null);
}

/** SyncGroup v3; the error code and what was assigned. */
export async function syncGroup(
  connection: WireConnection,
  member: MemberInGeneration,
  assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[],
): Promise<{ readonly errorCode: number; readonly assignment: Buffer }> {
  const reader = await connection.request({ key: 14, version: 3, flexible: false }, (body) => {
    writeMember(body, member);
    body.array(assignments, ({ memberId, assignment }) => body.string(memberId).bytes(assignment));
  });
  reader.int32();
  return { errorCode: reader.int16(), assignment: reader.bytesField() ?? Buffer.alloc(0) };
}

/** Heartbeat v3; the error code. */
export async function heartbeat(connection: WireConnection, member: MemberInGeneration): Promise<number> {
  const reader = await connection.request({ key: 12, version: 3, flexible: false }, (body) =>
    writeMember(body, member),
  );
  reader.int32();
  return reader.int16();
}

/** OffsetCommit v7 of a simple consumer: partition to offset, of one topic. The first error code that is not 0. */
export async function commitOffsets(
  connection: WireConnection,
  groupId: string,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<number> {
  const reader = await connection.request({ key: 8, version: 7, flexible: false }, (body) => {
    body.string(groupId).int32(-1).string('').string(null).int32(1).string(topic);
    body.array([...offsets], ([partition, offset]) => body.int32(partition).int64(offset).int32(-1).string(''));
  });
  reader.int32();
  const [codes = []] = reader.array((r) => {
    r.string();
    return r.array(readCommitted);
  });
  return codes.find((code) => code !== 0) ?? 0;
}

function readCommitted(r: WireReader): number {
  r.int32();
  return r.int16();
}

/** OffsetFetch v5 of all that a group has committed for one topic. */
export async function fetchOffsets(
  connection: WireConnection,
  groupId: string,
  topic: string,
): Promise<{ readonly errorCode: number; readonly offsets: ReadonlyMap<number, number> }> {
  const reader = await connection.request({ key: 9, version: 5, flexible: false }, (body) =>
    body.string(groupId).int32(-1),
  );
  reader.int32();
  const offsets = new Map<number, number>();
  reader.array((t) => {
    const name = t.string();
    t.array((r) => {
      const partition = r.int32();
      const offset = r.int64();
      r.int32();
      r.string();
      r.int16();
      if (name === topic) offsets.set(partition, offset);
    });
  });
  return { errorCode: reader.int16(), offsets };
}
