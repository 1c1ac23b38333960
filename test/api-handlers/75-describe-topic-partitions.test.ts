import { expect } from 'chai';
import { describeTopicPartitions } from '../../src/api-handlers/75-describe-topic-partitions.ts';
import { MetadataBench } from './metadata-bench.ts';
import { answerOf, expectRecorded, recorded } from './recorded.ts';

interface Answer {
  topics: { name: string; errorCode: number; partitions: { partitionIndex: number }[] }[];
  nextCursor: { topicName: string; partitionIndex: number } | null;
}

describe('DescribeTopicPartitions', () => {
  let bench: MetadataBench;
  const ask = async (topics: string[], cursor: Answer['nextCursor'], limit = 2000, maximum = 2000) => {
    const handler = describeTopicPartitions(bench.identity, maximum);
    const request = { topics: topics.map((name) => ({ name })), responsePartitionLimit: limit, cursor };
    return (await answerOf(handler, 0, request)) as unknown as Answer;
  };

  beforeEach(() => {
    bench = new MetadataBench();
  });

  it('answers as Apache Kafka does', async () => {
    bench.createTopic('meta', 2);
    for (const line of recorded(/^dtp\./)) await expectRecorded(describeTopicPartitions(bench.identity, 2000), line);
  });

  it('gives all partitions, each once, in order, over pages of any size', async () => {
    for (const [name, partitions] of Object.entries({ b: 3, a: 5, c: 1, d: 4 })) bench.createTopic(name, partitions);
    const whole = ['a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'c', 'd', 'd', 'd', 'd'];
    for (let limit = 1; limit <= 14; limit++) {
      const seen: string[] = [];
      let cursor: Answer['nextCursor'] = null;
      do {
        const answer: Answer = await ask([], cursor, limit);
        for (const { name, partitions } of answer.topics) for (const _ of partitions) seen.push(name);
        cursor = answer.nextCursor;
      } while (cursor !== null);
      expect(seen, `pages of ${limit}`).to.deep.equal(whole);
    }
  });

  it('keeps pages within the limit of the broker', async () => {
    bench.createTopic('wide', 10);
    const answer = await ask(['wide'], null, 2000, 4);
    expect(answer.topics[0]?.partitions).to.have.length(4);
    expect(answer.nextCursor).to.deep.equal({ topicName: 'wide', partitionIndex: 4 });
  });

  it('refuses a cursor whose topic is not asked for', async () => {
    bench.createTopic('a');
    const answer = await ask(['a'], { topicName: 'A', partitionIndex: 0 });
    expect(answer.topics).to.deep.include({
      errorCode: 42,
      name: 'a',
      topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
      isInternal: false,
      partitions: [],
      topicAuthorizedOperations: -2147483648,
    });
  });

  it('passes over a topic that went away when all are asked for, and names it when it is asked for', async () => {
    bench.createTopic('a');
    expect((await ask([], { topicName: 'zz', partitionIndex: 0 })).topics).to.deep.equal([]);
    expect((await ask(['gone', 'a'], null)).topics.map(({ name, errorCode }) => [name, errorCode])).to.deep.equal([
      ['a', 0],
      ['gone', 3],
    ]);
  });
});
