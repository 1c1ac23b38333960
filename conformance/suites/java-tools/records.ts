import { writeFileSync } from 'node:fs';
import { same, that } from '../../suite.ts';
import { type Session, type Steps, TOOLS } from './session.ts';

const NUMBERS = Array.from({ length: 200 }, (_, i) => `line ${i}`);

export const RECORDS: Steps = {
  'console-producer and console-consumer': async (s) => {
    await s.topics('--create', '--topic', 'lines', '--partitions', '1');
    await s.produce('lines', NUMBERS);
    same(await s.consume('lines', 0, NUMBERS.length), NUMBERS, 'records');
  },
  'console-consumer from an offset': async (s) =>
    same(await s.consume('lines', 0, 2, '--offset', '150'), ['line 150', 'line 151'], 'records'),
  'console-consumer --isolation-level read_committed': async (s) =>
    same(await s.consume('lines', 0, 1, '--isolation-level', 'read_committed'), ['line 0'], 'records'),
  'console-producer with keys and headers': async (s) => {
    await s.topics('--create', '--topic', 'keyed', '--partitions', '1');
    const parse = ['parse.key=true', 'key.separator=|', 'parse.headers=true', 'null.marker=NULL'];
    const lines = ['a:1,b:2\tk1|v1', 'NULL\tk2|NULL', 'c:3\tNULL|v3'];
    await s.produce('keyed', lines, ...parse.flatMap((p) => ['--reader-property', p]));
    const print = ['print.key=true', 'print.headers=true', 'print.offset=true', 'print.partition=true'];
    const read = await s.consume('keyed', 0, 3, ...print.flatMap((p) => ['--formatter-property', p]));
    const at = (partition: number, offset: number): string => `Partition:${partition}\tOffset:${offset}`;
    const expected = [
      `${at(0, 0)}\ta:1,b:2\tk1\tv1`,
      `${at(0, 1)}\tNO_HEADERS\tk2\tnull`,
      `${at(0, 2)}\tc:3\tnull\tv3`,
    ];
    same(read, expected, 'records');
  },
  ...Object.fromEntries(
    ['gzip', 'snappy', 'lz4', 'zstd'].map((codec) => [
      `console-producer --compression-codec ${codec}`,
      async (s: Session) => {
        await s.topics('--create', '--topic', `java-${codec}`, '--partitions', '1');
        await s.produce(`java-${codec}`, NUMBERS, '--compression-codec', codec);
        same(await s.consume(`java-${codec}`, 0, NUMBERS.length), NUMBERS, 'records');
      },
    ]),
  ),
  'console-producer with acks 0 and 1': async (s) => {
    await s.topics('--create', '--topic', 'acks', '--partitions', '1');
    for (const acks of ['0', '1']) {
      const properties = [`acks=${acks}`, 'enable.idempotence=false'];
      await s.produce('acks', [`acks ${acks}`], ...properties.flatMap((p) => ['--command-property', p]));
    }
    same(await s.consume('acks', 0, 2), ['acks 0', 'acks 1'], 'records');
  },
  'console-producer creates a topic': async (s) => {
    await s.produce('auto-created', ['one']);
    that((await s.topics('--describe', '--topic', 'auto-created')).includes('PartitionCount: 4'), 'partitions');
  },
  'get-offsets latest': async (s) => same(await s.offsets('--topic', 'lines'), ['lines:0:200'], 'offsets'),
  'get-offsets earliest': async (s) =>
    same(await s.offsets('--topic', 'lines', '--time', 'earliest'), ['lines:0:0'], 'offsets'),
  'get-offsets max-timestamp': async (s) => {
    const [line] = await s.offsets('--topic', 'keyed', '--time', 'max-timestamp');
    that(/^keyed:0:[0-2]$/.test(line ?? ''), String(line));
  },
  'get-offsets earliest-local and latest-tiered': async (s) => {
    same(await s.offsets('--topic', 'lines', '--time', '-4'), ['lines:0:0'], 'earliest-local');
    same(await s.offsets('--topic', 'lines', '--time', '-5'), [''], 'latest-tiered');
  },
  'get-offsets by timestamp': async (s) => {
    same(await s.offsets('--topic', 'lines', '--time', '1000'), ['lines:0:0'], 'long ago');
    same(await s.offsets('--topic', 'lines', '--time', '33000000000000'), [''], 'far ahead');
  },
  'get-offsets --topic-partitions': async (s) =>
    same(await s.offsets('--topic-partitions', 'made:1-3'), ['made:1:0', 'made:2:0'], 'offsets'),
  'delete-records': async (s) => {
    const file = `${s.scratch}/delete-records.json`;
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: 'lines', partition: 0, offset: 50 }] }));
    const text = await s.ok(`${TOOLS}.DeleteRecordsCommand`, ['--offset-json-file', file]);
    that(/partition: lines-0\s+low_watermark: 50/.test(text), text);
    same(await s.offsets('--topic', 'lines', '--time', 'earliest'), ['lines:0:50'], 'earliest');
    same(await s.consume('lines', 0, 1), ['line 50'], 'first record');
  },
  'delete-records beyond the end': async (s) => {
    const file = `${s.scratch}/delete-records.json`;
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: 'lines', partition: 0, offset: 900 }] }));
    const args = ['--offset-json-file', file];
    await s.refused(`${TOOLS}.DeleteRecordsCommand`, args, /OffsetOutOfRange|out of range|not within the range/i);
  },
  'delete-records of everything': async (s) => {
    await s.topics('--create', '--topic', 'emptied', '--partitions', '1');
    await s.produce('emptied', ['one', 'two']);
    const file = `${s.scratch}/delete-all.json`;
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: 'emptied', partition: 0, offset: -1 }] }));
    const text = await s.ok(`${TOOLS}.DeleteRecordsCommand`, ['--offset-json-file', file]);
    that(/partition: emptied-0\s+low_watermark: 2/.test(text), text);
    same(await s.offsets('--topic', 'emptied', '--time', 'earliest'), ['emptied:0:2'], 'earliest');
  },
  'get-offsets of every special time, by name and number': async (s) => {
    const expected: [string, string, string][] = [
      ['latest', '-1', 'lines:0:200'],
      ['earliest', '-2', 'lines:0:50'],
      ['earliest-local', '-4', 'lines:0:50'],
      ['latest-tiered', '-5', ''],
      ['earliest-pending-upload', '-6', ''],
    ];
    for (const [name, number, line] of expected) {
      same(await s.offsets('--topic', 'lines', '--time', name), [line], name);
      same(await s.offsets('--topic', 'lines', '--time', number), [line], number);
    }
    const [latest] = await s.offsets('--topic', 'lines', '--time', '-3');
    that(/^lines:0:\d+$/.test(latest ?? ''), `max-timestamp ${latest}`);
  },
  'get-offsets by pattern, by partitions, without internal topics': async (s) => {
    same(await s.offsets('--topic', 'li.*|emptied', '--time', 'latest'), ['emptied:0:2', 'lines:0:200'], 'pattern');
    same(await s.offsets('--topic', 'made', '--partitions', '0,4'), ['made:0:0', 'made:4:0'], 'partitions');
    same(
      await s.offsets('--topic-partitions', 'lines,made:2-'),
      ['lines:0:200', 'made:2:0', 'made:3:0', 'made:4:0'],
      'ranges',
    );
    const all = await s.offsets('--exclude-internal-topics');
    that(all.includes('lines:0:200') && !all.some((line) => line.startsWith('__')), all.join());
  },
  'get-offsets of a topic that is not there': (s) =>
    s.refused(
      `${TOOLS}.GetOffsetShell`,
      ['--topic', 'absent'],
      /Could not match any topic-partitions with the specified filters/,
    ),
  'console-consumer with a group goes on where it stopped': async (s) => {
    await s.topics('--create', '--topic', 'grouped', '--partitions', '1');
    await s.produce('grouped', NUMBERS.slice(0, 10));
    same(await s.consumeAs('console', 'grouped', 10), NUMBERS.slice(0, 10), 'first reading');
    await s.produce('grouped', NUMBERS.slice(10, 15));
    const classic = ['--command-property', 'group.protocol=classic'];
    same(await s.consumeAs('console', 'grouped', 5, ...classic), NUMBERS.slice(10, 15), 'second reading');
  },
  'console-consumer with a group and --isolation-level': async (s) => {
    const committed = ['--isolation-level', 'read_committed'];
    same(await s.consumeAs('committed', 'grouped', 15, ...committed), NUMBERS.slice(0, 15), 'records');
  },
  'console-consumer --include': async (s) => {
    const args = ['--include', 'group.*', '--from-beginning', '--max-messages', '15', '--timeout-ms', '20000'];
    const text = await s.ok(`${TOOLS}.consumer.ConsoleConsumer`, args);
    same(text.trimEnd().split('\n'), NUMBERS.slice(0, 15), 'records');
  },
};
