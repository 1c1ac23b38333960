// Requests of the coordinators at the ends of what can be asked: each gets an error code, nobody else notices, and no small request
// makes much work. Numbers at their ends, the same thing many times, more than a record can hold.
import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import { FindCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { InitProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { ListTransactions } from '../../src/protocol/messages/66-list-transactions.ts';
import { ConsumerGroupHeartbeat } from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { ConsumerGroupDescribe } from '../../src/protocol/messages/69-consumer-group-describe.ts';
import { ShareFetch } from '../../src/protocol/messages/78-share-fetch.ts';
import { InitializeShareGroupState } from '../../src/protocol/messages/83-initialize-share-group-state.ts';
import { WriteShareGroupState } from '../../src/protocol/messages/85-write-share-group-state.ts';
import { StreamsGroupDescribe } from '../../src/protocol/messages/89-streams-group-describe.ts';
import { StreamsGroupHeartbeat } from '../../src/protocol/messages/88-streams-group-heartbeat.ts';
import { LiveBroker } from './live-broker.ts';
import { decodeResponse, type RawClient, requestOf } from './raw-client.ts';

const INT_MAX = 0x7fff_ffff;
const INT_MIN = -0x8000_0000;
const [GROUP, TRANSACTION, SHARE] = [0, 1, 2];

describe('Requests at the ends of what can be asked', () => {
  let broker: LiveBroker;
  let client: RawClient;
  let topicId: string;

  before(async () => {
    broker = await LiveBroker.start();
    topicId = await broker.createTopic('t', {}, 3);
    client = await broker.connect();
    await found(GROUP, 'g');
    await found(TRANSACTION, 'x');
    await found(SHARE, `s:${topicId}:0`);
  });
  after(async () => {
    client.destroy();
    await broker.close();
  });
  afterEach('nothing has failed', () => {
    expect(broker.lines).to.deep.equal([]);
  });

  /** The coordinator's topic is made by the way. */
  async function found(keyType: number, key: string): Promise<void> {
    for (;;) {
      const { coordinators } = await client.ask(FindCoordinator, 6, { keyType, coordinatorKeys: [key] });
      if (coordinators[0]?.errorCode === Errors.NONE) return;
    }
  }

  const beat = (parts: object) =>
    client.ask(ConsumerGroupHeartbeat, 1, {
      groupId: 'g',
      memberId: 'm',
      memberEpoch: 0,
      subscribedTopicNames: ['t'],
      rebalanceTimeoutMs: 1000,
      topicPartitions: [],
      ...parts,
    });

  it('epochs and time-outs of members', async () => {
    expect((await beat({})).errorCode).to.equal(Errors.NONE);
    for (const memberEpoch of [-3, INT_MIN])
      expect((await beat({ memberEpoch })).errorCode).to.equal(Errors.INVALID_REQUEST);
    expect((await beat({ memberEpoch: INT_MAX })).errorCode).to.equal(Errors.FENCED_MEMBER_EPOCH);
    expect((await beat({ memberId: 'r', rebalanceTimeoutMs: -1 })).errorCode).to.equal(Errors.INVALID_REQUEST);
    for (const rebalanceTimeoutMs of [0, INT_MIN, INT_MAX]) {
      expect((await beat({ memberId: 'r', rebalanceTimeoutMs })).errorCode).to.equal(Errors.NONE);
    }
  });

  it('a subscription that no record holds, after which its group is served', async () => {
    const subscribedTopicNames = Array.from({ length: 100_000 }, (_, index) => `topic-${index}`);
    expect((await beat({ groupId: 'large', subscribedTopicNames })).errorCode).to.equal(Errors.UNKNOWN_SERVER_ERROR);
    expect((await beat({ groupId: 'large' })).errorCode).to.equal(Errors.NONE);
    expect((await beat({ groupId: 'same', subscribedTopicNames: subscribedTopicNames.fill('t') })).errorCode).to.equal(
      0,
    );
  });

  it('an expression that costs much at each name', async () => {
    const slow = await beat({ groupId: 'rx', subscribedTopicNames: null, subscribedTopicRegex: '(t?){0,1000}b' });
    expect(slow.errorCode).to.equal(Errors.NONE);
    const large = await beat({
      groupId: 'rx',
      memberId: 'n',
      subscribedTopicNames: null,
      subscribedTopicRegex: 'a|'.repeat(9000),
    });
    expect(large.errorCode).to.equal(Errors.INVALID_REGULAR_EXPRESSION);
  });

  it('a large group described more than once', async () => {
    const source = (id: number) => ({
      subtopologyId: String(id),
      sourceTopics: Array.from({ length: 100 }, (_, index) => `s-${id}-${index}`),
      sourceTopicRegex: [],
      stateChangelogTopics: [],
      repartitionSinkTopics: [],
      repartitionSourceTopics: [],
      copartitionGroups: [],
    });
    const joined = await client.ask(StreamsGroupHeartbeat, 0, {
      groupId: 'st',
      memberId: 'm',
      memberEpoch: 0,
      endpointInformationEpoch: 0,
      rebalanceTimeoutMs: 1000,
      processId: 'p',
      activeTasks: [],
      standbyTasks: [],
      warmupTasks: [],
      clientTags: [],
      topology: { epoch: 0, subtopologies: Array.from({ length: 50 }, (_, id) => source(id)) },
    });
    expect(joined.errorCode).to.equal(Errors.NONE);
    const few = await client.ask(StreamsGroupDescribe, 0, {
      groupIds: ['st', 'no', 'st'],
      includeAuthorizedOperations: true,
    });
    expect(few.groups.map(({ groupId, errorCode }) => [groupId, errorCode])).to.deep.equal([
      ['st', Errors.NONE],
      ['no', Errors.GROUP_ID_NOT_FOUND],
      ['st', Errors.NONE],
    ]);
  });

  it('names of states that there are none of', async () => {
    const stateFilters = Array.from({ length: 50_000 }, (_, index) => `s${index % 25_000}`);
    const { unknownStateFilters } = await client.ask(ListTransactions, 2, {
      stateFilters,
      producerIdFilters: [],
      durationFilter: -1,
      transactionalIdPattern: null,
    });
    expect(unknownStateFilters).to.deep.equal(stateFilters.slice(0, 25_000));
  });

  it('time-outs, ids and epochs of producers', async () => {
    const init = async (parts: object) => {
      const asked = { transactionalId: 'x', transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1, ...parts };
      return client.ask(InitProducerId, 5, asked);
    };
    for (const transactionTimeoutMs of [0, -1, INT_MIN, INT_MAX]) {
      expect((await init({ transactionTimeoutMs })).errorCode).to.equal(Errors.INVALID_TRANSACTION_TIMEOUT);
    }
    const { errorCode, producerId } = await init({});
    expect(errorCode).to.equal(Errors.NONE);
    for (const one of [{ producerEpoch: 5 }, { producerId }]) {
      expect((await init(one)).errorCode).to.equal(Errors.INVALID_REQUEST);
    }
    for (const one of [-2, 32767, -32768]) {
      expect((await init({ producerId, producerEpoch: one })).errorCode).to.equal(Errors.PRODUCER_FENCED);
    }
    expect((await init({ producerId: 2n ** 63n - 1n, producerEpoch: 32767 })).errorCode).to.equal(
      Errors.PRODUCER_FENCED,
    );
  });

  it('ranges in the state of a share partition', async () => {
    const topics = <P>(partition: P) => [{ topicId, partitions: [partition] }];
    const initial = { groupId: 's', topics: topics({ partition: 0, stateEpoch: 1, startOffset: 0 }) };
    expect((await client.ask(InitializeShareGroupState, 0, initial)).results[0]?.partitions[0]?.errorCode).to.equal(0);
    const write = async (count: number) => {
      const stateBatches = Array.from({ length: count }, (_, index) => {
        return { firstOffset: index, lastOffset: 1e9 - index, deliveryState: 2, deliveryCount: index % 1000 };
      });
      const partition = {
        partition: 0,
        stateEpoch: 1,
        leaderEpoch: 0,
        startOffset: 0,
        deliveryCompleteCount: 0,
        stateBatches,
      };
      return (await client.ask(WriteShareGroupState, 1, { groupId: 's', topics: topics(partition) })).results[0]
        ?.partitions[0];
    };
    expect((await write(1_000))?.errorCode).to.equal(Errors.NONE);
    expect((await write(20_001))?.errorCode).to.equal(Errors.INVALID_REQUEST);
  });

  it('share sessions out of order, two requests of one in a row', async () => {
    const fetch = (shareSessionEpoch: number) => ({
      groupId: 's2',
      memberId: 'm',
      shareSessionEpoch,
      maxWaitMs: 0,
      minBytes: 1,
      maxRecords: 10,
      batchSize: 10,
      topics: [],
      forgottenTopicsData: [],
    });
    const epochs = [3, 0, 2, -5, 1, 1, INT_MAX, 2, -1, 3];
    client.send(Buffer.concat(epochs.map((epoch) => requestOf(ShareFetch, 2, fetch(epoch)))));
    const codes: number[] = [];
    for (const _ of epochs) codes.push(decodeResponse(ShareFetch, 2, (await client.next()) as Buffer).errorCode);
    const { SHARE_SESSION_NOT_FOUND: none, INVALID_SHARE_SESSION_EPOCH: wrong } = Errors;
    expect(codes).to.deep.equal([none, 0, wrong, wrong, 0, wrong, wrong, 0, 0, none]);
  });

  it('one group named twice is described twice', async () => {
    const { groups } = await client.ask(ConsumerGroupDescribe, 1, {
      groupIds: ['g', 'g', ''],
      includeAuthorizedOperations: true,
    });
    expect(groups.map(({ groupId, errorCode }) => [groupId, errorCode])).to.deep.equal([
      ['g', Errors.NONE],
      ['g', Errors.NONE],
      ['', Errors.INVALID_GROUP_ID],
    ]);
  });
});
