// Produce while a transaction is being verified or a codec loaded: what waits, what does not, and in which order it goes on.
import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { CLOSE, ConnectionState, NO_RESPONSE, type RequestContext } from '../../src/api-handlers/handler.ts';
import {
  type DecodedResponseOf,
  Errors,
  KafkaError,
  type ResponseOf,
  ZERO_UUID,
  type Int64,
  loadCodec,
} from '../../src/protocol/index.ts';
import type { Produce } from '../../src/protocol/messages/00-produce.ts';
import { endTransactionOn, type Partition, type TransactionalAppend } from '../../src/replication/index.ts';
import { batchOf, decoded, RecordPath } from './record-path.ts';

type PartitionAnswer = DecodedResponseOf<typeof Produce>['responses'][number]['partitionResponses'][number];

interface Verification {
  readonly append: TransactionalAppend;
  readonly answer: (code: number) => void;
  readonly fail: (error: Error) => void;
}

interface Asked {
  readonly producerId?: number;
  readonly sequence?: number;
  /** Several: one batch each, of the same producer. */
  readonly partitions?: readonly number[];
  readonly connection?: ConnectionState;
  readonly version?: number;
  readonly acks?: number;
}

/** Answers as they come. */
interface Answered {
  answers?: readonly PartitionAnswer[];
  outcome?: unknown;
  fault?: unknown;
}

describe('Produce that has to wait', () => {
  let path: RecordPath;
  let handler: ReturnType<typeof produce>;
  let verifications: Verification[];
  /** Producers whose transactions are verified at once. */
  let quick: Set<Int64>;

  beforeEach(async () => {
    path = await RecordPath.open();
    verifications = [];
    quick = new Set();
    handler = produce(path.replicas, path.identity, {
      verify: (append) => {
        if (quick.has(append.producerId)) return Errors.NONE;
        return new Promise((resolve, reject) => verifications.push({ append, answer: resolve, fail: reject }));
      },
    });
    path.createTopic('prod', { partitions: 3 });
  });

  const send = (asked: Asked = {}): Answered => {
    const { producerId = -1, sequence = 0, partitions = [0], connection, version = 12, acks = -1 } = asked;
    const isTransactional = producerId >= 0;
    const base = path.context(0, version);
    const context: RequestContext = connection === undefined ? base : { ...base, connection };
    const request = {
      transactionalId: isTransactional ? `t${producerId}` : null,
      acks,
      timeoutMs: 1000,
      topicData: [
        {
          name: 'prod',
          topicId: ZERO_UUID,
          partitionData: partitions.map((index) => ({
            index,
            records: isTransactional
              ? batchOf(['v'], { producerId, producerEpoch: 0, baseSequence: sequence, isTransactional })
              : batchOf(['v']),
          })),
        },
      ],
    };
    const seen: Answered = {};
    Promise.resolve(handler.handle(request as Parameters<typeof handler.handle>[0], context)).then(
      (outcome) => {
        seen.outcome = outcome;
        if (typeof outcome === 'symbol') return;
        const response = decoded(handler, version, outcome as ResponseOf<typeof Produce>);
        seen.answers = response.responses.flatMap(({ partitionResponses }) => partitionResponses);
      },
      (fault: unknown) => (seen.fault = fault),
    );
    return seen;
  };

  const settle = () => path.clock.advance(5);
  const offsets = (...all: Answered[]) => all.map(({ answers }) => answers?.map(({ baseOffset }) => baseOffset));
  const endOffsets = () => [0, 1, 2].map((index) => path.replicas.partition('prod', index)?.log.logEndOffset);

  it('holds up one producer at one partition, and nobody else', async () => {
    const slow = send({ producerId: 1 });
    quick.add(2);
    const others = [
      send({ producerId: 2 }),
      send(),
      send({ connection: new ConnectionState(2) }),
      send({ producerId: 2, partitions: [1] }),
      send({ partitions: [1] }),
    ];
    await settle();
    expect(slow).to.deep.equal({});
    expect(offsets(...others)).to.deep.equal([[0], [1], [2], [0], [1]]);
    verifications[0]?.answer(Errors.NONE);
    await settle();
    expect(offsets(slow)).to.deep.equal([[3]]);
  });

  it('holds the same producer up at the partition that waits, and not at another', async () => {
    send({ producerId: 1 });
    quick.add(1);
    const elsewhere = send({ producerId: 1, partitions: [1] });
    await settle();
    expect(offsets(elsewhere)).to.deep.equal([[0]]);
  });

  it('appends three requests of a producer in their order, also over another connection', async () => {
    const first = send({ producerId: 1, sequence: 0 });
    quick.add(1);
    const second = send({ producerId: 1, sequence: 1, connection: new ConnectionState(2) });
    const third = send({ producerId: 1, sequence: 2 });
    await settle();
    expect([first, second, third]).to.deep.equal([{}, {}, {}]);
    verifications[0]?.answer(Errors.NONE);
    await settle();
    expect(offsets(first, second, third)).to.deep.equal([[0], [1], [2]]);
    expect(verifications).to.have.length(1);
    const fourth = send({ producerId: 1, sequence: 3 });
    await settle();
    expect(offsets(fourth)).to.deep.equal([[3]]);
  });

  it('keeps the order while each of them has to be verified, until one is appended', async () => {
    const all = [0, 0, 0, 1].map((sequence) => send({ producerId: 1, sequence }));
    for (const [turn, code] of [Errors.TRANSACTION_ABORTABLE, Errors.NOT_COORDINATOR, Errors.NONE].entries()) {
      await settle();
      expect(verifications).to.have.length(turn + 1);
      expect(endOffsets()[0]).to.equal(0);
      verifications[turn]?.answer(code);
    }
    await settle();
    expect(offsets(...all)).to.deep.equal([[-1], [-1], [0], [1]]);
    expect(verifications).to.have.length(3);
  });

  it('does not append what was verified for a transaction that has been ended meanwhile', async () => {
    const late = send({ producerId: 1, version: 11 });
    const partition = path.replicas.partition('prod', 0) as Partition;
    const marker = { producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, isCommit: false };
    expect(await path.clock.run(Promise.resolve(endTransactionOn(partition, marker, path.clock)))).to.equal(0);
    verifications[0]?.answer(Errors.NONE);
    await settle();
    expect(late.answers?.[0]).to.include({
      errorCode: Errors.INVALID_TXN_STATE,
      errorMessage: null,
      logStartOffset: 0,
    });
    expect(endOffsets()[0]).to.equal(1);
  });

  it('asks nobody about a producer that the partition knows to have been replaced', async () => {
    const partition = path.replicas.partition('prod', 0) as Partition;
    const marker = { producerId: 1, producerEpoch: 3, coordinatorEpoch: 0, isCommit: false };
    await path.clock.run(Promise.resolve(endTransactionOn(partition, marker, path.clock)));
    const replaced = send({ producerId: 1 });
    await settle();
    expect(verifications).to.deep.equal([]);
    expect(replaced.answers?.[0]).to.include({ errorCode: Errors.INVALID_PRODUCER_EPOCH, logStartOffset: -1 });
  });

  it('asks nobody about a transactional batch without a producer, which begins no transaction', async () => {
    const records = batchOf(['v'], { isTransactional: true });
    const topicData = [{ name: 'prod', topicId: ZERO_UUID, partitionData: [{ index: 0, records }] }];
    const request = { transactionalId: 't', acks: -1, timeoutMs: 1000, topicData };
    const response = await path.ask(handler, 12, request);
    expect(response.responses[0]?.partitionResponses[0]?.errorCode).to.equal(Errors.NONE);
    expect(verifications).to.deep.equal([]);
    expect(path.replicas.partition('prod', 0)?.log).to.include({ highWatermark: 1, lastStableOffset: 1 });
  });

  it('refuses a request with transactional batches of two producers', async () => {
    const request = {
      transactionalId: 't',
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        {
          name: 'prod',
          topicId: ZERO_UUID,
          partitionData: [1, 2].map((producerId, index) => ({
            index,
            records: batchOf(['v'], { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
          })),
        },
      ],
    };
    const response = await path.ask(handler, 12, request);
    for (const answer of response.responses[0]?.partitionResponses ?? []) {
      expect(answer).to.include({
        errorCode: Errors.INVALID_PRODUCER_ID_MAPPING,
        errorMessage: 'Transactional records contained more than one producer ID',
      });
    }
    expect(endOffsets()).to.deep.equal([0, 0, 0]);
  });

  it('appends what does not wait of a request at once, and answers when all of it is there', async () => {
    const request = send({ producerId: 1, partitions: [0, 1, 2] });
    expect(verifications.map(({ append }) => append.partition.index)).to.deep.equal([0, 1, 2]);
    verifications[1]?.answer(Errors.NONE);
    await settle();
    expect(endOffsets()).to.deep.equal([0, 1, 0]);
    expect(request).to.deep.equal({});
    verifications[2]?.answer(Errors.INVALID_PRODUCER_EPOCH);
    verifications[0]?.answer(Errors.NONE);
    await settle();
    expect(request.answers?.map(({ errorCode }) => errorCode)).to.deep.equal([0, 0, Errors.INVALID_PRODUCER_EPOCH]);
    expect(endOffsets()).to.deep.equal([1, 1, 0]);
  });

  it('tells the verifier what is to be appended', () => {
    send({ producerId: 7, version: 12 });
    send({ producerId: 8, version: 11 });
    expect(verifications.map(({ append }) => ({ ...append, partition: append.partition.topic }))).to.deep.equal([
      { transactionalId: 't7', partition: 'prod', producerId: 7, producerEpoch: 0, sequence: 0, addsPartition: true },
      { transactionalId: 't8', partition: 'prod', producerId: 8, producerEpoch: 0, sequence: 0, addsPartition: false },
    ]);
  });

  const why = 'Unable to verify the partition has been added to the transaction. Underlying error: ';
  const notAdded = 'Partition was not added to the transaction';
  for (const [code, version, errorCode, errorMessage] of [
    [Errors.INVALID_PRODUCER_EPOCH, 12, Errors.INVALID_PRODUCER_EPOCH, null],
    [Errors.TRANSACTION_ABORTABLE, 12, Errors.TRANSACTION_ABORTABLE, null],
    [Errors.TRANSACTION_ABORTABLE, 10, Errors.INVALID_TXN_STATE, notAdded],
    [Errors.INVALID_TXN_STATE, 12, Errors.INVALID_TXN_STATE, notAdded],
    [Errors.NOT_COORDINATOR, 12, Errors.NOT_ENOUGH_REPLICAS, `${why}NOT_COORDINATOR`],
    [Errors.COORDINATOR_LOAD_IN_PROGRESS, 9, Errors.NOT_ENOUGH_REPLICAS, `${why}COORDINATOR_LOAD_IN_PROGRESS`],
    [Errors.CONCURRENT_TRANSACTIONS, 11, Errors.NOT_ENOUGH_REPLICAS, `${why}CONCURRENT_TRANSACTIONS`],
    [Errors.CONCURRENT_TRANSACTIONS, 12, Errors.CONCURRENT_TRANSACTIONS, null],
  ] as const) {
    it(`answers ${errorCode} in version ${version} when the verifier says ${code}, and appends what follows`, async () => {
      const refused = send({ producerId: 1, version });
      const next = send({ producerId: 1, version });
      verifications[0]?.answer(code);
      await settle();
      expect(refused.answers?.[0]).to.deep.include({ errorCode, errorMessage, baseOffset: -1 });
      verifications[1]?.answer(Errors.NONE);
      await settle();
      expect(offsets(next)).to.deep.equal([[0]]);
    });
  }

  it('takes a verifier that fails for a fault of that request, once the disk is done with it, and goes on', async () => {
    const request = send({ producerId: 1, partitions: [0, 1] });
    const next = send({ producerId: 1 });
    verifications[1]?.answer(Errors.NONE);
    verifications[0]?.fail(new KafkaError(Errors.UNKNOWN_SERVER_ERROR));
    await settle();
    expect(request.fault).to.be.instanceOf(KafkaError);
    expect(endOffsets()).to.deep.equal([0, 1, 0]);
    verifications[2]?.answer(Errors.NONE);
    await settle();
    expect(offsets(next)).to.deep.equal([[0]]);
  });

  it('answers for a fault in the middle of a request when the disk no longer reads from its frame', async () => {
    const fault = new Error('a fault');
    const partition = path.replicas.partition('prod', 2) as unknown as { checkAppend: () => number };
    partition.checkAppend = () => {
      throw fault;
    };
    const request = send({ partitions: [0, 1, 2] });
    await Promise.resolve();
    expect(request).to.deep.equal({});
    await settle();
    expect(request.fault).to.equal(fault);
    expect([0, 1].map((index) => path.replicas.partition('prod', index)?.log.writtenEndOffset)).to.deep.equal([1, 1]);
  });

  it('appends what was received of a connection that closes meanwhile', async () => {
    const connection = new ConnectionState(2);
    const requests = [send({ producerId: 1, connection }), send({ producerId: 1, sequence: 1, connection })];
    connection.close();
    quick.add(1);
    verifications[0]?.answer(Errors.NONE);
    await settle();
    expect(endOffsets()[0]).to.equal(2);
    expect(requests.map(({ outcome }) => outcome)).to.not.include(undefined);
  });

  it('does not append to a partition that has gone meanwhile, or is led elsewhere', async () => {
    const gone = send({ producerId: 1 });
    path.deleteTopic(path.image.topics.byName.get('prod')?.id as string);
    const topicId = path.createTopic('prod');
    const moved = send({ producerId: 2 });
    path.elect(topicId, 2);
    for (const { answer } of verifications) answer(Errors.NONE);
    await settle();
    expect(gone.answers?.[0]?.errorCode).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(moved.answers?.[0]?.errorCode).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    expect(moved.answers?.[0]?.currentLeader).to.include({ leaderId: 2 });
    expect(endOffsets()[0]).to.equal(0);
  });

  it('has no answer with acks 0 either before it is written, and closes the connection when it is refused', async () => {
    const [taken, refused] = [send({ producerId: 1, acks: 0 }), send({ producerId: 2, acks: 0 })];
    await settle();
    expect([taken, refused]).to.deep.equal([{}, {}]);
    verifications[0]?.answer(Errors.NONE);
    verifications[1]?.answer(Errors.INVALID_TXN_STATE);
    await settle();
    expect([taken.outcome, refused.outcome]).to.deep.equal([NO_RESPONSE, CLOSE]);
  });

  it('gives the replicas the time that the client names from when the records are appended', async () => {
    path.createTopic('slow', { replicas: [1, 2] });
    const partition = path.replicas.partition('slow', 0);
    const request = {
      transactionalId: 't1',
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        {
          name: 'slow',
          topicId: ZERO_UUID,
          partitionData: [
            {
              index: 0,
              records: batchOf(['v'], { producerId: 1, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
            },
          ],
        },
      ],
    };
    const outcome = handler.handle(request as Parameters<typeof handler.handle>[0], path.context(0, 12));
    await path.clock.advance(5_000);
    verifications[0]?.answer(Errors.NONE);
    await settle();
    expect(partition?.log.logEndOffset).to.equal(1);
    const beganMs = path.clock.monotonicMs();
    const response = (await path.clock.run(Promise.resolve(outcome))) as ResponseOf<typeof Produce>;
    expect(response.responses[0]?.partitionResponses[0]?.errorCode).to.equal(Errors.REQUEST_TIMED_OUT);
    expect(path.clock.monotonicMs() - beganMs).to.be.within(990, 1000);
  });

  it('waits for a codec at one connection and partition', async () => {
    const log = path.replicas.partition('prod', 0)?.log as unknown as { needsCodec: () => number };
    let needed = 4;
    log.needsCodec = () => needed;
    const first = send();
    needed = 0;
    const second = send();
    const neighbour = send({ connection: new ConnectionState(2) });
    const elsewhere = send({ partitions: [1] });
    expect(endOffsets()).to.deep.equal([1, 1, 0]);
    // The engine is compiled in real time, however long that takes.
    await loadCodec(4);
    for (let turn = 0; turn < 100 && second.answers === undefined; turn++) await settle();
    expect(offsets(first, second, neighbour, elsewhere)).to.deep.equal([[1], [2], [0], [0]]);
  });
});
