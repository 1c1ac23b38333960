import { expect } from 'chai';
import { Errors } from '../../../../src/protocol/index.ts';
import { type NodeUnderTest, OWN } from '../../node-under-test.ts';
import { rejected, World } from '../../world.ts';

const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ';

describe('log directories in the metadata', () => {
  let world: World;
  let node: NodeUnderTest;
  let ids: string[];
  const topic = () => node.loader.image.topics.byName.get('t');
  const partition = (index: number) => topic()?.partitions[index];
  const broker = () => node.loader.image.cluster.brokers.get(1);
  const assign = (id: string, ...partitions: number[]) =>
    world.run(
      node.controller.assignReplicasToDirs({
        brokerId: 1,
        brokerEpoch: node.brokerEpoch,
        directories: [
          {
            id,
            topics: [
              { topicId: topic()?.id ?? '', partitions: partitions.map((partitionIndex) => ({ partitionIndex })) },
            ],
          },
        ],
      }),
    );
  const beat = (offlineLogDirs: string[]) =>
    world.run(
      node.controller.brokerHeartbeat(
        {
          brokerId: 1,
          brokerEpoch: node.brokerEpoch,
          currentMetadataOffset: node.loader.lastAppliedOffset,
          wantFence: false,
          wantShutDown: false,
          offlineLogDirs,
          cordonedLogDirs: [],
        },
        OWN,
      ),
    );

  beforeEach(async () => {
    world = new World();
    node = await world.open({ logDirs: ['/data/a', '/data/b', '/data/c'] });
    await world.run(node.join());
    await world.run(node.createTopic('t', 3));
    ids = node.formatted.directories.map(({ directoryId }) => directoryId);
  });

  it('are unassigned where the broker has several to choose from, until it tells', async () => {
    expect(partition(0)?.directories).to.deep.equal([UNASSIGNED]);
    const { errorCode, directories } = await assign(ids[1] as string, 0, 2);
    expect(errorCode).to.equal(Errors.NONE);
    expect(directories[0]?.topics[0]?.partitions.map((one) => one.errorCode)).to.deep.equal([0, 0]);
    expect([0, 1, 2].map((index) => partition(index)?.directories[0])).to.deep.equal([ids[1], UNASSIGNED, ids[1]]);
    // As Kafka's records say: the leader epoch stays.
    expect(partition(0)).to.include({ leader: 1, leaderEpoch: 0, partitionEpoch: 1 });
    const end = node.raft.logEndOffset;
    await assign(ids[1] as string, 0);
    expect(node.raft.logEndOffset, 'nothing new, nothing written').to.equal(end);
  });

  it('are refused for what is not there', async () => {
    const { directories } = await assign(ids[0] as string, 0, 9);
    expect(directories[0]?.topics[0]?.partitions.map((one) => one.errorCode)).to.deep.equal([
      Errors.NONE,
      Errors.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    const stale = node.controller.assignReplicasToDirs({ brokerId: 1, brokerEpoch: 1, directories: [] });
    expect((await rejected(world.run(stale))).code).to.equal(Errors.STALE_BROKER_EPOCH);
    const unknown = [
      { id: ids[0] as string, topics: [{ topicId: ids[0] as string, partitions: [{ partitionIndex: 0 }] }] },
    ];
    const answer = await world.run(
      node.controller.assignReplicasToDirs({ brokerId: 1, brokerEpoch: node.brokerEpoch, directories: unknown }),
    );
    expect(answer.directories[0]?.topics[0]?.partitions[0]?.errorCode).to.equal(Errors.UNKNOWN_TOPIC_ID);
  });

  it('take their partitions along when they fail, and those alone', async () => {
    await assign(ids[0] as string, 0);
    await assign(ids[1] as string, 1);
    await beat([ids[1] as string]);
    expect(broker()?.directories).to.have.members([ids[0], ids[2]]);
    expect(partition(0)).to.deep.include({ leader: 1, leaderEpoch: 0, isr: [1] });
    expect(partition(1)).to.deep.include({ leader: -1, leaderEpoch: 1, isr: [], elr: [1] });
    expect(partition(2)).to.deep.include({ leader: 1, leaderEpoch: 0 });
    const end = node.raft.logEndOffset;
    await beat([ids[1] as string]);
    expect(node.raft.logEndOffset, 'told again, nothing is written').to.equal(end);
    // The copy that was to replace it was in the failed directory: the replica still has the one that it was made from.
    await assign(ids[0] as string, 1);
    expect(partition(1)).to.deep.include({ leader: 1, leaderEpoch: 2, isr: [1], directories: [ids[0]] });
  });

  it('that are not online give no leader to who is assigned to them', async () => {
    await beat([ids[1] as string]);
    await assign(ids[1] as string, 0);
    expect(partition(0)).to.deep.include({ leader: -1, directories: [ids[1]] });
  });

  it('lead again when the broker registers with them', async () => {
    await assign(ids[1] as string, 1);
    await beat([ids[1] as string]);
    const epoch = node.brokerEpoch;
    await world.run(node.close());
    node = await world.open({ logDirs: ['/data/a', '/data/b', '/data/c'] });
    await world.run(node.join(epoch));
    expect(broker()?.directories).to.have.members(ids);
    expect(partition(1)).to.deep.include({ leader: 1, isr: [1] });
  });
});
