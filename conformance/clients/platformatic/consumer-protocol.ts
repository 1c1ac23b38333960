// Groups of KIP-848: the broker assigns, and members come and go one by one.

import { fileURLToPath } from 'node:url';
import { same, that } from '../../suite.ts';
import { type Checks, fresh, partitionsOf, pause, soonSame, until } from '../checks.ts';
import { startVanishing } from '../vanishing.ts';
import { settled } from './groups.ts';
import { committed, filled, made, Member, type MemberOptions, numbers, type Session } from './session.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

function start(session: Session, group: string, topic: string, more: Partial<MemberOptions> = {}): Promise<Member> {
  return Member.start(session, group, { topics: [topic], groupProtocol: 'consumer', ...more });
}

async function comeAndGo(session: Session, most: number, groupRemoteAssignor: string): Promise<void> {
  const [topic, group] = [await made(session, 10), fresh('group')];
  const partitions = partitionsOf(topic, 10);
  const members: Member[] = [];
  for (let size = 1; size <= most; size++) {
    members.push(await start(session, group, topic, { groupRemoteAssignor }));
    await settled(members, partitions);
  }
  // A member has what it was given before it tells so, with its next heartbeat.
  const listed = async (): Promise<unknown> => {
    const entry = (await session.admin.listGroups({ types: ['consumer'] })).get(group);
    return [entry?.groupType, entry?.state];
  };
  await soonSame(listed, ['consumer', 'Stable'], 'listed');
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
    const members = [await start(session, group, topic), await start(session, group, topic)];
    await settled(members, partitionsOf(topic, 6));
    const before = members.map((member) => [...member.owned]);
    members.push(await start(session, group, topic));
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
    const members: Member[] = [];
    const all: Member[] = [];
    let written = 0;
    const write = async (): Promise<void> => {
      const values = numbers(written + 60, written);
      written += 60;
      const messages = values.map((n) => ({ topic, partition: Number(n) % 6, value: Buffer.from(n) }));
      await session.producer.send({ messages });
    };
    for (const change of ['+', '+', '+', '-', '+', '-']) {
      await write();
      if (change === '-') await members.shift()?.stop();
      else members.push(await start(session, group, topic, { autocommit: 100 }));
      all.push(...members.filter((member) => !all.includes(member)));
      await write();
    }
    const received = (): Set<string> => new Set(all.flatMap((member) => member.values));
    await until(
      () => received().size === written,
      () => `${written} records, has ${received().size}: ${all.flatMap((member) => member.errors).join()}`,
    );
    for (const member of members) await member.stop();
  },
  'KIP-848: the next member goes on where the last one stopped': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    await filled(session, topic, 10);
    const first = await start(session, group, topic, { autocommit: true });
    await first.has(10);
    await until(async () => (await committed(session, group, topic)) === 10, 'the offset');
    await first.stop();
    await filled(session, topic, 15, 0, { from: 10 });
    const second = await start(session, group, topic, { autocommit: true });
    await second.has(5);
    await second.stop();
    same(second.values, numbers(15, 10), 'values');
  },
  // It leaves for good (epoch -1), where others go for a moment (-2): what it gets then depends on whether the group is assigned anew
  // before it is back, at most once a second.
  'KIP-848: a static member that has left comes back': async (session) => {
    const [topic, group] = [await made(session, 4), fresh('group')];
    const first = await start(session, group, topic, { groupInstanceId: 'instance-a' });
    const other = await start(session, group, topic, { groupInstanceId: 'instance-b' });
    await settled([first, other], partitionsOf(topic, 4));
    await first.stop();
    const back = await start(session, group, topic, { groupInstanceId: 'instance-a' });
    await settled([other, back], partitionsOf(topic, 4));
    same([back.owned.length, other.owned.length], [2, 2], 'numbers of partitions');
    same([...back.errors, ...other.errors], [], 'errors');
    await other.stop();
    await back.stop();
  },
  'KIP-848: a vanished member loses its partitions after the session time-out': async (session) => {
    const [topic, group] = [await made(session, 4), fresh('group')];
    const vanishing = await startVanishing(MAIN, [session.home, session.bootstrap, 'member', group, topic, 'consumer']);
    const member = await start(session, group, topic);
    await until(() => member.owned.length === 2, 'half of the partitions');
    await vanishing.vanish();
    await pause(500);
    same(member.owned.length, 2, 'partitions before the time-out');
    await settled([member], partitionsOf(topic, 4));
    await member.stop();
  },
};
