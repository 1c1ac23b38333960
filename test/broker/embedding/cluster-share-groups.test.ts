// A share group on three nodes: its coordinator, that of its state, and the partition that it reads are led by different nodes, and
// by others later. What was accepted never comes again; what was not is delivered by whoever leads then.
import { expect } from 'chai';
import { type Cluster, startCluster } from '../../../src/index.ts';
import {
  type ApiSchema,
  type DecodedResponseOf,
  Errors,
  type Fields,
  type InputOf,
} from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { ShareGroupHeartbeat } from '../../../src/protocol/messages/76-share-group-heartbeat.ts';
import { ShareFetch } from '../../../src/protocol/messages/78-share-fetch.ts';
import { ShareAcknowledge } from '../../../src/protocol/messages/79-share-acknowledge.ts';
import { DescribeShareGroupOffsets } from '../../../src/protocol/messages/90-describe-share-group-offsets.ts';
import { buildBatch } from '../../../src/protocol/records/index.ts';
import { RawClient } from '../raw-client.ts';

const GROUP_RESOURCE = 32;
const [ACCEPT, RELEASE] = [1, 2];
const MEMBER = 'AAAAAAAAAAAAAAAAAAAAAw';

describe('A share group of a cluster', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let topicId: string;
  let clients: RawClient[];
  let memberEpoch: number;

  beforeEach(async () => {
    [clients, memberEpoch] = [[], 0];
    cluster = await startCluster({
      nodes: 3,
      config: {
        'group.share.assignment.interval.ms': 0,
        'share.coordinator.state.topic.num.partitions': 1,
        'offsets.topic.num.partitions': 1,
      },
      topics: { t: { partitions: 1 } },
    });
    const { topics } = await ask(1, Metadata, 12, { topics: [{ name: 't', topicId: ZERO }] });
    topicId = topics[0]?.topicId ?? '';
    const configs = [{ name: 'share.auto.offset.reset', configOperation: 0, value: 'earliest' }];
    const resources = [{ resourceType: GROUP_RESOURCE, resourceName: 'g', configs }];
    await ask(1, IncrementalAlterConfigs, 1, { resources, validateOnly: false });
  });

  afterEach(async () => {
    for (const client of clients) client.destroy();
    await cluster.close();
  });

  async function connect(id: number): Promise<RawClient> {
    const node = cluster.nodes.find((one) => one.id === id);
    const client = await RawClient.connect(node?.port ?? 0);
    clients.push(client);
    return client;
  }
  async function ask<Q extends Fields, S extends Fields>(
    id: number,
    api: ApiSchema<Q, S>,
    version: number,
    request: InputOf<Q>,
  ): Promise<DecodedResponseOf<ApiSchema<Q, S>>> {
    const client = await connect(id);
    const answer = await client.ask(api, version, request);
    client.destroy();
    return answer as DecodedResponseOf<ApiSchema<Q, S>>;
  }
  /** Whatever is in the way for a moment is waited for. */
  async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (let turn = 0; turn < 600; turn++) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`not so for half a minute: ${what}`);
  }
  const someNode = (): number => cluster.nodes.find(({ isRunning }) => isRunning)?.id ?? 0;
  const coordinator = (): Promise<number> =>
    until('the group has a coordinator', async () => {
      const { coordinators } = await ask(someNode(), FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] });
      const [found] = coordinators;
      return found?.errorCode === Errors.NONE ? found.nodeId : undefined;
    });
  const leader = (topic: string): Promise<number> => until(`${topic} is led`, async () => cluster.leaderOf(topic, 0));

  /** Until the partition is assigned to the member. */
  const join = (): Promise<true> =>
    until('the member has its partition', async () => {
      const request = {
        groupId: 'g',
        memberId: MEMBER,
        memberEpoch,
        subscribedTopicNames: memberEpoch === 0 ? ['t'] : null,
      };
      const answer = await ask(await coordinator(), ShareGroupHeartbeat, 1, request);
      if (answer.errorCode === Errors.NONE) memberEpoch = answer.memberEpoch;
      return (answer.assignment?.topicPartitions.length ?? 0) > 0 ? true : undefined;
    });
  const beat = (): Promise<number> =>
    until('the member is known', async () => {
      const request = { groupId: 'g', memberId: MEMBER, memberEpoch, subscribedTopicNames: null };
      const answer = await ask(await coordinator(), ShareGroupHeartbeat, 1, request);
      return answer.errorCode === Errors.NONE ? answer.memberEpoch : undefined;
    });

  async function produce(count: number): Promise<void> {
    const records = buildBatch(Array.from({ length: count }, () => ({ value: Buffer.from('x') })));
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
    await until('records are written', async () => {
      const asked = { transactionalId: null, acks: -1, timeoutMs: 5_000, topicData };
      const { responses } = await ask(await leader('t'), Produce, 9, asked);
      return responses[0]?.partitionResponses[0]?.errorCode === Errors.NONE ? true : undefined;
    });
  }

  /** A session with a node: what it is given, and the answers that it gets. */
  class Session {
    readonly #client: RawClient;
    #epoch = 0;
    constructor(client: RawClient) {
      this.#client = client;
    }

    async fetch(): Promise<unknown[]> {
      const answer = await this.#client.ask(ShareFetch, 2, {
        groupId: 'g',
        memberId: MEMBER,
        shareSessionEpoch: this.#epoch++,
        maxWaitMs: 500,
        minBytes: 1,
        maxRecords: 100,
        batchSize: 100,
        topics: [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }],
        forgottenTopicsData: [],
      });
      expect(answer.errorCode).to.equal(Errors.NONE);
      const partition = answer.responses[0]?.partitions[0];
      if (partition !== undefined && partition.errorCode !== Errors.NONE) return [partition.errorCode];
      return (partition?.acquiredRecords ?? []).map((one) => [
        Number(one.firstOffset),
        Number(one.lastOffset),
        one.deliveryCount,
      ]);
    }

    async acknowledge(firstOffset: number, lastOffset: number, ...acknowledgeTypes: number[]) {
      const acknowledgementBatches = [{ firstOffset, lastOffset, acknowledgeTypes }];
      const { responses } = await this.#client.ask(ShareAcknowledge, 2, {
        groupId: 'g',
        memberId: MEMBER,
        shareSessionEpoch: this.#epoch++,
        topics: [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches }] }],
      });
      return responses[0]?.partitions[0]?.errorCode;
    }
  }
  const session = async (): Promise<Session> => new Session(await connect(await leader('t')));
  /** The share partition is loaded from wherever its state is coordinated: the first fetch may be too early. */
  const acquired = (at: Session): Promise<unknown[]> =>
    until('records are acquired', async () => {
      const rows = await at.fetch();
      return rows.length > 0 ? rows : undefined;
    });
  const described = (): Promise<number[]> =>
    until('the offsets are told', async () => {
      const request = { groups: [{ groupId: 'g', topics: null }] };
      const { groups } = await ask(await coordinator(), DescribeShareGroupOffsets, 1, request);
      const [partition] = groups[0]?.topics[0]?.partitions ?? [];
      return partition?.errorCode === Errors.NONE ? [Number(partition.startOffset), Number(partition.lag)] : undefined;
    });

  it('goes on when everything that it needs is led by other nodes', async () => {
    await join();
    await produce(6);
    const first = await session();
    expect(await acquired(first)).to.deep.equal([[0, 5, 1]]);
    expect(await first.acknowledge(0, 2, ACCEPT, RELEASE, ACCEPT)).to.equal(Errors.NONE);
    const before = await leader('t');
    // Three nodes, three leaders, and then each another one.
    for (const shift of [0, 1]) {
      for (const [at, topic] of ['t', '__share_group_state', '__consumer_offsets'].entries()) {
        await cluster.moveLeader(topic, 0, ((before + at + shift) % 3) + 1);
      }
    }
    await beat();
    expect(await first.fetch(), 'who led is asked no more').to.deep.equal([Errors.NOT_LEADER_OR_FOLLOWER]);
    const second = await session();
    expect(await acquired(second)).to.deep.equal([
      [1, 1, 2],
      [3, 5, 1],
    ]);
    expect(await second.acknowledge(1, 1, ACCEPT)).to.equal(Errors.NONE);
    expect(await described(), 'the lag is told by who coordinates the group').to.deep.equal([1, 3]);
    for (const topic of ['t', '__share_group_state', '__consumer_offsets']) {
      await cluster.awaitIsr(topic, 0, [1, 2, 3]);
    }
    const victim = await leader('t');
    await cluster.kill(victim);
    await until('the partition is led again', async () => (cluster.leaderOf('t', 0) !== victim ? true : undefined));
    const third = await session();
    expect(await acquired(third)).to.deep.equal([[3, 5, 1]]);
    expect(await third.acknowledge(3, 5, ACCEPT)).to.equal(Errors.NONE);
    expect(await third.fetch()).to.deep.equal([]);
    await beat();
  });
});

const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA';
