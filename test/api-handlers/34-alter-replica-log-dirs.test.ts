import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { alterReplicaLogDirs } from '../../src/api-handlers/34-alter-replica-log-dirs.ts';
import { describeLogDirs } from '../../src/api-handlers/35-describe-log-dirs.ts';
import { Errors } from '../../src/protocol/index.ts';
import { batchOf, decoded, RecordPath } from './record-path.ts';

const A = '/data/a';
const B = '/data/b';
const C = '/data/c';

describe('AlterReplicaLogDirs', () => {
  let path: RecordPath;

  beforeEach(async () => {
    path = await RecordPath.open({ 'log.dirs': [A, B, C].join(',') });
    path.createTopic('moved', { partitions: 3 });
  });

  type Asked = { path: string; topics: { name: string; partitions: number[] }[] }[];
  const ask = async (dirs: Asked, version = 2) =>
    (await path.ask(alterReplicaLogDirs(path.replicas), version, { dirs })).results;
  const places = async (topic: string): Promise<string[]> => {
    const request = { topics: [{ topic, partitions: [0, 1, 2] }] };
    const { results } = await path.ask(describeLogDirs(path.replicas), 5, request);
    return results.flatMap(({ logDir, topics }) =>
      (topics[0]?.partitions ?? []).map((one) => `${one.partitionIndex} ${logDir}${one.isFutureKey ? ' to be' : ''}`),
    );
  };

  it('answers each replica once, by topic, in every version', async () => {
    for (const version of [1, 2]) {
      const asked = [
        { path: A, topics: [{ name: 'moved', partitions: [0, 0, 7] }] },
        { path: '/nowhere', topics: [{ name: 'absent', partitions: [0] }] },
        { path: B, topics: [{ name: 'moved', partitions: [1] }] },
      ];
      expect(await ask(asked, version)).to.deep.equal([
        {
          topicName: 'moved',
          partitions: [
            { partitionIndex: 0, errorCode: Errors.NONE },
            { partitionIndex: 7, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION },
            { partitionIndex: 1, errorCode: Errors.NONE },
          ],
        },
        { topicName: 'absent', partitions: [{ partitionIndex: 0, errorCode: Errors.LOG_DIR_NOT_FOUND }] },
      ]);
    }
    expect(await places('moved')).to.deep.equal([`0 ${A}`, `1 ${B}`, `2 ${C}`]);
    expect(await ask([])).to.deep.equal([]);
  });

  it('takes the last of several directories', async () => {
    await ask([
      { path: B, topics: [{ name: 'moved', partitions: [0] }] },
      { path: C, topics: [{ name: 'moved', partitions: [0] }] },
    ]);
    await path.clock.advance(1000);
    expect(await places('moved')).to.deep.equal([`1 ${B}`, `0 ${C}`, `2 ${C}`]);
  });

  it('tells REPLICA_NOT_AVAILABLE of a partition that lies on other brokers', async () => {
    path.createTopic('elsewhere', { replicas: [2] });
    const [answer] = await ask([{ path: B, topics: [{ name: 'elsewhere', partitions: [0] }] }]);
    expect(answer?.partitions[0]?.errorCode).to.equal(Errors.REPLICA_NOT_AVAILABLE);
  });

  it('keeps log start, high watermark and producers', async () => {
    const records = batchOf(['a', 'b', 'c'], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
    const topicData = [{ name: 'moved', partitionData: [{ index: 0, records }] }];
    await path.ask(produce(path.replicas, path.identity), 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1,
      topicData,
    });
    path.replicas.partition('moved', 0)?.log.deleteRecordsBefore(2);
    await ask([{ path: B, topics: [{ name: 'moved', partitions: [0] }] }]);
    await path.clock.advance(1000);
    const log = path.replicas.partition('moved', 0)?.log;
    expect(log?.directory).to.equal(`${B}/moved-0`);
    expect(log).to.include({ logStartOffset: 2, highWatermark: 3, logEndOffset: 3, latestEpoch: 0 });
    expect(log?.producers().map(({ producerId, lastSequence }) => [producerId, lastSequence])).to.deep.equal([[7, 2]]);
  });

  it('names every replica when all of it failed', () => {
    const handler = alterReplicaLogDirs(path.replicas);
    const request = { dirs: [{ path: A, topics: [{ name: 'moved', partitions: [0, 1] }] }] };
    const answer = handler.failed(request, Errors.CLUSTER_AUTHORIZATION_FAILED, null, path.context(34, 2));
    expect(decoded(handler, 2, answer as Exclude<typeof answer, symbol>).results).to.deep.equal([
      {
        topicName: 'moved',
        partitions: [0, 1].map((partitionIndex) => ({
          partitionIndex,
          errorCode: Errors.CLUSTER_AUTHORIZATION_FAILED,
        })),
      },
    ]);
  });
});
