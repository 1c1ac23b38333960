import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { listOffsets } from '../../src/api-handlers/02-list-offsets.ts';
import { Errors, type InputOf } from '../../src/protocol/index.ts';
import type { ListOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { batchOf, RecordPath } from './record-path.ts';

type ListInput = InputOf<(typeof ListOffsets)['request']['fields']>;

const START = 1_699_999_000_000;

interface Asked {
  topic?: string;
  partition?: number;
  timestamp: number;
  currentLeaderEpoch?: number;
}

describe('ListOffsets', () => {
  let path: RecordPath;
  let handler: ReturnType<typeof listOffsets>;
  let topicId: string;

  beforeEach(async () => {
    path = await RecordPath.open();
    handler = listOffsets(path.replicas);
    topicId = path.createTopic('lo', { partitions: 2 });
    for (const at of [10, 30, 20, 40]) {
      const partitionData = [{ index: 0, records: batchOf(['v'], { timestamp: START + at }) }];
      const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [{ name: 'lo', partitionData }] };
      await path.ask(produce(path.replicas, path.identity), 9, request);
    }
  });

  const requestOf = (asked: readonly Asked[], parts: Partial<ListInput> = {}): ListInput => ({
    replicaId: -1,
    topics: asked.map(({ topic = 'lo', partition = 0, timestamp, currentLeaderEpoch = -1 }) => ({
      name: topic,
      partitions: [{ partitionIndex: partition, timestamp, currentLeaderEpoch }],
    })),
    ...parts,
  });

  /** `[error, timestamp, offset, leader epoch]` */
  const list = async (version: number, asked: Asked, parts: Partial<ListInput> = {}): Promise<number[]> => {
    const { topics } = await path.ask(handler, version, requestOf([asked], parts));
    const answer = topics[0]?.partitions[0];
    return [answer?.errorCode, answer?.timestamp, answer?.offset, answer?.leaderEpoch] as number[];
  };

  const unsupported = [Errors.UNSUPPORTED_VERSION, -1, -1, -1];
  const nothing = [0, -1, -1, -1];

  it('knows the special timestamps from their versions on', async () => {
    expect(await list(1, { timestamp: -1 })).to.deep.equal([0, -1, 4, -1]);
    expect(await list(11, { timestamp: -1 })).to.deep.equal([0, -1, 4, 0]);
    expect(await list(1, { timestamp: -2 })).to.deep.equal([0, -1, 0, -1]);
    expect(await list(11, { timestamp: -2 })).to.deep.equal([0, -1, 0, 0]);
    expect(await list(6, { timestamp: -3 })).to.deep.equal(unsupported);
    for (const version of [7, 11]) expect(await list(version, { timestamp: -3 })).to.deep.equal([0, START + 40, 3, 0]);
    for (const version of [1, 7]) expect(await list(version, { timestamp: -4 })).to.deep.equal(unsupported);
    for (const version of [8, 11]) expect(await list(version, { timestamp: -4 })).to.deep.equal([0, -1, 0, 0]);
    expect(await list(8, { timestamp: -5 })).to.deep.equal(unsupported);
    for (const version of [9, 11]) expect(await list(version, { timestamp: -5 })).to.deep.equal(nothing);
    expect(await list(9, { timestamp: -6 })).to.deep.equal(unsupported);
    expect(await list(11, { timestamp: -6 })).to.deep.equal(nothing);
    for (const version of [9, 11]) expect(await list(version, { timestamp: -7 })).to.deep.equal(unsupported);
  });

  it('answers for an empty log', async () => {
    const empty = (version: number, timestamp: number) => list(version, { partition: 1, timestamp });
    expect(await empty(11, -1)).to.deep.equal([0, -1, 0, 0]);
    expect(await empty(1, -2)).to.deep.equal([0, -1, 0, -1]);
    expect(await empty(11, -2)).to.deep.equal([0, -1, 0, 0]);
    expect(await empty(7, -3)).to.deep.equal(nothing);
    expect(await empty(8, -4)).to.deep.equal([0, -1, 0, 0]);
    expect(await empty(9, -5)).to.deep.equal(nothing);
    expect(await empty(11, -6)).to.deep.equal(nothing);
    expect(await empty(6, START)).to.deep.equal(nothing);
  });

  it('finds the first record at or behind a timestamp', async () => {
    expect(await list(6, { timestamp: 0 })).to.deep.equal([0, START + 10, 0, 0]);
    expect(await list(6, { timestamp: START + 15 })).to.deep.equal([0, START + 30, 1, 0]);
    expect(await list(6, { timestamp: START + 40 })).to.deep.equal([0, START + 40, 3, 0]);
    expect(await list(6, { timestamp: START + 41 })).to.deep.equal(nothing);
  });

  it('gives the last stable offset to who reads committed records', async () => {
    expect(await list(6, { timestamp: -1 }, { isolationLevel: 1 })).to.deep.equal([0, -1, 4, 0]);
  });

  it('does not know topics and partitions', async () => {
    const missing = [Errors.UNKNOWN_TOPIC_OR_PARTITION, -1, -1, -1];
    expect(await list(6, { topic: 'nope', timestamp: -1 })).to.deep.equal(missing);
    expect(await list(1, { topic: 'nope', timestamp: -1 })).to.deep.equal(missing);
    expect(await list(6, { partition: 9, timestamp: -1 })).to.deep.equal(missing);
  });

  it('checks the leader epoch', async () => {
    expect(await list(6, { timestamp: -1, currentLeaderEpoch: 99 })).to.deep.equal([
      Errors.UNKNOWN_LEADER_EPOCH,
      -1,
      -1,
      -1,
    ]);
    path.elect(topicId);
    expect(await list(6, { timestamp: -1, currentLeaderEpoch: 0 })).to.deep.equal([
      Errors.FENCED_LEADER_EPOCH,
      -1,
      -1,
      -1,
    ]);
    expect(await list(6, { timestamp: -1, currentLeaderEpoch: 1 })).to.deep.equal([0, -1, 4, 1]);
    path.createTopic('away', { replicas: [2, 1], leader: 2 });
    expect(await list(6, { topic: 'away', timestamp: -1 })).to.deep.equal([Errors.NOT_LEADER_OR_FOLLOWER, -1, -1, -1]);
  });

  it('refuses a partition that is named twice, once', async () => {
    const partitions = [-1, -2].map((timestamp) => ({ partitionIndex: 0, timestamp }));
    const { topics } = await path.ask(handler, 6, { replicaId: -1, topics: [{ name: 'lo', partitions }] });
    expect(topics[0]?.partitions).to.have.length(1);
    expect(topics[0]?.partitions[0]).to.deep.include({
      partitionIndex: 0,
      errorCode: Errors.INVALID_REQUEST,
      offset: -1,
    });
  });

  it('cannot tell the end before a new leader has caught up (KIP-207)', async () => {
    path.createTopic('lagging', { replicas: [1, 2] });
    const partition = path.replicas.partition('lagging', 0);
    const partitionData = [{ index: 0, records: batchOf(['v']) }];
    const topicData = [{ name: 'lagging', partitionData }];
    await path.ask(produce(path.replicas, path.identity), 9, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 10,
      topicData,
    });
    path.elect(path.replicas.image.topics.byName.get('lagging')?.id as string);
    expect(partition?.isCatchingUp).to.equal(true);
    expect(await list(5, { topic: 'lagging', timestamp: -1 })).to.deep.equal([Errors.OFFSET_NOT_AVAILABLE, -1, -1, -1]);
    expect(await list(4, { topic: 'lagging', timestamp: -1 })).to.deep.equal([Errors.LEADER_NOT_AVAILABLE, -1, -1, -1]);
    expect(await list(5, { topic: 'lagging', timestamp: 0 })).to.deep.equal([Errors.OFFSET_NOT_AVAILABLE, -1, -1, -1]);
    expect((await list(5, { topic: 'lagging', timestamp: -2 }))[0]).to.equal(0);
  });
});
