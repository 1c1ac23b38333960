// How many members of a classic group support each protocol, and which one they would choose.
import { assert } from '../../runtime/index.ts';
import { hashOrderOfTexts } from '../../protocol/index.ts';
import type { ClassicMember, MemberProtocol } from './classic-member.ts';

export class ProtocolSupport {
  readonly #supporters = new Map<string, number>();

  /** `change` is 1 for a member that comes, -1 for one that goes. */
  count({ protocols }: ClassicMember, change: 1 | -1): void {
    for (const { name } of protocols) {
      const count = (this.#supporters.get(name) ?? 0) + change;
      assert(count >= 0, 'a protocol has lost more supporters than it had');
      if (count > 0) this.#supporters.set(name, count);
      else this.#supporters.delete(name);
    }
  }

  /** Whether one of the protocols is supported by all of `memberCount` members. */
  hasCommon(protocols: readonly MemberProtocol[], memberCount: number): boolean {
    return protocols.some(({ name }) => (this.#supporters.get(name) ?? 0) === memberCount);
  }

  /** The protocol that most members prefer among those that all support; of several the first as Java's HashMap has them. */
  select(members: ReadonlyMap<string, ClassicMember>): string {
    const votes = new Map<string, number>();
    for (const member of members.values()) {
      const vote = member.protocols.find(({ name }) => this.#supporters.get(name) === members.size);
      if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
    }
    let [chosen, most] = ['', 0];
    for (const name of hashOrderOfTexts(votes.keys())) {
      const count = votes.get(name) ?? 0;
      if (count > most) [chosen, most] = [name, count];
    }
    return chosen;
  }
}
