// AddPartitionsToTxn in all its versions: what is decided before the coordinator is asked, and how its answers are laid out.
import { expect } from 'chai';
import { addPartitionsToTxn } from '../../src/api-handlers/24-add-partitions-to-txn.ts';
import { Errors } from '../../src/protocol/index.ts';
import { RecordPath } from './record-path.ts';

describe('AddPartitionsToTxn', () => {
  let path: RecordPath;
  let asked: [string, object, number?][];
  let code: number;
  let handler: ReturnType<typeof addPartitionsToTxn>;

  beforeEach(async () => {
    path = await RecordPath.open();
    path.createTopic('one', { partitions: 2 });
    path.createTopic('__consumer_offsets');
    [asked, code] = [[], Errors.NONE];
    const coordinator = {
      addPartitions: (of: object, version: number) => {
        asked.push(['add', of, version]);
        return Promise.resolve(code);
      },
      verifyPartitions: (of: object) => {
        asked.push(['verify', of]);
        return (_topic: string, partition: number) => (partition === 0 ? Errors.NONE : Errors.TRANSACTION_ABORTABLE);
      },
    };
    handler = addPartitionsToTxn(coordinator as never, path.identity);
  });

  const topics = (...rows: [string, ...number[]][]) => rows.map(([name, ...partitions]) => ({ name, partitions }));

  /** `topic-partition` → error */
  async function asClient(version: number, ...rows: [string, ...number[]][]): Promise<Record<string, number>> {
    const answer = await path.ask(handler, version, {
      v3AndBelowTransactionalId: 'tx',
      v3AndBelowProducerId: 7,
      v3AndBelowProducerEpoch: 1,
      v3AndBelowTopics: topics(...rows),
    });
    return codesOf(answer.resultsByTopicV3AndBelow);
  }

  type Topics = readonly {
    readonly name: string;
    readonly resultsByPartition: readonly { readonly partitionIndex: number; readonly partitionErrorCode: number }[];
  }[];
  const codesOf = (results: Topics): Record<string, number> =>
    Object.fromEntries(
      results.flatMap(({ name, resultsByPartition }) =>
        resultsByPartition.map(({ partitionIndex, partitionErrorCode }) => [
          `${name}-${partitionIndex}`,
          partitionErrorCode,
        ]),
      ),
    );

  it('adds what a client names', async () => {
    for (let version = 0; version <= 3; version++) {
      expect(await asClient(version, ['one', 0, 1])).to.deep.equal({ 'one-0': 0, 'one-1': 0 });
    }
    const of = {
      transactionalId: 'tx',
      producerId: 7,
      producerEpoch: 1,
      topics: [{ topic: 'one', partitions: [0, 1] }],
    };
    expect(asked[0]).to.deep.equal(['add', { ...of, verifyOnly: false }, 0]);
  });

  it('adds nothing when a partition is not there, or is not for clients', async () => {
    expect(await asClient(3, ['one', 0, 2], ['two', 0], ['__consumer_offsets', 0])).to.deep.equal({
      'one-0': Errors.OPERATION_NOT_ATTEMPTED,
      'one-2': Errors.UNKNOWN_TOPIC_OR_PARTITION,
      'two-0': Errors.UNKNOWN_TOPIC_OR_PARTITION,
      '__consumer_offsets-0': Errors.TOPIC_AUTHORIZATION_FAILED,
    });
    expect(asked).to.deep.equal([]);
  });

  it('tells older clients that they are fenced in the words that they know', async () => {
    code = Errors.PRODUCER_FENCED;
    expect(await asClient(1, ['one', 0])).to.deep.equal({ 'one-0': Errors.INVALID_PRODUCER_EPOCH });
    expect(await asClient(2, ['one', 0])).to.deep.equal({ 'one-0': Errors.PRODUCER_FENCED });
  });

  it('serves brokers several transactions at once, and their questions', async () => {
    const one = { transactionalId: 'a', producerId: 1, producerEpoch: 0, topics: topics(['__consumer_offsets', 0]) };
    const other = { transactionalId: 'b', producerId: 2, producerEpoch: 0, topics: topics(['one', 0, 1]) };
    for (const version of [4, 5]) {
      const transactions = [
        { ...one, verifyOnly: false },
        { ...other, verifyOnly: true },
      ];
      const answer = await path.ask(handler, version, { transactions });
      expect(answer.errorCode).to.equal(0);
      const [added, verified] = answer.resultsByTransaction;
      expect([added?.transactionalId, codesOf(added?.topicResults ?? [])]).to.deep.equal([
        'a',
        { '__consumer_offsets-0': 0 },
      ]);
      expect([verified?.transactionalId, codesOf(verified?.topicResults ?? [])]).to.deep.equal([
        'b',
        { 'one-0': 0, 'one-1': Errors.TRANSACTION_ABORTABLE },
      ]);
    }
    expect(asked.map(([what, , version]) => [what, version])).to.deep.equal([
      ['add', 2],
      ['verify', undefined],
      ['add', 2],
      ['verify', undefined],
    ]);
  });
});
