// Groups whose members come, go, vanish and disagree.

import { fileURLToPath } from 'node:url';
import type { Assigner, PartitionAssigner } from 'kafkajs';
import { same, that } from '../../suite.ts';
import { type Checks, fresh, isWhole, partitionsOf, pause, until } from '../checks.ts';
import { startVanishing } from '../vanishing.ts';
import { filled, kafkajs, made, Member, numbers, type Session } from './session.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** Waits until the members own all of it between them. */
async function settled(members: readonly Member[], partitions: readonly string[]): Promise<void> {
  await until(
    () =>
      isWhole(
        members.map((member) => member.owned),
        partitions,
      ),
    () => `a whole assignment, is ${JSON.stringify(members.map((member) => member.owned))}`,
  );
}

const stopAll = (members: readonly Member[]): Promise<unknown> => Promise.all(members.map((member) => member.stop()));

export const REBALANCE: Checks<Session> = {
  'groups: two to five members and back, disjoint and complete': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin, 10), fresh('group')];
    const partitions = partitionsOf(topic, 10);
    const members: Member[] = [];
    for (let size = 1; size <= 5; size++) {
      members.push(await Member.start(kafka, group, { topics: [topic] }));
      await settled(members, partitions);
      const counts = members.map((member) => member.owned.length);
      that(Math.max(...counts) - Math.min(...counts) <= 1, `not even: ${counts.join()}`);
    }
    const { groups } = await admin.describeGroups([group]);
    same([groups[0]?.state, groups[0]?.members.length], ['Stable', 5], 'group');
    while (members.length > 1) {
      await members.shift()?.stop();
      await settled(members, partitions);
    }
    await stopAll(members);
  },
  'groups: nothing is lost while members come and go': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin, 6), fresh('group')];
    const members: Member[] = [];
    const all: Member[] = [];
    let written = 0;
    const write = async (count: number): Promise<void> => {
      const messages = numbers(written + count, written).map((value) => ({ value, partition: Number(value) % 6 }));
      written += count;
      await producer.send({ topic, messages });
    };
    for (const change of ['+', '+', '+', '-', '+', '-', '-']) {
      await write(60);
      if (change === '-') await members.shift()?.stop();
      else members.push(await Member.start(kafka, group, { topics: [topic] }));
      all.push(...members.filter((member) => !all.includes(member)));
      await write(60);
    }
    const received = (): Set<string> => new Set(all.flatMap((member) => member.values));
    await until(
      () => received().size === written,
      () => `${written} records, has ${received().size}`,
    );
    await stopAll(members);
  },
  'groups: more members than partitions': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin, 2), fresh('group')];
    const members: Member[] = [];
    for (let i = 0; i < 4; i++) members.push(await Member.start(kafka, group, { topics: [topic] }));
    await settled(members, partitionsOf(topic, 2));
    same(
      members.map((member) => member.owned.length).sort((a, b) => a - b),
      [0, 0, 1, 1],
      'partitions each',
    );
    const owner = members.find((member) => member.owned.length > 0);
    await owner?.stop();
    await settled(members, partitionsOf(topic, 2));
    await stopAll(members.filter((member) => member !== owner));
  },
  'groups: an assigner of our own, with user data': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin, 6), fresh('group')];
    const even = await Member.start(kafka, group, { topics: [topic], partitionAssigners: [byParity('even')] });
    const odd = await Member.start(kafka, group, { topics: [topic], partitionAssigners: [byParity('odd')] });
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
    same([even.protocol, odd.protocol], ['ByParity', 'ByParity'], 'protocol');
    await stopAll([even, odd]);
  },
  'groups: the protocol that all members know': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin, 4), fresh('group')];
    const { roundRobin } = kafkajs.PartitionAssigners;
    const both = await Member.start(kafka, group, {
      topics: [topic],
      partitionAssigners: [roundRobin, byParity('even')],
    });
    same(both.protocol, 'RoundRobinAssigner', 'alone');
    const one = await Member.start(kafka, group, { topics: [topic], partitionAssigners: [byParity('odd')] });
    await settled([both, one], partitionsOf(topic, 4));
    same([both.protocol, one.protocol], ['ByParity', 'ByParity'], 'together');
    await one.stop();
    await until(() => both.protocol === 'RoundRobinAssigner', 'the preferred protocol again');
    await both.stop();
  },
  'groups: a member without a common protocol is refused': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    const member = await Member.start(kafka, group, { topics: [topic], partitionAssigners: [byParity('even')] });
    const stranger = kafka.consumer({ groupId: group, retry: { retries: 0 } });
    await stranger.connect();
    await stranger.subscribe({ topics: [topic] });
    const crash = new Promise<string>((resolve) => {
      stranger.on(stranger.events.CRASH, ({ payload }) => resolve(payload.error.message));
    });
    await stranger.run({ eachMessage: async () => undefined });
    const failure = await crash;
    that(/^The group member.s supported protocols are incompatible/.test(failure), failure);
    await stranger.disconnect();
    await member.stop();
  },
  'groups: a vanished member loses its partitions after the session time-out': async ({ bootstrap, kafka, admin }) => {
    const [topic, group] = [await made(admin, 4), fresh('group')];
    const vanishing = await startVanishing(MAIN, [bootstrap, 'member', group, topic, '3000']);
    const member = await Member.start(kafka, group, { topics: [topic] });
    await until(() => member.owned.length === 2, 'half of the partitions');
    await vanishing.vanish();
    await pause(500);
    same(member.owned.length, 2, 'partitions before the time-out');
    await settled([member], partitionsOf(topic, 4));
    await member.stop();
  },
  'groups: heartbeats keep a slow member in': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 2);
    const seen: string[] = [];
    const member = await Member.start(kafka, group, {
      topics: [topic],
      sessionTimeout: 3_000,
      run: {
        eachMessage: async (payload) => {
          for (let i = 0; payload.message.offset === '0' && i < 18; i++) {
            await pause(300);
            await payload.heartbeat();
          }
          seen.push(payload.message.offset);
        },
      },
    });
    await until(() => seen.length >= 2, 'both records');
    await member.stop();
    same([seen, member.joins, member.crashes], [['0', '1'], 1, []], 'records, joins, crashes');
  },
  'groups: a member that is silent for too long joins again': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 2);
    const seen: string[] = [];
    let isSlow = true;
    const member = await Member.start(kafka, group, {
      topics: [topic],
      sessionTimeout: 1_500,
      run: {
        eachMessage: async ({ message }) => {
          if (isSlow) await pause(3_500);
          isSlow = false;
          seen.push(message.offset);
        },
      },
    });
    await until(
      () => seen.includes('1') && member.joins >= 2,
      () => `a second join, has ${member.joins}`,
    );
    await member.stop();
    same(await state(admin, group), 'Empty', 'group');
  },
  'groups: who does not come to the rebalance in time is left out': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin, 2), fresh('group')];
    await filled(producer, topic, 1);
    let isHeld = true;
    let hasBegun = false;
    const slow = await Member.start(kafka, group, {
      topics: [topic],
      rebalanceTimeout: 1_500,
      sessionTimeout: 30_000,
      run: {
        eachMessage: async () => {
          hasBegun = true;
          await until(() => !isHeld, 'the end of the check', 30_000);
        },
      },
    });
    await until(() => hasBegun, 'the record');
    const quick = await Member.start(kafka, group, { topics: [topic], rebalanceTimeout: 1_500 });
    await settled([quick], partitionsOf(topic, 2));
    isHeld = false;
    await until(() => slow.joins >= 2, 'the slow one again');
    await settled([slow, quick], partitionsOf(topic, 2));
    await stopAll([slow, quick]);
  },
  'groups: new partitions are taken up at the next rebalance': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin, 2), fresh('group')];
    const first = await Member.start(kafka, group, { topics: [topic], metadataMaxAge: 500 });
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    const second = await Member.start(kafka, group, { topics: [topic], metadataMaxAge: 500 });
    await settled([first, second], partitionsOf(topic, 5));
    await stopAll([first, second]);
  },
  'groups: two groups read independently': async ({ kafka, admin, producer }) => {
    const topic = await made(admin, 2);
    for (const p of [0, 1]) await filled(producer, topic, 10, p);
    const members = [fresh('group'), fresh('group')].map((group) => Member.start(kafka, group, { topics: [topic] }));
    for (const member of await Promise.all(members)) {
      await member.has(20);
      await member.stop();
    }
  },
  'groups: one member, several topics': async ({ kafka, admin, producer }) => {
    const topics = [await made(admin, 2), await made(admin, 3)];
    const group = fresh('group');
    const member = await Member.start(kafka, group, { topics });
    same(member.owned.length, 5, 'partitions');
    for (const topic of topics) await filled(producer, topic, 4, 1);
    await member.has(8);
    await member.stop();
  },
  'groups: describeGroup of the consumer': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin, 2), fresh('group')];
    const member = await Member.start(kafka, group, { topics: [topic] });
    const described = await member.consumer.describeGroup();
    const { state: stands, protocol, protocolType, members } = described;
    same([stands, protocol, protocolType], ['Stable', 'RoundRobinAssigner', 'consumer'], 'group');
    same(
      members.map((m) => [m.memberId, m.clientId]),
      [[member.memberId, 'conformance']],
      'members',
    );
    that(/127\.0\.0\.1/.test(members[0]?.clientHost ?? ''), `host ${members[0]?.clientHost}`);
    const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
    const assigned = MemberAssignment.decode(members[0]?.memberAssignment ?? Buffer.alloc(0));
    same(assigned?.assignment, { [topic]: [0, 1] }, 'assignment');
    same(MemberMetadata.decode(members[0]?.memberMetadata ?? Buffer.alloc(0))?.topics, [topic], 'subscription');
    await member.stop();
  },
};

async function state(admin: Session['admin'], group: string): Promise<string | undefined> {
  return (await admin.describeGroups([group])).groups[0]?.state;
}

/** Gives partitions to the members that ask for their parity in their subscription's user data. */
function byParity(wish: 'even' | 'odd'): PartitionAssigner {
  const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
  return ({ cluster }): Assigner => ({
    name: 'ByParity',
    version: 1,
    protocol: ({ topics }) => ({
      name: 'ByParity',
      metadata: MemberMetadata.encode({ version: 1, topics, userData: Buffer.from(wish) }),
    }),
    assign: async ({ members, topics }) => {
      const wishes = members.map((m) => String(MemberMetadata.decode(m.memberMetadata)?.userData));
      return members.map(({ memberId }, i) => {
        const isMine = (p: number): boolean => members.length === 1 || (p % 2 === 0) === (wishes[i] === 'even');
        const assignment = Object.fromEntries(
          topics.map((topic) => {
            const ids = cluster.findTopicPartitionMetadata(topic).map((p) => p.partitionId);
            return [topic, ids.filter(isMine).sort((a, b) => a - b)];
          }),
        );
        return {
          memberId,
          memberAssignment: MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) }),
        };
      });
    },
  });
}
