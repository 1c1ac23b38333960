// The Java client and its tools in groups of KIP-848 and in share groups (KIP-932), and the tools' view of both.

import { same, that } from '../../suite.ts';
import { GROUP_COMMAND, rowsOf, type Session, type Steps, TOOLS } from './session.ts';

const SHARE_COMMAND = `${TOOLS}.consumer.group.ShareGroupCommand`;
const STREAMS_COMMAND = `${TOOLS}.streams.StreamsGroupCommand`;
const SHARE_CONSOLE = `${TOOLS}.consumer.ConsoleShareConsumer`;
const CONSUMER_PROTOCOL = ['--command-property', 'group.protocol=consumer'];
/** Members learn of a change with their next heartbeat, every five seconds, and give up what they own with the one after. */
const LIMIT_MS = 60_000;

const of = (rows: Record<string, string>[], ...names: string[]): string[] =>
  rows.map((row) => names.map((name) => row[name]).join(' ')).sort();
const lines = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `line ${from + i}`);
const shareGroups = (s: Session, ...args: string[]): Promise<string> => s.ok(SHARE_COMMAND, args);

async function withMembers(s: Session, body: () => Promise<void>): Promise<void> {
  const args = ['--topic', 'modern', '--group-id', 'next-gen', '--group-protocol', 'consumer'];
  const consumer = `${TOOLS}.VerifiableConsumer`;
  const members = [s.background(consumer, [...args, '--group-instance-id', 'static-1']), s.background(consumer, args)];
  try {
    await body();
  } finally {
    await Promise.all(members.map((member) => member.stop()));
  }
}

/** Asks until the state of the group is this one. */
async function until(s: Session, command: string, group: string, members: string): Promise<Record<string, string>> {
  let row: Record<string, string> | undefined;
  for (const deadline = performance.now() + LIMIT_MS; performance.now() < deadline; ) {
    const text = await s.ok(command, ['--describe', '--group', group, '--state', '--verbose']);
    // Before its first member has joined there is no such group.
    row = text.includes('#MEMBERS') ? rowsOf(text)[0] : undefined;
    if (row?.['#MEMBERS'] === members && row['STATE'] === (members === '0' ? 'Empty' : 'Stable')) return row;
  }
  throw new Error(`${group} has not ${members} members: ${JSON.stringify(row)}`);
}

async function whileLiving(s: Session): Promise<void> {
  const state = await until(s, GROUP_COMMAND, 'next-gen', '2');
  same(state['ASSIGNMENT-STRATEGY'], 'uniform', 'assignor');
  const members = rowsOf(await s.groups('--describe', '--group', 'next-gen', '--members', '--verbose'));
  same(of(members, '#PARTITIONS'), ['1', '2'], 'partitions');
  that(of(members, 'GROUP-INSTANCE-ID').includes('static-1'), JSON.stringify(members));
  const offsets = rowsOf(await s.groups('--describe', '--group', 'next-gen', '--offsets'));
  same(of(offsets, 'TOPIC', 'PARTITION'), ['modern 0', 'modern 1', 'modern 2'], 'partitions');
  same(of(rowsOf(await s.groups('--list', '--type', 'consumer', '--state', 'stable')), 'GROUP'), ['next-gen'], 'list');
  await s.refused(GROUP_COMMAND, ['--delete', '--group', 'next-gen'], /GroupNotEmptyException/);
}

/** Through a share group, from its start; each record is accepted unless `args` say otherwise. */
async function share(s: Session, group: string, count: number, ...args: string[]): Promise<string[]> {
  const limits = ['--max-messages', String(count), '--timeout-ms', '20000'];
  const text = await s.ok(SHARE_CONSOLE, ['--topic', 'shared', '--group', group, ...limits, ...args]);
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('line'))
    .sort();
}

async function shareGroup(s: Session, name: string): Promise<void> {
  const entity = ['--entity-type', 'groups', '--entity-name', name];
  await s.configs(...entity, '--alter', '--add-config', 'share.auto.offset.reset=earliest');
}

const offsetsOf = async (s: Session, group: string): Promise<string[]> =>
  of(rowsOf(await shareGroups(s, '--describe', '--group', group)), 'TOPIC', 'PARTITION', 'LAG');

export const MODERN_GROUPS: Steps = {
  'KIP-848: console consumer, and again': async (s) => {
    await s.topics('--create', '--topic', 'modern', '--partitions', '3');
    await s.produce('modern', lines(12));
    const read = await s.consumeAs('console-848', 'modern', 12, ...CONSUMER_PROTOCOL);
    same(read.sort(), lines(12).sort(), 'records');
    await s.produce('modern', lines(4, 12));
    const next = await s.consumeAs('console-848', 'modern', 4, ...CONSUMER_PROTOCOL);
    same(next.sort(), lines(4, 12).sort(), 'next ones');
    const rows = rowsOf(await s.groups('--describe', '--group', 'console-848'));
    same(of(rows, 'LAG'), ['0', '0', '0'], 'lag');
  },
  'KIP-848: two members, one static, as consumer-groups sees them': async (s) => {
    await withMembers(s, () => whileLiving(s));
  },
  'KIP-848: a group that was classic goes on as one of the other protocol': async (s) => {
    await s.consumeAs('changing', 'modern', 16);
    await s.produce('modern', lines(3, 16));
    const read = await s.consumeAs('changing', 'modern', 3, ...CONSUMER_PROTOCOL);
    same(read.sort(), lines(3, 16), 'records');
    that(of(rowsOf(await s.groups('--list', '--type')), 'GROUP', 'TYPE').includes('changing Consumer'), 'type');
    await s.produce('modern', lines(2, 19));
    same((await s.consumeAs('changing', 'modern', 2)).sort(), lines(2, 19), 'records of a classic member');
    that(of(rowsOf(await s.groups('--list', '--type')), 'GROUP', 'TYPE').includes('changing Classic'), 'type');
  },
  'KIP-848: offsets reset, the group deleted': async (s) => {
    const reset = ['--reset-offsets', '--group', 'console-848', '--topic', 'modern', '--to-earliest', '--execute'];
    same(of(rowsOf(await s.groups(...reset)), 'NEW-OFFSET'), ['0', '0', '0'], 'offsets');
    await s.groups('--delete', '--group', 'console-848');
    that(!(await s.groups('--list')).split('\n').includes('console-848'), 'it is still there');
  },
  'share: console share consumer, accepting': async (s) => {
    await s.topics('--create', '--topic', 'shared', '--partitions', '1');
    await s.produce('shared', lines(10));
    await shareGroup(s, 'sharing');
    same(await share(s, 'sharing', 10), lines(10), 'records');
    same(await offsetsOf(s, 'sharing'), ['shared 0 0'], 'lag');
  },
  'share: released records come again, rejected ones do not': async (s) => {
    await s.produce('shared', lines(4, 10));
    same(await share(s, 'sharing', 4, '--release'), lines(4, 10), 'released');
    same(await share(s, 'sharing', 4, '--reject'), lines(4, 10), 'rejected');
    await s.produce('shared', ['line last']);
    same(await share(s, 'sharing', 1), ['line last'], 'after them');
  },
  'share: share-groups of two members': async (s) => {
    const args = ['--topic', 'shared', '--group-id', 'living-share'];
    const members = [1, 2].map(() => s.background(`${TOOLS}.VerifiableShareConsumer`, args));
    try {
      await until(s, SHARE_COMMAND, 'living-share', '2');
      // A share group is stable as soon as it has members; who comes second is assigned after the assignment interval.
      let assigned: string[] = [];
      for (const deadline = performance.now() + LIMIT_MS; performance.now() < deadline; ) {
        assigned = of(rowsOf(await shareGroups(s, '--describe', '--group', 'living-share', '--members')), 'ASSIGNMENT');
        if (assigned.every((text) => text !== '')) break;
      }
      same(assigned, ['shared:0', 'shared:0'], 'assignment');
      that((await shareGroups(s, '--list')).split('\n').includes('living-share'), 'listed');
      await s.refused(SHARE_COMMAND, ['--delete', '--group', 'living-share'], /GroupNotEmptyException|is not empty/i);
      await s.produce('shared', lines(5, 100));
      await Promise.all(members.map((member) => member.printed(/startup_complete/)));
      await Promise.any(members.map((member) => member.printed(/"name":"records_consumed"/)));
      await Promise.any(members.map((member) => member.printed(/"name":"offsets_acknowledged"/)));
    } finally {
      await Promise.all(members.map((member) => member.stop()));
    }
    await until(s, SHARE_COMMAND, 'living-share', '0');
  },
  'share: share-groups --list with states, groups --list --share': async (s) => {
    that(of(rowsOf(await shareGroups(s, '--list', '--state')), 'GROUP', 'STATE').includes('sharing Empty'), 'state');
    const rows = rowsOf(await s.ok(`${TOOLS}.GroupsCommand`, ['--list', '--share']));
    that(of(rows, 'GROUP', 'TYPE', 'PROTOCOL').includes('sharing Share share'), JSON.stringify(rows));
  },
  'share: share-groups --reset-offsets, and what is read then': async (s) => {
    const reset = ['--reset-offsets', '--group', 'sharing', '--topic', 'shared', '--to-earliest', '--execute'];
    const rows = rowsOf(await shareGroups(s, ...reset));
    same(of(rows, 'TOPIC', 'PARTITION', 'NEW-OFFSET'), ['shared 0 0'], 'offsets');
    same((await share(s, 'sharing', 15)).length, 15, 'records');
  },
  'share: share-groups --delete-offsets, --delete': async (s) => {
    const text = await shareGroups(s, '--delete-offsets', '--group', 'sharing', '--topic', 'shared');
    that(/^shared\s+Successful/m.test(text), text);
    await shareGroups(s, '--delete', '--group', 'sharing');
    that(!(await shareGroups(s, '--list')).split('\n').includes('sharing'), 'it is still there');
    await s.refused(SHARE_COMMAND, ['--describe', '--group', 'sharing'], /GroupIdNotFoundException/);
  },
  'share: share-groups of a consumer group is refused': async (s) => {
    await s.consumeAs('no-share', 'modern', 1);
    await s.refused(SHARE_COMMAND, ['--describe', '--group', 'no-share'], /GroupIdNotFoundException/);
  },
  'streams: streams-groups --list, and --describe of one that is not there': async (s) => {
    await s.ok(STREAMS_COMMAND, ['--list']);
    await s.refused(STREAMS_COMMAND, ['--describe', '--group', 'absent'], /GroupIdNotFoundException/);
  },
};
