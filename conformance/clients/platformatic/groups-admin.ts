// Groups as an administrator sees and changes them through @platformatic/kafka.

import { same, that } from '../../suite.ts';
import { metadata } from '../../wire/requests.ts';
import { type Checks, failureOf, fresh, until } from '../checks.ts';
import { committed, filled, made, Member, numbers, type Session } from './session.ts';

const GROUP_KEY = 0;

export const GROUPS_ADMIN: Checks<Session> = {
  'admin: findCoordinator of many groups': async ({ admin, wire }) => {
    const keys = [fresh('group'), fresh('group'), fresh('group')];
    const found = await admin.findCoordinator({ keyType: GROUP_KEY, keys });
    same(found.map(({ key }) => key).sort(), [...keys].sort(), 'groups');
    const { brokers } = await metadata(wire, []);
    const strangers = found.filter(({ nodeId }) => !brokers.some(({ id }) => id === nodeId));
    same(strangers, [], 'coordinators that are no broker');
  },
  'admin: listGroups by state and type': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    const member = await Member.start(session, group, { topics: [topic] });
    const listed = async (options: { states?: string[]; types?: string[] }): Promise<boolean> =>
      (await session.admin.listGroups(options)).has(group);
    const entry = (await session.admin.listGroups()).get(group);
    same([entry?.state, entry?.protocolType], ['Stable', 'consumer'], 'listed');
    same([await listed({ states: ['Stable'] }), await listed({ states: ['Empty'] })], [true, false], 'by state');
    same([await listed({ types: ['classic'] }), await listed({ types: ['consumer'] })], [true, false], 'by type');
    await member.stop();
    same([await listed({ states: ['Stable'] }), await listed({ states: ['Empty'] })], [false, true], 'after it left');
  },
  'admin: describeGroups': async (session) => {
    const [topic, group, unknown] = [await made(session, 2), fresh('group'), fresh('unknown')];
    const member = await Member.start(session, group, { topics: [topic], groupInstanceId: 'static' });
    const groups = await session.admin.describeGroups({ groups: [group], includeAuthorizedOperations: true });
    const described = groups.get(group);
    same(
      [described?.state, described?.protocol, described?.protocolType],
      ['Stable', 'roundrobin', 'consumer'],
      'group',
    );
    const [only] = [...(described?.members.values() ?? [])];
    same(
      [only?.id, only?.groupInstanceId, only?.clientId],
      [member.consumer.memberId, 'static', 'conformance'],
      'member',
    );
    same([...(only?.assignments?.values() ?? [])], [{ topic, partitions: [0, 1] }], 'assignment');
    const ALTER_CONFIGS_TO_READ = 328;
    same((described?.authorizedOperations ?? 0) & ALTER_CONFIGS_TO_READ, ALTER_CONFIGS_TO_READ, 'operations');
    await member.stop();
    const dead = await failureOf(session.admin.describeGroups({ groups: [unknown] }).then((all) => all.get(unknown)));
    that(dead === 'no error' || /not found/i.test(dead), dead);
  },
  'admin: deleteGroups': async (session) => {
    const { admin } = session;
    const [topic, group] = [await made(session), fresh('group')];
    const member = await Member.start(session, group, { topics: [topic] });
    const full = await failureOf(admin.deleteGroups({ groups: [group] }));
    that(/not empty/i.test(full), full);
    await member.stop();
    await admin.deleteGroups({ groups: [group] });
    const again = await failureOf(admin.deleteGroups({ groups: [group] }));
    that(/does not exist/i.test(again), again);
  },
  'admin: removeMembersFromConsumerGroup': async (session) => {
    const { admin } = session;
    const [topic, group] = [await made(session, 2), fresh('group')];
    const first = await Member.start(session, group, { topics: [topic] });
    const second = await Member.start(session, group, { topics: [topic] });
    await until(() => first.owned.length === 1 && second.owned.length === 1, 'one partition each');
    const [before, joins] = [first.consumer.memberId ?? '', first.joins];
    await admin.removeMembersFromConsumerGroup({ groupId: group, members: [{ memberId: before, reason: 'a check' }] });
    // It hears of it with its next heartbeat and joins as somebody new. Until then it has no id and still what it owned: closed
    // in between, the client leaves its stream at work, which then finds no topics and ends the process, on Apache Kafka too.
    await until(() => first.joins > joins && first.owned.length === 1, 'the member again');
    that(first.consumer.memberId !== before, 'the member has its old id');
    await first.stop();
    await second.stop();
    const lonely = await Member.start(session, group, { topics: [topic], heartbeatInterval: 5_000 });
    await admin.removeMembersFromConsumerGroup({ groupId: group });
    same((await admin.describeGroups({ groups: [group] })).get(group)?.state, 'Empty', 'group');
    await lonely.stop();
  },
  'admin: alter, list and delete offsets of a group': async (session) => {
    const { admin } = session;
    const [topic, group] = [await made(session, 2), fresh('group')];
    for (const p of [0, 1]) await filled(session, topic, 10, p);
    const partitionOffsets = [
      { partition: 0, offset: 7n },
      { partition: 1, offset: 8n },
    ];
    await admin.alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] });
    const [all] = await admin.listConsumerGroupOffsets({ groups: [group], requireStable: true });
    const stands = all?.topics[0]?.partitions.map((p) => [p.partitionIndex, Number(p.committedOffset)]);
    same(
      stands?.sort(),
      [
        [0, 7],
        [1, 8],
      ],
      'offsets',
    );
    const deleted = await admin.deleteConsumerGroupOffsets({
      groupId: group,
      topics: [{ name: topic, partitionIndexes: [0] }],
    });
    same(deleted, [{ name: topic, partitionIndexes: [0] }], 'deleted');
    same([await committed(session, group, topic, 0), await committed(session, group, topic, 1)], [-1, 8], 'afterwards');
    const member = await Member.start(session, group, { topics: [topic] });
    await member.has(12);
    const refused = await failureOf(
      admin.deleteConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionIndexes: [1] }] }),
    );
    that(/subscribed/i.test(refused), refused);
    await member.stop();
    const at = (p: number): string[] => member.received.filter((m) => m.partition === p).map((m) => String(m.value));
    same([at(0), at(1)], [numbers(10), numbers(10, 8)], 'where a member began');
  },
};
