// Verification of appends by transaction coordinators on other brokers (KIP-890).
import { expect } from 'chai';
import { CoordinatorVerifier, loadRemoteVerification } from '../../../src/broker/node/transaction-verification.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { parseConfigs, silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { transactionConfig, transactionState } from '../../../src/transaction-coordinator/index.ts';
import { MetadataBench, NODE_ID } from '../../api-handlers/metadata-bench.ts';
import { FakePeers } from './fake-peers.ts';

const config = parseConfigs(transactionConfig, new Map());

describe('The verifier of transactions that are coordinated elsewhere', () => {
  let clock: SimClock;
  let peers: FakePeers;
  let metadata: MetadataBench;
  let topicId: string;
  let verifier: CoordinatorVerifier;

  before(loadRemoteVerification);

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    peers = new FakePeers();
    metadata = new MetadataBench();
    metadata.addBroker(2);
    topicId = metadata.createTopic(transactionState.name, 1, [2, NODE_ID]);
    verifier = new CoordinatorVerifier({
      nodeId: NODE_ID,
      host: { made: undefined, coordinator: () => Promise.reject(new Error('nobody is asked here')) },
      image: () => metadata.image,
      peers: peers.peers,
      clock,
      logger: silentLogger,
      config: () => config,
    });
  });

  const verify = (index: number, parts: object = {}): Promise<number> =>
    Promise.resolve(
      verifier.verify({
        transactionalId: 'tx',
        partition: { topic: 't', index } as never,
        producerId: 7,
        producerEpoch: 1,
        addsPartition: false,
        ...parts,
      }),
    );
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await clock.settle();
  };
  const answer = (transactionalId: string, ...codes: [number, number][]) => ({
    errorCode: Errors.NONE,
    resultsByTransaction: [
      {
        transactionalId,
        topicResults: [
          {
            name: 't',
            resultsByPartition: codes.map(([partitionIndex, partitionErrorCode]) => ({
              partitionIndex,
              partitionErrorCode,
            })),
          },
        ],
      },
    ],
  });
  const rows = (question: { request: object }) =>
    (question.request as { transactions: { transactionalId: string; verifyOnly: boolean; topics: unknown }[] })
      .transactions;
  const moveLeader = (leader: number): void => {
    const delta = metadata.replay([
      {
        type: 'PartitionChangeRecord',
        version: 2,
        topicId,
        partitionId: 0,
        leader,
        isr: null,
        replicas: null,
        removingReplicas: null,
        addingReplicas: null,
        leaderRecoveryState: -1,
        directories: null,
        eligibleLeaderReplicas: null,
        lastKnownElr: null,
      },
    ]);
    verifier.metadataChanged(delta);
  };

  it('asks for all partitions of a transaction in one row, and tells each of its own', async () => {
    const asked = [verify(0), verify(3), verify(3)];
    await settled();
    const question = peers.take();
    expect(question.nodeId).to.equal(2);
    expect(rows(question)).to.deep.equal([
      {
        transactionalId: 'tx',
        producerId: 7,
        producerEpoch: 1,
        verifyOnly: true,
        topics: [{ name: 't', partitions: [0, 3] }],
      },
    ]);
    question.answer(answer('tx', [0, Errors.PRODUCER_FENCED], [3, Errors.NONE]));
    expect(await Promise.all(asked)).to.deep.equal([Errors.INVALID_PRODUCER_EPOCH, Errors.NONE, Errors.NONE]);
  });

  it('has one question under way, and lets an older epoch of a producer know that it has been replaced', async () => {
    const first = verify(0);
    await settled();
    const later = [
      verify(1),
      verify(1, { producerEpoch: 2 }),
      verify(1),
      verify(2, { producerEpoch: 2, addsPartition: true }),
    ];
    await settled();
    peers.take().answer(answer('tx', [0, Errors.TRANSACTION_ABORTABLE]));
    expect(await first).to.equal(Errors.TRANSACTION_ABORTABLE);
    await settled();
    const second = peers.take();
    expect(rows(second).map(({ verifyOnly }) => verifyOnly)).to.deep.equal([true]);
    second.answer(answer('tx', [1, Errors.NONE]));
    await settled();
    const third = peers.take();
    expect(rows(third).map(({ verifyOnly }) => verifyOnly)).to.deep.equal([false]);
    third.answer(answer('tx', [2, Errors.NONE]));
    const fenced = Errors.INVALID_PRODUCER_EPOCH;
    expect(await Promise.all(later)).to.deep.equal([fenced, Errors.NONE, fenced, Errors.NONE]);
  });

  it('adds partitions again while the transaction before is being ended, for a tenth of a second', async () => {
    const added = verify(0, { addsPartition: true });
    let asked = 0;
    const answered = added.then(() => undefined);
    let isOver = false;
    void answered.then(() => (isOver = true));
    while (!isOver && asked < 50) {
      await settled();
      const question = peers.questions.shift();
      if (question === undefined) {
        await clock.advance(5);
        continue;
      }
      asked++;
      question.answer(answer('tx', [0, Errors.CONCURRENT_TRANSACTIONS]));
    }
    expect(await added).to.equal(Errors.CONCURRENT_TRANSACTIONS);
    expect(asked).to.be.within(3, 10);
  });

  it('says what can be tried again when nobody coordinates, nobody answers, or may not be asked', async () => {
    const lost = verify(0);
    await settled();
    peers.take().fail(new KafkaError(Errors.REQUEST_TIMED_OUT));
    expect(await lost).to.equal(Errors.NETWORK_EXCEPTION);
    const denied = verify(0);
    await settled();
    peers.take().answer({ errorCode: Errors.CLUSTER_AUTHORIZATION_FAILED, resultsByTransaction: [] });
    expect(await denied).to.equal(Errors.INVALID_TXN_STATE);
    const silent = verify(0);
    await settled();
    peers.take().answer(answer('another'));
    expect(await silent).to.equal(Errors.UNKNOWN_SERVER_ERROR);
    peers.unknown.add(2);
    expect(await clock.run(verify(0))).to.equal(Errors.COORDINATOR_NOT_AVAILABLE);
    moveLeader(-1);
    expect(await verify(0)).to.equal(Errors.COORDINATOR_NOT_AVAILABLE);
  });

  it('waits no longer for a broker that coordinates no more', async () => {
    const waiting = [verify(0)];
    await settled();
    waiting.push(verify(1));
    moveLeader(NODE_ID);
    expect(await Promise.all(waiting)).to.deep.equal([Errors.NOT_COORDINATOR, Errors.NOT_COORDINATOR]);
    peers.take().fail(new KafkaError(Errors.REQUEST_TIMED_OUT));
    await settled();
    expect(peers.questions, 'what was given up is not sent').to.deep.equal([]);
  });
});
