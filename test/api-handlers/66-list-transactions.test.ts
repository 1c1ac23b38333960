import { expect } from 'chai';
import { listTransactions } from '../../src/api-handlers/66-list-transactions.ts';
import { failureOf } from '../../src/api-handlers/handler.ts';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { RecordPath } from './record-path.ts';

describe('ListTransactions', () => {
  it('hands the filters of all versions to the coordinator', async () => {
    const path = await RecordPath.open();
    const asked: object[] = [];
    const answer = {
      errorCode: 0,
      unknownStateFilters: ['Nonsense'],
      transactionStates: [{ transactionalId: 'a', producerId: 7, transactionState: 'Empty' }],
    };
    const handler = listTransactions({
      listTransactions: (request: object) => {
        asked.push(request);
        return answer;
      },
    } as never);
    const filters = { stateFilters: ['Nonsense'], producerIdFilters: [7] };
    for (let version = 0; version <= 2; version++) {
      const request = {
        ...filters,
        ...(version >= 1 && { durationFilter: 9 }),
        ...(version >= 2 && { transactionalIdPattern: 'a.*' }),
      };
      expect(await path.ask(handler, version, request)).to.deep.include(answer);
      expect(asked.pop()).to.deep.equal({
        ...filters,
        durationFilter: version >= 1 ? 9 : -1,
        transactionalIdPattern: version >= 2 ? 'a.*' : null,
      });
    }
    const failure = new KafkaError(Errors.INVALID_REGULAR_EXPRESSION);
    expect(failureOf(handler, {} as never, failure, path.context(66, 2), silentLogger)).to.deep.include({
      errorCode: Errors.INVALID_REGULAR_EXPRESSION,
      transactionStates: [],
    });
  });
});
