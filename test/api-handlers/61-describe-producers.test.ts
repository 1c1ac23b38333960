import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { describeProducers } from '../../src/api-handlers/61-describe-producers.ts';
import { Errors } from '../../src/protocol/index.ts';
import { batchOf, RecordPath } from './record-path.ts';

describe('DescribeProducers', () => {
  it('lists the producers of each partition, by id', async () => {
    const path = await RecordPath.open();
    path.createTopic('idem', { partitions: 2 });
    path.createTopic('away', { replicas: [2, 1], leader: 2 });
    for (const producerId of [7, 4]) {
      const options = { producerId, producerEpoch: 1, baseSequence: 0, timestamp: 1_699_999_999_000 };
      const topicData = [{ name: 'idem', partitionData: [{ index: 0, records: batchOf(['a', 'b'], options) }] }];
      const request = { transactionalId: null, acks: -1, timeoutMs: 1, topicData };
      await path.ask(produce(path.replicas, path.identity), 9, request);
    }

    const { topics } = await path.ask(describeProducers(path.replicas), 0, {
      topics: [
        { name: 'idem', partitionIndexes: [0, 1, 9] },
        { name: 'nope', partitionIndexes: [0] },
        { name: 'away', partitionIndexes: [0] },
      ],
    });
    const producer = {
      producerId: 4,
      producerEpoch: 1,
      lastSequence: 1,
      lastTimestamp: 1_699_999_999_000,
      coordinatorEpoch: -1,
      currentTxnStartOffset: -1,
    };
    const answer = (
      partitionIndex: number,
      errorCode: number,
      errorMessage: string | null,
      activeProducers: object[] = [],
    ) => ({
      partitionIndex,
      errorCode,
      errorMessage,
      activeProducers,
    });
    expect(topics.map(({ partitions }) => partitions)).to.deep.equal([
      [
        answer(0, 0, null, [producer, { ...producer, producerId: 7 }]),
        answer(1, 0, null),
        answer(9, Errors.UNKNOWN_TOPIC_OR_PARTITION, null),
      ],
      [answer(0, Errors.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.')],
      // A follower knows the producers of what it has.
      [answer(0, 0, null)],
    ]);
  });
});
