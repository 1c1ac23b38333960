// Classic groups whose members come, go and vanish; static members; both of its assigners and one of our own.

import { fileURLToPath } from 'node:url';
import { same, that } from '../../suite.ts';
import { type Checks, fresh, isWhole, partitionsOf, pause, until } from '../checks.ts';
import { startVanishing } from '../vanishing.ts';
import type { Assigner } from './api.ts';
import { made, Member, type MemberOptions, numbers, type Session } from './session.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** Waits until the members own all of it between them, and everyone something: cooperative ones need two rounds for that. */
export async function settled(members: readonly Member[], partitions: readonly string[]): Promise<void> {
  const isSettled = (): boolean => {
    const owned = members.map((member) => member.owned);
    return isWhole(owned, partitions) && owned.every((list) => list.length > 0);
  };
  const stands = (): string => JSON.stringify(members.map((member) => [member.owned, member.errors]));
  await until(isSettled, () => `a whole assignment, is ${stands()}`);
}

async function comeAndGo(session: Session, most: number, options: Omit<MemberOptions, 'topics'>): Promise<void> {
  const [topic, group] = [await made(session, 10), fresh('group')];
  const partitions = partitionsOf(topic, 10);
  const members: Member[] = [];
  for (let size = 1; size <= most; size++) {
    members.push(await Member.start(session, group, { topics: [topic], ...options }));
    await settled(members, partitions);
  }
  const describe = async (): Promise<unknown> => {
    const described = (await session.admin.describeGroups({ groups: [group] })).get(group);
    return `${described?.state} with ${described?.members.size}`;
  };
  await until(async () => (await describe()) === `Stable with ${most}`, 'a stable group');
  while (members.length > 1) {
    await members.shift()?.stop();
    await settled(members, partitions);
  }
  await members[0]?.stop();
}

export const GROUPS: Checks<Session> = {
  'groups: two to five members and back, disjoint and complete': (session) => comeAndGo(session, 5, {}),
  'groups: cooperative-sticky, two to four members and back': (session) =>
    comeAndGo(session, 4, { protocols: [{ name: 'cooperative-sticky', version: 1 }] }),
  'groups: cooperative-sticky lets members keep what they have': async (session) => {
    const [topic, group] = [await made(session, 6), fresh('group')];
    const options = { topics: [topic], protocols: [{ name: 'cooperative-sticky', version: 1 }] };
    const first = await Member.start(session, group, options);
    await settled([first], partitionsOf(topic, 6));
    const second = await Member.start(session, group, options);
    await settled([first, second], partitionsOf(topic, 6));
    const before = [...first.owned].sort();
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
      const messages = numbers(written + 60, written).map((n) => ({
        topic,
        partition: Number(n) % 6,
        value: Buffer.from(n),
      }));
      written += 60;
      await session.producer.send({ messages });
    };
    for (const change of ['+', '+', '+', '-', '+', '-']) {
      await write();
      if (change === '-') await members.shift()?.stop();
      else members.push(await Member.start(session, group, { topics: [topic], autocommit: 100 }));
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
  'groups: an assigner of our own': async (session) => {
    const [topic, group] = [await made(session, 6), fresh('group')];
    const as = (wish: string): MemberOptions => ({
      topics: [topic],
      protocols: [{ name: 'by-parity', version: 1, metadata: wish }],
      partitionAssigner: byParity,
    });
    const even = await Member.start(session, group, as('even'));
    const odd = await Member.start(session, group, as('odd'));
    await settled([even, odd], partitionsOf(topic, 6));
    same(
      even.owned,
      [0, 2, 4].map((p) => `${topic}:${p}`),
      'even',
    );
    same(
      odd.owned,
      [1, 3, 5].map((p) => `${topic}:${p}`),
      'odd',
    );
    await even.stop();
    await odd.stop();
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
    const args = [session.home, session.bootstrap, 'member', group, topic, '15000', 'instance-a'];
    const vanishing = await startVanishing(MAIN, args);
    const other = await Member.start(session, group, { topics: [topic], groupInstanceId: 'instance-b' });
    await until(() => other.owned.length === 2, 'half of the partitions');
    const [joins, owned] = [other.joins, other.owned.join()];
    await vanishing.vanish();
    const back = await Member.start(session, group, { topics: [topic], groupInstanceId: 'instance-a' });
    await settled([other, back], partitionsOf(topic, 4));
    await pause(1_000);
    same([other.joins, other.owned.join()], [joins, owned], 'joins and partitions of the other');
    const members = (await session.admin.describeGroups({ groups: [group] })).get(group)?.members;
    const instances = [...(members?.values() ?? [])].map((member) => `${member.groupInstanceId}`);
    same(instances.sort(), ['instance-a', 'instance-b'], 'instances');
    await other.stop();
    await back.stop();
  },
  'groups: heartbeats go on while nobody reads': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    const member = await Member.start(session, group, { topics: [topic], sessionTimeout: 3_000 });
    member.stream.pause();
    await pause(5_000);
    same([member.joins, member.errors], [1, []], 'joins, errors');
    await member.stop();
  },
  'groups: joinGroup and leaveGroup by hand': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    const member = await Member.start(session, group, { topics: [topic], mode: 'earliest' });
    const { generationId, memberId } = member.consumer;
    that(generationId >= 1 && (memberId ?? '').startsWith('conformance-'), `${generationId} ${memberId}`);
    await member.stream.close();
    await member.consumer.leaveGroup();
    const described = (await session.admin.describeGroups({ groups: [group] })).get(group);
    same([described?.state, described?.members.size], ['Empty', 0], 'group');
    await member.consumer.joinGroup();
    that(member.consumer.generationId > generationId, `generation ${member.consumer.generationId}`);
    await member.stop();
  },
};

/** Gives partitions to the members that ask for their parity in their subscription's user data. */
const byParity: Assigner = (_current, members, topics, metadata) =>
  [...members.values()].map(({ memberId, metadata: wish }) => {
    const assignments = [...topics].map((topic) => {
      const ids = Array.from({ length: metadata.topics.get(topic)?.partitionsCount ?? 0 }, (_, p) => p);
      return [topic, { topic, partitions: ids.filter((p) => (p % 2 === 0) === (String(wish) === 'even')) }] as const;
    });
    return { memberId, assignments: new Map(assignments) };
  });
