// What members have told of the partitions that they had: who may keep which, where several claim the same (KIP-792).
import { hashOrderOfTexts } from '../../../protocol/index.ts';
import type { AssignorMember } from './assignor.ts';

export interface Partition {
  readonly topic: string;
  readonly partition: number;
  /** Of both; the same for equal ones. */
  readonly name: string;
}

/** What a member had, as its assignor reads it. */
export interface Claim {
  readonly owned: readonly Partition[];
  /** undefined: it does not say. */
  readonly generation: number | undefined;
}

export interface StickyMember {
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly claim: Claim;
  /** Of the subscription itself. */
  readonly generation: number;
}

export interface Owners {
  /** In Java's order of members. */
  readonly members: readonly StickyMember[];
  readonly owned: Map<string, Partition[]>;
  /** Claimed twice in the same generation: nobody keeps it. */
  readonly disputed: ReadonlySet<string>;
  readonly maxGeneration: number;
  /** All subscribe to the same topics. */
  readonly areAlike: boolean;
}

export const NO_GENERATION = -1;

export const partitionOf = (topic: string, partition: number): Partition => ({
  topic,
  partition,
  name: `${topic} ${partition}`,
});

export function stickyMembers(
  members: readonly AssignorMember[],
  claimOf: (member: AssignorMember) => Claim,
): StickyMember[] {
  const byId = new Map(members.map((member) => [member.memberId, member]));
  return hashOrderOfTexts(byId.keys()).map((memberId) => {
    const member = byId.get(memberId) as AssignorMember;
    return { memberId, topics: member.topics, claim: claimOf(member), generation: member.generationId };
  });
}

export function ownersOf(members: readonly StickyMember[], counts: ReadonlyMap<string, number>): Owners {
  const owned = new Map<string, Partition[]>();
  const holders = new Map<string, StickyMember>();
  const disputed = new Set<string>();
  let maxGeneration = NO_GENERATION;
  for (const member of members) {
    const { memberId, claim } = member;
    const generation = claim.generation ?? NO_GENERATION;
    maxGeneration = Math.max(maxGeneration, generation);
    const own: Partition[] = [];
    owned.set(memberId, own);
    for (const partition of claim.owned) {
      if (partition.partition >= (counts.get(partition.topic) ?? 0)) continue;
      const other = holders.get(partition.name);
      if (other !== undefined && other.generation > generation) continue;
      if (other !== undefined) take(owned.get(other.memberId), partition);
      if (other !== undefined && other.generation === generation) disputed.add(partition.name);
      else own.push(partition);
      holders.set(partition.name, member);
    }
  }
  return { members, owned, disputed, maxGeneration, areAlike: areAlike(members) };
}

function take(list: Partition[] | undefined, partition: Partition): void {
  const at = list?.findIndex(({ name }) => name === partition.name) ?? -1;
  if (at >= 0) list?.splice(at, 1);
}

function areAlike(members: readonly StickyMember[]): boolean {
  const first = new Set(members.find(({ topics }) => topics.length > 0)?.topics);
  return members.every(({ topics }, index) => {
    // As long as nobody has subscribed to anything there is nothing to be different from.
    if (topics.length === 0) return members.slice(0, index).every((before) => before.topics.length === 0);
    return topics.length === first.size && topics.every((topic) => first.has(topic));
  });
}
