// Groups as an administrator sees and changes them.

import { same, that } from '../../suite.ts';
import { type Checks, failureOf, fresh } from '../checks.ts';
import { committed, committedBy, filled, kafkajs, made, Member, type Session } from './session.ts';

const NON_EMPTY_GROUP = 68;
const GROUP_ID_NOT_FOUND = 69;

async function deletion(admin: Session['admin'], groups: string[]): Promise<(number | undefined)[]> {
  const results = await admin.deleteGroups(groups).catch((error: unknown) => {
    if (error instanceof kafkajs.KafkaJSDeleteGroupsError) return error.groups;
    throw error;
  });
  return results.map((result) => result.errorCode ?? 0);
}

/** A group that has only offsets: 3 in partition 0 of a topic with 10 records in each of two partitions. */
async function withOffsets({ kafka, admin, producer }: Session): Promise<{ topic: string; group: string }> {
  const [topic, group] = [await made(admin, 2), fresh('group')];
  for (const p of [0, 1]) await filled(producer, topic, 10, p);
  await committedBy(kafka, group, topic, '3');
  return { topic, group };
}

export const GROUPS_ADMIN: Checks<Session> = {
  'admin: listGroups': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    const member = await Member.start(kafka, group, { topics: [topic] });
    const { groups } = await admin.listGroups();
    same(
      groups.find((entry) => entry.groupId === group),
      { groupId: group, protocolType: 'consumer' },
      'listed',
    );
    await member.stop();
  },
  'admin: describeGroups, running, empty and unknown': async ({ kafka, admin }) => {
    const [topic, group, unknown] = [await made(admin, 3), fresh('group'), fresh('unknown')];
    const members = [
      await Member.start(kafka, group, { topics: [topic] }),
      await Member.start(kafka, group, { topics: [topic] }),
    ];
    const described = await admin.describeGroups([group, unknown]);
    const running = described.groups.find((entry) => entry.groupId === group);
    const ids = running?.members.map((member) => member.memberId).sort();
    same(ids, members.map((member) => member.memberId).sort(), 'members');
    same([running?.protocolType, running?.protocol], ['consumer', 'RoundRobinAssigner'], 'protocol');
    const dead = described.groups.find((entry) => entry.groupId === unknown);
    same([dead?.state, dead?.members], ['Dead', []], 'unknown');
    for (const member of members) await member.stop();
    const [empty] = (await admin.describeGroups([group])).groups;
    same([empty?.state, empty?.members], ['Empty', []], 'after the last left');
  },
  'admin: deleteGroups': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    const member = await Member.start(kafka, group, { topics: [topic] });
    same(await deletion(admin, [group]), [NON_EMPTY_GROUP], 'with a member');
    await member.stop();
    same(await deletion(admin, [group]), [0], 'empty');
    same(await deletion(admin, [group]), [GROUP_ID_NOT_FOUND], 'again');
    const { groups } = await admin.listGroups();
    that(!groups.some((entry) => entry.groupId === group), 'listed after deletion');
  },
  'admin: fetchOffsets of one topic, of all': async (session) => {
    const { topic, group } = await withOffsets(session);
    const { admin } = session;
    const one = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    const entries = one[0]?.partitions.sort((a, b) => a.partition - b.partition);
    same(
      entries?.map((p) => [p.partition, p.offset]),
      [
        [0, '3'],
        [1, '-1'],
      ],
      'of the topic',
    );
    const all = await admin.fetchOffsets({ groupId: group });
    same(
      all.map((entry) => [entry.topic, entry.partitions.map((p) => p.offset)]),
      [[topic, ['3']]],
      'of all',
    );
    const resolved = await admin.fetchOffsets({ groupId: group, topics: [topic], resolveOffsets: true });
    same(resolved[0]?.partitions.find((p) => p.partition === 0)?.offset, '3', 'resolved');
  },
  'admin: setOffsets, and a member starts there': async (session) => {
    const { topic, group } = await withOffsets(session);
    const { admin, kafka } = session;
    const partitions = [
      { partition: 0, offset: '8' },
      { partition: 1, offset: '9' },
    ];
    await admin.setOffsets({ groupId: group, topic, partitions });
    const member = await Member.start(kafka, group, { topics: [topic] });
    await member.has(3);
    await member.stop();
    same(member.values.sort(), ['8', '9', '9'], 'values');
  },
  'admin: resetOffsets to the earliest, to the latest': async (session) => {
    const { admin } = session;
    // Side by side: each of these calls waits for a fetch of 5 s.
    const resolved = async (earliest: boolean): Promise<string[]> => {
      const { topic, group } = await withOffsets(session);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
      await admin.resetOffsets({ groupId: group, topic, earliest });
      const [entry] = await admin.fetchOffsets({ groupId: group, topics: [topic], resolveOffsets: true });
      return (entry?.partitions ?? []).sort((a, b) => a.partition - b.partition).map((p) => p.offset);
    };
    const [earliest, latest] = await Promise.all([resolved(true), resolved(false)]);
    same(earliest, ['2', '0'], 'earliest');
    same(latest, ['10', '10'], 'latest');
  },
  'admin: setOffsets of a group with members is refused': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    const member = await Member.start(kafka, group, { topics: [topic] });
    const failure = await failureOf(
      admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '1' }] }),
    );
    that(/consumer group must have no running instances/i.test(failure), failure);
    await member.stop();
    same(await committed(admin, group, topic), -1, 'committed');
  },
  'admin: offsets of a deleted topic go with it': async (session) => {
    const { topic, group } = await withOffsets(session);
    const { admin } = session;
    await admin.deleteTopics({ topics: [topic] });
    // The coordinator hears of it a moment later.
    for (let tries = 100; tries > 0; tries--) {
      if ((await admin.fetchOffsets({ groupId: group })).length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('the offsets are still there');
  },
};
