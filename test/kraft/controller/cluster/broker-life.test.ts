// The life of brokers as the active controller sees it: sessions and what ends them, connections, restarts, controlled shutdown.
import { expect } from 'chai';
import { Errors } from '../../../../src/protocol/index.ts';
import { rejected } from '../../world.ts';
import { ModelCluster, ModelConnection } from '../model-cluster.ts';

const SESSION_MS = 9000;

describe('the life of a broker', () => {
  let cluster: ModelCluster;

  beforeEach(async () => {
    cluster = new ModelCluster();
    for (const id of [1, 2, 3]) await cluster.join(id);
    await cluster.createTopic('t', [[1, 2, 3]]);
  });
  afterEach(() => cluster.close());

  const beatOthers = async (...ids: number[]): Promise<void> => {
    for (const id of ids) await cluster.run(cluster.heartbeat(id));
  };

  describe('sessions', () => {
    it('end with the session timeout of the last heartbeat, and the broker is fenced', async () => {
      for (let ms = 0; ms < SESSION_MS; ms += 1000) {
        await beatOthers(1, 2);
        await cluster.pass(1000);
      }
      await cluster.pass(1);
      expect([1, 2, 3].map((id) => cluster.broker(id)?.isFenced)).to.deep.equal([false, false, true]);
      expect(cluster.partition('t').isr).to.deep.equal([1, 2]);
    });

    it('get back what the loop of the controller itself was held up', async () => {
      await beatOthers(1, 2, 3);
      await cluster.clock.stall(30_000);
      expect([1, 2, 3].map((id) => cluster.broker(id)?.isFenced)).to.deep.equal([false, false, false]);
      // Whoever is silent then is found out all the same.
      await beatOthers(1, 2);
      await cluster.pass(SESSION_MS - 1000);
      await beatOthers(1, 2);
      await cluster.pass(2001);
      expect([1, 2, 3].map((id) => cluster.broker(id)?.isFenced)).to.deep.equal([false, false, true]);
    });

    it('begin anew with another active controller', async () => {
      await cluster.pass(SESSION_MS - 1000);
      cluster.elect(102);
      await cluster.pass(SESSION_MS - 1000);
      expect(cluster.broker(3)?.isFenced).to.equal(false);
      await cluster.pass(1001);
      expect([1, 2, 3].map((id) => cluster.broker(id)?.isFenced)).to.deep.equal([true, true, true]);
    });

    it('are those of fenced brokers too: two processes may not be one broker', async () => {
      await cluster.register(4);
      await cluster.run(cluster.heartbeat(4, { wantFence: true }));
      const error = await rejected(cluster.register(4));
      expect(error.code).to.equal(Errors.DUPLICATE_BROKER_REGISTRATION);
      await cluster.pass(SESSION_MS + 1);
      await cluster.register(4);
    });
  });

  describe('a new incarnation', () => {
    const connection = () => new ModelConnection();

    it('is refused while the old one is connected and heard, and its machine knows the connection or says nothing', async () => {
      const old = connection();
      await cluster.run(cluster.heartbeat(3, {}, old));
      expect((await rejected(cluster.register(3))).code).to.equal(Errors.DUPLICATE_BROKER_REGISTRATION);
      expect(old).to.include({ probes: 1, isClosed: false });
      await cluster.run(cluster.heartbeat(3, {}, old));
      expect(cluster.broker(3)?.isFenced, 'the old one goes on').to.equal(false);
    });

    it('is taken at once when the machine of the old one has lost its power and is back', async () => {
      const [old, present] = [connection(), connection()];
      await cluster.run(cluster.heartbeat(3, {}, old));
      const before = cluster.broker(3)?.epoch ?? -1;
      const startMs = cluster.clock.monotonicMs();
      old.isForgotten = true;
      const elsewhere = [{ name: 'PLAINTEXT', host: 'other', port: 9092, securityProtocol: 0 }];
      expect(await cluster.register(3, { listeners: elsewhere }, present)).to.be.greaterThan(before);
      expect(cluster.clock.monotonicMs()).to.equal(startMs);
      expect([old.probes, present.probes]).to.deep.equal([1, 0]);
      expect(cluster.partition('t').isr).to.deep.equal([1, 2]);
      await cluster.run(cluster.heartbeat(3, {}, present));
      expect(cluster.broker(3)?.isFenced).to.equal(false);
    });

    it('is not held against the broker that registers again in the same incarnation', async () => {
      const old = connection();
      const again = { incarnationId: cluster.broker(3)?.incarnationId ?? '' };
      await cluster.run(cluster.heartbeat(3, {}, old));
      expect(await cluster.register(3, again, old)).to.equal(cluster.broker(3)?.epoch);
      expect(old.probes).to.equal(0);
    });

    it('is taken at once when the connection of the old one is closed', async () => {
      const old = connection();
      await cluster.run(cluster.heartbeat(3, {}, old));
      const before = cluster.broker(3)?.epoch ?? -1;
      old.close();
      expect(await cluster.register(3)).to.be.greaterThan(before);
      expect(cluster.broker(3)?.isFenced).to.equal(true);
      expect(cluster.partition('t').isr).to.deep.equal([1, 2]);
      expect((await rejected(cluster.run(cluster.heartbeat(3, { brokerEpoch: before })))).code).to.equal(
        Errors.STALE_BROKER_EPOCH,
      );
    });

    it('looks at the last connection over which the old one was heard', async () => {
      const [old, present] = [connection(), connection()];
      await cluster.run(cluster.heartbeat(3, {}, old));
      await cluster.run(cluster.heartbeat(3, {}, present));
      old.close();
      expect((await rejected(cluster.register(3))).code).to.equal(Errors.DUPLICATE_BROKER_REGISTRATION);
      expect(cluster.cutOff).to.deep.equal([]);
      present.close();
      expect(cluster.cutOff).to.deep.equal([3]);
      await cluster.register(3);
    });

    it('is taken at once by a controller that has not heard the old one, at the same place only', async () => {
      cluster.elect(102);
      const elsewhere = [{ name: 'PLAINTEXT', host: 'other', port: 9092, securityProtocol: 0 }];
      const error = await rejected(cluster.register(3, { listeners: elsewhere }));
      expect(error.code).to.equal(Errors.DUPLICATE_BROKER_REGISTRATION);
      await cluster.register(3);
      await cluster.run(cluster.heartbeat(2));
      expect((await rejected(cluster.register(2))).code).to.equal(Errors.DUPLICATE_BROKER_REGISTRATION);
    });

    it('is taken at once after the old one has stopped in order', async () => {
      await cluster.run(cluster.heartbeat(3, { wantShutDown: true }));
      expect(cluster.broker(3)?.isFenced).to.equal(true);
      await cluster.join(3);
      expect(cluster.broker(3)?.isFenced).to.equal(false);
    });
  });

  describe('that is gone', () => {
    it('is fenced at once, without the end of its session', async () => {
      const epoch = cluster.broker(1)?.epoch ?? -1;
      await cluster.run(cluster.active.brokerGone(1, epoch));
      expect(cluster.broker(1)?.isFenced).to.equal(true);
      expect(cluster.partition('t')).to.deep.include({ leader: 2, isr: [2, 3], leaderEpoch: 1 });
    });

    it('is left alone in another epoch, or when it is connected again', async () => {
      const epoch = cluster.broker(1)?.epoch ?? -1;
      await cluster.run(cluster.active.brokerGone(1, epoch - 1));
      const [old, present] = [new ModelConnection(), new ModelConnection()];
      await cluster.run(cluster.heartbeat(1, {}, old));
      old.close();
      await cluster.run(cluster.heartbeat(1, {}, present));
      await cluster.run(cluster.active.brokerGone(1, epoch));
      expect(cluster.broker(1)?.isFenced).to.equal(false);
    });
  });

  describe('that wants to stop', () => {
    const stop = (id: number, change = {}) => cluster.run(cluster.heartbeat(id, { wantShutDown: true, ...change }));

    it('loses its leaderships, and may go when all others have read that', async () => {
      await beatOthers(1, 2, 3);
      expect(await stop(1)).to.include({ isFenced: false, shouldShutDown: false });
      const movedAt = cluster.image.offset;
      expect(cluster.broker(1)).to.include({ isInControlledShutdown: true, isFenced: false });
      expect(cluster.partition('t')).to.deep.include({ leader: 2, isr: [2, 3] });
      expect(await stop(1)).to.include({ shouldShutDown: false });
      await beatOthers(2);
      expect(await stop(1)).to.include({ shouldShutDown: false });
      await cluster.run(cluster.heartbeat(3, { currentMetadataOffset: movedAt - 1 }));
      expect(await stop(1)).to.include({ shouldShutDown: false });
      await beatOthers(3);
      expect(await stop(1)).to.include({ isFenced: true, shouldShutDown: true });
      expect(cluster.broker(1)?.isFenced).to.equal(true);
    });

    it('may go at once when it leads nothing', async () => {
      expect(await stop(3)).to.include({ isFenced: true, shouldShutDown: true });
      expect(cluster.partition('t').isr).to.deep.equal([1, 2]);
    });

    it('does not wait for those that are gone, fenced or stopping themselves', async () => {
      await cluster.run(cluster.active.brokerGone(3, cluster.broker(3)?.epoch ?? -1));
      await stop(1);
      expect(cluster.partition('t').leader).to.equal(2);
      await stop(2);
      expect(cluster.partition('t')).to.deep.include({ leader: -1, isr: [] });
      expect(await stop(1)).to.include({ shouldShutDown: true });
      expect(await stop(2)).to.include({ shouldShutDown: true });
    });

    it('is led out again by a controller that takes over midway', async () => {
      await cluster.createTopic(
        'many',
        Array.from({ length: 1200 }, () => [1, 2]),
      );
      cluster.log.commitsItself = false;
      const stopping = rejected(cluster.heartbeat(1, { wantShutDown: true }));
      cluster.log.commit();
      cluster.elect(102);
      cluster.log.commitsItself = true;
      expect(await cluster.run(stopping)).to.have.property('code', Errors.NOT_CONTROLLER);
      expect(cluster.broker(1)?.isInControlledShutdown).to.equal(true);
      expect(await stop(1)).to.include({ shouldShutDown: false });
      const leaders = cluster.image.topics.byName.get('many')?.partitions.map(({ leader }) => leader);
      expect(new Set(leaders)).to.deep.equal(new Set([2]));
      await beatOthers(2, 3);
      expect(await stop(1)).to.include({ shouldShutDown: true });
    });
  });
});
