// Members of a streams group (KIP-1071): topologies that come and change, tasks that are taken and given up.
import type { Answer } from './sequence.ts';
import { type ModelScene, Topics } from './scene.ts';

const HEARTBEAT = 88;

interface Tasks {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
}

interface Member {
  readonly client: string;
  readonly id: string;
  readonly instance: string | null;
  readonly process: string;
  epoch: number;
  endpointEpoch: number;
  active: readonly Tasks[];
  standby: readonly Tasks[];
  warmup: readonly Tasks[];
}

export async function streamsModel(scene: ModelScene): Promise<void> {
  const topics = new Topics(scene);
  await topics.create(`t0-${scene.tag}`, 1 + scene.chances.below(3));
  if (scene.chances.once(2)) await topics.create(`t1-${scene.tag}`, 1 + scene.chances.below(3));
  const group = new StreamsClients(scene, `g-${scene.tag}`, topics);
  for (let i = 0; i < scene.steps; i++) await group.step();
}

class StreamsClients {
  readonly #scene: ModelScene;
  readonly #group: string;
  readonly #topics: Topics;
  readonly #members: Member[];
  readonly #rebalanceTimeoutMs: number;
  readonly #changelog: boolean;
  readonly #isJoined: boolean;

  constructor(scene: ModelScene, group: string, topics: Topics) {
    const { chances } = scene;
    this.#scene = scene;
    this.#group = group;
    this.#topics = topics;
    this.#rebalanceTimeoutMs = chances.once(4) ? 700 : 60_000;
    this.#changelog = chances.once(2);
    this.#isJoined = chances.once(2);
    const hasStatic = chances.once(4);
    this.#members = ['a', 'b', 'c'].map((client, place) => ({
      client,
      id: `member-${client}`,
      instance: hasStatic && place === 0 ? 'static-a' : null,
      process: place < 2 ? 'process-0' : 'process-1',
      epoch: 0,
      endpointEpoch: 0,
      active: [],
      standby: [],
      warmup: [],
    }));
  }

  async step(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const member = chances.of(this.#members);
    const timedOut = this.#rebalanceTimeoutMs < 1_000 ? 1 : 0;
    switch (
      chances.weighed({ beat: 14, describe: 4, leave: 2, commit: 1, topics: 2, remove: 1, wait: timedOut, config: 1 })
    ) {
      case 'beat':
        return await this.#beat(member);
      case 'describe':
        return await sequence.ask('operator', 89, 0, { groupIds: [this.#group] });
      case 'leave':
        return await this.#leave(member);
      case 'commit':
        return await this.#commit(member);
      case 'topics':
        return await this.#topics.change();
      case 'wait':
        return await sequence.wait(this.#rebalanceTimeoutMs + 300);
      case 'config':
        return await this.#configure();
      default:
        return await sequence.ask('operator', 42, 2, { groupsNames: [this.#group] });
    }
  }

  async #configure(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const configs = [{ name: 'streams.num.standby.replicas', configOperation: 0, value: chances.of(['0', '1', '2']) }];
    await sequence.ask('operator', 44, 1, { resources: [{ resourceType: 32, resourceName: this.#group, configs }] });
    await sequence.settleTopics();
  }

  #topology(): object {
    const { chances, tag } = this.#scene;
    const sourceTopics = chances.mostly(this.#isJoined ? this.#topics.names : [`t0-${tag}`], 20, [['missing'], []]);
    const stateChangelogTopics = this.#changelog
      ? [{ name: `changelog-${tag}`, partitions: 0, replicationFactor: 1 }]
      : [];
    const isJoined = this.#isJoined && sourceTopics.length === 2;
    const first = {
      subtopologyId: 'sub-0',
      sourceTopics,
      stateChangelogTopics,
      copartitionGroups: isJoined ? [{ sourceTopics: [0, 1] }] : [],
    };
    return {
      epoch: chances.mostly(0, 12, [1, -1, 2]),
      subtopologies: chances.mostly([first], 30, [[], [first, first]]),
    };
  }

  async #beat(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const { epoch } = member;
    const memberEpoch = chances.mostly(epoch, 12, [0, -2, epoch - 1, epoch + 1]);
    const isFull = chances.mostly(memberEpoch === 0, 14, [true, false]);
    await sequence.ask(
      member.client,
      HEARTBEAT,
      0,
      {
        groupId: this.#group,
        memberId: chances.mostly(member.id, 40, ['', 'member-a']),
        memberEpoch,
        endpointInformationEpoch: chances.mostly(member.endpointEpoch, 9, [0, -1]),
        instanceId: chances.mostly(member.instance, 40, [null, 'static-a']),
        rebalanceTimeoutMs: isFull ? this.#rebalanceTimeoutMs : -1,
        topology: isFull ? this.#topology() : null,
        processId: isFull ? chances.mostly(member.process, 12, [`process-${member.client}`]) : null,
        userEndpoint: isFull && chances.once(2) ? { host: `host-${member.client}`, port: 9_000 } : null,
        clientTags: isFull ? chances.mostly<object[] | null>([], 4, [[{ key: 'zone', value: 'a' }]]) : null,
        ...this.#tasks(member, isFull),
        shutdownApplication: chances.once(60),
      },
      (answer) => this.#heard(member, answer),
    );
    // The broker makes topics by the way.
    await sequence.wait(isFull && this.#changelog ? 400 : 30);
  }

  /** Mostly those that were assigned last. Never fewer: who lacks some is told again here, and in Kafka it is not. */
  #tasks(member: Member, isFull: boolean): object {
    const { chances } = this.#scene;
    if (isFull) return { activeTasks: [], standbyTasks: [], warmupTasks: [] };
    if (chances.once(3)) return {};
    return {
      activeTasks: chances.mostly<readonly Tasks[] | null>(member.active, 8, [
        null,
        [{ subtopologyId: 'sub-0', partitions: [0, 1] }],
        [{ subtopologyId: 'none', partitions: [0] }],
      ]),
      standbyTasks: chances.mostly<readonly Tasks[] | null>(member.standby, 12, [null]),
      warmupTasks: member.warmup,
    };
  }

  #heard(member: Member, answer: Answer): void {
    if (answer.errorCode !== 0) {
      if ([25, 110, 111].includes(answer.errorCode)) member.epoch = 0;
      return;
    }
    member.epoch = Math.max(answer.memberEpoch, 0);
    member.endpointEpoch = answer.endpointInformationEpoch;
    member.active = answer.activeTasks ?? member.active;
    member.standby = answer.standbyTasks ?? member.standby;
    member.warmup = answer.warmupTasks ?? member.warmup;
  }

  async #leave(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const memberEpoch = chances.of(member.instance === null ? [-1, -1, -2] : [-1, -2]);
    const body = { groupId: this.#group, memberId: member.id, memberEpoch, instanceId: member.instance };
    await sequence.ask(member.client, HEARTBEAT, 0, body, ({ errorCode }) => {
      if (errorCode === 0) member.epoch = 0;
    });
  }

  async #commit(member: Member): Promise<void> {
    const { sequence, chances } = this.#scene;
    const partitions = [{ partitionIndex: 0, committedOffset: chances.below(9), committedMetadata: '' }];
    await sequence.ask(member.client, 8, 9, {
      groupId: this.#group,
      memberId: member.id,
      generationIdOrMemberEpoch: chances.mostly(member.epoch, 3, [-1, member.epoch + 1, member.epoch - 1]),
      groupInstanceId: member.instance,
      topics: [{ name: chances.of(this.#topics.names), partitions }],
    });
  }
}
