// Logs with messages of formats 0 and 1, answered as Apache Kafka 4.3.1 has answered the same files (fixtures/README.md).
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import { DIRECTORY, LogFixture, NOW } from './log-fixture.ts';
import { putLog } from './old-directory.ts';
import { oldMessage, oldWrapper } from './old-messages.ts';

/** Error code, timestamp, offset, leader epoch. */
type Found = readonly [number, number, number, number];
/** Error code, high watermark, bytes, the beginning of their SHA-1. */
type Fetched = readonly [number, number, number, string];

interface OracleLog {
  readonly topic: string;
  readonly policy?: 'compact';
  readonly isClean: boolean;
  readonly segments: readonly (readonly [number, string])[];
  readonly earliest: Found;
  readonly latest: Found;
  readonly max: Found;
  /** By distance to T. */
  readonly times: Readonly<Record<string, Found>>;
  /** By offset: with much room, and with that of one byte. */
  readonly fetch: Readonly<Record<string, readonly [Fetched, Fetched]>>;
  /** What stood there afterwards: sizes of logs, other files in base 64. */
  readonly files: Readonly<Record<string, number | string>>;
}

const { T, logs } = JSON.parse(
  gunzipSync(readFileSync(new URL('../fixtures/old-formats.json.gz', import.meta.url))).toString('utf8'),
) as { T: number; logs: readonly OracleLog[] };

const isIndex = (name: string): boolean => name.endsWith('index');

/** `withIndexes`: those that Kafka has made; of a log that was not closed there are none. */
async function opened(log: OracleLog, withIndexes: boolean): Promise<LogFixture> {
  const fixture = new LogFixture(log.policy === undefined ? {} : { cleanupPolicy: [log.policy] });
  const indexes = withIndexes ? Object.entries(log.files).filter(([name]) => isIndex(name)) : [];
  await putLog(fixture, {
    segments: new Map(log.segments.map(([base, bytes]) => [base, Buffer.from(bytes, 'base64')])),
    indexes: new Map(indexes.map(([name, bytes]) => [name, Buffer.from(String(bytes), 'base64')])),
    ...(log.isClean ? { endOffset: log.latest[2] } : {}),
  });
  return fixture;
}

function fetched(fixture: LogFixture, offset: number, maxBytes: number): [number, number, string] {
  const { log } = fixture;
  const slice = log.read(offset, maxBytes, { upTo: log.highWatermark, minOneBatch: true });
  const bytes = Buffer.concat(slice.readSync());
  return [log.highWatermark, bytes.length, createHash('sha1').update(bytes).digest('hex').slice(0, 12)];
}

const NOTHING = [-1, -1, -1];

async function expectAnswers(fixture: LogFixture, log: OracleLog): Promise<void> {
  expect(fixture.log.logStartOffset, 'earliest').to.equal(log.earliest[2]);
  expect(fixture.log.logEndOffset, 'latest').to.equal(log.latest[2]);
  const max = await fixture.log.maxTimestampOffset();
  expect(max === undefined ? NOTHING : [max.timestamp, max.offset, max.leaderEpoch], 'max').to.deep.equal(
    log.max.slice(1),
  );
  for (const [distance, answer] of Object.entries(log.times)) {
    // What Kafka answers with an error for a set that it cannot open has a test of its own.
    if (answer[0] !== 0) continue;
    const found = await fixture.log.offsetForTimestamp(T + Number(distance));
    const told = found === undefined ? NOTHING : [found.timestamp, found.offset, found.leaderEpoch];
    expect(told, `at T + ${distance}`).to.deep.equal(answer.slice(1));
  }
  for (const [offset, [much, one]] of Object.entries(log.fetch)) {
    if (much[0] !== 0) continue;
    expect(fetched(fixture, Number(offset), 1 << 20), `fetch at ${offset}`).to.deep.equal(much.slice(1));
    expect(fetched(fixture, Number(offset), 1), `fetch of one at ${offset}`).to.deep.equal(one.slice(1));
  }
}

/** Kafka leaves an empty file where there is nothing to index, and has every segment's time index end with its largest timestamp. */
function expectFiles(fixture: LogFixture, log: OracleLog): void {
  for (const [name, content] of Object.entries(log.files)) {
    const path = `${DIRECTORY}/${name}`;
    const bytes = fixture.disk.existsSync(path) ? Buffer.from(fixture.disk.readFileSync(path)) : Buffer.alloc(0);
    if (typeof content === 'number') expect(bytes.length, name).to.equal(content);
    else if (isIndex(name)) expect(bytes.toString('base64'), name).to.equal(content);
  }
}

describe('records of message formats 0 and 1', () => {
  for (const log of logs) {
    if (log.isClean) {
      it(`are answered as by Kafka: ${log.topic}`, async () => {
        const fixture = await opened(log, true);
        await expectAnswers(fixture, log);
        expect(
          fixture.lines.filter(({ message }) => message.includes('index') || message.includes('damaged')),
        ).to.deep.equal([]);
      });
      it(`are answered as by Kafka without indexes: ${log.topic}`, async () => {
        const fixture = await opened(log, false);
        await expectAnswers(fixture, log);
        await fixture.clock.run(fixture.manager.close(5));
        expectFiles(fixture, log);
      });
      continue;
    }
    it(`are recovered as by Kafka: ${log.topic}`, async () => {
      const fixture = await opened(log, false);
      await expectAnswers(fixture, log);
      await fixture.restart();
      await expectAnswers(fixture, log);
      expectFiles(fixture, log);
    });
  }

  it('in a set that cannot be opened are answered with CORRUPT_MESSAGE, and those behind it are served', async () => {
    const log = logs.find(({ topic }) => topic === 'opaque') as OracleLog;
    const fixture = await opened(log, true);
    const codeAt = (offset: number): number => {
      try {
        fetched(fixture, offset, 1);
        return Errors.NONE;
      } catch (error) {
        return (error as KafkaError).code;
      }
    };
    const codes = Array.from({ length: 12 }, (_, offset) => codeAt(offset));
    const wrong = Array.from({ length: 5 }, () => Errors.CORRUPT_MESSAGE);
    expect(codes).to.deep.equal([0, 0, 0, ...wrong, 0, 0, 0, 0]);
  });

  it('are found with the index of Kafka before 0.10.1, which has the first offset of what was appended', async () => {
    const set = (from: number): Buffer =>
      oldWrapper({ magic: 0, codec: 1, messages: [0, 1, 2].map((k) => ({ offset: from + k })) });
    const sets = [0, 3, 6, 9].map(set);
    const index = Buffer.alloc(16);
    index.writeInt32BE(3, 0);
    index.writeInt32BE(sets[0]?.length ?? 0, 4);
    index.writeInt32BE(9, 8);
    index.writeInt32BE(Buffer.concat(sets.slice(0, 3)).length, 12);
    const fixture = new LogFixture();
    const names = ['00000000000000000000.index', '00000000000000000000.timeindex'] as const;
    await putLog(fixture, {
      segments: new Map([[0, Buffer.concat(sets)]]),
      indexes: new Map<string, Buffer>([
        [names[0], index],
        [names[1], Buffer.alloc(0)],
      ]),
      endOffset: 12,
    });
    for (let offset = 0; offset < 12; offset++) {
      const from = Math.floor(offset / 3);
      expect(fetched(fixture, offset, 1)[1], `at ${offset}`).to.equal(sets[from]?.length);
    }
    expect(fixture.lines.filter(({ message }) => message.includes('index'))).to.deep.equal([]);
  });

  it('without a time are as old as their file for retention', async () => {
    const old = oldMessage({ magic: 0, offset: 0 });
    const fixture = new LogFixture({ retentionMs: 5000 });
    const left = {
      segments: new Map([
        [0, old],
        [1, oldMessage({ magic: 1, offset: 1, timestamp: NOW })],
      ]),
      endOffset: 2,
    };
    await putLog(fixture, left);
    fixture.manager.checkRetention();
    expect(fixture.log.logStartOffset).to.equal(0);
    await fixture.settle(4000);
    fixture.append({ timestamps: [NOW + 4000] });
    await fixture.settle(2000);
    fixture.manager.checkRetention();
    expect(fixture.log.logStartOffset).to.equal(1);
  });

  it('count for the rename of the cleaner that was under way', async () => {
    const fixture = new LogFixture({ cleanupPolicy: ['compact'] });
    const whole = Buffer.concat([0, 1, 2].map((offset) => oldMessage({ magic: 0, offset })));
    await putLog(fixture, {
      segments: new Map([
        [0, whole],
        [3, oldMessage({ magic: 0, offset: 3 })],
      ]),
      endOffset: 4,
    });
    await fixture.clock.run(fixture.manager.close(5));
    const { disk } = fixture;
    // Stands for both segments.
    const swap = Buffer.concat([oldMessage({ magic: 0, offset: 1 }), oldMessage({ magic: 0, offset: 3 })]);
    disk.writeFileSync(`${DIRECTORY}/00000000000000000000.log.swap`, swap);
    await fixture.open();
    expect(fixture.files().filter((name) => name.endsWith('.log'))).to.deep.equal(['00000000000000000000.log']);
    expect(fixture.log.logEndOffset).to.equal(4);
  });
});
