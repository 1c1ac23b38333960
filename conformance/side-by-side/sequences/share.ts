// Members of a share group (KIP-932): they beat, open sessions, take records and say what became of them.
import type { Answer } from './sequence.ts';
import { type ModelScene, Topics } from './scene.ts';

const HEARTBEAT = 76;
const DESCRIBE = 77;
const FETCH = 78;
const ACKNOWLEDGE = 79;

interface Acquired {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

interface Member {
  readonly client: string;
  readonly id: string;
  epoch: number;
  session: number;
  acquired: Acquired[];
}

export async function shareModel(scene: ModelScene): Promise<void> {
  const topics = new Topics(scene);
  // With more than one it is chance who gets which: the assignor goes by the hashes of topic ids.
  await topics.create(`t0-${scene.tag}`, scene.chances.once(6) ? 2 : 1);
  const group = new ShareClients(scene, `g-${scene.tag}`, topics);
  await group.begin();
  for (let i = 0; i < scene.steps; i++) await group.step();
}

class ShareClients {
  readonly #scene: ModelScene;
  readonly #group: string;
  readonly #topics: Topics;
  readonly #members: Member[];

  constructor(scene: ModelScene, group: string, topics: Topics) {
    this.#scene = scene;
    this.#group = group;
    this.#topics = topics;
    this.#members = ['a', 'b'].map((client) => ({
      client,
      id: `AAAAAAAAAAAAAAAAAAAA${client}w`,
      epoch: 0,
      session: 0,
      acquired: [],
    }));
  }

  async begin(): Promise<void> {
    const { sequence, chances, tag } = this.#scene;
    if (chances.once(3)) await this.#topics.fill(`t0-${tag}`, 0, 4);
    const configs = [{ name: 'share.auto.offset.reset', configOperation: 0, value: 'earliest' }];
    const resources = [{ resourceType: 32, resourceName: this.#group, configs }];
    if (!chances.once(6)) await sequence.ask('operator', 44, 1, { resources });
    for (const member of this.#members) if (!chances.once(4)) await this.#beat(member, true);
    await sequence.wait(150);
    await this.#topics.fill(`t0-${tag}`, 0, 5);
  }

  async step(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const member = chances.of(this.#members);
    const weights = {
      fetch: 12,
      acknowledge: 7,
      beat: 4,
      describe: 1,
      offsets: 3,
      alter: 1,
      forget: 1,
      fill: 4,
      topics: 1,
      leave: 1,
      remove: 1,
      lock: 1,
    };
    switch (chances.weighed(weights)) {
      case 'fetch':
        return await this.#fetch(member);
      case 'acknowledge':
        return await this.#acknowledge(member);
      case 'beat':
        return await this.#beat(member, false);
      case 'describe':
        return await sequence.ask('operator', DESCRIBE, 1, { groupIds: [this.#group] });
      case 'offsets':
        return await this.#describeOffsets();
      case 'alter':
        return await this.#alterOffsets();
      case 'forget':
        return await this.#deleteOffsets();
      case 'fill':
        return await this.#topics.fill(chances.of(this.#topics.names), chances.of([0, 0, 1]), 1 + chances.below(4));
      case 'topics':
        return chances.once(4) ? await this.#topics.change() : await this.#deleteRecords();
      case 'leave':
        return await this.#leave(member);
      case 'lock':
        return await sequence.wait(40);
      default:
        return await sequence.ask('operator', 42, 2, { groupsNames: [this.#group] });
    }
  }

  async #beat(member: Member, isFirst: boolean): Promise<void> {
    const { sequence, chances } = this.#scene;
    const { epoch } = member;
    const memberEpoch = isFirst ? 0 : chances.mostly(epoch, 9, [0, epoch - 1, epoch + 1, -1]);
    const isFull = memberEpoch === 0;
    await sequence.ask(
      member.client,
      HEARTBEAT,
      1,
      {
        groupId: this.#group,
        memberId: member.id,
        memberEpoch,
        subscribedTopicNames: isFull
          ? chances.mostly(this.#topics.names, 20, [[], ['missing']])
          : chances.mostly<string[] | null>(null, 9, [[], this.#topics.names]),
      },
      (answer) => {
        if (answer.errorCode === 0) member.epoch = Math.max(answer.memberEpoch, 0);
        else if (answer.errorCode === 25 || answer.errorCode === 110) member.epoch = 0;
      },
    );
    await sequence.wait(60);
  }

  async #leave(member: Member): Promise<void> {
    const { sequence } = this.#scene;
    await sequence.ask(
      member.client,
      HEARTBEAT,
      1,
      { groupId: this.#group, memberId: member.id, memberEpoch: -1 },
      () => {
        member.epoch = 0;
      },
    );
  }

  #session(member: Member): number {
    const { session } = member;
    return this.#scene.chances.mostly(session, 14, [0, -1, session + 1, session - 1]);
  }

  async #fetch(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = chances.version(1, 2);
    const epoch = this.#session(member);
    const hasAcks = epoch > 0 && member.acquired.length > 0 && chances.once(2);
    const acks = hasAcks ? this.#acks(member, version) : new Map<string, object[]>();
    const body = {
      groupId: this.#group,
      memberId: member.id,
      shareSessionEpoch: epoch,
      maxWaitMs: chances.of([0, 50]),
      minBytes: chances.of([0, 1]),
      maxRecords: chances.of([1, 2, 3, 100, 100]),
      batchSize: chances.of([1, 2, 100]),
      ...(version >= 2
        ? { shareAcquireMode: chances.of([0, 0, 1]), isRenewAck: chances.mostly(this.#hasRenewal(acks), 12, [true]) }
        : {}),
      topics:
        epoch === -1 && !chances.once(4)
          ? this.#rows(acks, [])
          : this.#rows(acks, epoch === 0 || chances.once(5) ? this.#partitions() : []),
      forgottenTopicsData:
        epoch > 0 && chances.once(9) ? [{ topicId: `id of ${chances.of(this.#topics.names)}`, partitions: [0] }] : [],
    };
    await sequence.ask(member.client, FETCH, version, body, (answer) => this.#fetched(member, epoch, answer));
    await sequence.wait(20);
  }

  #hasRenewal(acks: ReadonlyMap<string, object[]>): boolean {
    return JSON.stringify([...acks.values()]).includes('4]');
  }
  #partitions(): [string, number][] {
    return this.#topics.names.flatMap((name) =>
      (this.#scene.chances.once(9) ? [0, 1, 5] : [0, 1]).map((partition) => [name, partition] as [string, number]),
    );
  }

  #rows(acks: ReadonlyMap<string, object[]>, read: readonly [string, number][]): object[] {
    const keys = new Set([...read.map(([name, partition]) => `${name} ${partition}`), ...acks.keys()]);
    const byTopic = new Map<string, object[]>();
    for (const key of keys) {
      const [name = '', partition] = key.split(' ');
      const rows = byTopic.get(name) ?? [];
      rows.push({ partitionIndex: Number(partition), acknowledgementBatches: acks.get(key) ?? [] });
      byTopic.set(name, rows);
    }
    return [...byTopic].map(([name, partitions]) => ({ topicId: `id of ${name}`, partitions }));
  }

  #fetched(member: Member, epoch: number, answer: Answer): void {
    if (answer.errorCode !== 0) {
      member.session = 0;
      return;
    }
    member.session = epoch + 1;
    for (const { topicId, partitions } of answer.responses) {
      for (const { partitionIndex, acquiredRecords } of partitions) {
        for (const { firstOffset, lastOffset } of acquiredRecords) {
          member.acquired.push({
            topic: topicId.slice('id of '.length),
            partition: partitionIndex,
            firstOffset: Number(firstOffset),
            lastOffset: Number(lastOffset),
          });
        }
      }
    }
  }

  /** By topic and partition. What is acknowledged is mostly what was acquired, in whole or in part. */
  #acks(member: Member, version: number): Map<string, object[]> {
    const { chances } = this.#scene;
    const acks = new Map<string, object[]>();
    const all = chances.once(6) ? this.#members.flatMap(({ acquired }) => acquired) : member.acquired;
    for (const one of all.filter(() => !chances.once(3)).slice(0, 3)) {
      const first = one.firstOffset + (chances.once(4) ? 1 : 0);
      const last = one.lastOffset + chances.mostly(0, 5, [-1, 1]);
      if (last < first && !chances.once(6)) continue;
      const key = `${one.topic} ${one.partition}`;
      const rows = acks.get(key) ?? [];
      rows.push({
        firstOffset: first,
        lastOffset: last,
        acknowledgeTypes: this.#types(Math.max(last - first + 1, 1), version),
      });
      acks.set(key, rows);
    }
    if (!chances.once(5)) member.acquired = [];
    return acks;
  }

  #types(count: number, version: number): number[] {
    const { chances } = this.#scene;
    const kinds = version >= 2 ? [1, 2, 3, 0, 4] : [1, 1, 2, 3, 0];
    const kind = () => chances.mostly(chances.of(kinds), 40, [5, -1, 4]);
    return chances.once(3) ? Array.from({ length: chances.mostly(count, 12, [count + 1]) }, kind) : [kind()];
  }

  async #acknowledge(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = chances.version(1, 2);
    const epoch = this.#session(member);
    const acks = this.#acks(member, version);
    const body = {
      groupId: this.#group,
      memberId: member.id,
      shareSessionEpoch: epoch,
      ...(version >= 2 ? { isRenewAck: chances.mostly(this.#hasRenewal(acks), 12, [true]) } : {}),
      topics: this.#rows(acks, chances.once(9) ? [[chances.of(this.#topics.names), 1]] : []),
    };
    await sequence.ask(member.client, ACKNOWLEDGE, version, body, ({ errorCode }) => {
      member.session = errorCode === 0 ? epoch + 1 : 0;
    });
  }

  async #describeOffsets(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const topics = chances.once(2)
      ? null
      : this.#topics.names.map((topicName) => ({
          topicName,
          // Of one that there is not Kafka never tells.
          partitions: [0, 1].slice(0, this.#topics.partitions.get(topicName)),
        }));
    await sequence.ask('operator', 90, chances.version(0, 1), { groups: [{ groupId: this.#group, topics }] });
  }

  async #alterOffsets(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const partitions = [{ partitionIndex: chances.of([0, 0, 1]), startOffset: chances.of([0, 1, 3, 100]) }];
    await sequence.ask('operator', 91, 0, {
      groupId: this.#group,
      topics: [{ topicName: chances.of(this.#topics.names), partitions }],
    });
    await sequence.wait(60);
  }

  async #deleteOffsets(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const topics = [{ topicName: chances.of([...this.#topics.names, 'missing']) }];
    await sequence.ask('operator', 92, 0, { groupId: this.#group, topics });
  }

  async #deleteRecords(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const partitions = [{ partitionIndex: 0, offset: chances.of([1, 3, 5, -1]) }];
    await sequence.ask('operator', 21, 2, {
      topics: [{ name: chances.of(this.#topics.names), partitions }],
      timeoutMs: 10_000,
    });
  }
}
