import { expect } from 'chai';
import { endTxn } from '../../src/api-handlers/26-end-txn.ts';
import { Errors } from '../../src/protocol/index.ts';
import { RecordPath } from './record-path.ts';

describe('EndTxn', () => {
  it('tells the coordinator by which transaction.version the client works, and the client who it is now', async () => {
    const path = await RecordPath.open();
    const asked: object[] = [];
    let answer = { errorCode: 0, producerId: 9, producerEpoch: 4 };
    const handler = endTxn({
      endTxn: (end: object) => {
        asked.push(end);
        return answer;
      },
    } as never);
    const request = { transactionalId: 'tx', producerId: 7, producerEpoch: 3, committed: true };
    const ask = async (version: number) => {
      const { errorCode, producerId, producerEpoch } = await path.ask(handler, version, request);
      return [errorCode, producerId, producerEpoch];
    };
    const of = { transactionalId: 'tx', producerId: 7, producerEpoch: 3, isCommit: true };
    for (let version = 0; version <= 5; version++) {
      expect(await ask(version)).to.deep.equal(version < 5 ? [0, -1, -1] : [0, 9, 4]);
      expect(asked.pop()).to.deep.equal({ ...of, clientTransactionVersion: version < 5 ? 0 : 2 });
    }
    answer = { errorCode: Errors.PRODUCER_FENCED, producerId: -1, producerEpoch: -1 };
    expect(await ask(1)).to.deep.equal([Errors.INVALID_PRODUCER_EPOCH, -1, -1]);
    expect(await ask(2)).to.deep.equal([Errors.PRODUCER_FENCED, -1, -1]);
  });
});
