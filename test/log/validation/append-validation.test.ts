import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { checkProduceLine, type ProduceRow } from '../../../conformance/golden-records.ts';
import type { AppendOptions } from '../../../src/log/validation/append-info.ts';
import { type AppendRules, appendRules, PRODUCER_CODEC } from '../../../src/log/validation/append-rules.ts';
import { codecNeededToAppend, validateAppend } from '../../../src/log/validation/append-validation.ts';
import type { AppendVerdict } from '../../../src/log/validation/append-verdict.ts';
import { topicLogConfig } from '../../../src/log/config/topic-log-config.ts';
import {
  attributes,
  type BatchOptions,
  baseOffset,
  buildBatch,
  Codecs,
  compression,
  Errors,
  isBatchValid,
  lastOffset,
  loadCodec,
  maxTimestamp,
  partitionLeaderEpoch,
  type RecordInput,
  recordsOf,
  updateChecksum,
} from '../../../src/protocol/index.ts';

const url = (path: string): URL => new URL(`../../../${path}`, import.meta.url);
const packed = gunzipSync(readFileSync(url('test/golden/produce.jsonl.gz')));
const rows = packed
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as ProduceRow);

const now = 1_700_000_500_000;
const HOUR_MS = 3_600_000;

const plainRules: AppendRules = {
  topicPartition: 'prod-0',
  targetCodec: PRODUCER_CODEC,
  compressionLevel: undefined,
  isLogAppendTime: false,
  timestampBeforeMaxMs: 2n ** 63n - 1n,
  timestampAfterMaxMs: HOUR_MS,
  isCompacted: false,
  maxMessageBytes: 1_048_588,
  maxDecompressedBytes: 1 << 26,
};
const client: AppendOptions = { origin: 'client', leaderEpoch: 3, now, validation: 'header' };

const record = (value: string, timestamp = now, key: string | null = 'k'): RecordInput => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  timestamp,
});
const batch = (options: BatchOptions = {}, ...records: RecordInput[]): Buffer =>
  buildBatch(records.length === 0 ? [record('a', now - 5), record('b')] : records, options);

function judge(records: Buffer, rules: Partial<AppendRules> = {}, options: Partial<AppendOptions> = {}): AppendVerdict {
  return validateAppend(records, { ...plainRules, ...rules }, { ...client, ...options }, 1000);
}

describe('validation of produced batches against Apache Kafka', () => {
  before(() => loadCodec(Codecs.ZSTD));

  it("gives Kafka's verdict and bytes on all 291 lines in strict mode", () => {
    const failures = rows
      .map((row) => [row.case, checkProduceLine(row)])
      .filter(([, failure]) => failure !== undefined);
    expect(failures).to.deep.equal([]);
    expect(rows).to.have.length(291);
  });

  it('differs in header mode on the lines that the documentation names, and no others', () => {
    const differing = rows.filter((row) => checkProduceLine(row, 'header') !== undefined).map((row) => row.case);
    const documented = readFileSync(url('docs/produce-validation.md'), 'utf8').match(/(?<=`)bad-[a-z0-9-]+(?=`)/g);
    expect([...differing].sort()).to.deep.equal([...documented!].sort());
  });

  it('never appends in header mode what Kafka refuses, unless it is inside a compressed batch', () => {
    for (const row of rows) {
      if (checkProduceLine(row, 'header') === undefined) continue;
      expect(row.ok, row.case).to.equal(false);
      expect(compression(Buffer.from(row.inputHex, 'hex')), row.case).to.be.greaterThan(0);
    }
  });

  it('is really compared: a changed expectation fails', () => {
    const good = rows.find((row) => row.case === 'none-kept')!;
    expect(checkProduceLine({ ...good, hex: `${good.hex!.slice(0, -2)}55` })).to.include('appended');
    expect(checkProduceLine({ ...good, rewritten: true })).to.include('isRewritten');
    expect(checkProduceLine({ ...good, maxTimestampMs: 1 })).to.include('maxTimestamp');
    expect(checkProduceLine({ ...good, ok: false, errorCode: 87, stage: 'validate' })).to.include('ok');
    const bad = rows.find((row) => row.case === 'none-too-old')!;
    expect(checkProduceLine({ ...bad, recordErrors: [0, 1] })).to.include('indexes');
    expect(checkProduceLine({ ...bad, errorCode: 87 })).to.include('code');
    expect(checkProduceLine({ ...bad, stage: 'request' })).to.include('stage');
  });
});

describe('an accepted batch', () => {
  before(() => loadCodec(Codecs.ZSTD));

  for (const codec of [Codecs.NONE, Codecs.GZIP, Codecs.SNAPPY, Codecs.LZ4, Codecs.ZSTD]) {
    for (const validation of ['header', 'strict'] as const) {
      it(`gets offsets and epoch in place, nothing else (codec ${codec}, ${validation})`, () => {
        const records = batch({ codec });
        const before = Buffer.from(records);
        const verdict = judge(records, {}, { validation });
        expect(verdict).to.include({
          errorCode: Errors.NONE,
          isRewritten: false,
          firstOffset: 1000,
          lastOffset: 1001,
          maxTimestamp: now,
        });
        expect(verdict.records).to.equal(records);
        expect([baseOffset(records), lastOffset(records), partitionLeaderEpoch(records)]).to.deep.equal([
          1000, 1001, 3,
        ]);
        expect(records.subarray(16).equals(before.subarray(16))).to.equal(true);
      });
    }
  }

  it("gets the broker's time on a topic with log append time, without being opened", () => {
    const records = batch({ codec: Codecs.GZIP });
    expect(judge(records, { isLogAppendTime: true })).to.include({ errorCode: 0, maxTimestamp: now });
    expect(isBatchValid(records)).to.equal(true);
    expect([...recordsOf(records)].map((read) => read.timestamp)).to.deep.equal([now, now]);
  });

  it('loses a log append time bit that the client has set, as verified with Kafka', () => {
    for (const codec of [Codecs.NONE, Codecs.LZ4]) {
      const records = batch({ codec, logAppendTimeMs: now - 1 });
      expect(judge(records).errorCode).to.equal(Errors.NONE);
      expect(attributes(records) & 8).to.equal(0);
      expect(isBatchValid(records)).to.equal(true);
    }
  });

  it('with timestamps of -1 and below gets a max timestamp of -1', () => {
    for (const timestamp of [-1, -5]) {
      const records = batch({ maxTimestamp: timestamp }, record('a', timestamp));
      expect(judge(records)).to.include({ errorCode: 0, maxTimestamp: -1 });
      expect(maxTimestamp(records)).to.equal(-1);
      expect(isBatchValid(records)).to.equal(true);
    }
  });

  it('is built anew in the codec of the topic, records unchanged', () => {
    for (const codec of [0, 1, 2, 3, 4] as const) {
      for (const targetCodec of [0, 1, 2, 3, 4] as const) {
        const options = { codec, producerId: 5, producerEpoch: 1, baseSequence: 9, isTransactional: true };
        const verdict = judge(batch(options), { targetCodec });
        expect(verdict).to.include({
          errorCode: 0,
          isRewritten: codec !== targetCodec,
          firstOffset: 1000,
          lastOffset: 1001,
        });
        expect(compression(verdict.records)).to.equal(targetCodec);
        expect(isBatchValid(verdict.records)).to.equal(true);
        const read = [...recordsOf(verdict.records)];
        expect(read.map((each) => [each.offset, each.sequence, each.timestamp, String(each.value)])).to.deep.equal([
          [1000, 9, now - 5, 'a'],
          [1001, 10, now, 'b'],
        ]);
      }
    }
  });

  it('is cut from the bytes that follow it', () => {
    const records = Buffer.concat([batch(), Buffer.of(0, 1, 2)]);
    expect(judge(records).records.length).to.equal(records.length - 3);
  });

  it('of exactly max.message.bytes passes, one byte less of limit refuses it', () => {
    const records = batch();
    expect(judge(Buffer.from(records), { maxMessageBytes: records.length }).errorCode).to.equal(Errors.NONE);
    const refusal = judge(records, { maxMessageBytes: records.length - 1 });
    expect(refusal).to.include({
      errorCode: Errors.MESSAGE_TOO_LARGE,
      errorMessage: null,
      carriesLogStartOffset: false,
    });
  });
});

describe('a refused batch', () => {
  before(() => loadCodec(Codecs.ZSTD));

  /** Code, text, and whether the answer carries the log start offset. */
  const outcome = (verdict: AppendVerdict): unknown[] => [
    verdict.errorCode,
    verdict.errorMessage,
    verdict.carriesLogStartOffset,
  ];
  const edited = (edit: (records: Buffer) => void, options: BatchOptions = {}): Buffer => {
    const records = batch(options);
    edit(records);
    updateChecksum(records);
    return records;
  };

  it('is left as it was', () => {
    const records = batch({ codec: Codecs.GZIP }, record('a'), record('b', now + HOUR_MS + 1));
    const before = Buffer.from(records);
    expect(judge(records).errorCode).to.equal(Errors.INVALID_TIMESTAMP);
    expect(records.equals(before)).to.equal(true);
  });

  it("has Kafka's text when it is no batch at all", () => {
    const garbage = Buffer.from('this is certainly not a record batch');
    expect(outcome(judge(garbage))).to.deep.equal([
      Errors.CORRUPT_MESSAGE,
      'Invalid magic found in record: 121',
      false,
    ]);
  });

  it('gets INVALID_RECORD without a text for what is wrong before the log', () => {
    const invalid = [Errors.INVALID_RECORD, null, false];
    expect(outcome(judge(Buffer.alloc(0)))).to.deep.equal(invalid);
    expect(outcome(judge(batch().subarray(0, -3)))).to.deep.equal(invalid);
    expect(outcome(judge(Buffer.concat([batch(), batch()])))).to.deep.equal(invalid);
    expect(outcome(judge(edited((records) => records.writeInt8(1, 16))))).to.deep.equal(invalid);
  });

  it('gets UNSUPPORTED_COMPRESSION_TYPE for zstd before version 7', () => {
    const verdict = judge(batch({ codec: Codecs.ZSTD }), {}, { apiVersion: 6 });
    expect(outcome(verdict)).to.deep.equal([Errors.UNSUPPORTED_COMPRESSION_TYPE, null, false]);
    expect(judge(batch({ codec: Codecs.ZSTD }), {}, { apiVersion: 7 }).errorCode).to.equal(Errors.NONE);
  });

  it('gets CORRUPT_MESSAGE for a wrong checksum', () => {
    const records = batch();
    records[records.length - 2]! ^= 1;
    expect(outcome(judge(records))).to.deep.equal([Errors.CORRUPT_MESSAGE, null, false]);
  });

  it('gets INVALID_RECORD with the log start offset for what the header says wrong', () => {
    const invalid = [Errors.INVALID_RECORD, null, true];
    expect(outcome(judge(edited((records) => records.writeInt32BE(777, 4))))).to.deep.equal(invalid);
    expect(outcome(judge(edited((records) => records.writeInt32BE(5, 23))))).to.deep.equal(invalid);
    expect(outcome(judge(edited((records) => records.writeInt32BE(3, 57))))).to.deep.equal(invalid);
    expect(outcome(judge(edited((records) => records.writeInt32BE(0, 57))))).to.deep.equal(invalid);
    expect(outcome(judge(batch({ isControl: true })))).to.deep.equal(invalid);
    expect(outcome(judge(batch({ producerId: 4, producerEpoch: 1 })))).to.deep.equal(invalid);
  });

  it('gets UNKNOWN_SERVER_ERROR where Kafka does not expect the case', () => {
    const unexpected = [Errors.UNKNOWN_SERVER_ERROR, null, true];
    expect(outcome(judge(edited((records) => records.writeInt8(5, 22))))).to.deep.equal(unexpected);
    const brokenGzip = edited((records) => records.fill(1, 61), { codec: Codecs.GZIP });
    expect(outcome(judge(Buffer.from(brokenGzip), {}, { validation: 'strict' }))).to.deep.equal(unexpected);
    expect(outcome(judge(brokenGzip, { targetCodec: Codecs.LZ4 }))).to.deep.equal(unexpected);
    expect(outcome(judge(batch({ isTransactional: true }), { targetCodec: Codecs.LZ4 }))).to.deep.equal(unexpected);
  });

  it('names the records with a timestamp out of bounds', () => {
    const earliest = BigInt(now) - (2n ** 63n - 1n);
    for (const codec of [Codecs.NONE, Codecs.SNAPPY]) {
      const verdict = judge(batch({ codec }, record('a'), record('b', now + 2 * HOUR_MS)));
      expect(verdict.errorMessage).to.equal('One or more records have been rejected due to invalid timestamp');
      expect(verdict.recordErrors).to.deep.equal([
        {
          batchIndex: 1,
          message: `Timestamp ${now + 2 * HOUR_MS} of message with offset 1 is out of range. The timestamp should be within [${earliest}, ${now + HOUR_MS}]`,
        },
      ]);
    }
    const old = judge(batch({ codec: Codecs.LZ4 }, record('a', now - 11), record('b')), { timestampBeforeMaxMs: 10 });
    expect(old).to.include({ errorCode: Errors.INVALID_TIMESTAMP });
    expect(old.recordErrors.map((error) => error.batchIndex)).to.deep.equal([0]);
    expect(judge(batch({}, record('a', now - 10)), { timestampBeforeMaxMs: 10 }).errorCode).to.equal(Errors.NONE);
  });

  it('names the records without a key on a compacted topic, three of them in the text', () => {
    const text = (index: number): string =>
      `RecordError(batchIndex=${index}, message='Compacted topic cannot accept message without key in topic partition prod-0')`;
    for (const codec of [Codecs.NONE, Codecs.ZSTD]) {
      const keyless = [0, 1, 2, 3].map((i) => record(String(i), now, null));
      const verdict = judge(batch({ codec }, ...keyless, record('e')), { isCompacted: true });
      expect(verdict.errorCode).to.equal(Errors.INVALID_RECORD);
      expect(verdict.recordErrors.map((error) => error.batchIndex)).to.deep.equal([0, 1, 2, 3]);
      const shown = [0, 1, 2].map(text).join(', ');
      expect(verdict.errorMessage).to.equal(
        `One or more records have been rejected due to 4 record errors in total, and only showing the first three errors at most: [${shown}]`,
      );
    }
  });

  it('lists no more than a thousand records, and counts them all', () => {
    const keyless = Array.from({ length: 5000 }, () => record('', now, null));
    const verdict = judge(batch({}, ...keyless), { isCompacted: true });
    expect(verdict.recordErrors).to.have.length(1000);
    expect(verdict.errorMessage).to.include('5000 record errors in total');
  });

  it('that must be opened and unpacks to too much gets MESSAGE_TOO_LARGE', () => {
    for (const codec of [Codecs.GZIP, Codecs.SNAPPY, Codecs.LZ4, Codecs.ZSTD]) {
      const records = batch({ codec }, { value: Buffer.alloc(300_000), timestamp: now, key: Buffer.from('k') });
      expect(judge(Buffer.from(records), { maxDecompressedBytes: 200_000 }).errorCode).to.equal(Errors.NONE);
      const verdict = judge(records, { maxDecompressedBytes: 200_000, isCompacted: true });
      expect(verdict.errorCode, String(codec)).to.equal(Errors.MESSAGE_TOO_LARGE);
    }
  });
});

describe('timestamps beyond 2^53', () => {
  it('are compared and written exactly, with wrap-around as in Java', () => {
    const far = 2n ** 60n + 1n;
    const records = batch({ maxTimestamp: 1 }, { value: Buffer.of(1), timestamp: far });
    expect(judge(Buffer.from(records)).recordErrors[0]!.message).to.include(`Timestamp ${far} of message`);
    expect(judge(records, { timestampAfterMaxMs: 2n ** 63n - 1n }).errorCode).to.equal(Errors.NONE);
    expect(records.readBigInt64BE(35)).to.equal(far);
    expect(isBatchValid(records)).to.equal(true);
    // now - timestamp overflows to a negative number, which counts as lying in the future.
    const past = batch({}, { value: Buffer.of(1), timestamp: -(2n ** 63n) + 5n });
    expect(judge(past).errorCode).to.equal(Errors.INVALID_TIMESTAMP);
  });
});

describe('the rules of a topic', () => {
  const broker = { ...topicLogConfigDefaults() };

  it('come from its configs', () => {
    const rules = appendRules('t-1', {
      ...broker,
      compressionType: 'zstd',
      compressionZstdLevel: 5,
      cleanupPolicy: ['compact'],
      messageTimestampType: 'LogAppendTime',
    });
    expect(rules).to.include({
      topicPartition: 't-1',
      targetCodec: Codecs.ZSTD,
      compressionLevel: 5,
      isCompacted: true,
      isLogAppendTime: true,
    });
    expect(appendRules('t-1', { ...broker, compressionType: 'uncompressed' }).targetCodec).to.equal(Codecs.NONE);
    expect(appendRules('t-1', { ...broker, compressionType: 'producer' }).targetCodec).to.equal(PRODUCER_CODEC);
  });

  it('tell which codec must be loaded first', () => {
    // zstd has been loaded above, and the others always are.
    for (const codec of [0, 1, 2, 3, 4] as const)
      expect(codecNeededToAppend(batch({ codec }), plainRules, 'strict')).to.equal(0);
    expect(codecNeededToAppend(Buffer.alloc(5), plainRules, 'strict')).to.equal(0);
  });

  function topicLogConfigDefaults() {
    return topicLogConfig({
      cleanupPolicy: ['delete'],
      compressionType: 'producer',
      messageTimestampType: 'CreateTime',
      messageMaxBytes: 1_048_588,
    } as never);
  }
});
