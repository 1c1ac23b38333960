import { expect } from 'chai';
import type { produce } from '../../src/api-handlers/00-produce.ts';
import { CLOSE, NO_RESPONSE } from '../../src/api-handlers/handler.ts';
import { Errors, type ResponseOf } from '../../src/protocol/index.ts';
import { Codecs, loadCodec } from '../../src/protocol/compression/index.ts';
import type { Produce } from '../../src/protocol/messages/00-produce.ts';
import { type AskedToProduce, openProduceBench, type PartitionAnswer, rejected, requestOf } from './produce-bench.ts';
import { batchOf, type RecordPath } from './record-path.ts';

describe('Produce', () => {
  let path: RecordPath;
  let handler: ReturnType<typeof produce>;
  let send: (asked: AskedToProduce) => Promise<PartitionAnswer>;

  beforeEach(async () => {
    ({ path, handler, send } = await openProduceBench());
  });

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
