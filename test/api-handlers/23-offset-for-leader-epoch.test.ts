import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { offsetForLeaderEpoch } from '../../src/api-handlers/23-offset-for-leader-epoch.ts';
import { Errors } from '../../src/protocol/index.ts';
import { batchOf, RecordPath } from './record-path.ts';

describe('OffsetForLeaderEpoch', () => {
  let path: RecordPath;
  let topicId: string;

  beforeEach(async () => {
    path = await RecordPath.open();
    topicId = path.createTopic('lo', { partitions: 2 });
    await store(4);
  });

  const store = async (count: number): Promise<void> => {
    const partitionData = [{ index: 0, records: batchOf(Array.from({ length: count }, () => 'v')) }];
    const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [{ name: 'lo', partitionData }] };
    await path.ask(produce(path.replicas, path.identity), 9, request);
  };

  /** `[error, epoch, end offset]` */
  const end = async (partition: number, currentLeaderEpoch: number, leaderEpoch: number, topic = 'lo', version = 4) => {
    const request = { topics: [{ topic, partitions: [{ partition, currentLeaderEpoch, leaderEpoch }] }] };
    const { topics } = await path.ask(offsetForLeaderEpoch(path.replicas), version, request);
    const answer = topics[0]?.partitions[0];
    expect(topics[0]?.topic).to.equal(topic);
    expect(answer?.partition).to.equal(partition);
    return [answer?.errorCode, answer?.leaderEpoch, answer?.endOffset];
  };

  it('tells where an epoch ends', async () => {
    expect(await end(0, -1, 0)).to.deep.equal([0, 0, 4]);
    expect(await end(1, -1, 0)).to.deep.equal([0, 0, 0]);
    expect(await end(0, -1, 5)).to.deep.equal([0, -1, -1]);
    expect(await end(0, -1, -1)).to.deep.equal([0, -1, -1]);
    path.elect(topicId);
    await store(2);
    expect(await end(0, -1, 0)).to.deep.equal([0, 0, 4]);
    expect(await end(0, -1, 1)).to.deep.equal([0, 1, 6]);
    expect(await end(0, -1, 2)).to.deep.equal([0, -1, -1]);
  });

  it('checks the epoch that the client believes in', async () => {
    expect(await end(0, 99, 0)).to.deep.equal([Errors.UNKNOWN_LEADER_EPOCH, -1, -1]);
    path.elect(topicId);
    expect(await end(0, 0, 0)).to.deep.equal([Errors.FENCED_LEADER_EPOCH, -1, -1]);
  });

  it('does not know topics and partitions', async () => {
    expect(await end(9, -1, 0)).to.deep.equal([Errors.UNKNOWN_TOPIC_OR_PARTITION, -1, -1]);
    expect(await end(0, -1, 0, 'nope', 2)).to.deep.equal([Errors.UNKNOWN_TOPIC_OR_PARTITION, -1, -1]);
  });
});
