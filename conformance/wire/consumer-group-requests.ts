// ConsumerGroupHeartbeat (KIP-848), as a consumer sends it.

import type { WireConnection } from './connection.ts';

export interface AssignedTopic {
  /** 16 bytes. */
  readonly topicId: Buffer;
  readonly partitions: readonly number[];
}

export interface ConsumerHeartbeat {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  /** null: as before. */
  readonly topics: readonly string[] | null;
  /** What the member owns; null: as before. */
  readonly owned: readonly AssignedTopic[] | null;
}

export interface ConsumerHeartbeatAnswer {
  readonly errorCode: number;
  readonly memberEpoch: number;
  /** undefined: it has not changed. */
  readonly assignment: readonly AssignedTopic[] | undefined;
}

const REBALANCE_TIMEOUT_MS = 300_000;

/** ConsumerGroupHeartbeat v1 of a dynamic member with the assignor of the broker. */
export async function consumerGroupHeartbeat(
  connection: WireConnection,
  member: ConsumerHeartbeat,
): Promise<ConsumerHeartbeatAnswer> {
  const isJoining = member.memberEpoch === 0;
  const reader = await connection.request({ key: 68, version: 1, flexible: true }, (body) => {
    body.compactString(member.groupId).compactString(member.memberId).int32(member.memberEpoch);
    body
      .compactString(null)
      .compactString(null)
      .int32(isJoining ? REBALANCE_TIMEOUT_MS : -1);
    body
      .compactArray(member.topics, (name) => body.compactString(name))
      .compactString(null)
      .compactString(null);
    body.compactArray(member.owned, ({ topicId, partitions }) => {
      body
        .raw(topicId)
        .compactArray(partitions, (partition) => body.int32(partition))
        .noTags();
    });
    body.noTags();
  });
  reader.int32();
  const errorCode = reader.int16();
  reader.compactString();
  reader.compactString();
  const memberEpoch = reader.int32();
  reader.int32();
  if (reader.int8() < 0) return { errorCode, memberEpoch, assignment: undefined };
  const assignment = reader.compactArray((r) => {
    const topicId = r.raw(16);
    const partitions = r.compactArray((p) => p.int32());
    r.skipTags();
    return { topicId, partitions };
  });
  return { errorCode, memberEpoch, assignment };
}
