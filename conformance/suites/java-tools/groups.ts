// kafka-consumer-groups and kafka-groups: what is there, while members come and go.

import { same, that } from '../../suite.ts';
import { GROUP_COMMAND, rowsOf, type Session, type Steps, TOOLS } from './session.ts';

const CONSUMER = `${TOOLS}.VerifiableConsumer`;
const RECORDS = Array.from({ length: 60 }, (_, i) => `k${i}:v${i}`);
const KEYED = ['parse.key=true', 'key.separator=:'].flatMap((property) => ['--reader-property', property]);

/** Two members, one of them static, stay while `body` looks; gone when it resolves. */
async function withMembers(s: Session, body: () => Promise<void>): Promise<void> {
  const args = ['--topic', 'parted', '--group-id', 'living', '--session-timeout', '6000'];
  const members = [s.background(CONSUMER, [...args, '--group-instance-id', 'static-1']), s.background(CONSUMER, args)];
  try {
    // Each has been given a part of the three partitions, not all.
    await Promise.all(
      members.map((member) => member.printed(/"partitions_assigned","partitions":\[(\{[^}]*\},?){1,2}\]/)),
    );
    await body();
  } finally {
    await Promise.all(members.map((member) => member.stop()));
  }
}

const of = (rows: Record<string, string>[], ...names: string[]): string[] =>
  rows.map((row) => names.map((name) => row[name]).join(' ')).sort();

async function whileLiving(s: Session): Promise<void> {
  const members = rowsOf(await s.groups('--describe', '--group', 'living', '--members', '--verbose'));
  same(members.length, 2, 'members');
  same(of(members, '#PARTITIONS'), ['1', '2'], 'partitions');
  that(
    members.every((row) => row['HOST'] === '/127.0.0.1'),
    JSON.stringify(members),
  );
  that(
    members.some((row) => row['GROUP-INSTANCE-ID'] === 'static-1'),
    JSON.stringify(members),
  );
  const offsets = rowsOf(await s.groups('--describe', '--group', 'living', '--offsets'));
  same(of(offsets, 'TOPIC', 'PARTITION'), ['parted 0', 'parted 1', 'parted 2'], 'partitions');
  that(
    offsets.every((row) => /^.+-[0-9a-f-]{36}$/.test(row['CONSUMER-ID'] ?? '')),
    JSON.stringify(offsets),
  );
  const [state] = rowsOf(await s.groups('--describe', '--group', 'living', '--state'));
  same([state?.['ASSIGNMENT-STRATEGY'], state?.['STATE'], state?.['#MEMBERS']], ['range', 'Stable', '2'], 'state');
  same(state?.['COORDINATOR (ID)']?.split(/\s+/), [s.bootstrap, '(0)'], 'coordinator');
  const stable = rowsOf(await s.groups('--list', '--type', 'classic', '--state', 'stable'));
  same(of(stable, 'GROUP', 'TYPE', 'STATE'), ['living Classic Stable'], 'list');
}

async function inUse(s: Session): Promise<void> {
  const reset = ['--reset-offsets', '--group', 'living', '--all-topics', '--to-earliest', '--execute'];
  const stable = /Assignments can only be reset if the group 'living' is inactive, but the current state is Stable/;
  await s.refused(GROUP_COMMAND, reset, stable);
  const nonEmpty = /GroupNotEmptyException: The group is not empty/;
  await s.refused(GROUP_COMMAND, ['--delete', '--group', 'living'], nonEmpty);
  const subscribed = /GroupSubscribedToTopicException/;
  await s.refused(GROUP_COMMAND, ['--delete-offsets', '--group', 'living', '--topic', 'parted'], subscribed);
}

/** A static member that stops does not leave: its session has to end. */
async function untilEmpty(s: Session, group: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const rows = rowsOf(await s.groups('--list', '--state', 'empty'));
    if (rows.some((row) => row['GROUP'] === group)) return;
  }
  throw new Error(`${group} is not empty`);
}

export const GROUPS: Steps = {
  'consumer-groups of two members, one static': async (s) => {
    await s.topics('--create', '--topic', 'parted', '--partitions', '3');
    await s.produce('parted', RECORDS, ...KEYED);
    await withMembers(s, async () => {
      await whileLiving(s);
      await inUse(s);
    });
    await untilEmpty(s, 'living');
  },
  'consumer-groups --list': async (s) => {
    const names = (await s.groups('--list')).trim().split('\n');
    for (const name of ['console', 'committed', 'living']) that(names.includes(name), `${name} in ${names.join()}`);
  },
  'consumer-groups --list --type, --state': async (s) => {
    that(of(rowsOf(await s.groups('--list', '--type')), 'GROUP', 'TYPE').includes('console Classic'), 'type');
    that(of(rowsOf(await s.groups('--list', '--state')), 'GROUP', 'STATE').includes('console Empty'), 'state');
    that((await s.groups('--list', '--state', 'empty')).includes('console'), 'empty');
    same(rowsOf(await s.groups('--list', '--state', 'preparingrebalance')), [], 'preparing');
    same(rowsOf(await s.groups('--list', '--type', 'consumer')), [], 'of the other type');
  },
  'consumer-groups --list of states and types that are not': async (s) => {
    await s.refused(GROUP_COMMAND, ['--list', '--state', 'bogus'], /Invalid state list 'bogus'\. Valid states are:/);
    await s.refused(GROUP_COMMAND, ['--list', '--type', 'bogus'], /Invalid types list 'bogus'\. Valid types are:/);
  },
  'consumer-groups --describe without members': async (s) => {
    const [row] = rowsOf(await s.groups('--describe', '--group', 'console'));
    const cells = ['TOPIC', 'PARTITION', 'CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG', 'CONSUMER-ID'];
    same(of([row ?? {}], ...cells), ['grouped 0 15 15 0 -'], 'row');
  },
  'consumer-groups --describe shows lag': async (s) => {
    await s.produce('grouped', ['behind 1', 'behind 2']);
    const rows = rowsOf(await s.groups('--describe', '--group', 'console'));
    same(of(rows, 'CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG'), ['15 17 2'], 'row');
  },
  'consumer-groups --describe --verbose': async (s) => {
    const rows = rowsOf(await s.groups('--describe', '--group', 'console', '--verbose'));
    same(of(rows, 'LEADER-EPOCH', 'CURRENT-OFFSET'), ['0 15'], 'row');
  },
  'consumer-groups --describe --state --verbose': async (s) => {
    const rows = rowsOf(await s.groups('--describe', '--group', 'console', '--state', '--verbose'));
    same(of(rows, 'STATE', '#MEMBERS', 'GROUP-EPOCH'), ['Empty 0 -'], 'row');
  },
  'consumer-groups --describe --all-groups': async (s) => {
    const text = await s.groups('--describe', '--all-groups', '--state');
    for (const name of ['console', 'living']) that(new RegExp(`^${name}\\s+\\S+\\s+\\(0\\)`, 'm').test(text), text);
  },
  'consumer-groups --describe of a group that is not there': (s) =>
    s.refused(GROUP_COMMAND, ['--describe', '--group', 'absent'], /GroupIdNotFoundException: Group absent not found\./),
  'consumer-groups --validate-regex': async (s) => {
    that((await s.groups('--validate-regex', 'a.*b')).includes('The regular expression `a.*b` is valid.'), 'valid');
    await s.refused(GROUP_COMMAND, ['--validate-regex', 'a('], /The regular expression `a\(` is invalid/);
  },
  'groups --list': async (s) => {
    const rows = of(rowsOf(await s.ok(`${TOOLS}.GroupsCommand`, ['--list'])), 'GROUP', 'TYPE', 'PROTOCOL');
    for (const row of ['console Classic consumer', 'living Classic consumer']) that(rows.includes(row), rows.join());
  },
  'groups --list with filters': async (s) => {
    const list = async (...args: string[]): Promise<string[]> =>
      of(rowsOf(await s.ok(`${TOOLS}.GroupsCommand`, ['--list', ...args])), 'GROUP');
    for (const filter of [['--consumer'], ['--group-type', 'classic'], ['--protocol', 'consumer']]) {
      that((await list(...filter)).includes('console'), filter.join(' '));
    }
    const others = [
      ['--group-type', 'share'],
      ['--group-type', 'streams'],
      ['--protocol', 'connect'],
    ];
    for (const filter of others) same((await list(...filter)).includes('console'), false, filter.join(' '));
  },
  'consumer-groups --delete-offsets': async (s) => {
    const text = await s.groups('--delete-offsets', '--group', 'living', '--topic', 'parted:1');
    that(/^parted\s+1\s+Successful/m.test(text), text);
    const left = rowsOf(await s.groups('--describe', '--group', 'living'));
    that(!of(left, 'PARTITION').includes('1') && left.length > 0, JSON.stringify(left));
  },
  'consumer-groups --delete-offsets of what is not there': async (s) => {
    const absent = ['--delete-offsets', '--group', 'living', '--topic', 'absent'];
    await s.refused(GROUP_COMMAND, absent, /UnknownTopicOrPartitionException/);
    const nobody = ['--delete-offsets', '--group', 'absent', '--topic', 'parted'];
    await s.refused(GROUP_COMMAND, nobody, /The group id does not exist\./);
  },
  'consumer-groups --delete': async (s) => {
    const text = await s.groups('--delete', '--group', 'living', '--group', 'committed');
    that(/Deletion of requested consumer groups \(.*'living'.*\) was successful\./.test(text), text);
    const names = (await s.groups('--list')).trim().split('\n');
    that(!names.includes('living') && !names.includes('committed'), names.join());
  },
  'consumer-groups --delete of a group that is not there': (s) =>
    s.refused(
      GROUP_COMMAND,
      ['--delete', '--group', 'absent'],
      /Group 'absent' could not be deleted due to: .*GroupIdNotFoundException: The group id does not exist\./,
    ),
};
