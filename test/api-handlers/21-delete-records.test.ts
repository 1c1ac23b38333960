import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { fetch } from '../../src/api-handlers/01-fetch.ts';
import { deleteRecords } from '../../src/api-handlers/21-delete-records.ts';
import type { DeleteRecordsResponse } from '../../src/protocol/messages/21-delete-records.ts';
import { Errors } from '../../src/protocol/index.ts';
import { batchOf, RecordPath } from './record-path.ts';

describe('DeleteRecords', () => {
  let path: RecordPath;
  let handler: ReturnType<typeof deleteRecords>;

  beforeEach(async () => {
    path = await RecordPath.open();
    handler = deleteRecords(path.replicas);
    path.createTopic('dr');
    for (let made = 0; made < 2; made++) {
      const partitionData = [{ index: 0, records: batchOf(['1', '2', '3']) }];
      const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [{ name: 'dr', partitionData }] };
      await path.ask(produce(path.replicas, path.identity), 9, request);
    }
  });

  /** `[error, low watermark]` */
  const remove = async (offset: number, name = 'dr', partitionIndex = 0): Promise<unknown[]> => {
    const request = { timeoutMs: 5000, topics: [{ name, partitions: [{ partitionIndex, offset }] }] };
    const { topics } = await path.ask(handler, 2, request);
    expect(topics[0]?.name).to.equal(name);
    expect(topics[0]?.partitions[0]?.partitionIndex).to.equal(partitionIndex);
    return [topics[0]?.partitions[0]?.errorCode, topics[0]?.partitions[0]?.lowWatermark];
  };

  const read = async (fetchOffset: number) => {
    const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 100_000 }];
    const topics = [{ topic: 'dr', partitions }];
    const request = { maxWaitMs: 10, minBytes: 1, topics, forgottenTopicsData: [] };
    return (await path.ask(fetch(path.replicas, path.identity), 11, request)).responses[0]?.partitions[0];
  };

  it('refuses offsets beyond the high watermark and below -1', async () => {
    expect(await remove(7)).to.deep.equal([Errors.OFFSET_OUT_OF_RANGE, -1]);
    expect(await remove(-2)).to.deep.equal([Errors.OFFSET_OUT_OF_RANGE, -1]);
  });

  it('moves the log start, also into a batch, and never back', async () => {
    expect(await remove(4)).to.deep.equal([0, 4]);
    expect(await remove(2)).to.deep.equal([0, 4]);
    const answer = await read(4);
    expect(answer).to.include({ errorCode: 0, highWatermark: 6, logStartOffset: 4 });
    expect(answer?.records?.readBigInt64BE(0)).to.equal(3n);
    expect(await read(3)).to.include({ errorCode: Errors.OFFSET_OUT_OF_RANGE });
  });

  it('takes -1 for everything', async () => {
    expect(await remove(-1)).to.deep.equal([0, 6]);
    expect(await read(6)).to.include({ errorCode: 0, logStartOffset: 6 });
  });

  it('does not know topics and partitions', async () => {
    expect(await remove(1, 'nope')).to.deep.equal([Errors.UNKNOWN_TOPIC_OR_PARTITION, -1]);
    expect(await remove(1, 'dr', 7)).to.deep.equal([Errors.UNKNOWN_TOPIC_OR_PARTITION, -1]);
    expect(await remove(0, '__consumer_offsets')).to.deep.equal([Errors.UNKNOWN_TOPIC_OR_PARTITION, -1]);
  });

  it('leaves compacted and internal topics and those led elsewhere alone', async () => {
    path.createTopic('drc', { configs: { 'cleanup.policy': 'compact' } });
    expect(await remove(0, 'drc')).to.deep.equal([Errors.POLICY_VIOLATION, -1]);
    path.createTopic('__consumer_offsets');
    expect(await remove(0, '__consumer_offsets')).to.deep.equal([Errors.INVALID_TOPIC_EXCEPTION, -1]);
    path.createTopic('away', { replicas: [2, 1], leader: 2 });
    expect(await remove(0, 'away')).to.deep.equal([Errors.NOT_LEADER_OR_FOLLOWER, -1]);
  });

  it('wakes who waits at an offset that is gone', async () => {
    path.createTopic('slow', { replicas: [1, 2] });
    const partition = path.replicas.partition('dr', 0);
    const moved: string[] = [];
    partition?.watch({ moved: () => moved.push('moved') });
    await remove(5);
    expect(moved).to.deep.equal(['moved']);
  });

  describe('with followers', () => {
    const follow = (logStartOffset: number): void =>
      path.replicas.partition('shared', 0)?.followerFetched(2, 3, logStartOffset);

    beforeEach(async () => {
      path.addBroker(2);
      path.createTopic('shared', { replicas: [1, 2] });
      const partitionData = [{ index: 0, records: batchOf(['1', '2', '3']) }];
      const topicData = [{ name: 'shared', partitionData }];
      const request = { transactionalId: null, acks: 1, timeoutMs: 1000, topicData };
      await path.ask(produce(path.replicas, path.identity), 9, request);
      follow(0);
    });

    const begin = async (timeoutMs: number): Promise<unknown> => {
      const topics = [{ name: 'shared', partitions: [{ partitionIndex: 0, offset: 2 }] }];
      const response = await path.start(handler, 2, { timeoutMs, topics });
      const [topic] = (response as DeleteRecordsResponse).topics;
      return [topic?.partitions[0]?.errorCode, topic?.partitions[0]?.lowWatermark];
    };
    const told = (answer: Promise<unknown>): Promise<unknown> => path.clock.run(answer);

    it('waits until they have deleted too', async () => {
      let isAnswered = false;
      const answer = begin(5000);
      void answer.then(() => (isAnswered = true));
      follow(1);
      await path.clock.advance(100);
      expect(isAnswered).to.equal(false);
      follow(2);
      expect(await told(answer)).to.deep.equal([0, 2]);
    });

    it('gives up when the time of the client is over, or the leadership', async () => {
      expect(await told(begin(300))).to.deep.equal([Errors.REQUEST_TIMED_OUT, 0]);
      const topicId = path.image.topics.byName.get('shared')?.id ?? '';
      const answer = begin(5000);
      path.elect(topicId, 2);
      expect(await told(answer)).to.deep.equal([Errors.NOT_LEADER_OR_FOLLOWER, -1]);
    });
  });
});
