// Members of a consumer group (KIP-848): they beat with the epoch they were told, and give up and take over what they are assigned.
import type { Answer } from './sequence.ts';
import { type ModelScene, Topics } from './scene.ts';

const HEARTBEAT = 68;
const DESCRIBE = 69;
const UNKNOWN_MEMBER_ID = 25;
const FENCED = 110;
const UNRELEASED_INSTANCE_ID = 111;

interface Row {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

interface Member {
  readonly client: string;
  readonly instance: string | null;
  id: string;
  epoch: number;
  assigned: readonly Row[];
  owned: readonly Row[];
}

export async function consumerModel(scene: ModelScene): Promise<void> {
  const topics = new Topics(scene);
  for (const place of scene.chances.once(3) ? [0, 1] : [0]) {
    await topics.create(`t${place}-${scene.tag}`, 1 + scene.chances.below(4));
  }
  const group = new ConsumerClients(scene, `g-${scene.tag}`, topics);
  for (let i = 0; i < scene.steps; i++) await group.step();
}

export class ConsumerClients {
  readonly #scene: ModelScene;
  readonly #group: string;
  readonly #topics: Topics;
  readonly #members: Member[];
  /** So short that a step that waits sees it run out. */
  readonly #rebalanceTimeoutMs: number;
  readonly #hasRegexes: boolean;

  constructor(scene: ModelScene, group: string, topics: Topics) {
    this.#scene = scene;
    this.#group = group;
    this.#topics = topics;
    this.#rebalanceTimeoutMs = scene.chances.once(4) ? 700 : 60_000;
    this.#hasRegexes = scene.chances.once(3);
    const hasStatic = scene.chances.once(2);
    this.#members = ['a', 'b', 'c'].map((client, place) => ({
      client: `new-${client}`,
      instance: hasStatic && place < 2 ? `static-${client}` : null,
      id: '',
      epoch: 0,
      assigned: [],
      owned: [],
    }));
  }

  async step(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const member = chances.of(this.#members);
    const timedOut = this.#rebalanceTimeoutMs < 1_000 ? 1 : 0;
    const weights = { beat: 12, describe: 3, leave: 2, commit: 2, fetch: 2, topics: 2, remove: 1, wait: timedOut };
    switch (chances.weighed(weights)) {
      case 'beat':
        return await this.beat(member);
      case 'describe':
        return await sequence.ask('operator', DESCRIBE, chances.version(0, 1), { groupIds: [this.#group] });
      case 'leave':
        return await this.#leave(member);
      case 'commit':
        return await this.#commit(member);
      case 'fetch':
        return await this.#fetch(member);
      case 'topics':
        return await this.#topics.change();
      case 'wait':
        return await sequence.wait(this.#rebalanceTimeoutMs + 300);
      default:
        return await this.#admin();
    }
  }

  #anyId(member: Member): string {
    return this.#scene.chances.mostly(member.id, 20, ['', 'stranger', ...this.#members.map(({ id }) => id)]);
  }
  #epoch({ epoch }: Member): number {
    return this.#scene.chances.mostly(epoch, 12, [0, 0, -2, epoch - 1, epoch + 1, -3]);
  }

  async beat(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const isNew = member.epoch === 0;
    const version = isNew && member.id === '' && chances.once(20) ? 0 : chances.version(this.#hasRegexes ? 1 : 0, 1);
    if (version === 1 && member.id === '') member.id = `${member.client}-of-${this.#scene.tag}`;
    const epoch = this.#epoch(member);
    const isFull = chances.mostly(epoch === 0, 12, [true, false]);
    const body = {
      groupId: chances.mostly(this.#group, 60, ['']),
      memberId: this.#anyId(member),
      memberEpoch: epoch,
      instanceId: chances.mostly(member.instance, 25, [null, 'static-new-a', 'static-new-b', '']),
      rebalanceTimeoutMs: isFull ? this.#rebalanceTimeoutMs : chances.mostly(-1, 12, [0, this.#rebalanceTimeoutMs]),
      rackId: chances.mostly<string | null>(null, 12, ['rack', '']),
      ...this.#subscription(isFull, version),
      serverAssignor: chances.mostly<string | null>(null, 8, ['range', 'range', 'range', 'uniform', 'none such']),
      topicPartitions: this.#reported(member, isFull),
    };
    await sequence.ask(member.client, HEARTBEAT, version, body, (answer) => this.#heard(member, answer));
    if (this.#hasRegexes) await sequence.wait(60);
  }

  #subscription(isFull: boolean, version: number): object {
    const { chances } = this.#scene;
    if (!isFull && !chances.once(8)) return {};
    const names = chances.mostly<string[] | null>(this.#topics.names, 4, [
      [],
      null,
      ['missing'],
      [...this.#topics.names, 'missing'],
    ]);
    if (version === 0 || !this.#hasRegexes || chances.once(2)) return { subscribedTopicNames: names };
    const regex = chances.of([`t\\d-${this.#scene.tag}`, `t0-${this.#scene.tag}`, '', '(', 'none', null]);
    return {
      subscribedTopicRegex: regex,
      ...(chances.once(4) ? { subscribedTopicNames: names } : isFull ? { subscribedTopicNames: [] } : {}),
    };
  }

  /** Mostly what was assigned last; sometimes still what was owned before, or what is none of the member's. */
  #reported(member: Member, isFull: boolean): readonly Row[] | null {
    const { chances } = this.#scene;
    if (isFull) return chances.mostly<readonly Row[] | null>([], 12, [null, member.assigned]);
    if (chances.once(3)) return null;
    const rows = chances.mostly(member.assigned, 4, [member.owned, [], this.#everything()]);
    member.owned = rows;
    return rows;
  }
  #everything(): Row[] {
    return this.#topics.names.map((name) => ({ topicId: `id of ${name}`, partitions: [0, 1] }));
  }

  #heard(member: Member, answer: Answer): void {
    const { chances } = this.#scene;
    if (answer.errorCode === 0) {
      member.id = answer.memberId ?? member.id;
      member.epoch = Math.max(answer.memberEpoch, 0);
      if (answer.assignment !== null) member.assigned = answer.assignment.topicPartitions;
      return;
    }
    if (![UNKNOWN_MEMBER_ID, FENCED, UNRELEASED_INSTANCE_ID].includes(answer.errorCode)) return;
    member.epoch = 0;
    if (chances.once(4)) member.id = '';
  }

  async #leave(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const body = {
      groupId: this.#group,
      memberId: this.#anyId(member),
      memberEpoch: chances.of(member.instance === null ? [-1, -1, -1, -2] : [-1, -2, -2]),
      instanceId: chances.mostly(member.instance, 12, [null, 'static-new-a']),
    };
    await sequence.ask(member.client, HEARTBEAT, chances.version(0, 1), body, ({ errorCode }) => {
      if (errorCode !== 0) return;
      member.epoch = 0;
      if (chances.once(2)) member.id = '';
    });
  }

  async #commit(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const partitions = [{ partitionIndex: chances.below(3), committedOffset: chances.below(9), committedMetadata: '' }];
    const name = chances.of(this.#topics.names);
    const version = chances.version(7, 10);
    await sequence.ask(member.client, 8, version, {
      groupId: this.#group,
      memberId: this.#anyId(member),
      generationIdOrMemberEpoch: chances.mostly(this.#epoch(member), 4, [-1]),
      ...(version >= 7 ? { groupInstanceId: chances.mostly(member.instance, 6, [null]) } : {}),
      topics: [version >= 10 ? { topicId: `id of ${name}`, partitions } : { name, partitions }],
    });
  }

  async #fetch(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = chances.version(8, 10);
    const rows = this.#topics.names.map((name) => ({
      ...(version >= 10 ? { topicId: `id of ${name}` } : { name }),
      partitionIndexes: [0, 1, 2],
    }));
    const who =
      version >= 9 ? { memberId: this.#anyId(member), memberEpoch: chances.mostly(this.#epoch(member), 4, [-1]) } : {};
    const groups = [{ groupId: this.#group, ...who, topics: chances.once(2) ? null : rows }];
    await sequence.ask(member.client, 9, version, { groups });
  }

  async #admin(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const groupId = this.#group;
    if (chances.once(2)) return await sequence.ask('operator', 42, 2, { groupsNames: [groupId] });
    if (chances.once(3)) return await sequence.ask('operator', 15, 6, { groups: [groupId] });
    const topics = [{ name: chances.of(this.#topics.names), partitions: [{ partitionIndex: 0 }] }];
    await sequence.ask('operator', 47, 0, { groupId, topics });
  }
}
