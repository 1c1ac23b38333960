// Record batches that no producer should send, over the wire: Kafka's error code for each, nothing of them in the log, and for
// those that would blow up, a bound. What the validation does to bytes is in test/log; here it is a whole broker.
import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import {
  buildBatch,
  Codecs,
  compress,
  Errors,
  HEADER_SIZE,
  loadCodec,
  LOG_OVERHEAD,
  updateChecksum,
} from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { heldBytes } from './collect-garbage.ts';
import { eventually, LiveBroker } from '../live-broker.ts';
import { Neighbour } from './neighbour.ts';
import { CLOSED, type RawClient, requestOf } from '../raw-client.ts';
import { zstdOfZeros } from './zstd-of-zeros.ts';

const MB = 1 << 20;
/** A pack of kept small frames stays in use until it is full. */
const PACK_BYTES = 512 * 1024;
const DAY_MS = 86_400_000;

describe('Bad record batches', () => {
  let broker: LiveBroker;
  let strict: LiveBroker;
  let client: RawClient;
  let neighbour: Neighbour;

  before(async () => {
    await loadCodec(Codecs.ZSTD);
    broker = await LiveBroker.start();
    strict = await LiveBroker.start({ 'ottla.produce.validation': 'strict' });
    await broker.createTopic('plain');
    await broker.createTopic('uncompressed', { 'compression.type': 'uncompressed' });
    await broker.createTopic('compacted', { 'cleanup.policy': 'compact' });
    await broker.createTopic('timed', { 'message.timestamp.before.max.ms': String(DAY_MS) });
    await strict.createTopic('plain');
  });

  beforeEach(async () => {
    client = await broker.connect();
    neighbour = await Neighbour.moveIn(broker.port);
  });

  afterEach(async () => {
    client.destroy();
    await neighbour.leave();
    await eventually('connections are gone', () => broker.node.connectionCount === 0);
    expect(broker.node.requestBytes, 'receive buffers in use').to.be.at.most(PACK_BYTES);
    expect([...broker.lines, ...strict.lines].filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  after(async () => {
    await broker.close();
    await strict.close();
  });

  async function answerTo(records: Uint8Array | null, topic = 'plain', version = 9, from: RawClient = client) {
    const { responses } = await from.ask(Produce, version, {
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    });
    const answer = responses[0]?.partitionResponses[0];
    if (answer === undefined) throw new Error('no answer for the partition');
    return answer;
  }

  async function endOf(topic: string): Promise<number> {
    const { topics } = await client.ask(ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
    return topics[0]?.partitions[0]?.offset ?? -1;
  }

  const three = (options: Parameters<typeof buildBatch>[1] = {}): Buffer =>
    buildBatch(
      ['a', 'b', 'c'].map((text) => ({
        key: Buffer.from(text),
        value: Buffer.from(text.repeat(50)),
        timestamp: Date.now(),
      })),
      options,
    );
  const changed = (change: (batch: Buffer) => void, batch = three()): Buffer => {
    change(batch);
    updateChecksum(batch);
    return batch;
  };
  const { INVALID_RECORD, CORRUPT_MESSAGE, UNKNOWN_SERVER_ERROR } = Errors;

  const faults: readonly [string, number, () => Buffer | null][] = [
    ['no records at all', INVALID_RECORD, () => null],
    ['empty records', INVALID_RECORD, () => Buffer.alloc(0)],
    ['half a batch', INVALID_RECORD, () => three().subarray(0, 80)],
    ['two batches', INVALID_RECORD, () => Buffer.concat([three(), three()])],
    [
      'text instead of a batch',
      CORRUPT_MESSAGE,
      () => Buffer.from('all work and no play makes jack a dull boy'.repeat(3)),
    ],
    [
      'a length that the records do not have',
      INVALID_RECORD,
      () => changed((batch) => batch.writeInt32BE(batch.length, 8)),
    ],
    ['a negative length', CORRUPT_MESSAGE, () => changed((batch) => batch.writeInt32BE(-1, 8))],
    ['a changed byte', CORRUPT_MESSAGE, () => three().fill(0x41, 70, 71)],
    ['a changed checksum', CORRUPT_MESSAGE, () => three().fill(0x41, 17, 21)],
    ['magic 0', INVALID_RECORD, () => legacy(0)],
    ['magic 1', INVALID_RECORD, () => legacy(1)],
    ['magic 3', CORRUPT_MESSAGE, () => changed((batch) => batch.writeInt8(3, 16))],
    ['a base offset', INVALID_RECORD, () => changed((batch) => batch.writeBigInt64BE(7n, 0))],
    ['more records in the count than there are', INVALID_RECORD, () => changed((batch) => counted(batch, 4, 3))],
    ['fewer records in the count than there are', INVALID_RECORD, () => changed((batch) => counted(batch, 2, 1))],
    [
      'a count of two thousand million',
      INVALID_RECORD,
      () => changed((batch) => counted(batch, 2147483647, 2147483646)),
    ],
    ['a negative count', INVALID_RECORD, () => changed((batch) => counted(batch, -1, -2))],
    ['a count that is not the offset range', INVALID_RECORD, () => changed((batch) => counted(batch, 3, 8))],
    ['codec 5', UNKNOWN_SERVER_ERROR, () => changed((batch) => batch.writeInt16BE(5, 21))],
    ['a control batch', INVALID_RECORD, () => changed((batch) => batch.writeInt16BE(0x20, 21))],
    [
      'a record that is longer than the batch',
      INVALID_RECORD,
      () => changed((batch) => batch.writeUInt8(0xfe, HEADER_SIZE)),
    ],
    ['a producer id without a sequence', INVALID_RECORD, () => changed((batch) => batch.writeBigInt64BE(5n, 43))],
  ];
  for (const [what, code, records] of faults) {
    it(`refuses ${what} with the code of Kafka, and keeps nothing of it`, async () => {
      const before = await endOf('plain');
      expect((await answerTo(records())).errorCode).to.equal(code);
      expect(await endOf('plain')).to.equal(before);
      expect((await answerTo(three())).errorCode, 'the next one').to.equal(Errors.NONE);
    });
  }

  it('closes the connection where acks=0 leaves no other way to say so', async () => {
    client.send(
      requestOf(Produce, 9, {
        acks: 0,
        timeoutMs: 1000,
        topicData: [{ name: 'plain', partitionData: [{ index: 0, records: three().fill(0x41, 70, 71) }] }],
      }),
    );
    expect(await client.next()).to.equal(CLOSED);
  });

  it('refuses batches beyond max.message.bytes', async () => {
    const large = buildBatch([{ value: Buffer.alloc(2 * MB) }]);
    expect((await answerTo(large)).errorCode).to.equal(Errors.MESSAGE_TOO_LARGE);
  });

  const times: readonly [string, bigint, string, number][] = [
    ['the end of time', 9223372036854775807n, 'plain', Errors.INVALID_TIMESTAMP],
    ['2^53', 9007199254740992n, 'plain', Errors.INVALID_TIMESTAMP],
    ['tomorrow', BigInt(Date.now() + DAY_MS), 'plain', Errors.INVALID_TIMESTAMP],
    ['the week before, where a day is the limit', BigInt(Date.now() - 7 * DAY_MS), 'timed', Errors.INVALID_TIMESTAMP],
    ['the beginning of time', -9223372036854775808n, 'timed', Errors.INVALID_TIMESTAMP],
    ['1970', 0n, 'plain', Errors.NONE],
    ['minus one', -1n, 'plain', Errors.NONE],
    ['long before Kafka', -4611686018427387904n, 'plain', Errors.NONE],
    ['the beginning of time, which overflows in Kafka', -9223372036854775808n, 'plain', Errors.INVALID_TIMESTAMP],
  ];
  for (const [what, timestamp, topic, code] of times) {
    it(`answers a record of ${what} with ${code}`, async () => {
      for (const codec of [Codecs.NONE, Codecs.GZIP, Codecs.ZSTD])
        expect(
          (await answerTo(buildBatch([{ value: Buffer.from('x'), timestamp }], { codec }), topic)).errorCode,
        ).to.equal(code);
    });
  }

  it('goes on serving a log that holds records of all times', async () => {
    for (const timestamp of [0n, -4611686018427387904n, -1n])
      await answerTo(buildBatch([{ value: Buffer.from('x'), timestamp }]));
    for (const timestamp of [-1, -2, -3, -4, 0, 1, Date.now(), Number.MAX_SAFE_INTEGER, 9223372036854775807n]) {
      const { topics } = await client.ask(ListOffsets, 8, {
        replicaId: -1,
        topics: [{ name: 'plain', partitions: [{ partitionIndex: 0, timestamp: timestamp as number }] }],
      });
      expect(topics[0]?.partitions[0]?.errorCode, String(timestamp)).to.equal(Errors.NONE);
    }
  });

  /** Twice of what a batch may unpack to. */
  const zeros = (): Buffer => Buffer.alloc(128 * MB);
  const bombs: readonly [string, number, () => Uint8Array][] = [
    ['gzip', Codecs.GZIP, () => gzipSync(zeros(), { level: 9 })],
    ['snappy', Codecs.SNAPPY, () => compress(Codecs.SNAPPY, zeros())],
    ['lz4', Codecs.LZ4, () => compress(Codecs.LZ4, zeros())],
    ['zstd', Codecs.ZSTD, () => zstdOfZeros(128 * MB)],
    ['snappy that promises 4 GB', Codecs.SNAPPY, () => Buffer.from('ffffffff0f00', 'hex')],
    ['zstd that promises 2^63 bytes', Codecs.ZSTD, () => Buffer.from('28b52ffde0ffffffffffffff7f010000', 'hex')],
  ];
  for (const [name, codec, pack] of bombs) {
    it(`does not unpack a bomb of ${name}, be it sent to whatever opens it`, async () => {
      const bomb = bombBatch(codec, pack());
      const before = await heldBytes();
      const strictClient = await strict.connect();
      for (const [topic, from] of [
        ['uncompressed', client],
        ['compacted', client],
        ['plain', strictClient],
      ] as const) {
        const { errorCode } = await answerTo(Buffer.from(bomb), topic, 9, from);
        expect(errorCode, topic).to.be.oneOf([Errors.MESSAGE_TOO_LARGE, UNKNOWN_SERVER_ERROR, INVALID_RECORD]);
        expect((await answerTo(three(), topic, 9, from)).errorCode, 'the next one').to.equal(Errors.NONE);
      }
      strictClient.destroy();
      expect((await heldBytes()) - before, 'held afterwards').to.be.below(16 * MB);
    });
  }

  it('stores a bomb as it came where nothing has to open it, and serves it unopened', async () => {
    const bomb = bombBatch(Codecs.GZIP, gzipSync(zeros(), { level: 9 }));
    const { errorCode, baseOffset } = await answerTo(Buffer.from(bomb));
    expect(errorCode).to.equal(Errors.NONE);
    const { responses } = await client.ask(Fetch, 12, {
      maxWaitMs: 0,
      minBytes: 1,
      topics: [{ topic: 'plain', partitions: [{ partition: 0, fetchOffset: baseOffset, partitionMaxBytes: 2 * MB }] }],
    });
    expect(responses[0]?.partitions[0]?.records?.length).to.be.at.least(bomb.length);
    // A look-up by time has to open it; it must come to an end.
    const { topics } = await client.ask(ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name: 'plain', partitions: [{ partitionIndex: 0, timestamp: Date.now() }] }],
    });
    expect(topics[0]?.partitions[0]?.errorCode).to.equal(Errors.NONE);
  });
});

function counted(batch: Buffer, count: number, lastDelta: number): void {
  batch.writeInt32BE(count, 57);
  batch.writeInt32BE(lastDelta, 23);
}

/** A header that says one record, and `packed` behind it. */
function bombBatch(codec: number, packed: Uint8Array): Buffer {
  const header = buildBatch([{ value: Buffer.from('x'), timestamp: Date.now() }]).subarray(0, HEADER_SIZE);
  const batch = Buffer.concat([header, packed]);
  batch.writeInt32BE(batch.length - LOG_OVERHEAD, 8);
  batch.writeInt16BE(codec, 21);
  updateChecksum(batch);
  return batch;
}

/** One message in the format before batches: offset, size, CRC, magic, attributes, (timestamp,) key, value. */
function legacy(magic: 0 | 1): Buffer {
  const message = Buffer.alloc(magic === 0 ? 14 : 22);
  message.writeInt8(magic, 4);
  message.writeInt32BE(-1, message.length - 8);
  message.writeInt32BE(-1, message.length - 4);
  const whole = Buffer.concat([Buffer.alloc(12), message]);
  whole.writeInt32BE(message.length, 8);
  return whole;
}
