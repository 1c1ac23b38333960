// Produce where other replicas have a say, and where the disk fails.
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

  describe('with other replicas', () => {
    it('names the leader from version 10 on (KIP-951)', async () => {
      path.addBroker(2);
      path.createTopic('away', { replicas: [2, 1], leader: 2 });
      const response = await path.ask(handler, 12, requestOf({ topic: 'away' }));
      expect(response.responses[0]?.partitionResponses[0]).to.deep.include({
        errorCode: Errors.NOT_LEADER_OR_FOLLOWER,
        errorMessage: null,
        currentLeader: { leaderId: 2, leaderEpoch: 0 },
      });
      expect(response.nodeEndpoints).to.deep.equal([{ nodeId: 2, host: 'host2', port: 9092, rack: null }]);
      const older = await path.ask(handler, 9, requestOf({ topic: 'away' }));
      expect(older.responses[0]?.partitionResponses[0]).to.include({ errorCode: 6 });
      expect(older.nodeEndpoints).to.deep.equal([]);
    });

    it('names the new leader to who waits for replicas when the leadership goes', async () => {
      path.addBroker(2);
      const topicId = path.createTopic('shared', { replicas: [1, 2] });
      const response = path.ask(handler, 12, requestOf({ topic: 'shared' }));
      await path.clock.advance(10);
      path.elect(topicId, 2);
      const { responses, nodeEndpoints } = await path.clock.run(response);
      expect(responses[0]?.partitionResponses[0]).to.deep.include({
        errorCode: Errors.NOT_LEADER_OR_FOLLOWER,
        currentLeader: { leaderId: 2, leaderEpoch: 1 },
      });
      expect(nodeEndpoints).to.deep.equal([{ nodeId: 2, host: 'host2', port: 9092, rack: null }]);
    });

    it('refuses acks=all when too few replicas are in sync', async () => {
      path.createTopic('isr', { replicas: [1, 2], isr: [1], configs: { 'min.insync.replicas': '2' } });
      expect(await send({ topic: 'isr' })).to.include({ errorCode: Errors.NOT_ENOUGH_REPLICAS, logStartOffset: 0 });
      expect(await send({ topic: 'isr', acks: 1 })).to.include({ errorCode: 0, baseOffset: 0 });
    });

    it('times out with the offset of the data that stays', async () => {
      path.createTopic('slow', { replicas: [1, 2] });
      const startMs = path.clock.monotonicMs();
      const answer = await send({ topic: 'slow', timeoutMs: 1500 });
      expect(answer).to.include({
        errorCode: Errors.REQUEST_TIMED_OUT,
        baseOffset: 0,
        logStartOffset: 0,
        errorMessage: null,
      });
      expect(path.clock.monotonicMs() - startMs).to.equal(1500);
      expect(await send({ topic: 'slow', acks: 1 })).to.include({ errorCode: 0, baseOffset: 1 });
    });
  });

  describe('when the disk fails', () => {
    it('says so, has appended nothing, and goes on when it can', async () => {
      path.createTopic('prod', { configs: { 'max.message.bytes': '10000000' } });
      expect(await send({})).to.include({ errorCode: 0, baseOffset: 0 });
      path.disk.capacityBytes = 1_000_000;
      const tooMuch = await send({ records: batchOf(['x'.repeat(2_000_000)]) });
      expect(tooMuch).to.deep.include({ ...rejected, errorCode: Errors.KAFKA_STORAGE_ERROR, logStartOffset: -1 });
      const partition = path.replicas.partition('prod', 0);
      expect([partition?.log.logEndOffset, partition?.log.highWatermark]).to.deep.equal([1, 1]);
      expect(await send({})).to.include({ errorCode: 0, baseOffset: 1 });
    });

    it('fails all that was gathered for one write', async () => {
      path.createTopic('prod', { configs: { 'max.message.bytes': '10000000' } });
      path.disk.capacityBytes = 1_000_000;
      const asked = [batchOf(['v']), batchOf(['x'.repeat(2_000_000)])].map((records) => send({ records, acks: 1 }));
      const answers = await path.clock.run(Promise.all(asked));
      expect(answers.map(({ errorCode }) => errorCode)).to.deep.equal([56, 56]);
    });
  });
});
