import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { fetch } from '../../src/api-handlers/01-fetch.ts';
import { type DecodedResponseOf, Errors, type InputOf, ZERO_UUID } from '../../src/protocol/index.ts';
import type { Fetch } from '../../src/protocol/messages/01-fetch.ts';
import { batchOf, decoded, RecordPath } from './record-path.ts';

type FetchInput = InputOf<(typeof Fetch)['request']['fields']>;
type Response = DecodedResponseOf<typeof Fetch>;
type PartitionAnswer = Response['responses'][number]['partitions'][number];

interface Asked {
  topic?: string;
  topicId?: string;
  partition?: number;
  offset?: number;
  partitionMaxBytes?: number;
  currentLeaderEpoch?: number;
  lastFetchedEpoch?: number;
}

describe('Fetch', () => {
  let path: RecordPath;
  let handler: ReturnType<typeof fetch>;
  let topicId: string;
  const big = (letter: string): string => letter.repeat(100);

  beforeEach(async () => {
    path = await RecordPath.open();
    handler = fetch(path.replicas, path.identity);
    topicId = path.createTopic('fetch', { partitions: 2 });
  });

  const store = async (topic: string, index: number, records: Buffer): Promise<void> => {
    const partitionData = [{ index, records }];
    const topicData = [{ name: topic, partitionData }];
    const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData };
    const { responses } = await path.ask(produce(path.replicas, path.identity), 9, request);
    expect(responses[0]?.partitionResponses[0]?.errorCode).to.equal(0);
  };

  /** Two batches in partition 0, one in partition 1, as large as those of the recorded exchanges. */
  const fill = async (): Promise<void> => {
    await store('fetch', 0, batchOf([big('x'), big('y')], { key: 'a' }));
    await store('fetch', 0, batchOf([big('z')], { key: 'a' }));
    await store('fetch', 1, batchOf([big('x'), big('y')], { key: 'a' }));
  };

  const requestOf = (asked: readonly Asked[], parts: Partial<FetchInput> = {}): FetchInput => ({
    maxWaitMs: 10,
    minBytes: 1,
    maxBytes: 10_000_000,
    forgottenTopicsData: [],
    topics: asked.map((one) => ({
      topic: one.topic ?? 'fetch',
      topicId: one.topicId ?? ZERO_UUID,
      partitions: [
        {
          partition: one.partition ?? 0,
          currentLeaderEpoch: one.currentLeaderEpoch ?? -1,
          fetchOffset: one.offset ?? 0,
          lastFetchedEpoch: one.lastFetchedEpoch ?? -1,
          partitionMaxBytes: one.partitionMaxBytes ?? 1_000_000,
        },
      ],
    })),
    ...parts,
  });

  const send = (version: number, asked: Asked[], parts: Partial<FetchInput> = {}): Promise<Response> =>
    path.ask(handler, version, requestOf(asked, parts));

  const first = async (version: number, asked: Asked, parts: Partial<FetchInput> = {}): Promise<PartitionAnswer> =>
    (await send(version, [asked], parts)).responses[0]?.partitions[0] as PartitionAnswer;

  /** `topic-partition:error:bytes` for each, topic entries apart. */
  const told = ({ responses }: Response): string[][] =>
    responses.map(({ topic, partitions }) =>
      partitions.map((one) => `${topic}-${one.partitionIndex}:${one.errorCode}:${one.records?.length}`),
    );

  it('reads in every version, by name and by id', async () => {
    await fill();
    for (let version = 4; version <= 18; version++) {
      const response = await send(version, [version < 13 ? {} : { topic: '', topicId }]);
      expect(response).to.include({ errorCode: 0, sessionId: 0, throttleTimeMs: 0 });
      expect(response.responses[0]).to.include(version < 13 ? { topic: 'fetch' } : { topicId });
      const answer = response.responses[0]?.partitions[0];
      expect(answer).to.deep.include({
        errorCode: 0,
        highWatermark: 3,
        lastStableOffset: 3,
        abortedTransactions: null,
      });
      expect(answer).to.include({ logStartOffset: version < 5 ? -1 : 0, preferredReadReplica: -1 });
      expect(answer?.records?.length).to.equal(452);
    }
  });

  it('returns the stored bytes, with offset and leader epoch', async () => {
    await store('fetch', 0, batchOf(['a']));
    const batch = batchOf(['b']);
    await store('fetch', 0, batch);
    const { records } = await first(12, { offset: 1 });
    expect(records?.readBigInt64BE(0)).to.equal(1n);
    expect(records?.readInt32BE(12)).to.equal(0);
    expect(records?.subarray(16).equals(batch.subarray(16))).to.equal(true);
  });

  it('is empty at the end and out of range beyond it', async () => {
    await fill();
    const outside = {
      errorCode: Errors.OFFSET_OUT_OF_RANGE,
      highWatermark: -1,
      lastStableOffset: -1,
      logStartOffset: -1,
    };
    for (const version of [4, 12, 18]) {
      const named = version < 13 ? {} : { topic: '', topicId };
      const atEnd = await first(version, { ...named, offset: 3 });
      expect(atEnd).to.include({ errorCode: 0, highWatermark: 3, lastStableOffset: 3 });
      expect(atEnd.records?.length).to.equal(0);
      for (const offset of [4, -1]) {
        const answer = await first(version, { ...named, offset });
        expect(answer).to.deep.include({ ...outside, abortedTransactions: null });
        expect(answer.records?.length).to.equal(0);
      }
    }
  });

  it('gives a batch whole to who asks for its inside', async () => {
    await fill();
    expect((await first(12, { offset: 1 })).records?.length).to.equal(452);
  });

  it('does not know topics, partitions and ids', async () => {
    const missing = { errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION, highWatermark: -1, abortedTransactions: [] };
    expect(await first(4, { topic: 'nope' })).to.deep.include(missing);
    expect(await first(12, { partition: 9 })).to.deep.include(missing);
    const unknown = { ...missing, errorCode: Errors.UNKNOWN_TOPIC_ID };
    expect(await first(13, { topic: '', topicId: 'AAAAAAAAAAAAAAAAAAAAew' })).to.deep.include(unknown);
    expect(await first(18, { topic: '', topicId: ZERO_UUID })).to.deep.include(unknown);
  });

  it('keeps to the limits, but for the first batch', async () => {
    await fill();
    const both = [{}, { partition: 1 }];
    expect(told(await send(12, [{ partitionMaxBytes: 1 }], { maxBytes: 1 }))).to.deep.equal([['fetch-0:0:281']]);
    expect(told(await send(12, [{}], { maxBytes: 0 }))).to.deep.equal([['fetch-0:0:281']]);
    expect(told(await send(12, [{ partitionMaxBytes: 320 }]))).to.deep.equal([['fetch-0:0:320']]);
    expect(told(await send(12, both, { maxBytes: 100 }))).to.deep.equal([['fetch-0:0:281', 'fetch-1:0:0']]);
    expect(told(await send(12, both, { maxBytes: 500 }))).to.deep.equal([['fetch-0:0:452', 'fetch-1:0:0']]);
  });

  it('checks the leader epoch', async () => {
    await fill();
    expect(await first(12, { currentLeaderEpoch: 99 })).to.include({
      errorCode: Errors.UNKNOWN_LEADER_EPOCH,
      highWatermark: -1,
    });
    path.elect(topicId);
    expect(await first(12, { currentLeaderEpoch: 0 })).to.include({
      errorCode: Errors.FENCED_LEADER_EPOCH,
      highWatermark: -1,
    });
    const response = await send(18, [{ topic: '', topicId, currentLeaderEpoch: 0 }]);
    expect(response.responses[0]?.partitions[0]?.currentLeader).to.deep.equal({ leaderId: 1, leaderEpoch: 1 });
  });

  it('says where the logs part', async () => {
    await fill();
    expect(await first(12, { lastFetchedEpoch: 99 })).to.include({ errorCode: Errors.OFFSET_OUT_OF_RANGE });
    const parted = await first(12, { offset: 9, lastFetchedEpoch: 0 });
    expect(parted).to.deep.include({
      errorCode: 0,
      highWatermark: 3,
      logStartOffset: 0,
      divergingEpoch: { epoch: 0, endOffset: 3 },
    });
    expect(parted.records?.length).to.equal(0);
    const same = await first(12, { offset: 3, lastFetchedEpoch: 0 });
    expect(same).to.deep.include({ errorCode: 0, divergingEpoch: { epoch: -1, endOffset: -1 } });
    path.elect(topicId);
    await store('fetch', 0, batchOf(['v']));
    const behind = await first(12, { offset: 4, lastFetchedEpoch: 0 });
    expect(behind.divergingEpoch).to.deep.equal({ epoch: 0, endOffset: 3 });
  });

  it('does not take a stranger for a replica', async () => {
    await fill();
    const stranger = { errorCode: Errors.NOT_LEADER_OR_FOLLOWER, highWatermark: -1 };
    expect(await first(12, {}, { replicaId: 9 })).to.include(stranger);
    const state = { replicaState: { replicaId: 9, replicaEpoch: -1 } };
    expect(await first(15, { topic: '', topicId }, state)).to.include(stranger);
  });

  it('answers a partition that is given twice once, for the last mention', async () => {
    await fill();
    expect(told(await send(12, [{}, { offset: 2 }]))).to.deep.equal([['fetch-0:0:171']]);
    const partitions = [0, 2].map((fetchOffset) => ({ partition: 0, fetchOffset, partitionMaxBytes: 1000 }));
    expect(told(await send(12, [], { topics: [{ topic: 'fetch', partitions }] }))).to.deep.equal([['fetch-0:0:171']]);
  });

  it('keeps the order of the request, with what is unknown at the end', async () => {
    await fill();
    path.createTopic('idem');
    const asked = [{ partition: 1 }, { topic: 'nope' }, { topic: 'idem' }, { offset: 99 }];
    expect(told(await send(12, asked))).to.deep.equal([
      ['fetch-1:0:281'],
      ['idem-0:0:0'],
      ['fetch-0:1:0'],
      ['nope-0:3:0'],
    ]);
  });

  it('answers a request for nothing', async () => {
    expect(await send(12, [])).to.deep.include({ errorCode: 0, sessionId: 0, responses: [] });
  });

  it('sends a consumer to the leader when it does not lead', async () => {
    path.addBroker(2);
    const away = path.createTopic('away', { replicas: [2, 1], leader: 2 });
    expect(await first(10, { topic: 'away' })).to.include({
      errorCode: Errors.NOT_LEADER_OR_FOLLOWER,
      highWatermark: -1,
    });
    expect(await first(12, { topic: 'away' })).to.include({ errorCode: 0, highWatermark: 0 });
    const elsewhere = path.createTopic('elsewhere', { replicas: [2] });
    const response = await send(16, [
      { topic: '', topicId: elsewhere },
      { topic: '', topicId: away },
    ]);
    expect(response.responses[0]?.partitions[0]).to.deep.include({
      errorCode: Errors.NOT_LEADER_OR_FOLLOWER,
      currentLeader: { leaderId: 2, leaderEpoch: 0 },
    });
    expect(response.nodeEndpoints).to.deep.equal([{ nodeId: 2, host: 'host2', port: 9092, rack: null }]);
  });

  it('sends a consumer to the replica of its rack, where a selector is set (KIP-392)', async () => {
    const replicaSelectorClass = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';
    const near = await RecordPath.open({ 'replica.selector.class': replicaSelectorClass });
    near.addBroker(2, 'b');
    near.createTopic('shared', { replicas: [1, 2] });
    near.replicas.partition('shared', 0)?.followerFetched(2, 0, 0);
    const ask = async (rackId: string, version = 11): Promise<unknown> => {
      const topics = [{ topic: 'shared', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }];
      const rack = version >= 11 ? { rackId } : {};
      const request = { maxWaitMs: 500, minBytes: 1, topics, forgottenTopicsData: [], ...rack };
      const { responses } = await near.ask(fetch(near.replicas, near.identity), version, request);
      return responses[0]?.partitions[0]?.preferredReadReplica;
    };
    const beganMs = near.clock.monotonicMs();
    expect(await ask('b')).to.equal(2);
    expect(near.clock.monotonicMs()).to.equal(beganMs);
    expect(await ask('a')).to.equal(-1);
    expect(await ask('')).to.equal(-1);
    expect(await ask('b', 10)).to.equal(-1);
  });

  it('says nothing of aborted transactions unless asked for committed records', async () => {
    await fill();
    expect((await first(12, {})).abortedTransactions).to.equal(null);
    expect((await first(12, {}, { isolationLevel: 1 })).abortedTransactions).to.deep.equal([]);
  });

  describe('waiting', () => {
    it('takes max wait when there is too little, and gives what there is', async () => {
      await fill();
      const startMs = path.clock.monotonicMs();
      const answer = await first(12, {}, { minBytes: 100_000, maxWaitMs: 600 });
      expect(path.clock.monotonicMs() - startMs).to.equal(600);
      expect(answer.records?.length).to.equal(452);
    });

    it('ends at once with the next record', async () => {
      const waiting = path.start(handler, 12, requestOf([{}], { maxWaitMs: 30_000 }));
      expect(waiting).to.be.instanceOf(Promise);
      const startMs = path.clock.monotonicMs();
      await store('fetch', 0, batchOf(['v']));
      const response = decoded(handler, 12, (await waiting) as never);
      expect(told(response)).to.deep.equal([['fetch-0:0:69']]);
      expect(path.clock.monotonicMs()).to.equal(startMs);
      expect(path.replicas.purgatory.size).to.equal(0);
    });

    it('ends at once with an error', async () => {
      await fill();
      const startMs = path.clock.monotonicMs();
      const asked = [{ offset: 99 }, { partition: 1 }];
      const response = await send(12, asked, { minBytes: 100_000, maxWaitMs: 600 });
      expect(told(response)).to.deep.equal([['fetch-0:1:0', 'fetch-1:0:281']]);
      expect(path.clock.monotonicMs()).to.equal(startMs);
    });

    it('ends when the topic is deleted', async () => {
      const waiting = path.start(handler, 12, requestOf([{}], { maxWaitMs: 30_000 })) as Promise<never>;
      path.deleteTopic(topicId);
      expect(told(decoded(handler, 12, await waiting))).to.deep.equal([['fetch-0:3:0']]);
    });

    it('ends when the connection closes', async () => {
      const waiting = path.start(handler, 12, requestOf([{}], { maxWaitMs: 30_000 })) as Promise<never>;
      path.connection.close();
      await waiting;
      expect(path.replicas.purgatory.size).to.equal(0);
    });
  });

  describe('with a session', () => {
    const step = (sessionId: number, sessionEpoch: number, asked: Asked[], parts: Partial<FetchInput> = {}) =>
      send(12, asked, { sessionId, sessionEpoch, maxBytes: 100_000, ...parts });

    it('runs through the recorded exchanges', async () => {
      await fill();
      const full = await step(0, 0, [{}]);
      const { sessionId } = full;
      expect(sessionId).to.be.greaterThan(0);
      expect(told(full)).to.deep.equal([['fetch-0:0:452']]);
      expect(await step(sessionId, 1, [{ offset: 3 }])).to.deep.include({ errorCode: 0, sessionId, responses: [] });
      expect(told(await step(sessionId, 2, [{ partition: 1 }]))).to.deep.equal([['fetch-1:0:281']]);
      const wrong = await step(sessionId, 9, []);
      expect(wrong).to.deep.include({ errorCode: Errors.INVALID_FETCH_SESSION_EPOCH, sessionId: 0, responses: [] });
      const forgottenTopicsData = [{ topic: 'fetch', partitions: [1] }];
      expect(await step(sessionId, 3, [], { forgottenTopicsData })).to.deep.include({
        errorCode: 0,
        sessionId,
        responses: [],
      });
      expect(told(await step(sessionId, 4, [{ topic: 'nope' }]))).to.deep.equal([['nope-0:3:0']]);
      expect(told(await step(sessionId, 5, []))).to.deep.equal([['nope-0:3:0']]);
      const byId = await send(13, [{ topic: '', topicId }], { sessionId, sessionEpoch: 6 });
      expect(byId).to.deep.include({ errorCode: Errors.FETCH_SESSION_TOPIC_ID_ERROR, sessionId: 0, responses: [] });
      expect((await step(12345, 1, [])).errorCode).to.equal(Errors.FETCH_SESSION_ID_NOT_FOUND);
      expect(await step(sessionId, -1, [])).to.deep.include({ errorCode: 0, sessionId: 0 });
      expect((await step(sessionId, 7, [])).errorCode).to.equal(Errors.FETCH_SESSION_ID_NOT_FOUND);
    });

    it('is by id from version 13 on', async () => {
      await fill();
      const full = await send(13, [{ topic: '', topicId }], { sessionEpoch: 0 });
      expect(full.sessionId).to.be.greaterThan(0);
      expect(full.responses[0]).to.include({ topicId });
      const { sessionId } = full;
      const next = await send(13, [{ topic: '', topicId, offset: 3 }], { sessionId, sessionEpoch: 1 });
      expect(next).to.deep.include({ errorCode: 0, sessionId, responses: [] });
    });

    it('tells of a topic that is created later', async () => {
      const { sessionId } = await step(0, 0, [{ topic: 'later' }]);
      path.createTopic('later');
      expect(told(await step(sessionId, 1, []))).to.deep.equal([['later-0:0:0']]);
      expect(told(await step(sessionId, 2, []))).to.deep.equal([]);
    });
  });
});
