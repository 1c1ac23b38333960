// How the share coordinator is reached, wherever its partitions are led (KIP-932).
import { expect } from 'chai';
import { ShareStatePersister } from '../../../src/broker/node/share-state-persister.ts';
import { Errors, KafkaError, partitionForId } from '../../../src/protocol/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { coordinatorKeyOf, shareGroupState } from '../../../src/share-coordinator/index.ts';
import { MetadataBench, NODE_ID } from '../../api-handlers/metadata-bench.ts';
import { FakePeers } from './fake-peers.ts';

const TOPIC_ID = Buffer.alloc(16, 7).toString('base64url');
const PARTITIONS = 2;

interface AskedHere {
  readonly topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}

describe('The way to the share coordinator', () => {
  let clock: SimClock;
  let peers: FakePeers;
  let metadata: MetadataBench;
  let persister: ShareStatePersister;
  let creations: number;
  /** The share partitions that were asked for here, request by request. */
  let here: number[][];
  /** What share partitions are answered here, in order; NONE when there is no more. */
  let codes: number[];
  let isClosing: boolean;

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    peers = new FakePeers();
    metadata = new MetadataBench();
    metadata.addBroker(2);
    [creations, here, codes, isClosing] = [0, [], [], false];
    const answered = (request: AskedHere) => {
      here.push(request.topics.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)));
      const results = request.topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map(({ partition }) => ({
          partition,
          errorCode: codes.shift() ?? Errors.NONE,
          errorMessage: null,
          stateEpoch: 1,
          startOffset: 0,
          stateBatches: [],
        })),
      }));
      return Promise.resolve({ results });
    };
    persister = new ShareStatePersister({
      nodeId: NODE_ID,
      clock,
      image: () => metadata.image,
      peers: peers.peers,
      coordinator: () =>
        isClosing
          ? Promise.reject(new KafkaError(Errors.COORDINATOR_NOT_AVAILABLE, 'The node is closing.'))
          : Promise.resolve({ initializeState: answered, readState: answered, writeState: answered } as never),
      createTopic: () => {
        creations++;
        return Promise.resolve();
      },
    });
  });

  /** Partition 0 is led by `first`, partition 1 by `second`. */
  const lead = (first: number, second: number): string => {
    const topicId = metadata.createTopic(shareGroupState.name, PARTITIONS, [NODE_ID, 2]);
    for (const [partitionId, leader] of [first, second].entries()) move(topicId, partitionId, leader);
    return topicId;
  };
  const move = (topicId: string, partitionId: number, leader: number): void => {
    metadata.replay([
      {
        type: 'PartitionChangeRecord',
        version: 2,
        topicId,
        partitionId,
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
  };
  const coordinatedBy = (partition: number): number =>
    partitionForId(coordinatorKeyOf({ groupId: 'g', topicId: TOPIC_ID, partition }), PARTITIONS);
  const read = (...partitions: number[]) =>
    persister.readState({
      groupId: 'g',
      topics: [{ topicId: TOPIC_ID, partitions: partitions.map((partition) => ({ partition, leaderEpoch: 0 })) }],
    });
  const write = (partition: number) => {
    const written = { partition, stateEpoch: 0, leaderEpoch: 0, startOffset: 0, deliveryCompleteCount: 0 };
    const topics = [{ topicId: TOPIC_ID, partitions: [{ ...written, stateBatches: [] }] }];
    return persister.writeState({ groupId: 'g', topics });
  };
  const told = async (answer: ReturnType<typeof read> | ReturnType<typeof write>): Promise<unknown[]> => {
    const { results } = await clock.run(answer);
    return results.flatMap(({ partitions }) => partitions.map(({ partition, errorCode }) => [partition, errorCode]));
  };
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await clock.settle();
  };
  /** The message is loaded first, which takes real turns. */
  const answerAll = async (errorCode: number): Promise<void> => {
    for (let turn = 0; turn < 10_000 && peers.questions.length === 0; turn++) await nextTurn();
    const question = peers.take();
    const { topics } = question.request as AskedHere;
    const results = topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions
        .map(({ partition }) => ({
          partition,
          errorCode,
          errorMessage: null,
          stateEpoch: 1,
          startOffset: 5,
          stateBatches: [],
        }))
        .reverse(),
    }));
    question.answer({ results });
  };

  it('is through this process where all is coordinated here', async () => {
    lead(NODE_ID, NODE_ID);
    expect(await told(read(0, 1, 2))).to.deep.equal([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    expect(here).to.deep.equal([[0, 1, 2]]);
    expect(peers.questions).to.deep.equal([]);
  });

  it('is split among the brokers, whose answers come together in the order of the request', async () => {
    lead(NODE_ID, 2);
    const all = [0, 1, 2, 3, 4, 5];
    const [own, others] = [0, 1].map((at) => all.filter((one) => coordinatedBy(one) === at));
    expect([own?.length, others?.length]).not.to.include(0);
    const answer = read(...all);
    await settled();
    expect(here).to.deep.equal([own]);
    await answerAll(Errors.FENCED_STATE_EPOCH);
    const isOwn = (partition: number): boolean => own?.includes(partition) === true;
    expect(await told(answer)).to.deep.equal(all.map((one) => [one, isOwn(one) ? 0 : Errors.FENCED_STATE_EPOCH]));
  });

  it('asks again where the coordinator is by then, and only for what was refused', async () => {
    const topicId = lead(NODE_ID, NODE_ID);
    codes = [Errors.NONE, Errors.NOT_COORDINATOR];
    const answer = read(0, 1);
    await settled();
    for (const partition of [0, 1]) move(topicId, partition, 2);
    await clock.advance(60);
    await settled();
    await answerAll(Errors.NONE);
    expect(await told(answer)).to.deep.equal([
      [0, 0],
      [1, 0],
    ]);
    expect(here).to.deep.equal([[0, 1]]);
  });

  it('waits for nobody who does not answer, and gives up after half a minute', async () => {
    const topicId = lead(2, 2);
    const answer = read(0);
    for (let turn = 0; turn < 10_000 && peers.questions.length === 0; turn++) await nextTurn();
    peers.take().fail(new KafkaError(Errors.REQUEST_TIMED_OUT));
    await settled();
    for (const partition of [0, 1]) move(topicId, partition, -1);
    const startMs = clock.monotonicMs();
    expect(await told(answer)).to.deep.equal([[0, Errors.COORDINATOR_NOT_AVAILABLE]]);
    expect(clock.monotonicMs() - startMs).to.be.within(29_000, 31_000);
  });

  it('does not ask again for what is not wanted any more', async () => {
    lead(NODE_ID, NODE_ID);
    codes = [Errors.NOT_COORDINATOR, Errors.NOT_COORDINATOR, Errors.NOT_COORDINATOR];
    const wanted = [true, false];
    const partitions = [{ partition: 3, stateEpoch: 1, startOffset: -1 }];
    const request = { groupId: 'g', topics: [{ topicId: TOPIC_ID, partitions }] };
    const first = persister.initializeState(request, () => Promise.resolve(wanted.shift() ?? true));
    const second = persister.initializeState(request, () => Promise.resolve(false));
    const { results } = await clock.run(first);
    expect(results[0]?.partitions[0]?.errorCode).to.equal(Errors.NOT_COORDINATOR);
    expect(here, 'one try of each, and another of the first').to.deep.equal([[3], [3], [3]]);
    expect((await clock.run(second)).results[0]?.partitions[0]?.errorCode).to.equal(Errors.NOT_COORDINATOR);
    expect(here).to.have.length(3);
  });

  it('is answered, and never rejected, where the node closes before there is a coordinator', async () => {
    lead(NODE_ID, NODE_ID);
    isClosing = true;
    const answers = [read(3), write(4)];
    await settled();
    persister.close();
    expect(await Promise.all(answers.map(told))).to.deep.equal([
      [[3, Errors.COORDINATOR_NOT_AVAILABLE]],
      [[4, Errors.COORDINATOR_NOT_AVAILABLE]],
    ]);
    expect(here).to.deep.equal([]);
  });

  it('lets nothing about a share partition overtake what is asked again', async () => {
    const topicId = lead(-1, -1);
    const first = read(3);
    const second = read(3);
    await settled();
    for (const partition of [0, 1]) move(topicId, partition, NODE_ID);
    codes = [Errors.NONE];
    await clock.run(Promise.all([first, second]));
    expect(here).to.deep.equal([[3], [3]]);
  });

  it('reads nothing while a write is under way that may have to be sent again', async () => {
    const topicId = lead(2, 2);
    const written = write(3);
    for (let turn = 0; turn < 10_000 && peers.questions.length === 0; turn++) await nextTurn();
    // The write is on its way to one coordinator when another takes over, whom a read would reach at once.
    for (const partition of [0, 1]) move(topicId, partition, NODE_ID);
    const answer = read(3);
    await settled();
    expect(here).to.deep.equal([]);
    peers.take().fail(new KafkaError(Errors.REQUEST_TIMED_OUT));
    expect(await told(written)).to.deep.equal([[3, Errors.NONE]]);
    expect(await told(answer)).to.deep.equal([[3, Errors.NONE]]);
    expect(here).to.deep.equal([[3], [3]]);
  });

  it('lets writes follow one another without waiting for the answers', async () => {
    lead(2, 2);
    const answers = [write(3), write(3)];
    for (let turn = 0; turn < 10_000 && peers.questions.length < 2; turn++) await nextTurn();
    expect(peers.questions).to.have.lengthOf(2);
    for (const _ of answers) await answerAll(Errors.NONE);
    for (const answer of answers) expect(await told(answer)).to.deep.equal([[3, Errors.NONE]]);
  });

  it('makes the topic when it is first needed', async () => {
    const answer = read(0);
    await settled();
    expect(creations).to.equal(1);
    lead(NODE_ID, NODE_ID);
    expect(await told(answer)).to.deep.equal([[0, 0]]);
    persister.close();
  });
});
