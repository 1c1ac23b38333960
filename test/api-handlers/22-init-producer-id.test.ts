import { expect } from 'chai';
import { initProducerId } from '../../src/api-handlers/22-init-producer-id.ts';
import { failureOf } from '../../src/api-handlers/handler.ts';
import { Errors, KafkaError, type Int64 } from '../../src/protocol/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { type ProducerIdBlock, ProducerIds } from '../../src/transaction-coordinator/index.ts';
import { RecordPath } from './record-path.ts';

describe('InitProducerId', () => {
  let path: RecordPath;
  let blocks: number;
  let pending: (() => void)[] | undefined;
  let asked: object[];
  let answer: { errorCode: number; producerId: Int64; producerEpoch: number };
  const coordinator = {
    initProducerId: (request: object) => {
      asked.push(request);
      return answer;
    },
  };
  let handler: ReturnType<typeof initProducerId>;

  const allocate = async (): Promise<ProducerIdBlock> => {
    const start = 1000 * blocks++;
    if (pending !== undefined) await new Promise<void>((resolve) => pending?.push(resolve));
    return { start, length: 1000 };
  };

  beforeEach(async () => {
    path = await RecordPath.open();
    blocks = 0;
    pending = undefined;
    asked = [];
    answer = { errorCode: 0, producerId: 9, producerEpoch: 3 };
    handler = initProducerId(new ProducerIds(allocate), async () => coordinator as never);
  });

  /** `[error, producer id, epoch]` */
  const ask = async (version: number, parts: object = {}): Promise<Int64[]> => {
    const request = { transactionalId: null, transactionTimeoutMs: 60_000, ...parts };
    const { errorCode, producerId, producerEpoch } = await path.ask(handler, version, request);
    return [errorCode, producerId, producerEpoch];
  };

  it('hands out one id after the other in all versions', async () => {
    for (let version = 0; version <= 5; version++) expect(await ask(version)).to.deep.equal([0, version, 0]);
    expect(await ask(5, { producerId: 4, producerEpoch: 0 })).to.deep.equal([0, 6, 0]);
    expect(await ask(5, { transactionTimeoutMs: 0 })).to.deep.equal([0, 7, 0]);
  });

  it('goes on with the next block, which it has fetched before it is needed', async () => {
    for (let taken = 0; taken < 899; taken++) await ask(5);
    expect(blocks).to.equal(1);
    await ask(5);
    expect(blocks).to.equal(2);
    for (let taken = 900; taken < 1000; taken++) await ask(5);
    expect(await ask(5)).to.deep.equal([0, 1000, 0]);
  });

  it('lets all wait for one block and gives each its own id', async () => {
    pending = [];
    const answers = Promise.all([ask(5), ask(5), ask(5)]);
    await path.clock.settle();
    expect(pending).to.have.length(1);
    const release = pending;
    pending = undefined;
    for (const resolve of release) resolve();
    expect((await path.clock.run(answers)).map(([, id]) => id)).to.deep.equal([0, 1, 2]);
  });

  it('has clients ask again while there is no block, whatever the controller says', async () => {
    let attempts = 0;
    const failing = new ProducerIds(() => {
      attempts += 1;
      if (attempts === 1) return Promise.reject(new KafkaError(Errors.NOT_CONTROLLER));
      return Promise.resolve({ start: 5, length: 10 });
    });
    const refused = await failing.next().catch((error: unknown) => error);
    const request = { transactionalId: null, transactionTimeoutMs: 1, producerId: -1, producerEpoch: -1 } as never;
    const answer = failureOf(handler, request, refused, path.context(22, 5), silentLogger);
    const later = Errors.COORDINATOR_LOAD_IN_PROGRESS;
    expect(answer).to.deep.equal({ errorCode: later, producerId: -1, producerEpoch: -1 });
    expect(await failing.next()).to.equal(5);
  });

  it('refuses what does not fit together', async () => {
    const invalid = [Errors.INVALID_REQUEST, -1, -1];
    expect(await ask(5, { producerId: 4 })).to.deep.equal(invalid);
    expect(await ask(5, { producerEpoch: 3 })).to.deep.equal(invalid);
    expect(await ask(5, { transactionalId: '' })).to.deep.equal(invalid);
  });

  it('takes a transactional id to its coordinator', async () => {
    expect(await ask(5, { transactionalId: 'tx1' })).to.deep.equal([0, 9, 3]);
    expect(await ask(4, { transactionalId: 'tx1', producerId: 9, producerEpoch: 2 })).to.deep.equal([0, 9, 3]);
    expect(asked).to.deep.equal([
      { transactionalId: 'tx1', timeoutMs: 60_000, expected: undefined, ...ONE_PHASE },
      { transactionalId: 'tx1', timeoutMs: 60_000, expected: { producerId: 9, producerEpoch: 2 }, ...ONE_PHASE },
    ]);
  });

  it('tells older clients that they are fenced in the words that they know', async () => {
    answer = { errorCode: Errors.PRODUCER_FENCED, producerId: -1, producerEpoch: -1 };
    expect(await ask(4, { transactionalId: 'tx1' })).to.deep.equal([Errors.PRODUCER_FENCED, -1, -1]);
    expect(await ask(3, { transactionalId: 'tx1' })).to.deep.equal([Errors.INVALID_PRODUCER_EPOCH, -1, -1]);
  });
});

const ONE_PHASE = { enable2Pc: false, keepPreparedTxn: false };
