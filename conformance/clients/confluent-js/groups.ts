// Classic groups whose members come, go and vanish, with each of librdkafka's assignors; static members.

import { fileURLToPath } from 'node:url';
import { same, that } from '../../suite.ts';
import { type Checks, fresh, isWhole, partitionsOf, pause, until } from '../checks.ts';
import { startVanishing } from '../vanishing.ts';
import { made, Member, numbers, type Session } from './session.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** Waits until the members own all of it between them, evenly: cooperative members need two rounds for that. */
async function settled(members: readonly Member[], partitions: readonly string[]): Promise<void> {
  const isSettled = (): boolean => {
    const owned = members.map((member) => member.owned);
    const counts = owned.map((list) => list.length);
    return isWhole(owned, partitions) && Math.max(...counts) - Math.min(...counts) <= 1;
  };
  await until(isSettled, () => `a whole assignment, is ${JSON.stringify(members.map((member) => member.owned))}`);
}

async function comeAndGo(session: Session, most: number, assignor: string): Promise<void> {
  const [topic, group] = [await made(session, 10), fresh('group')];
  const options = { topics: [topic], settings: { 'partition.assignment.strategy': assignor } };
  const partitions = partitionsOf(topic, 10);
  const members: Member[] = [];
  for (let size = 1; size <= most; size++) {
    members.push(await Member.start(session, group, options));
    await settled(members, partitions);
  }
  const { STABLE } = session.rd.ConsumerGroupStates;
  const isStable = async (): Promise<boolean> => {
    const [described] = (await session.admin.describeGroups([group])).groups;
    return described?.state === STABLE && described.members.length === most && described.partitionAssignor === assignor;
  };
  await until(isStable, 'a stable group');
  while (members.length > 1) {
    await members.shift()?.stop();
    await settled(members, partitions);
  }
  await members[0]?.stop();
}

export const GROUPS: Checks<Session> = {
  ...Object.fromEntries(
    ['roundrobin', 'range', 'cooperative-sticky'].map((assignor) => [
      `groups: ${assignor}, two to five members and back, disjoint and complete`,
      (session: Session) => comeAndGo(session, 5, assignor),
    ]),
  ),
  'groups: cooperative-sticky lets members keep what they have': async (session) => {
    const [topic, group] = [await made(session, 6), fresh('group')];
    const options = { topics: [topic], settings: { 'partition.assignment.strategy': 'cooperative-sticky' } };
    const first = await Member.start(session, group, options);
    const second = await Member.start(session, group, options);
    await settled([first, second], partitionsOf(topic, 6));
    const before = [...first.owned];
    const third = await Member.start(session, group, options);
    await settled([first, second, third], partitionsOf(topic, 6));
    that(
      first.owned.every((name) => before.includes(name)),
      `from ${before.join()} to ${first.owned.join()}`,
    );
    for (const member of [first, second, third]) await member.stop();
  },
  'groups: nothing is lost while members come and go': async (session) => {
    const [topic, group] = [await made(session, 6), fresh('group')];
    const members: Member[] = [];
    const all: Member[] = [];
    let written = 0;
    const write = async (): Promise<void> => {
      const messages = numbers(written + 60, written).map((value) => ({ value, partition: Number(value) % 6 }));
      written += 60;
      await session.producer.send({ topic, messages });
    };
    for (const change of ['+', '+', '+', '-', '+', '-']) {
      await write();
      if (change === '-') await members.shift()?.stop();
      else members.push(await Member.start(session, group, { topics: [topic] }));
      all.push(...members.filter((member) => !all.includes(member)));
      await write();
    }
    const received = (): Set<string> => new Set(all.flatMap((member) => member.values));
    await until(
      () => received().size === written,
      () => `${written} records, has ${received().size}`,
    );
    for (const member of members) await member.stop();
  },
  'groups: members that prefer different assignors agree on one': async (session) => {
    const [topic, group] = [await made(session, 4), fresh('group')];
    const first = await Member.start(session, group, {
      topics: [topic],
      settings: { 'partition.assignment.strategy': 'range,roundrobin' },
    });
    const second = await Member.start(session, group, { topics: [topic] });
    await settled([first, second], partitionsOf(topic, 4));
    const [described] = (await session.admin.describeGroups([group])).groups;
    same(described?.partitionAssignor, 'roundrobin', 'assignor');
    await first.stop();
    await second.stop();
  },
  'groups: a vanished member loses its partitions after the session time-out': async (session) => {
    const [topic, group] = [await made(session, 4), fresh('group')];
    const vanishing = await startVanishing(MAIN, [session.home, session.bootstrap, 'member', group, topic, '3000']);
    const member = await Member.start(session, group, { topics: [topic] });
    await until(() => member.owned.length === 2, 'half of the partitions');
    await vanishing.vanish();
    await pause(500);
    same(member.owned.length, 2, 'partitions before the time-out');
    await settled([member], partitionsOf(topic, 4));
    await member.stop();
  },
  'groups: a static member comes back to what it had, without a rebalance': async (session) => {
    const [topic, group] = [await made(session, 4), fresh('group')];
    const as = (id: string): { topics: string[]; settings: Record<string, string> } => ({
      topics: [topic],
      settings: { 'group.instance.id': id },
    });
    // A static member that disconnects does not leave.
    const first = await Member.start(session, group, as('instance-a'));
    const other = await Member.start(session, group, as('instance-b'));
    await settled([first, other], partitionsOf(topic, 4));
    const [rebalances, owned] = [other.rebalances, other.owned.join()];
    await first.stop();
    const [without] = (await session.admin.describeGroups([group])).groups;
    same(without?.members.length, 2, 'members while it is away');
    const back = await Member.start(session, group, as('instance-a'));
    await settled([other, back], partitionsOf(topic, 4));
    await pause(1_000);
    same([other.rebalances, other.owned.join()], [rebalances, owned], 'rebalances and partitions of the other');
    const [described] = (await session.admin.describeGroups([group])).groups;
    const instances = described?.members.map((member) => member.groupInstanceId);
    same(instances?.sort(), ['instance-a', 'instance-b'], 'instances');
    await other.stop();
    await back.stop();
  },
  'groups: heartbeats keep a slow member in': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await session.producer.send({ topic, messages: [{ value: 'slow' }, { value: 'quick' }] });
    const seen: string[] = [];
    const member = await Member.start(session, group, {
      topics: [topic],
      settings: { 'session.timeout.ms': 3_000 },
      run: {
        eachMessage: async ({ message }) => {
          if (String(message.value) === 'slow') await pause(5_000);
          seen.push(String(message.value));
        },
      },
    });
    await until(() => seen.length >= 2, 'both records');
    same([seen, member.rebalances], [['slow', 'quick'], 1], 'records, rebalances');
    await member.stop();
  },
};
