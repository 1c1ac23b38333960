// Kafka's StickyAssignor and CooperativeStickyAssignor: shares that are even, and as much as possible of what members had. The eager one
// tells in bytes of its own what it had; the cooperative one first takes away what is to move and gives it out the next time (KIP-429).
import { Reader, Writer } from '../../../protocol/index.ts';
import {
  type Assignment,
  type Assignor,
  type AssignorMember,
  groupedByTopic,
  type TopicPartitions,
} from './assignor.ts';
import { assignAlike, type StickyResult } from './sticky-alike.ts';
import { assignMixed } from './sticky-mixed.ts';
import { type Claim, NO_GENERATION, ownersOf, type Partition, partitionOf, stickyMembers } from './sticky-owners.ts';

export const stickyAssignor: Assignor = {
  name: 'sticky',
  protocol: 'eager',
  assign: (members, counts) => grouped(assign(members, counts, claimInUserData).shares),
  userData: (owned, generationId) => encodeOwned(owned, generationId),
};

export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  protocol: 'cooperative',
  assign(members, counts) {
    const { shares, moving = movingBetween(members, shares) } = assign(members, counts, claimInSubscription);
    for (const [memberId, share] of shares) {
      shares.set(
        memberId,
        share.filter(({ name }) => moving.get(name) !== memberId),
      );
    }
    return grouped(shares);
  },
  userData(_, generationId) {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(generationId);
    return bytes;
  },
};

function assign(
  members: readonly AssignorMember[],
  counts: ReadonlyMap<string, number>,
  claimOf: (member: AssignorMember) => Claim,
): StickyResult {
  const owners = ownersOf(stickyMembers(members, claimOf), counts);
  if (members.length === 0) return { shares: new Map(), moving: new Map() };
  if (owners.areAlike) return assignAlike(owners, counts);
  return { shares: assignMixed(owners, counts), moving: undefined };
}

function grouped(shares: ReadonlyMap<string, readonly Partition[]>): Assignment {
  return new Map([...shares].map(([memberId, share]) => [memberId, groupedByTopic(share)]));
}

/** What one had and another is to have. */
function movingBetween(
  members: readonly AssignorMember[],
  shares: ReadonlyMap<string, readonly Partition[]>,
): Map<string, string> {
  const added = new Map<string, string>();
  const revoked = new Set<string>();
  for (const { memberId, owned } of members) {
    const before = new Set(partitionsIn(owned).map(({ name }) => name));
    const after = new Set((shares.get(memberId) ?? []).map(({ name }) => name));
    for (const name of after) if (!before.has(name)) added.set(name, memberId);
    for (const name of before) if (!after.has(name)) revoked.add(name);
  }
  return new Map([...added].filter(([name]) => revoked.has(name)));
}

const partitionsIn = (owned: readonly TopicPartitions[]): Partition[] =>
  owned.flatMap(({ topic, partitions }) => partitions.map((partition) => partitionOf(topic, partition)));

function claimInSubscription({ owned, generationId, userData }: AssignorMember): Claim {
  const generation =
    generationId >= 0
      ? generationId
      : userData === null
        ? undefined
        : userData.length < 4
          ? NO_GENERATION
          : Buffer.from(userData).readInt32BE(0);
  return { owned: partitionsIn(owned), generation };
}

/** In place of what is given up before joining. */
function claimInUserData({ userData }: AssignorMember): Claim {
  if (userData === null || userData.length === 0) return { owned: [], generation: undefined };
  try {
    const reader = new Reader(userData);
    const owned: TopicPartitions[] = [];
    for (let left = reader.int32(); left > 0; left--) {
      const topic = reader.string();
      const partitions = Array.from({ length: Math.max(0, reader.int32()) }, () => reader.int32());
      owned.push({ topic, partitions });
    }
    // Clients of before Kafka 2.1 do not tell their generation.
    return { owned: partitionsIn(owned), generation: reader.remaining >= 4 ? reader.int32() : undefined };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { owned: [], generation: NO_GENERATION };
  }
}

function encodeOwned(owned: readonly TopicPartitions[], generationId: number): Buffer {
  const writer = new Writer();
  writer.int32(owned.length);
  for (const { topic, partitions } of owned) {
    writer.string(topic);
    writer.int32(partitions.length);
    for (const partition of partitions) writer.int32(partition);
  }
  writer.int32(generationId);
  return writer.finishToBytes();
}
