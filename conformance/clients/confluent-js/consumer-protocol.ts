// Groups of KIP-848: the broker assigns, members come and go one by one, and nobody stops for it.

import { fileURLToPath } from 'node:url';
import { same, that } from '../../suite.ts';
import { type Checks, fresh, isWhole, partitionsOf, pause, until } from '../checks.ts';
import { startVanishing } from '../vanishing.ts';
import { called, committed, filled, made, Member, type MemberSettings, numbers, type Session } from './session.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** librdkafka takes these settings only with the classic protocol. */
export const OF_CONSUMER_PROTOCOL: MemberSettings = {
  'group.protocol': 'consumer',
  'session.timeout.ms': undefined,
  'heartbeat.interval.ms': undefined,
  'partition.assignment.strategy': undefined,
};

const start = (
  session: Session,
  group: string,
  topics: readonly (string | RegExp)[],
  more: MemberSettings = {},
): Promise<Member> => Member.start(session, group, { topics, settings: { ...OF_CONSUMER_PROTOCOL, ...more } });

/** Waits until the members own all of it between them, evenly. */
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
  const partitions = partitionsOf(topic, 10);
  const members: Member[] = [];
  for (let size = 1; size <= most; size++) {
    members.push(await start(session, group, [topic], { 'group.remote.assignor': assignor }));
    await settled(members, partitions);
  }
  const { ConsumerGroupStates, ConsumerGroupTypes } = session.rd;
  let described: { state: number; type: number; members: readonly unknown[]; partitionAssignor: string } | undefined;
  const isStable = async (): Promise<boolean> => {
    [described] = (await session.admin.describeGroups([group])).groups;
    return described?.state === ConsumerGroupStates.STABLE;
  };
  await until(isStable, 'a stable group');
  same(
    [described?.type, described?.members.length, described?.partitionAssignor],
    [ConsumerGroupTypes.CONSUMER, most, assignor],
    'described',
  );
  while (members.length > 1) {
    await members.shift()?.stop();
    await settled(members, partitions);
  }
  await members[0]?.stop();
}

export const CONSUMER_PROTOCOL: Checks<Session> = {
  ...Object.fromEntries(
    ['uniform', 'range'].map((assignor) => [
      `KIP-848: ${assignor}, one to four members and back, disjoint and complete`,
      (session: Session) => comeAndGo(session, 4, assignor),
    ]),
  ),
  'KIP-848: members keep what they have when others come': async (session) => {
    const [topic, group] = [await made(session, 6), fresh('group')];
    const members = [await start(session, group, [topic]), await start(session, group, [topic])];
    await settled(members, partitionsOf(topic, 6));
    const before = members.map((member) => [...member.owned]);
    members.push(await start(session, group, [topic]));
    await settled(members, partitionsOf(topic, 6));
    for (const [i, had] of before.entries()) {
      const now = members[i]?.owned ?? [];
      that(
        now.every((name) => had.includes(name)),
        `from ${had.join()} to ${now.join()}`,
      );
    }
    for (const member of members) await member.stop();
  },
  'KIP-848: nothing is lost while members come and go': async (session) => {
    const [topic, group] = [await made(session, 6), fresh('group')];
    const [members, all]: Member[][] = [[], []];
    let written = 0;
    const write = async (): Promise<void> => {
      const messages = numbers(written + 60, written).map((value) => ({ value, partition: Number(value) % 6 }));
      written += 60;
      await session.producer.send({ topic, messages });
    };
    for (const change of ['+', '+', '+', '-', '+', '-']) {
      await write();
      if (change === '-') await members?.shift()?.stop();
      else {
        const member = await start(session, group, [topic]);
        members?.push(member);
        all?.push(member);
      }
      await write();
    }
    const received = (): Set<string> => new Set(all?.flatMap((member) => member.values));
    await until(
      () => received().size === written,
      () => `${written} records, has ${received().size}`,
    );
    for (const member of members ?? []) await member.stop();
  },
  'KIP-848: a subscription by regular expression finds a topic that comes later': async (session) => {
    const [prefix, group] = [fresh('regex'), fresh('group')];
    const make = async (name: string): Promise<string> => {
      await session.admin.createTopics({ topics: [{ topic: `${prefix}-${name}`, numPartitions: 2 }] });
      return `${prefix}-${name}`;
    };
    const [first, other] = [await make('a'), await make('other')];
    const member = await start(session, group, [new RegExp(`^${prefix}-[a-c]$`)]);
    await settled([member], partitionsOf(first, 2));
    const second = await make('b');
    await settled([member], [...partitionsOf(first, 2), ...partitionsOf(second, 2)]);
    that(!member.owned.some((name) => name.startsWith(other)), member.owned.join());
    await member.stop();
  },
  'KIP-848: a topic that grows': async (session) => {
    const [topic, group] = [await made(session, 2), fresh('group')];
    const member = await start(session, group, [topic]);
    await settled([member], partitionsOf(topic, 2));
    const admin = session.rd.AdminClient.create({ 'bootstrap.servers': session.bootstrap });
    await called(admin, 'createPartitions', topic, 5, 5_000);
    admin.disconnect();
    await settled([member], partitionsOf(topic, 5));
    await member.stop();
  },
  'KIP-848: the next member goes on where the last one stopped': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const first = await start(session, group, [topic]);
    await first.has(10);
    await first.stop();
    same(await committed(session, group, topic), 10, 'committed');
    await filled(session, topic, 15, 0, 10);
    const second = await start(session, group, [topic]);
    await second.has(5);
    await second.stop();
    same(second.values, numbers(15, 10), 'values');
  },
  'KIP-848: a static member comes back to what it had': async (session) => {
    const [topic, group] = [await made(session, 4), fresh('group')];
    const first = await start(session, group, [topic], { 'group.instance.id': 'instance-a' });
    const other = await start(session, group, [topic], { 'group.instance.id': 'instance-b' });
    await settled([first, other], partitionsOf(topic, 4));
    const [owned, others] = [[...first.owned].sort(), [...other.owned].sort()];
    await first.stop();
    const back = await start(session, group, [topic], { 'group.instance.id': 'instance-a' });
    await settled([other, back], partitionsOf(topic, 4));
    same([[...back.owned].sort(), [...other.owned].sort()], [owned, others], 'partitions');
    await other.stop();
    await back.stop();
  },
  'KIP-848: a vanished member loses its partitions after the session time-out': async (session) => {
    const [topic, group] = [await made(session, 4), fresh('group')];
    const vanishing = await startVanishing(MAIN, [session.home, session.bootstrap, 'member', group, topic, 'consumer']);
    const member = await start(session, group, [topic]);
    await until(() => member.owned.length === 2, 'half of the partitions');
    await vanishing.vanish();
    await pause(500);
    same(member.owned.length, 2, 'partitions before the time-out');
    await settled([member], partitionsOf(topic, 4));
    await member.stop();
  },
  'KIP-848: a group changes its protocol member by member, and back': async (session) => {
    const [topic, group] = [await made(session, 6), fresh('group')];
    const partitions = partitionsOf(topic, 6);
    // The cooperative-sticky of librdkafka brings user data, and such a group is not changed.
    const classic = { topics: [topic], settings: { 'partition.assignment.strategy': 'range' } };
    const members = [await Member.start(session, group, classic), await Member.start(session, group, classic)];
    await settled(members, partitions);
    for (let i = 0; i < 2; i++) {
      await members.shift()?.stop();
      members.push(await start(session, group, [topic]));
      await settled(members, partitions);
    }
    for (let i = 0; i < 2; i++) {
      await members.shift()?.stop();
      members.push(await Member.start(session, group, classic));
      await settled(members, partitions);
    }
    for (const member of members) await member.stop();
  },
};
