import { expect } from 'chai';
import { Errors } from '../../../../src/protocol/index.ts';
import { SUPPORTED_FEATURES } from '../../../../src/kraft/metadata/index.ts';
import { ELSEWHERE, type NodeUnderTest, OWN } from '../../node-under-test.ts';
import { rejected, World } from '../../world.ts';

describe('brokers of the cluster', () => {
  let world: World;
  let node: NodeUnderTest;
  const partition = () => node.loader.image.topics.byName.get('t')?.partitions[0];
  const broker = (id = 1) => node.loader.image.cluster.brokers.get(id);
  const registration = (brokerId: number, change = {}) => ({
    brokerId,
    clusterId: node.formatted.clusterId,
    incarnationId: 'DDDDDDDDQw2CCCCCCCCCCA',
    listeners: [{ name: 'PLAINTEXT', host: 'h', port: 9092, securityProtocol: 0 }],
    features: [...SUPPORTED_FEATURES],
    rack: null,
    isMigratingZkBroker: false,
    logDirs: ['NMYaTIuGQW-9LTON4Usj4A'],
    previousBrokerEpoch: -1,
    ...change,
  });
  /** From elsewhere. Resolves to the epoch. */
  const register = async (brokerId: number, change = {}): Promise<number> => {
    const { brokerEpoch = -1 } = await world.run(
      node.controller.registerBroker(registration(brokerId, change), ELSEWHERE),
    );
    return brokerEpoch;
  };
  const beat = (brokerId: number, brokerEpoch: number, change = {}) => ({
    brokerId,
    brokerEpoch,
    currentMetadataOffset: 1_000_000,
    wantFence: false,
    wantShutDown: false,
    offlineLogDirs: [],
    cordonedLogDirs: null,
    ...change,
  });

  beforeEach(async () => {
    world = new World();
    node = await world.open();
    await world.run(node.join());
    await world.run(node.createTopic('t'));
  });

  it('are fenced when they register, and unfenced by a heartbeat once they have caught up', async () => {
    const epoch = await register(2);
    expect(epoch).to.equal(node.raft.logEndOffset - 1);
    expect(broker(2)).to.include({ isFenced: true, epoch });
    const early = await world.run(
      node.controller.brokerHeartbeat(beat(2, epoch, { currentMetadataOffset: epoch - 1 }), ELSEWHERE),
    );
    expect(early).to.deep.equal({ errorCode: 0, isCaughtUp: false, isFenced: true, shouldShutDown: false });
    const ready = await world.run(
      node.controller.brokerHeartbeat(beat(2, epoch, { currentMetadataOffset: epoch }), ELSEWHERE),
    );
    expect(ready).to.deep.equal({ errorCode: 0, isCaughtUp: true, isFenced: false, shouldShutDown: false });
    expect(broker(2)?.isFenced).to.equal(false);
  });

  it('give up their partitions when they stop in order, and get them back two leader epochs later', async () => {
    expect(partition()).to.deep.include({ leader: 1, leaderEpoch: 0, isr: [1] });
    const epoch = node.brokerEpoch;
    const going = await world.run(node.heartbeat({ wantShutDown: true }));
    expect(going).to.deep.equal({ errorCode: 0, isCaughtUp: true, isFenced: false, shouldShutDown: false });
    expect(broker()).to.include({ isFenced: false, isInControlledShutdown: true });
    expect(partition()).to.deep.include({ leader: -1, leaderEpoch: 1, isr: [], elr: [1], lastKnownElr: [1] });
    const gone = await world.run(node.heartbeat({ wantShutDown: true }));
    expect(gone).to.deep.equal({ errorCode: 0, isCaughtUp: true, isFenced: true, shouldShutDown: true });
    expect(broker()?.isFenced).to.equal(true);
    await world.run(node.close());
    node = await world.open();
    await world.run(node.join(epoch));
    expect(partition()).to.deep.include({
      leader: 1,
      leaderEpoch: 2,
      isr: [1],
      elr: [],
      lastKnownElr: [],
      leaderRecoveryState: 0,
    });
  });

  it('lead what they led after a crash too, as the last known leader, and need not wait for their own session', async () => {
    await world.run(node.close());
    node = await world.open();
    await world.run(node.join());
    expect(partition()).to.deep.include({
      leader: 1,
      leaderEpoch: 2,
      isr: [1],
      elr: [],
      lastKnownElr: [],
      leaderRecoveryState: 1,
    });
  });

  it('lose their place in eligible replicas when they come back without having stopped in order', async () => {
    await world.run(node.leave());
    node = await world.open();
    const own = registration(1, { logDirs: [node.formatted.metadataLogDir.directoryId] });
    await world.run(node.controller.registerBroker(own, OWN));
    expect(partition()).to.deep.include({ leader: -1, leaderEpoch: 1, isr: [], elr: [], lastKnownElr: [1] });
  });

  it('are refused when they do not belong here', async () => {
    const refused = async (change: object, code: number, words: RegExp) => {
      const error = await rejected(register(2, change));
      expect(error.code).to.equal(code);
      expect(error.message).to.match(words);
    };
    await refused(
      { clusterId: 'nope' },
      Errors.INCONSISTENT_CLUSTER_ID,
      /^Expected cluster ID .*, but got cluster ID nope$/,
    );
    await refused({ features: [] }, Errors.INVALID_REGISTRATION, /do not contain 'metadata.version'/);
    await refused({ isMigratingZkBroker: true }, Errors.BROKER_ID_NOT_REGISTERED, /ZK brokers/);
    await refused(
      { features: [...SUPPORTED_FEATURES, { name: 'x.version', minSupportedVersion: 1, maxSupportedVersion: 2 }] },
      Errors.UNSUPPORTED_VERSION,
      /finalized version 0 of x.version/,
    );
    const old = [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 29 }];
    await refused(
      { features: old },
      Errors.UNSUPPORTED_VERSION,
      /does not support finalized version 30 of metadata.version/,
    );
    await refused({ logDirs: [] }, Errors.INVALID_REGISTRATION, /No directories/);
    await refused({ logDirs: ['AAAAAAAAAAAAAAAAAAAAAQ'] }, Errors.INVALID_REGISTRATION, /Reserved directory/);
    await refused(
      { logDirs: ['NMYaTIuGQW-9LTON4Usj4A', 'NMYaTIuGQW-9LTON4Usj4A'] },
      Errors.INVALID_REGISTRATION,
      /Duplicate directory/,
    );
    await refused(
      { logDirs: [node.formatted.metadataLogDir.directoryId] },
      Errors.INVALID_REGISTRATION,
      /already registered with directory/,
    );
  });

  it('cannot take the id of one that is alive, until its session ends', async () => {
    const epoch = await register(2);
    await world.run(node.controller.brokerHeartbeat(beat(2, epoch), ELSEWHERE));
    const other = { incarnationId: 'EEEEEEEEQw2CCCCCCCCCCA' };
    expect((await rejected(register(2, other))).code).to.equal(Errors.DUPLICATE_BROKER_REGISTRATION);
    await world.clock.advance(9001);
    expect(broker(2)?.isFenced).to.equal(true);
    await register(2, other);
    expect(broker(2)?.incarnationId).to.equal('EEEEEEEEQw2CCCCCCCCCCA');
  });

  it('are fenced when they fall silent, but never the broker of this very process', async () => {
    const epoch = await register(2);
    await world.run(node.controller.brokerHeartbeat(beat(2, epoch), ELSEWHERE));
    await world.clock.advance(8000);
    await world.run(node.controller.brokerHeartbeat(beat(2, epoch), ELSEWHERE));
    await world.clock.advance(8000);
    expect(broker(2)?.isFenced).to.equal(false);
    await world.clock.advance(2000);
    expect(broker(2)?.isFenced).to.equal(true);
    expect(broker(1)?.isFenced).to.equal(false);
  });

  it('cannot take the id of the broker of this very process, which in its turn waits for nobody', async () => {
    const other = { incarnationId: 'EEEEEEEEQw2CCCCCCCCCCA', logDirs: [node.formatted.metadataLogDir.directoryId] };
    await world.clock.advance(60_000);
    expect((await rejected(register(1, other))).code).to.equal(Errors.DUPLICATE_BROKER_REGISTRATION);
    await world.run(node.controller.registerBroker(registration(1, other), OWN));
    expect(broker(1)?.incarnationId).to.equal('EEEEEEEEQw2CCCCCCCCCCA');
  });

  it('are told when their epoch is not theirs any more', async () => {
    expect((await rejected(world.run(node.controller.brokerHeartbeat(beat(1, 1), ELSEWHERE)))).code).to.equal(
      Errors.STALE_BROKER_EPOCH,
    );
    expect((await rejected(world.run(node.controller.brokerHeartbeat(beat(7, 1), ELSEWHERE)))).code).to.equal(
      Errors.STALE_BROKER_EPOCH,
    );
    expect(
      (await rejected(world.run(node.controller.allocateProducerIds({ brokerId: 1, brokerEpoch: 1 })))).code,
    ).to.equal(Errors.STALE_BROKER_EPOCH);
  });

  it('get blocks of a thousand producer ids that nobody else gets, across restarts', async () => {
    const next = () => world.run(node.controller.allocateProducerIds({ brokerId: 1, brokerEpoch: node.brokerEpoch }));
    expect(await next()).to.deep.equal({ errorCode: 0, producerIdStart: 0, producerIdLen: 1000 });
    expect(await next()).to.deep.equal({ errorCode: 0, producerIdStart: 1000, producerIdLen: 1000 });
    await world.run(node.close());
    node = await world.open();
    await world.run(node.join());
    expect(await next()).to.deep.equal({ errorCode: 0, producerIdStart: 2000, producerIdLen: 1000 });
  });

  it('share partitions out over racks, leaders over all unfenced brokers', async () => {
    const directories = ['NMYaTIuGQW-9LTON4Usj4A', 'oaKjpKWmp6ixsrO0tba3uA', 'RmJwddsqT_yvG8eRbuHtnw'];
    for (const [index, rack] of ['a', 'a', 'b'].entries()) {
      const change = { rack, logDirs: [directories[index]] };
      const epoch = await register(index + 2, change);
      if (index !== 1) await world.run(node.controller.brokerHeartbeat(beat(index + 2, epoch), ELSEWHERE));
    }
    const topics = [{ name: 'wide', numPartitions: 60, replicationFactor: 3, assignments: [], configs: [] }];
    await world.run(node.controller.createTopics({ topics, timeoutMs: 1, validateOnly: false }));
    const partitions = node.loader.image.topics.byName.get('wide')?.partitions ?? [];
    const leaders = new Map<number, number>();
    for (const { replicas, isr, leader } of partitions) {
      expect(new Set(replicas).size).to.equal(3);
      expect(leader).to.equal(replicas[0]);
      expect(isr).to.deep.equal(replicas.filter((id) => id !== 3));
      leaders.set(leader, (leaders.get(leader) ?? 0) + 1);
    }
    expect([...leaders.keys()]).to.have.members([1, 2, 4]);
    for (const count of leaders.values()) expect(count).to.be.within(15, 25);
  });

  it('cannot be asked for anything once the controller is closed', async () => {
    node.controller.close();
    expect((await rejected(world.run(node.createTopic('x')))).code).to.equal(Errors.NOT_CONTROLLER);
  });
});
