// Share groups from outside: members join, acquire records and say what became of them, over a socket, while time passes and the
// broker restarts.
import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import { FindCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { DeleteGroups } from '../../src/protocol/messages/42-delete-groups.ts';
import { ShareGroupHeartbeat } from '../../src/protocol/messages/76-share-group-heartbeat.ts';
import { ShareGroupDescribe } from '../../src/protocol/messages/77-share-group-describe.ts';
import { ShareFetch } from '../../src/protocol/messages/78-share-fetch.ts';
import { ShareAcknowledge } from '../../src/protocol/messages/79-share-acknowledge.ts';
import { DescribeShareGroupOffsets } from '../../src/protocol/messages/90-describe-share-group-offsets.ts';
import { AlterShareGroupOffsets } from '../../src/protocol/messages/91-alter-share-group-offsets.ts';
import { DeleteShareGroupOffsets } from '../../src/protocol/messages/92-delete-share-group-offsets.ts';
import { ProbedBroker } from './configs/probes/probed-broker.ts';
import type { RawClient } from './raw-client.ts';

const GROUP_RESOURCE = 32;
const ACCEPT = 1;
const RELEASE = 2;
const LOCK_MS = 30_000;

class Member {
  readonly id: string;
  readonly #beats: RawClient;
  readonly #client: RawClient;
  readonly #topicId: string;
  epoch = 0;
  #sessionEpoch = 0;

  /** Heartbeats go by a connection that nothing waits on. */
  constructor(id: string, beats: RawClient, client: RawClient, topicId: string) {
    this.id = id;
    this.#beats = beats;
    this.#client = client;
    this.#topicId = topicId;
  }

  async beat(memberEpoch = this.epoch) {
    const subscribedTopicNames = memberEpoch === 0 ? ['t'] : null;
    const request = { groupId: 'g', memberId: this.id, memberEpoch, subscribedTopicNames };
    const answer = await this.#beats.ask(ShareGroupHeartbeat, 1, request);
    if (answer.errorCode === Errors.NONE) this.epoch = answer.memberEpoch;
    return answer;
  }

  /** Leaves, and takes its connection with it. */
  async leave(): Promise<void> {
    await this.beat(-1);
    this.#client.destroy();
  }

  async fetch(maxRecords = 100, maxWaitMs = 500) {
    const answer = await this.#client.ask(ShareFetch, 2, {
      groupId: 'g',
      memberId: this.id,
      shareSessionEpoch: this.#sessionEpoch++,
      maxWaitMs,
      minBytes: 1,
      maxRecords,
      batchSize: maxRecords,
      topics: [{ topicId: this.#topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }],
      forgottenTopicsData: [],
    });
    expect(answer.errorCode).to.equal(Errors.NONE);
    const partition = answer.responses[0]?.partitions[0];
    expect(partition?.errorCode ?? Errors.NONE).to.equal(Errors.NONE);
    return (partition?.acquiredRecords ?? []).map(({ firstOffset, lastOffset, deliveryCount }) => [
      Number(firstOffset),
      Number(lastOffset),
      deliveryCount,
    ]);
  }

  async acknowledge(firstOffset: number, lastOffset: number, ...acknowledgeTypes: number[]) {
    const acknowledgementBatches = [{ firstOffset, lastOffset, acknowledgeTypes }];
    const { responses } = await this.#client.ask(ShareAcknowledge, 2, {
      groupId: 'g',
      memberId: this.id,
      shareSessionEpoch: this.#sessionEpoch++,
      topics: [{ topicId: this.#topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches }] }],
    });
    return responses[0]?.partitions[0]?.errorCode;
  }
}

describe('Share groups over a socket', () => {
  let broker: ProbedBroker;

  beforeEach(async () => {
    broker = await ProbedBroker.start({
      'group.share.assignment.interval.ms': '0',
      'share.coordinator.state.topic.num.partitions': '1',
      'offsets.topic.num.partitions': '1',
      'ottla.coordinator.topic.wait': 'true',
      'connections.max.idle.ms': '-1',
    });
    await broker.createTopic('t');
    await broker.client.ask(FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] });
    await broker.set(GROUP_RESOURCE, 'g', { 'share.auto.offset.reset': 'earliest' });
  });
  afterEach(() => broker.close());

  /** A member of its own connection that has been given the partition. */
  async function member(id: string): Promise<Member> {
    const one = new Member(id, broker.client, await broker.connect(), await broker.topicId('t'));
    for (let turn = 0; turn < 100; turn++) {
      const { assignment } = await one.beat();
      if ((assignment?.topicPartitions.length ?? 0) > 0) return one;
      await broker.wait(5);
    }
    throw new Error(`${id} was given nothing`);
  }

  async function produce(count: number): Promise<void> {
    for (let at = 0; at < count; at++) await broker.produce('t', [{ value: Buffer.from('x') }]);
  }

  async function offsets() {
    const request = { groups: [{ groupId: 'g', topics: null }] };
    const { groups } = await broker.client.ask(DescribeShareGroupOffsets, 1, request);
    const [partition] = groups[0]?.topics[0]?.partitions ?? [];
    return partition && [Number(partition.startOffset), Number(partition.lag)];
  }

  it('share the records of one partition; what is accepted never comes again, what is given back does', async () => {
    const [a, b] = [await member('a'), await member('b')];
    await produce(6);
    expect(await a.fetch(3)).to.deep.equal([[0, 2, 1]]);
    expect(await b.fetch(3)).to.deep.equal([[3, 5, 1]]);
    expect(await a.acknowledge(0, 2, ACCEPT, RELEASE, ACCEPT)).to.equal(Errors.NONE);
    expect(await b.acknowledge(1, 1, ACCEPT)).to.equal(Errors.INVALID_RECORD_STATE);
    expect(await b.fetch()).to.deep.equal([[1, 1, 2]]);
    // What is written is where the window began; that it has moved is written with the next change.
    expect(await offsets()).to.deep.equal([0, 4]);
    await broker.restart();
    const c = await member('c');
    expect(await c.fetch()).to.deep.equal([
      [1, 1, 2],
      [3, 5, 1],
    ]);
    expect(await c.acknowledge(1, 1, ACCEPT)).to.equal(Errors.NONE);
    expect(await c.acknowledge(3, 5, ACCEPT)).to.equal(Errors.NONE);
    expect(await c.fetch(100, 0)).to.deep.equal([]);
    expect(await offsets()).to.deep.equal([3, 0]);
  });

  it('give back what a member has had for too long, to one that waits', async () => {
    const [a, b] = [await member('a'), await member('b')];
    await produce(2);
    expect(await a.fetch()).to.deep.equal([[0, 1, 1]]);
    expect(await b.fetch(100, 0)).to.deep.equal([]);
    const waiting = b.fetch(100, 10 * LOCK_MS);
    await broker.wait(LOCK_MS - 5_000);
    await a.beat();
    await b.beat();
    await broker.wait(6_000);
    expect(await waiting).to.deep.equal([[0, 1, 2]]);
    expect(await a.acknowledge(0, 1, ACCEPT)).to.equal(Errors.INVALID_RECORD_STATE);
    expect(await b.acknowledge(0, 1, ACCEPT)).to.equal(Errors.NONE);
  });

  it('have their offsets set and deleted while they are empty, and go with their state', async () => {
    const a = await member('a');
    await produce(5);
    expect(await a.fetch()).to.deep.equal([[0, 4, 1]]);
    expect(await a.acknowledge(0, 4, ACCEPT)).to.equal(Errors.NONE);
    const partitions = [{ partitionIndex: 0, startOffset: 3 }];
    const alter = { groupId: 'g', topics: [{ topicName: 't', partitions }] };
    const ask = () => broker.client.ask(AlterShareGroupOffsets, 0, alter);
    expect((await ask()).errorCode).to.equal(Errors.NON_EMPTY_GROUP);
    await a.leave();
    expect((await ask()).responses[0]?.partitions[0]?.errorCode).to.equal(Errors.NONE);
    expect(await offsets()).to.deep.equal([3, 2]);
    const b = await member('b');
    expect(await b.fetch()).to.deep.equal([[3, 4, 1]]);
    await b.leave();
    const deleted = await broker.client.ask(DeleteShareGroupOffsets, 0, { groupId: 'g', topics: [{ topicName: 't' }] });
    expect(deleted.responses[0]?.errorCode).to.equal(Errors.NONE);
    expect(await offsets()).to.equal(undefined);
    const { results } = await broker.client.ask(DeleteGroups, 2, { groupsNames: ['g'] });
    expect(results[0]?.errorCode).to.equal(Errors.NONE);
    const { groups } = await broker.client.ask(ShareGroupDescribe, 1, {
      groupIds: ['g'],
      includeAuthorizedOperations: false,
    });
    expect(groups[0]?.errorCode).to.equal(Errors.GROUP_ID_NOT_FOUND);
  });

  it('lose members that are silent, and what those had', async () => {
    const [a, b] = [await member('a'), await member('b')];
    await produce(1);
    expect(await a.fetch()).to.deep.equal([[0, 0, 1]]);
    await broker.wait(40_000);
    await b.beat();
    await broker.wait(10_000);
    expect((await a.beat()).errorCode).to.equal(Errors.UNKNOWN_MEMBER_ID);
    expect(await b.fetch()).to.deep.equal([[0, 0, 2]]);
  });
});
