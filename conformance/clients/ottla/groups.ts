// Groups whose members come, go and vanish, by both protocols; static members; patterns.

import { fileURLToPath } from 'node:url';
import type { Assignor, ConsumerOptions } from '../../../src/client/index.ts';
import { same, that } from '../../suite.ts';
import { type Checks, fresh, isWhole, partitionsOf, pause, until } from '../checks.ts';
import { startVanishing } from '../vanishing.ts';
import { committed, Member } from './member.ts';
import { filled, made, numbers, type Session } from './session.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

export const PROTOCOLS: Readonly<Record<string, ConsumerOptions>> = {
  range: { groupProtocol: 'classic', assignors: ['range'] },
  'cooperative-sticky': { groupProtocol: 'classic', assignors: ['cooperative-sticky'] },
  'KIP-848': { groupProtocol: 'consumer' },
};

/** Waits until the members own all of it between them. */
async function settled(members: readonly Member[], partitions: readonly string[]): Promise<void> {
  const stands = (): string => JSON.stringify(members.map((member) => [member.owned, member.errors]));
  await until(
    () =>
      isWhole(
        members.map(({ owned }) => owned),
        partitions,
      ),
    () => `a whole assignment, is ${stands()}`,
  );
}

async function comeAndGo(session: Session, most: number, options: ConsumerOptions): Promise<void> {
  const [topic, group] = [await made(session, 10), fresh('group')];
  const partitions = partitionsOf(topic, 10);
  const members: Member[] = [];
  for (let size = 1; size <= most; size++) {
    members.push(await Member.start(session, { group, topics: [topic], ...options }));
    const isEven = (): boolean => members.every(({ owned }) => Math.abs(owned.length - 10 / size) < 1);
    await until(isEven, () => `even shares: ${members.map(({ owned }) => owned.length).join()}`);
    await settled(members, partitions);
  }
  while (members.length > 1) {
    await members.shift()?.stop();
    await settled(members, partitions);
  }
  await members[0]?.stop();
}

async function nothingIsLost(session: Session, options: ConsumerOptions): Promise<void> {
  const [topic, group] = [await made(session, 6), fresh('group')];
  const [members, all]: [Member[], Member[]] = [[], []];
  let written = 0;
  const write = async (): Promise<void> => {
    const records = numbers(written + 60, written).map((value) => ({ value, partition: Number(value) % 6 }));
    written += 60;
    await session.producer.send(topic, records);
  };
  for (const change of ['+', '+', '+', '-', '+', '-']) {
    await write();
    if (change === '-') await members.shift()?.stop();
    else members.push(await Member.start(session, { group, topics: [topic], autoCommitIntervalMs: 100, ...options }));
    all.push(...members.filter((member) => !all.includes(member)));
    await write();
  }
  const received = (): Set<string> => new Set(all.flatMap(({ values }) => values));
  await until(
    () => received().size === written,
    () => `${written} records, has ${received().size}: ${all.flatMap(({ errors }) => errors).join()}`,
  );
  for (const member of members) await member.stop();
}

function checksOf(name: string, options: ConsumerOptions): Checks<Session> {
  return {
    [`groups, ${name}: one to four members and back, disjoint, complete, even`]: (session) =>
      comeAndGo(session, 4, options),
    [`groups, ${name}: nothing is lost while members come and go`]: (session) => nothingIsLost(session, options),
    [`groups, ${name}: the next member goes on where the last one stopped`]: async (session) => {
      const [topic, group] = [await made(session), fresh('group')];
      await filled(session, topic, 10);
      const first = await Member.start(session, { group, topics: [topic], ...options });
      await first.has(10);
      await first.consumer.commit();
      await first.stop();
      same(await committed(session, group, topic), 10, 'committed');
      await filled(session, topic, 15, 0, 10);
      const second = await Member.start(session, { group, topics: [topic], ...options });
      await second.has(5);
      await second.stop();
      same(second.values, numbers(15, 10), 'values');
    },
    [`groups, ${name}: a vanished member loses its partitions after the session time-out`]: async (session) => {
      const [topic, group] = [await made(session, 4), fresh('group')];
      const vanishing = await startVanishing(MAIN, [session.bootstrap, 'member', group, topic, name]);
      const member = await Member.start(session, { group, topics: [topic], ...options });
      await until(() => member.owned.length === 2, 'half of the partitions');
      await vanishing.vanish();
      await pause(500);
      same(member.owned.length, 2, 'partitions before the time-out');
      await settled([member], partitionsOf(topic, 4));
      await member.stop();
    },
    [`groups, ${name}: a static member comes back to what it had`]: async (session) => {
      const [topic, group] = [await made(session, 4), fresh('group')];
      const common = { group, topics: [topic], ...options };
      const first = await Member.start(session, { ...common, groupInstanceId: 'a' });
      const other = await Member.start(session, { ...common, groupInstanceId: 'b' });
      await until(() => first.owned.length === 2 && other.owned.length === 2, 'halves');
      await settled([first, other], partitionsOf(topic, 4));
      const [owned, assigned] = [first.owned, other.assigned];
      await first.stop();
      const back = await Member.start(session, { ...common, groupInstanceId: 'a' });
      await settled([back, other], partitionsOf(topic, 4));
      same([back.owned, other.assigned], [owned, assigned], 'partitions, and calls of the other');
      await back.stop();
      await other.stop();
    },
    [`groups, ${name}: topics that match a pattern, also new ones`]: async (session) => {
      const [prefix, group] = [fresh('match'), fresh('group')];
      const admin = session.admin;
      await admin.createTopics([{ name: `${prefix}-one`, partitions: 2 }]);
      const member = await Member.start(session, { group, pattern: `${prefix}-.*`, ...options });
      await until(
        () => member.owned.length === 2,
        () => `two partitions: ${member.errors.join()}`,
      );
      await session.producer.send(`${prefix}-one`, { value: 'x' });
      await member.has(1);
      await member.stop();
    },
  };
}

/** Gives the even partitions to the first member by id, the odd ones to the second. */
const byParity: Assignor = {
  name: 'by-parity',
  protocol: 'eager',
  assign: (members, counts) => {
    const ids = members.map(({ memberId }) => memberId).sort();
    return new Map(
      ids.map((memberId, index) => [
        memberId,
        [...counts].map(([topic, count]) => ({
          topic,
          partitions: Array.from({ length: count }, (_, at) => at).filter((at) => at % ids.length === index),
        })),
      ]),
    );
  },
};

export const GROUPS: Checks<Session> = {
  ...Object.assign({}, ...Object.entries(PROTOCOLS).map(([name, options]) => checksOf(name, options))),
  'groups: an assignor of our own': async (session) => {
    const [topic, group] = [await made(session, 6), fresh('group')];
    const options = { group, topics: [topic], assignors: [byParity] };
    const members = [await Member.start(session, options), await Member.start(session, options)];
    await until(() => members.every(({ owned }) => owned.length === 3), 'halves');
    const [even, odd] = members.map(({ owned }) => owned.join()).sort();
    same(
      [even, odd],
      [
        [0, 2, 4],
        [1, 3, 5],
      ].map((all) => all.map((at) => `${topic}:${at}`).join()),
      'parities',
    );
    for (const member of members) await member.stop();
  },
  'groups: members of both protocols in one group': async (session) => {
    const [topic, group] = [await made(session, 4), fresh('group')];
    const classic = await Member.start(session, {
      group,
      topics: [topic],
      groupProtocol: 'classic',
      assignors: ['range'],
    });
    await settled([classic], partitionsOf(topic, 4));
    const modern = await Member.start(session, { group, topics: [topic], groupProtocol: 'consumer' });
    await until(() => classic.owned.length === 2 && modern.owned.length === 2, 'halves');
    await settled([classic, modern], partitionsOf(topic, 4));
    await classic.stop();
    await settled([modern], partitionsOf(topic, 4));
    await modern.stop();
  },
  'groups: by itself a member takes the newest protocol': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    const member = await Member.start(session, { group, topics: [topic] });
    const { groups } = { groups: await session.admin.listGroups() };
    that(/consumer/i.test(JSON.stringify(groups)), JSON.stringify(groups));
    await member.stop();
  },
};

/** Started by startVanishing: joins, says so, and waits for its end. */
export async function vanish(session: Session, [group = '', topic = '', name = '']: readonly string[]): Promise<void> {
  const options = PROTOCOLS[name] ?? {};
  const member = await Member.start(session, { group, topics: [topic], sessionTimeoutMs: 3_000, ...options });
  process.stdout.write('joined\n');
  await member.has(Number.POSITIVE_INFINITY);
}
