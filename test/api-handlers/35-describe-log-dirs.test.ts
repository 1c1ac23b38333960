import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { describeLogDirs } from '../../src/api-handlers/35-describe-log-dirs.ts';
import { batchOf, LOG_DIR, RecordPath } from './record-path.ts';

describe('DescribeLogDirs', () => {
  let path: RecordPath;

  beforeEach(async () => {
    path = await RecordPath.open();
    path.createTopic('meta', { partitions: 3 });
    path.createTopic('other');
  });

  const ask = (version: number, topics: { topic: string; partitions: number[] }[] | null) =>
    path.ask(describeLogDirs(path.replicas), version, { topics });

  it('describes what was asked for and passes over the rest', async () => {
    for (let version = 1; version <= 5; version++) {
      const wanted = [
        { topic: 'meta', partitions: [0, 1, 9] },
        { topic: 'nope', partitions: [0] },
      ];
      const { errorCode, results } = await ask(version, wanted);
      expect(errorCode).to.equal(0);
      expect(results).to.have.length(1);
      expect(results[0]).to.include({ errorCode: 0, logDir: LOG_DIR, isCordoned: false });
      const empty = { partitionSize: 0, offsetLag: 0, isFutureKey: false };
      expect(results[0]?.topics).to.deep.equal([
        {
          name: 'meta',
          partitions: [
            { partitionIndex: 0, ...empty },
            { partitionIndex: 1, ...empty },
          ],
        },
      ]);
      if (version >= 4) expect(results[0]?.usableBytes).to.be.at.least(-1);
    }
  });

  it('describes everything for null and nothing for an empty list', async () => {
    const all = (await ask(4, null)).results[0]?.topics.map(({ name, partitions }) => [name, partitions.length]);
    expect(all).to.deep.equal([
      ['meta', 3],
      ['other', 1],
    ]);
    expect((await ask(4, [])).results[0]?.topics).to.deep.equal([]);
  });

  it('tells the bytes of a partition', async () => {
    const records = batchOf(['v']);
    const topicData = [{ name: 'other', partitionData: [{ index: 0, records }] }];
    await path.ask(produce(path.replicas, path.identity), 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1,
      topicData,
    });
    const [dir] = (await ask(4, [{ topic: 'other', partitions: [0] }])).results;
    expect(dir?.topics[0]?.partitions[0]?.partitionSize).to.equal(records.length);
  });
});
