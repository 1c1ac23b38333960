// Members of a classic group: they join, sync, beat, commit and leave, mostly as they should.
import { encodeVersioned } from '../../../src/protocol/index.ts';
import { consumerProtocolSubscription } from '../../../src/protocol/messages/consumer-protocol.ts';
import type { Answer } from './sequence.ts';
import { type ModelScene, Topics } from './scene.ts';

const JOIN = 11;
const HEARTBEAT = 12;
const LEAVE = 13;
const SYNC = 14;
const UNKNOWN_MEMBER_ID = 25;
const MEMBER_ID_REQUIRED = 79;
const REJOIN = [22, 25, 27];

export interface ClassicMember {
  readonly client: string;
  readonly instance: string | null;
  id: string;
  generation: number;
  step: 'join' | 'sync' | 'stable';
  isLeader: boolean;
  protocolName: string;
  owned: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

export async function classicModel(scene: ModelScene): Promise<void> {
  const topics = new Topics(scene);
  await topics.create(`t-${scene.tag}`, 2);
  const group = new ClassicClients(scene, `g-${scene.tag}`, topics, scene.chances.once(4) ? 'connect' : 'consumer');
  for (let i = 0; i < scene.steps; i++) await group.step();
}

export class ClassicClients {
  readonly members: ClassicMember[];
  readonly #scene: ModelScene;
  readonly #group: string;
  readonly #topics: Topics;
  readonly #type: string;
  /** So short that a step that waits sees it run out. */
  readonly #rebalanceTimeoutMs: number;

  constructor(scene: ModelScene, group: string, topics: Topics, type: string, areStatic = false) {
    this.#scene = scene;
    this.#group = group;
    this.#topics = topics;
    this.#type = type;
    this.#rebalanceTimeoutMs = scene.chances.once(3) ? 700 : 60_000;
    const hasStatic = scene.chances.once(2);
    this.members = ['a', 'b', 'c'].map((client, place) => ({
      client,
      instance: areStatic || (hasStatic && place < 2) ? `static-${client}` : null,
      id: '',
      generation: -1,
      step: 'join',
      isLeader: false,
      protocolName: 'range',
      owned: [],
    }));
  }

  async step(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const free = this.members.filter(({ client }) => !sequence.isWaiting(client));
    if (free.length === 0 || (sequence.someWait && this.#rebalanceTimeoutMs < 1_000 && chances.once(5))) {
      if (this.#rebalanceTimeoutMs > 1_000) return await this.#admin();
      return await sequence.wait(this.#rebalanceTimeoutMs + 300);
    }
    const member = chances.of(free);
    if (!chances.once(4)) {
      if (member.step === 'join') return await this.join(member);
      if (member.step === 'sync') return await this.sync(member);
    }
    switch (chances.weighed({ join: 3, sync: 3, beat: 4, leave: 3, commit: 3, fetch: 2, admin: 3, topics: 1 })) {
      case 'join':
        return await this.join(member);
      case 'sync':
        return await this.sync(member);
      case 'beat':
        return await this.beat(member);
      case 'leave':
        return await this.leave(member);
      case 'commit':
        return await this.commit(member);
      case 'fetch':
        return await this.fetch(member);
      case 'topics':
        return await this.#topics.change();
      default:
        return await this.#admin();
    }
  }

  #anyId(member: ClassicMember): string {
    return this.#scene.chances.mostly(member.id, 9, ['', 'stranger', ...this.members.map(({ id }) => id)]);
  }
  #generation(member: ClassicMember): number {
    const { generation } = member;
    return this.#scene.chances.mostly(generation, 9, [-1, 0, generation - 1, generation + 1]);
  }
  #instance(member: ClassicMember): string | null {
    return this.#scene.chances.mostly(member.instance, 12, [null, 'static-a', 'static-b', 'static-x']);
  }

  async join(member: ClassicMember): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = member.instance === null && chances.once(3) ? chances.version(0, 9) : chances.version(5, 9);
    const id = this.#anyId(member);
    const body = {
      groupId: this.#group,
      sessionTimeoutMs: chances.mostly(60_000, 40, [1, 2_000_000_000]),
      ...(version >= 1 ? { rebalanceTimeoutMs: this.#rebalanceTimeoutMs } : {}),
      memberId: id,
      ...(version >= 5 ? { groupInstanceId: this.#instance(member) } : {}),
      protocolType: chances.mostly(this.#type, 30, ['connect', 'consumer', '']),
      protocols: this.#protocols(member),
    };
    await sequence.ask(member.client, JOIN, version, body, (answer) => this.#joined(member, answer));
  }

  #protocols(member: ClassicMember): { name: string; metadata: Buffer }[] {
    const { chances } = this.#scene;
    const names = chances.mostly(chances.of([['range'], ['range', 'sticky'], ['sticky', 'range']]), 20, [
      ['sticky'],
      [],
      ['other'],
    ]);
    return names.map((name) => ({ name, metadata: this.#metadata(member) }));
  }

  #metadata(member: ClassicMember): Buffer {
    const { chances } = this.#scene;
    if (chances.once(30)) return Buffer.from('??');
    const version = chances.version(0, 3);
    const subscription = {
      topics: chances.once(6) ? [] : this.#topics.names,
      userData: null,
      ownedPartitions: version >= 1 ? member.owned : [],
      generationId: version >= 2 ? member.generation : -1,
      rackId: null,
    };
    return Buffer.from(encodeVersioned(consumerProtocolSubscription, version, subscription as never));
  }

  #joined(member: ClassicMember, answer: Answer): void {
    if (answer.errorCode === MEMBER_ID_REQUIRED) member.id = answer.memberId;
    if (answer.errorCode === UNKNOWN_MEMBER_ID) member.id = '';
    if (answer.errorCode !== 0) return;
    member.id = answer.memberId;
    member.generation = answer.generationId;
    member.isLeader = answer.leader === answer.memberId;
    member.protocolName = answer.protocolName ?? '';
    member.step = 'sync';
  }

  async sync(member: ClassicMember): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = member.instance === null ? chances.version(0, 5) : chances.version(3, 5);
    const isGiving = chances.mostly(member.isLeader, 9, [true, false]);
    const known = this.members.filter(({ id }) => id !== '' && !chances.once(9));
    const body = {
      groupId: this.#group,
      generationId: this.#generation(member),
      memberId: this.#anyId(member),
      ...(version >= 3 ? { groupInstanceId: this.#instance(member) } : {}),
      ...(version >= 5
        ? {
            protocolType: chances.mostly<string | null>(this.#type, 15, [null, 'other']),
            protocolName: chances.mostly<string | null>(member.protocolName, 15, [null, 'other']),
          }
        : {}),
      assignments: isGiving
        ? known.map(({ id, client }) => ({ memberId: id, assignment: Buffer.from(`for ${client}`) }))
        : [],
    };
    await sequence.ask(member.client, SYNC, version, body, (answer) => {
      if (answer.errorCode === 0) member.step = 'stable';
      this.#heard(member, answer.errorCode);
    });
  }

  #heard(member: ClassicMember, errorCode: number): void {
    if (REJOIN.includes(errorCode)) member.step = 'join';
    if (errorCode === UNKNOWN_MEMBER_ID && this.#scene.chances.once(2)) member.id = '';
  }

  async beat(member: ClassicMember): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = chances.version(0, 4);
    const body = {
      groupId: chances.mostly(this.#group, 30, ['', 'nowhere']),
      generationId: this.#generation(member),
      memberId: this.#anyId(member),
      ...(version >= 3 ? { groupInstanceId: this.#instance(member) } : {}),
    };
    await sequence.ask(member.client, HEARTBEAT, version, body, ({ errorCode }) => this.#heard(member, errorCode));
  }

  async leave(member: ClassicMember): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = chances.version(0, 5);
    const leaving = chances.once(4) ? chances.some(this.members) : [member];
    const members = leaving.map((one) => ({
      memberId: chances.once(4) && one.instance !== null ? '' : this.#anyId(one),
      groupInstanceId: this.#instance(one),
    }));
    const who = version < 3 ? { memberId: this.#anyId(member) } : { members };
    await sequence.ask(member.client, LEAVE, version, { groupId: this.#group, ...who }, () => {
      for (const one of leaving) one.step = 'join';
      if (chances.once(2)) member.id = '';
    });
  }

  async commit(member: ClassicMember): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = chances.version(2, 9);
    const isMember = !chances.once(4);
    await sequence.ask(
      member.client,
      8,
      version,
      {
        groupId: this.#group,
        generationIdOrMemberEpoch: isMember ? this.#generation(member) : -1,
        memberId: isMember ? this.#anyId(member) : '',
        ...(version >= 7 ? { groupInstanceId: isMember ? this.#instance(member) : null } : {}),
        topics: [this.#committed()],
      },
      ({ topics }) => this.#heard(member, topics?.[0]?.partitions[0]?.errorCode ?? 0),
    );
  }

  #committed(): object {
    const { chances } = this.#scene;
    const partitions = [
      {
        partitionIndex: chances.of([0, 0, 1, 7]),
        committedOffset: chances.below(20),
        committedMetadata: chances.of(['', 'm']),
      },
    ];
    return { name: chances.of(this.#topics.names), partitions };
  }

  async fetch(member: ClassicMember): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = chances.version(1, 9);
    const rows = this.#topics.names.map((name) => ({ name, partitionIndexes: [0, 1] }));
    const all = version >= 2 && chances.once(2) ? null : rows;
    const one = {
      groupId: this.#group,
      ...(version >= 9
        ? {
            memberId: chances.mostly<string | null>(null, 3, [member.id]),
            memberEpoch: chances.mostly(-1, 3, [member.generation]),
          }
        : {}),
      topics: all,
    };
    const body = version >= 8 ? { groups: [one] } : { groupId: this.#group, topics: all };
    await sequence.ask(member.client, 9, version, body);
  }

  async #admin(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const groupId = this.#group;
    switch (chances.weighed({ describe: 6, remove: 1, forget: 2, kinds: 2 })) {
      case 'describe':
        return await sequence.ask('operator', 15, chances.version(0, 6), { groups: [groupId] });
      case 'remove':
        return await sequence.ask('operator', 42, chances.version(0, 2), { groupsNames: [groupId] });
      case 'forget': {
        const topics = [
          { name: chances.of(this.#topics.names), partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] },
        ];
        return await sequence.ask('operator', 47, 0, { groupId, topics });
      }
      default:
        return await sequence.ask('operator', chances.of([69, 77]), 1, { groupIds: [groupId] });
    }
  }
}
