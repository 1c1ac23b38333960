// The pure parts of a consumer, held against what they stand for with data drawn at random.
import { expect } from 'chai';
import fc from 'fast-check';
import { FetchSession, type WantedPartition } from '../../../src/client/consumer/fetch-session.ts';
import { FetchedChunk } from '../../../src/client/consumer/fetched-chunk.ts';
import { Lanes, type Task } from '../../../src/client/consumer/lanes.ts';
import { type DonePrefix, OffsetProgress } from '../../../src/client/consumer/offset-progress.ts';
import { PartitionState } from '../../../src/client/consumer/partition-state.ts';
import type { RawRecord } from '../../../src/client/consumer/consumed-record.ts';
import { settingsOf } from '../../../src/client/consumer/consumer-options.ts';
import { ConfigurationError } from '../../../src/client/index.ts';
import {
  buildBatch,
  buildEndTransactionMarker,
  compress,
  CompressionError,
  CorruptRecordError,
  InvalidRecordError,
} from '../../../src/protocol/index.ts';
import { Acknowledgements, type AcknowledgeType } from '../../../src/client/share/acknowledgements.ts';

const options = {
  topic: 't',
  partition: 0,
  offset: 0,
  aborted: [],
  checksCrcs: true,
  tellsBatches: false,
  maxUnpackedBytes: 1_000_000,
};

function readAll(bytes: Buffer, some: Partial<typeof options> & { aborted?: never[] } = {}, step = 3): RawRecord[] {
  const chunk = new FetchedChunk(bytes, { ...options, ...some });
  const records: RawRecord[] = [];
  while (!chunk.isDone) chunk.readInto(records, step);
  return records;
}

describe('The parts of a consumer', () => {
  it('read every record of a batch as it was written, some at a time', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: null });
    const record = fc.record({
      key: bytes,
      value: bytes,
      timestamp: fc.oneof(fc.integer({ min: 0, max: 2 ** 45 }), fc.constant(1.7e12)),
      headers: fc.array(fc.record({ key: fc.string(), value: bytes }), { maxLength: 3 }),
    });
    const codecs = fc.constantFrom(0, 1, 2, 3);
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 30 }),
        codecs,
        fc.nat(20),
        (records, codec, firstOffset) => {
          const batch = buildBatch(records, { baseOffset: 5, leaderEpoch: 3, codec: codec as 0 });
          const read = readAll(batch, { offset: firstOffset });
          const expected = records.flatMap((one, index) =>
            5 + index >= firstOffset ? [{ ...one, offset: 5 + index }] : [],
          );
          const told = read.map(({ offset, timestamp, key, value, headers }) => ({
            offset,
            timestamp,
            key,
            value,
            headers,
          }));
          expect(JSON.stringify(told)).to.equal(JSON.stringify(plain(expected)));
          expect(
            read.every(({ leaderEpoch, timestampType }) => leaderEpoch === 3 && timestampType === 'CreateTime'),
          ).to.equal(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('refuse what is no batch, and end with nothing worse than a typed error', () => {
    const batch = buildBatch([{ key: Buffer.from('key'), value: Buffer.from('value'), timestamp: 1 }], {
      baseOffset: 0,
    });
    fc.assert(
      fc.property(
        fc.nat(batch.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        (at, change, checksCrcs) => {
          const bytes = Buffer.from(batch);
          bytes[at] = (bytes[at] as number) ^ change;
          try {
            readAll(bytes, { checksCrcs });
          } catch (error) {
            const isTyped =
              error instanceof CorruptRecordError ||
              error instanceof InvalidRecordError ||
              (error as Error).name === 'CompressionError';
            expect(isTyped, String(error)).to.equal(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('stop at a batch that unpacks to more than is allowed', () => {
    const value = Buffer.alloc(100_000);
    const batch = buildBatch([{ key: null, value, timestamp: 1 }], { baseOffset: 0, codec: 1 });
    expect(batch.length).to.be.lessThan(compress(1, value).length + 200);
    expect(() => readAll(batch, { maxUnpackedBytes: 50_000 })).to.throw(CompressionError);
  });

  it('say what their batch is where that is asked for', () => {
    const producer = { producerId: 2 ** 40, producerEpoch: 3, baseSequence: 0, isTransactional: true };
    const batch = buildBatch([{ key: null, value: Buffer.from('x'), timestamp: 1 }], { baseOffset: 0, ...producer });
    const [told] = readAll(batch, { tellsBatches: true });
    expect(told?.batch).to.deep.equal({ codec: 0, isTransactional: true, producerId: 2 ** 40, producerEpoch: 3 });
    expect(readAll(batch)[0]).not.to.have.property('batch');
  });

  it('pass over markers and what was aborted', () => {
    const transactional = (baseOffset: number, producerId: number, value: string): Buffer =>
      buildBatch([{ key: null, value: Buffer.from(value), timestamp: 1 }], {
        baseOffset,
        producerId,
        producerEpoch: 0,
        baseSequence: 0,
        isTransactional: true,
      });
    const marker = (baseOffset: number, producerId: number, isCommit: boolean): Buffer =>
      buildEndTransactionMarker({
        isCommit,
        producerId,
        producerEpoch: 0,
        coordinatorEpoch: 0,
        timestamp: 1,
        baseOffset,
      });
    const bytes = Buffer.concat([
      transactional(0, 7, 'aborted'),
      transactional(1, 8, 'committed'),
      marker(2, 7, false),
      marker(3, 8, true),
      transactional(4, 7, 'later'),
    ]);
    const chunk = new FetchedChunk(bytes, { ...options, aborted: [{ producerId: 7, firstOffset: 0 }] });
    const records: RawRecord[] = [];
    while (!chunk.isDone) chunk.readInto(records, 10);
    expect(records.map(({ offset, value }) => [offset, String(value)])).to.deep.equal([
      [1, 'committed'],
      [4, 'later'],
    ]);
    expect(chunk.nextOffset).to.equal(5);
  });

  it('tell a broker of a session only what has changed', () => {
    const states = [0, 1, 2].map((partition) => new PartitionState('t', partition, undefined));
    const wanted = (partition: number, fetchOffset: number): WantedPartition => ({
      state: states[partition] as PartitionState,
      topicId: 'id',
      leaderEpoch: 1,
      fetchOffset,
      version: 0,
    });
    const session = new FetchSession();
    const named = (request: ReturnType<FetchSession['next']>): unknown => [
      request.sessionId,
      request.sessionEpoch,
      request.named.map(({ state, fetchOffset }) => `${state.partition}@${fetchOffset}`),
      request.forgotten.map(({ state }) => state.partition),
    ];
    expect(named(session.next([wanted(0, 0), wanted(1, 0)]))).to.deep.equal([0, 0, ['0@0', '1@0'], []]);
    session.answered(42);
    expect(named(session.next([wanted(0, 5), wanted(1, 0)]))).to.deep.equal([42, 1, ['0@5'], []]);
    session.answered(42);
    expect(named(session.next([wanted(1, 0), wanted(2, 0)]))).to.deep.equal([42, 2, ['2@0'], [0]]);
    session.reset(false);
    expect(named(session.next([wanted(1, 0)]))).to.deep.equal([42, 0, ['1@0'], []]);
    session.answered(0);
    expect(session.final()).to.equal(undefined);
    expect(named(session.next([wanted(1, 0)]))).to.deep.equal([0, 0, ['1@0'], []]);
  });

  it('commit up to the first record that is not done, in whatever order they end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 60 }),
        fc.func(fc.nat()),
        (gaps, weigh) => {
          const progress = new OffsetProgress();
          const offsets: number[] = [];
          for (const gap of gaps) offsets.push((offsets.at(-1) ?? 0) + gap);
          // Epochs rise with the offsets: a new one every five of them.
          const epochOf = (offset: number): number => Math.floor(offset / 5);
          for (const offset of offsets) progress.begin(offset, epochOf(offset));
          const open = new Set(offsets);
          let prefix: DonePrefix | undefined;
          for (const offset of [...offsets].sort((a, b) => weigh(a) - weigh(b))) {
            open.delete(offset);
            prefix = progress.done(offset) ?? prefix;
            const firstOpen = Math.min(...open);
            const before = offsets.filter((one) => one < firstOpen).at(-1);
            expect(prefix).to.deep.equal(
              before === undefined ? undefined : { end: before + 1, leaderEpoch: epochOf(before) },
            );
          }
          expect(progress.isEmpty).to.equal(true);
        },
      ),
    );
  });

  it('know the epoch of what stands before the position, be it a marker of a transaction that was passed over', () => {
    const state = new PartitionState('t', 0, undefined);
    state.moveTo(4, 1);
    expect(state).to.include({ position: 4, takenEpoch: 1 });
    state.ready = [{ offset: 4, leaderEpoch: 2 } as (typeof state.ready)[number]];
    state.fetchOffset = 6;
    state.fetchEpoch = 3;
    state.take();
    expect(state, 'the marker at 5 was written by a later leader').to.include({ position: 6, takenEpoch: 3 });
  });

  it('let records of one key follow one another, and others go on beside them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', null), { maxLength: 40 }),
        fc.infiniteStream(fc.nat(10)),
        (keys, draws) => {
          const state = new PartitionState('t', 0, undefined);
          const lanes = new Lanes('key');
          keys.forEach((key, offset) =>
            lanes.add({ state, record: { offset } as Task['record'], key: key === null ? null : Buffer.from(key) }),
          );
          const running: { task: Task; end: () => void }[] = [];
          const lasts = new Map<string, number>();
          let begun = 0;
          for (;;) {
            const next = lanes.begin(() => false);
            if (next !== undefined) {
              const key = next.task.key === null ? undefined : String(next.task.key);
              if (key !== undefined) {
                expect(running.some(({ task }) => String(task.key) === key)).to.equal(false);
                expect(next.task.record.offset).to.be.greaterThan(lasts.get(key) ?? -1);
                lasts.set(key, next.task.record.offset);
              }
              running.push(next);
              begun++;
            } else if (running.length === 0) break;
            if (next === undefined || draws.next().value > 5) running.splice(0, 1)[0]?.end();
          }
          expect(begun).to.equal(keys.length);
          expect(lanes.waiting).to.equal(0);
        },
      ),
    );
  });

  it('tell acknowledgements in ranges that say of each offset what was said', () => {
    const types = fc.constantFrom<AcknowledgeType>('accept', 'release', 'reject', 'renew');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.option(types)), { maxLength: 60 }), (said) => {
        const acknowledgements = new Acknowledgements();
        const codes = new Map<number, number>();
        for (const [offset, type] of said) {
          if (type === null) acknowledgements.addGap(offset);
          else acknowledgements.add(offset, type);
          codes.set(offset, type === null ? 0 : ['accept', 'release', 'reject', 'renew'].indexOf(type) + 1);
        }
        const told = new Map<number, number>();
        for (const { firstOffset, lastOffset, acknowledgeTypes } of acknowledgements.batches()) {
          expect([1, lastOffset - firstOffset + 1]).to.include(acknowledgeTypes.length);
          for (let offset = firstOffset; offset <= lastOffset; offset++) {
            expect(told.has(offset)).to.equal(false);
            told.set(offset, (acknowledgeTypes[offset - firstOffset] ?? acknowledgeTypes[0]) as number);
          }
        }
        expect(told.size).to.equal(codes.size);
        for (const [offset, code] of codes) expect(told.get(offset)).to.equal(code);
      }),
    );
  });

  it("take Kafka's keys, and say which one makes no sense", () => {
    const settings = settingsOf(
      { minBytes: 7 },
      {
        'group.id': 'g',
        'fetch.min.bytes': '3',
        'enable.auto.commit': 'false',
        'auto.offset.reset': 'earliest',
        'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
        'max.poll.records': 10,
      },
    );
    expect(settings).to.deep.include({
      group: 'g',
      minBytes: 7,
      autoCommit: false,
      autoOffsetReset: 'earliest',
      maxPollRecords: 10,
    });
    expect(settings.assignors).to.deep.equal(['cooperative-sticky']);
    for (const [key, value] of [
      ['auto.offset.reset', 'middle'],
      ['max.poll.records', 'x'],
      ['enable.auto.commit', 'maybe'],
    ] as const) {
      expect(() => settingsOf({}, { [key]: value })).to.throw(ConfigurationError, key);
    }
    expect(() => settingsOf({ topics: ['t'] })).to.throw(ConfigurationError, 'group');
    expect(() => settingsOf({ maxPollRecords: 0 })).to.throw(ConfigurationError, 'maxPollRecords');
  });
});

/** Buffers and arrays of bytes alike. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { offset, timestamp, key, value: content, headers } = value as Record<string, unknown>;
  if (offset === undefined) return { key, value: plain(content) };
  return { offset, timestamp, key: plain(key), value: plain(content), headers: plain(headers) };
}
