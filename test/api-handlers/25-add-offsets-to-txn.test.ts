import { expect } from 'chai';
import { addOffsetsToTxn } from '../../src/api-handlers/25-add-offsets-to-txn.ts';
import { Errors, partitionForId } from '../../src/protocol/index.ts';
import { RecordPath } from './record-path.ts';

describe('AddOffsetsToTxn', () => {
  it('adds the partition of the group, and has the topic made where it is not there', async () => {
    const path = await RecordPath.open();
    const asked: object[] = [];
    const made: string[] = [];
    let code: number = Errors.NONE;
    let canMake = false;
    const coordinator = {
      addPartitions: (of: object, version: number) => {
        asked.push([of, version]);
        return code;
      },
    };
    const autoCreation = {
      create: async ([topic]: string[]) => {
        made.push(topic as string);
        if (canMake) path.createTopic(topic as string, { partitions: 5 });
      },
    };
    const handler = addOffsetsToTxn(coordinator as never, path.identity, autoCreation as never);
    const request = { transactionalId: 'tx', producerId: 7, producerEpoch: 3, groupId: 'workers' };
    const ask = async (version: number): Promise<number> => (await path.ask(handler, version, request)).errorCode;
    expect(await ask(3)).to.equal(Errors.COORDINATOR_NOT_AVAILABLE);
    canMake = true;
    expect(await ask(4)).to.equal(0);
    expect(await ask(0)).to.equal(0);
    expect(made).to.deep.equal(['__consumer_offsets', '__consumer_offsets']);
    const topics = [{ topic: '__consumer_offsets', partitions: [partitionForId('workers', 5)] }];
    const of = { transactionalId: 'tx', producerId: 7, producerEpoch: 3, topics };
    expect(asked).to.deep.equal([
      [of, 0],
      [of, 0],
    ]);
    code = Errors.PRODUCER_FENCED;
    expect(await ask(1)).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(await ask(2)).to.equal(Errors.PRODUCER_FENCED);
  });
});
