import { expect } from 'chai';
import { describeTransactions } from '../../src/api-handlers/65-describe-transactions.ts';
import { RecordPath } from './record-path.ts';

describe('DescribeTransactions', () => {
  it('describes each id that is named, as often as it is named', async () => {
    const path = await RecordPath.open();
    const row = (transactionalId: string) => ({
      errorCode: 0,
      transactionalId,
      transactionState: 'Ongoing',
      transactionTimeoutMs: 60_000,
      transactionStartTimeMs: 5,
      producerId: 7,
      producerEpoch: 1,
      topics: [{ topic: 't', partitions: [0, 2] }],
    });
    const handler = describeTransactions({ describeTransactions: (ids: string[]) => ids.map(row) } as never);
    const { transactionStates } = await path.ask(handler, 0, { transactionalIds: ['a', 'b', 'a'] });
    expect(transactionStates).to.deep.equal([row('a'), row('b'), row('a')]);
  });
});
