import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { CLOSE, NO_RESPONSE } from '../../src/api-handlers/handler.ts';
import { Errors, ZERO_UUID } from '../../src/protocol/index.ts';
import { Codecs, loadCodec } from '../../src/protocol/compression/index.ts';
import type { DecodedResponseOf, ResponseOf } from '../../src/protocol/index.ts';
import type { Produce } from '../../src/protocol/messages/00-produce.ts';
import { batchOf, RecordPath } from './record-path.ts';

type PartitionAnswer = DecodedResponseOf<typeof Produce>['responses'][number]['partitionResponses'][number];

interface Asked {
  topic?: string;
  topicId?: string;
  index?: number;
  records?: Buffer | null;
  acks?: number;
  version?: number;
  timeoutMs?: number;
  transactionalId?: string | null;
  clientId?: string;
}

describe('Produce', () => {
  let path: RecordPath;
  let handler: ReturnType<typeof produce>;

  beforeEach(async () => {
    path = await RecordPath.open();
    handler = produce(path.replicas, path.identity);
  });

  const requestOf = (asked: Asked) => ({
    transactionalId: asked.transactionalId ?? null,
    acks: asked.acks ?? -1,
    timeoutMs: asked.timeoutMs ?? 1000,
    topicData: [
      {
        name: asked.topic ?? 'prod',
        topicId: asked.topicId ?? ZERO_UUID,
        partitionData: [
          { index: asked.index ?? 0, records: asked.records === undefined ? batchOf(['v']) : asked.records },
        ],
      },
    ],
  });

  /** The answer for the one partition that was asked for. */
  const send = async (asked: Asked): Promise<PartitionAnswer> => {
    const response = await path.ask(handler, asked.version ?? 9, requestOf(asked), asked.clientId ?? 'test');
    return response.responses[0]?.partitionResponses[0] as PartitionAnswer;
  };

  const rejected = {
    baseOffset: -1,
    logAppendTimeMs: -1,
    recordErrors: [] as PartitionAnswer['recordErrors'],
    errorMessage: null as string | null,
  };

  it('appends in every version, by name and by id', async () => {
    const topicId = path.createTopic('prod');
    let baseOffset = 0;
    for (let version = 3; version <= 13; version++) {
      const named = version < 13 ? { topic: 'prod' } : { topic: '', topicId };
      const response = await path.ask(handler, version, requestOf({ ...named, records: batchOf(['a', 'b']) }));
      const [topic] = response.responses;
      expect(topic).to.include(version < 13 ? { name: 'prod' } : { topicId });
      expect(topic?.partitionResponses[0]).to.deep.include({
        ...rejected,
        index: 0,
        errorCode: 0,
        baseOffset,
        logStartOffset: version < 5 ? -1 : 0,
      });
      baseOffset += 2;
    }
    expect(path.replicas.partition('prod', 0)?.log.logEndOffset).to.equal(22);
    expect(path.replicas.partition('prod', 0)?.log.highWatermark).to.equal(22);
  });

  it('can be used as soon as the topic is there', async () => {
    path.createTopic('prod');
    expect((await send({ acks: 1 })).errorCode).to.equal(0);
  });

  it('does not know topics, partitions and ids', async () => {
    path.createTopic('prod');
    const missing = { ...rejected, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION, logStartOffset: -1 };
    expect(await send({ topic: 'nope' })).to.deep.include(missing);
    expect(await send({ index: 7 })).to.deep.include({ ...missing, index: 7 });
    expect(await send({ index: -1 })).to.deep.include({ ...missing, index: -1 });
    const byId = { version: 13, topic: '', topicId: 'AAAAAAAAAAAAAAAAAAAAew' };
    expect(await send(byId)).to.deep.include({ ...missing, errorCode: Errors.UNKNOWN_TOPIC_ID });
  });

  it('knows acks -1, 0 and 1', async () => {
    path.createTopic('prod');
    const refused = { ...rejected, errorCode: Errors.INVALID_REQUIRED_ACKS, logStartOffset: -1 };
    expect(await send({ acks: 2, version: 3 })).to.deep.include(refused);
    expect(await send({ acks: -2 })).to.deep.include(refused);
    expect(await send({ acks: 2, topic: 'nope' })).to.include({ errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    expect(path.replicas.partition('prod', 0)?.log.logEndOffset).to.equal(0);
  });

  it('answers nothing with acks 0, and closes the connection on an error', async () => {
    path.createTopic('prod');
    expect(await path.outcome(handler, 9, requestOf({ acks: 0 }))).to.equal(NO_RESPONSE);
    expect(await path.outcome(handler, 9, requestOf({ acks: 0, index: 9 }))).to.equal(CLOSE);
    const records = batchOf(['v']);
    records[records.length - 1] = 99;
    expect(await path.outcome(handler, 9, requestOf({ acks: 0, records }))).to.equal(CLOSE);
    expect(path.replicas.partition('prod', 0)?.log.logEndOffset).to.equal(1);
  });

  it('keeps the frame until the bytes are written, with acks 0 too', async () => {
    path.createTopic('prod');
    expect(handler.keepsFrame).to.equal(true);
    const outcome = path.start(handler, 9, requestOf({ acks: 0 }));
    expect(outcome).to.be.instanceOf(Promise);
    expect(path.replicas.partition('prod', 0)?.log.writtenEndOffset).to.equal(0);
    await path.clock.run(outcome as Promise<unknown>);
    expect(path.replicas.partition('prod', 0)?.log.writtenEndOffset).to.equal(1);
  });

  it('refuses what is no batch, with the log start -1', async () => {
    path.createTopic('prod');
    const invalid = { ...rejected, errorCode: Errors.INVALID_RECORD, logStartOffset: -1 };
    expect(await send({ records: Buffer.alloc(0) })).to.deep.include(invalid);
    expect(await send({ records: Buffer.concat([batchOf(['a']), batchOf(['b'])]) })).to.deep.include(invalid);
    expect(await send({ records: batchOf(['abcdef']).subarray(0, -3) })).to.deep.include(invalid);
    const corrupt = batchOf(['v']);
    corrupt[corrupt.length - 2] = 99;
    expect(await send({ records: corrupt })).to.deep.include({ ...invalid, errorCode: Errors.CORRUPT_MESSAGE });
    expect(await send({ records: Buffer.from('garbage text as records, which is no batch') })).to.deep.include({
      ...invalid,
      errorCode: Errors.CORRUPT_MESSAGE,
      errorMessage: 'Invalid magic found in record: 114',
    });
  });

  it('answers INVALID_RECORD to null records, where Kafka never answers', async () => {
    path.createTopic('prod');
    expect(await send({ records: null })).to.deep.include({
      ...rejected,
      errorCode: Errors.INVALID_RECORD,
      logStartOffset: -1,
    });
    expect(await send({ records: null, version: 3 })).to.include({ errorCode: Errors.INVALID_RECORD });
  });

  it('refuses what the log finds in a batch, with the true log start', async () => {
    path.createTopic('prod');
    const invalid = { ...rejected, errorCode: Errors.INVALID_RECORD, logStartOffset: 0 };
    expect(await send({ records: batchOf(['a', 'b'], { baseOffset: 777 }) })).to.deep.include(invalid);
    expect(await send({ records: batchOf(['a', 'b'], { lastOffsetDelta: 5 }) })).to.deep.include(invalid);
    expect(
      await send({ records: batchOf(['a'], { producerId: 4, producerEpoch: 1, baseSequence: -1 }) }),
    ).to.deep.include(invalid);
  });

  it('names the records at fault from version 8 on (KIP-467)', async () => {
    path.createTopic('prodcompact', { configs: { 'cleanup.policy': 'compact' } });
    const message = 'Compacted topic cannot accept message without key in topic partition prodcompact-0';
    const bad = { topic: 'prodcompact', records: batchOf(['a', 'b']) };
    const answer = await send({ ...bad, version: 9 });
    expect(answer).to.include({ errorCode: Errors.INVALID_RECORD, logStartOffset: 0 });
    expect(answer.recordErrors[0]).to.deep.equal({ batchIndex: 0, batchIndexErrorMessage: message });
    expect(answer.errorMessage).to.contain('One or more records have been rejected due to 2 record errors in total');
    expect(await send({ ...bad, version: 7 })).to.deep.include({
      ...rejected,
      errorCode: Errors.INVALID_RECORD,
      logStartOffset: 0,
    });
  });

  it('measures a batch whole against max.message.bytes', async () => {
    const records = batchOf(['x'.repeat(200)]);
    path.createTopic('exact', { configs: { 'max.message.bytes': String(records.length) } });
    path.createTopic('small', { configs: { 'max.message.bytes': String(records.length - 1) } });
    expect(await send({ topic: 'exact', records })).to.include({ errorCode: 0 });
    expect(await send({ topic: 'small', records })).to.deep.include({
      ...rejected,
      errorCode: Errors.MESSAGE_TOO_LARGE,
      logStartOffset: -1,
    });
  });

  it('takes zstd from version 7 on', async () => {
    path.createTopic('prod');
    await loadCodec(Codecs.ZSTD);
    const records = batchOf(['v'], { codec: Codecs.ZSTD });
    expect(await send({ records, version: 6 })).to.deep.include({
      ...rejected,
      errorCode: Errors.UNSUPPORTED_COMPRESSION_TYPE,
      logStartOffset: -1,
    });
    expect(await send({ records: batchOf(['v'], { codec: Codecs.ZSTD }), version: 7 })).to.include({
      errorCode: 0,
      baseOffset: 0,
    });
  });

  it('keeps the order of requests while a codec is being loaded', async () => {
    path.createTopic('prod');
    const log = path.replicas.partition('prod', 0)?.log as unknown as { needsCodec: () => number };
    let asked = 0;
    log.needsCodec = () => (asked++ === 0 ? Codecs.ZSTD : 0);
    const first = path.start(handler, 9, requestOf({ records: batchOf(['needs a codec']) }));
    const second = path.start(handler, 9, requestOf({ records: batchOf(['does not']) }));
    const offsets: number[] = [];
    for (const outcome of [first, second]) {
      const response = (await path.clock.run(outcome as Promise<ResponseOf<typeof Produce>>)).responses[0];
      offsets.push(response?.partitionResponses[0]?.baseOffset as number);
    }
    expect(offsets).to.deep.equal([0, 1]);
    expect(asked).to.equal(2);
  });

  it('tells the time of the broker for LogAppendTime topics', async () => {
    path.createTopic('lat', { configs: { 'message.timestamp.type': 'LogAppendTime' } });
    expect(await send({ topic: 'lat' })).to.include({ errorCode: 0, logAppendTimeMs: path.clock.nowMs() });
  });

  it('keeps clients out of internal topics, but for the admin client', async () => {
    path.createTopic('__consumer_offsets');
    const refused = { ...rejected, errorCode: Errors.INVALID_TOPIC_EXCEPTION, logStartOffset: -1 };
    expect(await send({ topic: '__consumer_offsets' })).to.deep.include(refused);
    expect(await send({ topic: '__consumer_offsets', clientId: '__admin_client' })).to.include({ errorCode: 0 });
  });

  it('answers each partition for itself', async () => {
    path.createTopic('prod', { partitions: 2 });
    const corrupt = batchOf(['v']);
    corrupt[corrupt.length - 2] = 99;
    const response = await path.ask(handler, 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        {
          name: 'prod',
          partitionData: [
            { index: 0, records: batchOf(['v']) },
            { index: 1, records: corrupt },
          ],
        },
        { name: 'nope', partitionData: [{ index: 0, records: batchOf(['v']) }] },
      ],
    });
    const told = response.responses.map(({ name, partitionResponses }) => [
      name,
      partitionResponses.map((one) => one.errorCode),
    ]);
    expect(told).to.deep.equal([
      ['prod', [0, 2]],
      ['nope', [3]],
    ]);
  });

  it('takes the last batch of a partition that is given twice, and answers once', async () => {
    path.createTopic('prod');
    const twice = (first: Buffer, second: Buffer) => [
      {
        name: 'prod',
        partitionData: [
          { index: 0, records: first },
          { index: 0, records: second },
        ],
      },
    ];
    const acks = { transactionalId: null, acks: -1, timeoutMs: 1000 };
    const response = await path.ask(handler, 9, { ...acks, topicData: twice(batchOf(['a']), batchOf(['b', 'c'])) });
    expect(response.responses).to.have.length(1);
    expect(response.responses[0]?.partitionResponses).to.have.length(1);
    expect(path.replicas.partition('prod', 0)?.log.logEndOffset).to.equal(2);
    const apart = [...twice(batchOf(['a']), batchOf(['b'])), ...twice(batchOf(['c']), batchOf(['d']))];
    expect((await path.ask(handler, 9, { ...acks, topicData: apart })).responses).to.have.length(1);
    expect(path.replicas.partition('prod', 0)?.log.logEndOffset).to.equal(3);
  });

  it('answers a request without topics', async () => {
    const response = await path.ask(handler, 9, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [] });
    expect(response.responses).to.deep.equal([]);
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

  it('answers when the topic is deleted while its records are on their way', async () => {
    const topicId = path.createTopic('prod');
    const outcome = path.start(handler, 9, requestOf({})) as Promise<ResponseOf<typeof Produce>>;
    path.deleteTopic(topicId);
    const { responses } = await path.clock.run(outcome);
    expect(responses[0]?.partitionResponses[0]?.errorCode).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await send({})).to.include({ errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION });
  });

  it('fails every partition with one code', () => {
    const request = requestOf({}) as Parameters<typeof handler.failed>[0];
    const context = path.context(0, 9);
    const failed = handler.failed(request, Errors.UNKNOWN_SERVER_ERROR, null, context) as ResponseOf<typeof Produce>;
    expect(failed.responses[0]?.partitionResponses[0]).to.include({ index: 0, errorCode: -1, baseOffset: -1 });
    expect(handler.failed({ ...request, acks: 0 }, Errors.UNKNOWN_SERVER_ERROR, null, context)).to.equal(CLOSE);
  });
});
