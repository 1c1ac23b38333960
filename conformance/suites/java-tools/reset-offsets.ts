// kafka-consumer-groups --reset-offsets in all its modes, on a topic with records of two moments.

import { writeFileSync } from 'node:fs';
import { same, that } from '../../suite.ts';
import { GROUP_COMMAND, rowsOf, type Session, type Steps } from './session.ts';

const TOPIC = 'moments';
const FIRST = 10;
const SECOND = 5;
/** Between the first records and the second ones. */
let between = new Date(0);

/** The new offsets as `topic partition offset`; with --execute unless --dry-run is among the arguments. */
async function reset(s: Session, ...args: string[]): Promise<string[]> {
  const how = args.includes('--dry-run') ? [] : ['--execute'];
  const text = await s.groups('--reset-offsets', '--group', 'resettable', ...args, ...how);
  return rowsOf(text)
    .map((row) => [row['TOPIC'], row['PARTITION'], row['NEW-OFFSET']].join(' '))
    .sort();
}

async function committed(s: Session): Promise<string[]> {
  const rows = rowsOf(await s.groups('--describe', '--group', 'resettable'));
  return rows.map((row) => [row['TOPIC'], row['PARTITION'], row['CURRENT-OFFSET']].join(' ')).sort();
}

const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`);
const one = ['--topic', TOPIC];

export const RESET_OFFSETS: Steps = {
  'reset-offsets --to-earliest of a group that is new': async (s) => {
    await s.topics('--create', '--topic', TOPIC, '--partitions', '1');
    await s.produce(TOPIC, lines(FIRST));
    between = new Date();
    await s.produce(TOPIC, lines(SECOND));
    same(await reset(s, ...one, '--to-earliest'), [`${TOPIC} 0 0`], 'reset');
    same(await committed(s), [`${TOPIC} 0 0`], 'committed');
  },
  'reset-offsets --to-latest': async (s) => {
    same(await reset(s, ...one, '--to-latest'), [`${TOPIC} 0 15`], 'reset');
    same(await committed(s), [`${TOPIC} 0 15`], 'committed');
  },
  'reset-offsets --shift-by': async (s) => {
    same(await reset(s, ...one, '--shift-by', '-4'), [`${TOPIC} 0 11`], 'back');
    same(await reset(s, ...one, '--shift-by', '2'), [`${TOPIC} 0 13`], 'forth');
    same(await committed(s), [`${TOPIC} 0 13`], 'committed');
    same(await reset(s, ...one, '--shift-by', '1000', '--dry-run'), [`${TOPIC} 0 15`], 'beyond the end');
    same(await reset(s, ...one, '--shift-by', '-1000', '--dry-run'), [`${TOPIC} 0 0`], 'before the start');
  },
  'reset-offsets --to-offset': async (s) => {
    same(await reset(s, ...one, '--to-offset', '6'), [`${TOPIC} 0 6`], 'reset');
    same(await committed(s), [`${TOPIC} 0 6`], 'committed');
  },
  'reset-offsets --to-current': async (s) =>
    same(await reset(s, '--all-topics', '--to-current'), [`${TOPIC} 0 6`], 'reset'),
  'reset-offsets --to-datetime': async (s) => {
    same(await reset(s, ...one, '--to-datetime', between.toISOString()), [`${TOPIC} 0 10`], 'between');
    same(
      await reset(s, ...one, '--to-datetime', '2020-01-01T00:00:00.000Z', '--dry-run'),
      [`${TOPIC} 0 0`],
      'long ago',
    );
    same(
      await reset(s, ...one, '--to-datetime', '2999-01-01T00:00:00.000Z', '--dry-run'),
      [`${TOPIC} 0 15`],
      'to come',
    );
  },
  'reset-offsets --by-duration': async (s) => {
    same(await reset(s, ...one, '--by-duration', 'P1D'), [`${TOPIC} 0 0`], 'a day');
    same(await reset(s, ...one, '--by-duration', 'PT0S', '--dry-run'), [`${TOPIC} 0 15`], 'nothing');
  },
  'reset-offsets --topic with partitions': async (s) => {
    const parts = ['--topic', `${TOPIC}:0`, '--topic', 'parted:0,2'];
    same(await reset(s, ...parts, '--to-earliest'), [`${TOPIC} 0 0`, 'parted 0 0', 'parted 2 0'], 'reset');
  },
  'reset-offsets --export, --from-file': async (s) => {
    const args = ['--reset-offsets', '--group', 'resettable', '--all-topics', '--to-current', '--export', '--dry-run'];
    const exported = (await s.groups(...args)).trim().split('\n').sort();
    same(exported, [`${TOPIC},0,0`, 'parted,0,0', 'parted,2,0'], 'export');
    const file = `${s.scratch}/reset.csv`;
    writeFileSync(file, `${TOPIC},0,9\nparted,2,1\n`);
    same(await reset(s, '--from-file', file), [`${TOPIC} 0 9`, 'parted 2 1'], 'reset');
    same(await committed(s), [`${TOPIC} 0 9`, 'parted 0 0', 'parted 2 1'], 'committed');
  },
  'reset-offsets --dry-run changes nothing': async (s) => {
    same(await reset(s, ...one, '--to-latest', '--dry-run'), [`${TOPIC} 0 15`], 'reset');
    that((await committed(s)).includes(`${TOPIC} 0 9`), 'committed');
  },
  'reset-offsets --all-groups': async (s) => {
    const text = await s.groups('--reset-offsets', '--all-groups', '--topic', TOPIC, '--to-latest', '--dry-run');
    const rows = rowsOf(text).map((row) => [row['GROUP'], row['NEW-OFFSET']].join(' '));
    for (const row of ['resettable 15', 'console 15']) that(rows.includes(row), rows.join());
  },
  'reset-offsets of a topic that is not there': (s) =>
    s.refused(
      GROUP_COMMAND,
      ['--reset-offsets', '--group', 'resettable', '--topic', 'absent', '--to-latest', '--execute'],
      /UnknownTopicOrPartitionException: This server does not host this topic-partition/,
    ),
  'reset-offsets is where the consumer goes on': async (s) => {
    const read = await s.consumeAs('resettable', TOPIC, FIRST + SECOND - 9);
    same(read, ['line 9', ...lines(SECOND)], 'records');
  },
};
