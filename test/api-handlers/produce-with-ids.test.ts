// Produce by idempotent and transactional producers.
import { expect } from 'chai';
import type { produce } from '../../src/api-handlers/00-produce.ts';
import { Errors } from '../../src/protocol/index.ts';
import { type AskedToProduce, openProduceBench, type PartitionAnswer, rejected, requestOf } from './produce-bench.ts';
import { batchOf, type RecordPath } from './record-path.ts';

describe('Produce', () => {
  let path: RecordPath;
  let handler: ReturnType<typeof produce>;
  let send: (asked: AskedToProduce) => Promise<PartitionAnswer>;

  beforeEach(async () => {
    ({ path, handler, send } = await openProduceBench());
  });

  describe('by idempotent producers', () => {
    const from = (baseSequence: number, count: number, producerEpoch = 0) =>
      batchOf(
        Array.from({ length: count }, (_, at) => `v${at}`),
        {
          producerId: 4,
          producerEpoch,
          baseSequence,
          timestamp: 1_699_999_999_000 + baseSequence,
        },
      );

    it('stores a batch once', async () => {
      path.createTopic('idem');
      const send0 = (records: Buffer) => send({ topic: 'idem', records });
      expect(await send0(from(0, 2))).to.include({ errorCode: 0, baseOffset: 0, logAppendTimeMs: -1 });
      expect(await send0(from(0, 2))).to.include({ errorCode: 0, baseOffset: 0, logAppendTimeMs: 1_699_999_999_000 });
      expect(await send0(from(0, 1))).to.include({ errorCode: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, logStartOffset: 0 });
      expect(await send0(from(5, 1))).to.include({ errorCode: Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, logStartOffset: 0 });
      expect(await send0(from(2, 1))).to.include({ errorCode: 0, baseOffset: 2 });
      expect(await send0(from(0, 1, 1))).to.include({ errorCode: 0, baseOffset: 3 });
      expect(await send0(from(3, 1))).to.include({ errorCode: Errors.INVALID_PRODUCER_EPOCH, logStartOffset: 0 });
    });

    it('acknowledges a retry only when the original is written', async () => {
      path.createTopic('idem');
      const original = path.start(handler, 9, requestOf({ topic: 'idem', records: from(0, 1) })) as Promise<unknown>;
      const retry = path.start(handler, 9, requestOf({ topic: 'idem', records: from(0, 1) }));
      expect(retry).to.be.instanceOf(Promise);
      await path.clock.run(Promise.all([original, retry]));
      expect(path.replicas.partition('idem', 0)?.log.logEndOffset).to.equal(1);
    });
  });

  describe('with transactional batches', () => {
    const records = () => batchOf(['v'], { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true });

    it('refuses the whole request when there is no transactional id', async () => {
      path.createTopic('prod', { partitions: 2 });
      const response = await path.ask(handler, 9, {
        transactionalId: null,
        acks: -1,
        timeoutMs: 1000,
        topicData: [
          {
            name: 'prod',
            partitionData: [
              { index: 0, records: batchOf(['v']) },
              { index: 1, records: records() },
            ],
          },
        ],
      });
      const codes = response.responses[0]?.partitionResponses.map(({ errorCode, errorMessage }) => [
        errorCode,
        errorMessage,
      ]);
      expect(codes).to.deep.equal([
        [53, null],
        [53, null],
      ]);
      expect(path.replicas.partition('prod', 0)?.log.logEndOffset).to.equal(0);
    });

    it('says that the partition is in no transaction', async () => {
      path.createTopic('prod');
      const transactionalId = 'tx1';
      expect(await send({ records: records(), transactionalId, version: 9 })).to.deep.include({
        ...rejected,
        errorCode: Errors.INVALID_TXN_STATE,
        errorMessage: 'Partition was not added to the transaction',
        logStartOffset: -1,
      });
      expect(await send({ records: records(), transactionalId, version: 11 })).to.deep.include({
        ...rejected,
        errorCode: Errors.TRANSACTION_ABORTABLE,
        logStartOffset: -1,
      });
    });
  });
});
