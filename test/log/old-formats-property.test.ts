// Logs mixed at random of all formats and codecs, against a model that has their records in a list; then with one thing wrong.
import { expect } from 'chai';
import fc from 'fast-check';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import { buildBatch, MAGIC } from '../../src/protocol/records/index.ts';
import { propertyRuns } from '../property-runs.ts';
import { LogFixture, NOW } from './log-fixture.ts';
import { putLog } from './old-directory.ts';
import { type OldMagic, oldMessage, oldWrapper } from './old-messages.ts';

/** Before the files are written. */
const T = NOW - 100_000;
const OFFSET = 8;
const OFFSET_AND_SIZE = 12;

type Kind = 'plain' | 'packed' | 'current';
interface Shape {
  readonly kind: Kind;
  readonly magic: OldMagic;
  readonly codec: 1 | 2 | 3;
  readonly times: readonly number[];
  readonly valueBytes: number;
  readonly beginsSegment: boolean;
  readonly isAppendTime: boolean;
}

interface Entry {
  readonly first: number;
  readonly last: number;
  /** -1 where there is none. */
  readonly times: readonly number[];
  readonly bytes: Buffer;
}
interface ModelSegment {
  readonly base: number;
  readonly entries: Entry[];
}

const shape: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom<Kind>('plain', 'packed', 'current'),
  magic: fc.constantFrom<OldMagic>(0, 1),
  codec: fc.constantFrom(1, 2, 3),
  times: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 5 }),
  valueBytes: fc.integer({ min: 0, max: 300 }),
  beginsSegment: fc.boolean(),
  isAppendTime: fc.boolean(),
});
const shapes = fc.array(shape, { minLength: 1, maxLength: 12 });

function entriesOf({ kind, magic, codec, times, valueBytes, isAppendTime }: Shape, first: number): Entry[] {
  const records = times.map((time, k) => ({
    offset: first + k,
    timestamp: T + time,
    value: Buffer.alloc(valueBytes, first + k),
  }));
  const stamps = records.map(({ timestamp }) => timestamp);
  const last = first + times.length - 1;
  const noTimes = (all: readonly number[]): readonly number[] => (magic === 0 ? all.map(() => -1) : all);
  if (kind === 'plain') {
    return records.map((record) => ({
      first: record.offset,
      last: record.offset,
      times: noTimes([record.timestamp]),
      bytes: oldMessage({ magic, ...record }),
    }));
  }
  if (kind === 'packed') {
    const logAppendTimeMs = T + 500;
    const bytes = oldWrapper({
      magic,
      codec,
      messages: records,
      ...(isAppendTime && magic === 1 ? { logAppendTimeMs } : {}),
    });
    return [{ first, last, times: noTimes(isAppendTime ? stamps.map(() => logAppendTimeMs) : stamps), bytes }];
  }
  return [{ first, last, times: stamps, bytes: buildBatch(records, { baseOffset: first, leaderEpoch: 3, codec }) }];
}

function modelOf(list: readonly Shape[]): ModelSegment[] {
  const segments: ModelSegment[] = [];
  let next = 0;
  for (const one of list) {
    if (one.beginsSegment || segments.length === 0) segments.push({ base: next, entries: [] });
    const entries = entriesOf(one, next);
    segments.at(-1)?.entries.push(...entries);
    next = (entries.at(-1) as Entry).last + 1;
  }
  return segments;
}

const bytesOf = ({ entries }: ModelSegment): Buffer => Buffer.concat(entries.map(({ bytes }) => bytes));
const filesOf = (segments: readonly ModelSegment[]): Map<number, Buffer> =>
  new Map(segments.map((segment) => [segment.base, bytesOf(segment)]));
const endOf = (segments: readonly ModelSegment[]): number =>
  Math.max(...segments.flatMap(({ entries }) => entries).map(({ last }) => last)) + 1;

function expectedFetch(segments: readonly ModelSegment[], offset: number): Buffer {
  const segment = segments.findLast(({ base }) => base <= offset) as ModelSegment;
  return Buffer.concat(segment.entries.filter(({ last }) => last >= offset).map(({ bytes }) => bytes));
}

function expectedAt(segments: readonly ModelSegment[], from: number, timestamp: number): number {
  for (const { entries } of segments) {
    if (entries.every(({ last }) => last < from)) continue;
    for (const { first, times } of entries) {
      const k = times.findIndex((time, i) => time >= timestamp && first + i >= from);
      if (k >= 0) return first + k;
    }
    // Its file was written after all of these times: it could have the answer.
    if (entries.every(({ times }) => times.every((time) => time < 0))) return -1;
  }
  return -1;
}

function fetched(fixture: LogFixture, offset: number, maxBytes = 1 << 20): Buffer | number {
  try {
    const { log } = fixture;
    return Buffer.concat(log.read(offset, maxBytes, { upTo: log.highWatermark, minOneBatch: true }).readSync());
  } catch (error) {
    if (error instanceof KafkaError) return error.code;
    throw error;
  }
}

async function expectModel(fixture: LogFixture, segments: readonly ModelSegment[], from = 0): Promise<void> {
  expect(fixture.log.logEndOffset).to.equal(endOf(segments));
  for (let offset = from; offset < endOf(segments); offset++) {
    const all = expectedFetch(segments, offset);
    expect(fetched(fixture, offset), `fetch at ${offset}`).to.deep.equal(all);
    const entry = segments.flatMap(({ entries }) => entries).find(({ last }) => last >= offset) as Entry;
    expect(fetched(fixture, offset, 1), `fetch of one at ${offset}`).to.deep.equal(entry.bytes);
  }
  for (const time of [0, 100, 333, 499, 500, 501, 750, 1000, 1001]) {
    const found = await fixture.log.offsetForTimestamp(T + time);
    expect(found?.offset ?? -1, `at T + ${time}`).to.equal(expectedAt(segments, from, T + time));
  }
}

/** Of all that is before `position` in the segment at `index`. */
function before(segments: readonly ModelSegment[], index: number, position: number): ModelSegment[] {
  const { base, entries } = segments[index] as ModelSegment;
  let end = 0;
  const kept = entries.filter(({ bytes }) => (end += bytes.length) <= position);
  return [...segments.slice(0, index), { base, entries: kept }];
}

const options = propertyRuns(30);
const place = fc.record({ segment: fc.nat(), position: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) });

describe('logs of mixed formats', function () {
  this.timeout(60_000 + options.numRuns * 500);

  it('give every record by offset and by time, after a close, after a crash, and with any part of them deleted', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.boolean(), fc.nat(), async (list, isClean, part) => {
        const segments = modelOf(list);
        const fixture = new LogFixture({ indexIntervalBytes: 100 });
        const end = endOf(segments);
        await putLog(fixture, { segments: filesOf(segments), ...(isClean ? { endOffset: end } : {}) });
        await expectModel(fixture, segments);
        const from = part % end;
        fixture.log.deleteRecordsBefore(from);
        await expectModel(fixture, segments, from);
        fixture.append({ timestamps: [NOW] });
        await fixture.settle();
        await fixture.restart();
        expect([fixture.log.logStartOffset, fixture.log.logEndOffset]).to.deep.equal([from, end + 1]);
        expect(fixture.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
      }),
      options,
    );
  });

  it('are cut at any offset', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(), async (list, at) => {
        const segments = modelOf(list);
        const fixture = new LogFixture({ indexIntervalBytes: 100 });
        await putLog(fixture, { segments: filesOf(segments), endOffset: endOf(segments) });
        const whole = segments.flatMap(({ entries }) => entries).map(({ first }) => first);
        const offset = whole[at % whole.length] as number;
        await fixture.clock.run(fixture.log.truncateTo(offset));
        expect(fixture.log.logEndOffset).to.equal(offset);
        const kept = segments.map(({ base, entries }) => ({
          base,
          entries: entries.filter(({ last }) => last < offset),
        }));
        const left = kept.filter(({ entries }) => entries.length > 0);
        if (left.length > 0) await expectModel(fixture, left);
      }),
      options,
    );
  });

  it('are cut back at the first thing wrong after a crash, and nothing before it is lost', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, place, fc.boolean(), async (list, { segment, position, mask }, isCut) => {
        const segments = modelOf(list);
        const index = segment % segments.length;
        const files = filesOf(segments);
        const { base } = segments[index] as ModelSegment;
        const bytes = files.get(base) as Buffer;
        const at = position % bytes.length;
        if (!isCut && isUncovered(segments[index] as ModelSegment, at)) return;
        files.set(base, isCut ? bytes.subarray(0, at) : flipped(bytes, at, mask));
        const fixture = new LogFixture({ indexIntervalBytes: 100 });
        await putLog(fixture, { segments: files });
        const left = before(segments, index, at).filter(({ entries }) => entries.length > 0);
        if (left.length === 0) expect(fixture.log.logEndOffset).to.equal(0);
        else await expectModel(fixture, left);
      }),
      options,
    );
  });

  it('that were closed never give another record in place of the one asked for', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, place, async (list, { segment, position, mask }) => {
        const segments = modelOf(list);
        const damaged = segments[segment % segments.length] as ModelSegment;
        const files = filesOf(segments);
        const bytes = files.get(damaged.base) as Buffer;
        const at = position % bytes.length;
        files.set(damaged.base, flipped(bytes, at, mask));
        const fixture = new LogFixture({ indexIntervalBytes: 100 });
        const end = endOf(segments);
        await putLog(fixture, { segments: files, endOffset: end });
        for (let offset = 0; offset < end; offset++) expectRight(fixture, segments, damaged, at, offset);
      }),
      options,
    );
  });
});

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ mask;
  return copy;
}

/** Which entry has the byte, and where in it. */
function byteOf({ entries }: ModelSegment, at: number): { entry: Entry; at: number } {
  let start = 0;
  for (const entry of entries) {
    if (at < start + entry.bytes.length) return { entry, at: at - start };
    start += entry.bytes.length;
  }
  throw new Error('a byte of the segment');
}

/** The leader epoch of format 2 is under no checksum, and follows on nothing. */
function isUncovered(segment: ModelSegment, at: number): boolean {
  const found = byteOf(segment, at);
  return found.entry.bytes[MAGIC] === 2 && found.at >= OFFSET_AND_SIZE && found.at < MAGIC;
}

/** What consumers cannot see: the offset of an entry. The checksum fails where the size is wrong. */
function expectRight(
  fixture: LogFixture,
  segments: readonly ModelSegment[],
  damaged: ModelSegment,
  at: number,
  offset: number,
): void {
  const found = fetched(fixture, offset);
  if (typeof found === 'number') {
    expect(found, `at ${offset}`).to.equal(Errors.CORRUPT_MESSAGE);
    return;
  }
  const whole = expectedFetch(segments, offset);
  expect(found.length, `at ${offset}`).to.be.within(1, whole.length);
  const wrong = byteOf(damaged, at);
  let start = 0;
  for (const entry of (segments.findLast(({ base }) => base <= offset) as ModelSegment).entries) {
    if (entry.last < offset || start >= found.length) continue;
    const given = found.subarray(start, start + OFFSET);
    if (given.length === OFFSET || entry !== wrong.entry) {
      expect(given, `at ${offset}, of ${entry.first}`).to.deep.equal(entry.bytes.subarray(0, given.length));
    }
    start += entry.bytes.length;
  }
}
