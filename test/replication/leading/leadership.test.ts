import { expect } from 'chai';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import type { AlterPartitionRequest } from '../../../src/protocol/messages/56-alter-partition.ts';
import type { ClusterView, KnownBroker } from '../../../src/replication/leading/cluster-view.ts';
import { IsrChanges } from '../../../src/replication/leading/isr-changes.ts';
import { Partition } from '../../../src/replication/partition.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { HeldLogs } from '../held-logs.ts';
import { partitionImage } from '../partition-image.ts';

const LAG_MS = 1000;
const TOPIC_ID = 'VA9A0MIcSd-qs8EYDiQibQ';
const THREE = { replicas: [1, 2, 3], isr: [1, 2, 3] };

interface Answer {
  readonly errorCode?: number;
  readonly isr?: number[];
  readonly partitionEpoch?: number;
}

describe('a leader', () => {
  let logs: HeldLogs;
  let partition: Partition;
  let brokers: Map<number, KnownBroker>;
  let nowMs: number;
  let asked: AlterPartitionRequest[];
  let answers: (Answer | KafkaError)[];

  const known = (epoch: number, parts: Partial<KnownBroker> = {}): KnownBroker => ({
    epoch,
    rack: null,
    isFenced: false,
    isInControlledShutdown: false,
    ...parts,
  });

  beforeEach(async () => {
    logs = await HeldLogs.open(1);
    brokers = new Map([1, 2, 3].map((id) => [id, known(10 + id)]));
    nowMs = 0;
    asked = [];
    answers = [];
    const isrChanges = new IsrChanges({
      clock: logs.clock,
      logger: silentLogger,
      brokerId: 1,
      brokerEpoch: () => 11,
      alterPartition: async (request) => {
        asked.push(request);
        const answer = answers.shift() ?? {};
        if (answer instanceof KafkaError) throw answer;
        const [topic] = request.topics;
        const change = topic?.partitions[0];
        if (topic === undefined || change === undefined) throw new Error('nothing is asked');
        const { errorCode = 0, partitionEpoch = change.partitionEpoch + 1 } = answer;
        const { isr = change.newIsrWithEpochs.map(({ brokerId }) => brokerId) } = answer;
        const told = {
          partitionIndex: 0,
          errorCode,
          leaderId: 1,
          leaderEpoch: change.leaderEpoch,
          isr,
          partitionEpoch,
        };
        return { errorCode: 0, topics: [{ topicId: topic.topicId, partitions: [told] }] };
      },
    });
    const cluster: ClusterView = {
      maxLagMs: LAG_MS,
      ownEpoch: 11,
      liveMs: () => nowMs,
      broker: (id) => brokers.get(id),
      isrChanges,
    };
    partition = new Partition(logs.log(0), 1, { topicId: TOPIC_ID, cluster });
    logs.partitions[0] = partition;
  });

  const append = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) logs.appendBatch(0);
    await logs.finishWrites();
  };
  const fetched = async (id: number, offset: number, epoch = 10 + id): Promise<void> => {
    partition.followerFetched(id, offset, 0, epoch);
    await logs.clock.settle();
  };
  const proposed = (): number[][] =>
    asked.map(({ topics }) => (topics[0]?.partitions[0]?.newIsrWithEpochs ?? []).map(({ brokerId }) => brokerId));
  const isr = (): readonly number[] => partition.state.isr;

  it('takes a follower into the in-sync replicas when it has come to the high watermark', async () => {
    partition.update(partitionImage({ ...THREE, isr: [1, 2] }));
    await append(3);
    await fetched(2, 3);
    expect(logs.log(0).highWatermark).to.equal(3);
    await fetched(3, 2);
    expect(proposed()).to.deep.equal([]);
    await fetched(3, 3);
    expect(proposed()).to.deep.equal([[1, 2, 3]]);
    expect(isr()).to.deep.equal([1, 2, 3]);
    expect(asked[0]).to.deep.include({ brokerId: 1, brokerEpoch: 11 });
    expect(asked[0]?.topics[0]?.partitions[0]?.newIsrWithEpochs.map(({ brokerEpoch }) => brokerEpoch)).to.deep.equal([
      11, 12, 13,
    ]);
  });

  it('does not take in who has not come to where its leadership began', async () => {
    partition.update(partitionImage({ ...THREE, isr: [1, 2] }));
    await append(2);
    await fetched(2, 1);
    partition.update(partitionImage({ ...THREE, isr: [1, 2], leaderEpoch: 1, partitionEpoch: 1 }));
    await fetched(3, 1);
    expect(proposed()).to.deep.equal([]);
    await fetched(3, 2);
    expect(proposed()).to.deep.equal([[1, 2, 3]]);
  });

  it('does not take in who is fenced, shuts down, or fetches in an incarnation that is over', async () => {
    partition.update(partitionImage({ ...THREE, isr: [1, 2] }));
    brokers.set(3, known(13, { isFenced: true }));
    await fetched(3, 0);
    brokers.set(3, known(13, { isInControlledShutdown: true }));
    await fetched(3, 0);
    brokers.set(3, known(14));
    await fetched(3, 0);
    expect(proposed()).to.deep.equal([]);
    expect(partition.checkFollower(3, 13, -1)).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    expect(partition.checkFollower(3, 14, -1)).to.equal(0);
    expect(partition.checkFollower(4, -1, -1)).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    expect(partition.checkFollower(4, -1, 0)).to.equal(Errors.UNKNOWN_LEADER_EPOCH);
    await fetched(3, 0, 14);
    expect(proposed()).to.deep.equal([[1, 2, 3]]);
  });

  it('has the high watermark wait for who is about to come in, and for who is proposed', async () => {
    partition.update(partitionImage({ ...THREE, isr: [1, 2] }));
    await fetched(3, 0);
    answers = [{ errorCode: Errors.INELIGIBLE_REPLICA }];
    await append(1);
    await fetched(2, 1);
    expect(logs.log(0).highWatermark).to.equal(0);
    nowMs += LAG_MS + 1;
    await fetched(2, 1);
    await fetched(3, 1);
    expect(logs.log(0).highWatermark).to.equal(1);
  });

  it('has those leave that have not caught up for too long, and commits without them', async () => {
    partition.update(partitionImage(THREE));
    await append(2);
    await fetched(2, 2);
    nowMs += LAG_MS;
    await fetched(2, 2);
    partition.shrinkIsr();
    await logs.clock.settle();
    expect(proposed()).to.deep.equal([]);
    nowMs += 1;
    partition.shrinkIsr();
    partition.shrinkIsr();
    await logs.clock.settle();
    expect(proposed()).to.deep.equal([[1, 2]]);
    expect(logs.log(0).highWatermark).to.equal(2);
  });

  it('keeps who asks for what was the end when it last asked, however fast the log grows', async () => {
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2] }));
    for (let round = 0; round < 5; round++) {
      await append(2);
      await fetched(2, 2 * round);
      nowMs += LAG_MS / 2;
      partition.shrinkIsr();
      await logs.clock.settle();
    }
    expect(proposed()).to.deep.equal([]);
  });

  it('asks again while the controller cannot be reached, until the metadata says something newer', async () => {
    partition.update(partitionImage({ ...THREE, isr: [1, 2] }));
    answers = Array.from({ length: 10 }, () => new KafkaError(Errors.NOT_CONTROLLER));
    await fetched(3, 0);
    await logs.clock.advance(120);
    expect(asked.length).to.equal(3);
    partition.update(partitionImage({ ...THREE, partitionEpoch: 1 }));
    await logs.clock.advance(500);
    expect(asked.length).to.equal(3);
    expect(isr()).to.deep.equal([1, 2, 3]);
  });

  it('waits for the metadata when the controller says that it knows better, and goes back when a replica may not come in', async () => {
    partition.update(partitionImage({ ...THREE, isr: [1, 2] }));
    answers = [{ errorCode: Errors.INELIGIBLE_REPLICA }, { errorCode: Errors.FENCED_LEADER_EPOCH }];
    await fetched(3, 0);
    await fetched(3, 0);
    expect(proposed()).to.deep.equal([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    await fetched(3, 0);
    await logs.clock.advance(500);
    expect(asked.length).to.equal(2);
  });

  it('takes no answer that is older than the metadata, and no metadata that is older than an answer', async () => {
    partition.update(partitionImage({ ...THREE, isr: [1, 2], partitionEpoch: 5 }));
    answers = [{ partitionEpoch: 8 }];
    await fetched(3, 0);
    expect(partition.state).to.deep.include({ isr: [1, 2, 3], partitionEpoch: 8 });
    partition.update(partitionImage({ ...THREE, isr: [1], partitionEpoch: 7 }));
    expect(isr()).to.deep.equal([1, 2, 3]);
    partition.update(partitionImage({ ...THREE, isr: [1, 3], partitionEpoch: 9 }));
    expect(isr()).to.deep.equal([1, 3]);
  });

  it('keeps its high watermark when it becomes leader, and says that it cannot tell the latest offset before that is reached', async () => {
    partition.update(partitionImage({ ...THREE, leader: 2 }));
    partition.appendAsFollower(Buffer.alloc(0), 0, nowMs);
    partition.update(partitionImage({ ...THREE, leaderEpoch: 1, partitionEpoch: 1 }));
    await append(2);
    await fetched(2, 1);
    await fetched(3, 1);
    partition.update(partitionImage({ ...THREE, leader: 2, leaderEpoch: 2, partitionEpoch: 2 }));
    partition.update(partitionImage({ ...THREE, leaderEpoch: 3, partitionEpoch: 3 }));
    expect(logs.log(0).highWatermark).to.equal(1);
    expect(partition.isCatchingUp).to.equal(true);
    await fetched(2, 2);
    await fetched(3, 2);
    expect(partition.isCatchingUp).to.equal(false);
    expect(logs.log(0).latestEpoch).to.equal(3);
  });

  it('acknowledges what it appended before it was elected again', async () => {
    const told: number[] = [];
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2] }));
    const info = logs.appendBatch(0);
    partition.awaitAck(info.lastOffset + 1, -1, { acknowledged: (_slot, code) => told.push(code) }, 0);
    await logs.finishWrites();
    partition.update(partitionImage({ replicas: [1, 2], isr: [1, 2], leaderEpoch: 1, partitionEpoch: 1 }));
    expect(told).to.deep.equal([]);
    await fetched(2, 1);
    expect(told).to.deep.equal([0]);
  });
});
