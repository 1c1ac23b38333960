// Topics, offsets and groups as the admin client of the API like kafkajs's asks for them.

import { same, that } from '../../suite.ts';
import { type Checks, failureOf, fresh, RECENT_MS, soonSame } from '../checks.ts';
import { committed, filled, made, Member, numbers, type Session } from './session.ts';

const GROUP_ID_NOT_FOUND = 69;
const NON_EMPTY_GROUP = 68;

async function deletion({ admin }: Session, group: string): Promise<number> {
  const results = await admin.deleteGroups([group]).catch((error: unknown) => {
    const { groups } = error as { groups?: { errorCode?: number }[] };
    if (groups === undefined) throw error;
    return groups;
  });
  return results[0]?.errorCode ?? 0;
}

export const ADMIN: Checks<Session> = {
  'admin: createTopics, listTopics, deleteTopics': async (session) => {
    const { admin } = session;
    const topic = await made(session, 2);
    that((await admin.listTopics()).includes(topic), 'not listed');
    same(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] }), false, 'created again');
    await admin.deleteTopics({ topics: [topic] });
    await soonSame(async () => (await admin.listTopics()).includes(topic), false, 'listed after deletion');
    const gone = await failureOf(admin.deleteTopics({ topics: [topic] }));
    that(/unknown topic/i.test(gone), gone);
  },
  'admin: createTopics refuses': async ({ admin }) => {
    const failure = (topic: string, replicationFactor: number): Promise<string> =>
      failureOf(admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor }] }));
    that(/replication factor/i.test(await failure(fresh('factor'), 2)), await failure(fresh('factor'), 2));
    that(/invalid/i.test(await failure('bad name!', 1)), await failure('bad name!', 1));
  },
  'admin: fetchTopicMetadata with authorized operations': async (session) => {
    const topic = await made(session, 2);
    const [found] = await session.admin.fetchTopicMetadata({ topics: [topic], includeAuthorizedOperations: true });
    const partitions = found?.partitions.map((p) => [p.partitionId, p.leader, p.replicas, p.isr]);
    same(
      partitions?.sort(),
      [
        [0, 0, [0], [0]],
        [1, 0, [0], [0]],
      ],
      'partitions',
    );
    same([found?.name, found?.isInternal], [topic, false], 'topic');
    const { READ, DELETE, DESCRIBE } = session.rd.AclOperationTypes;
    for (const operation of [READ, DELETE, DESCRIBE]) {
      that(found?.authorizedOperations?.includes(operation) ?? false, `no ${operation}`);
    }
  },
  'admin: fetchTopicOffsets, ByTimestamp, deleteTopicRecords': async (session) => {
    const { admin } = session;
    const topic = await made(session);
    const messages = numbers(10).map((value) => ({ value, timestamp: String(RECENT_MS + Number(value)) }));
    await session.producer.send({ topic, messages });
    const ends = { partition: 0, offset: '10', high: '10', low: '0' };
    same(await admin.fetchTopicOffsets(topic), [ends], 'offsets');
    same((await admin.fetchTopicOffsetsByTimestamp(topic, RECENT_MS + 4))[0]?.offset, '4', 'by timestamp');
    same((await admin.fetchTopicOffsetsByTimestamp(topic, RECENT_MS + 1_000_000))[0]?.offset, '10', 'later than all');
    const [deleted] = await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] });
    same(deleted?.lowWatermark, 7, 'low watermark');
    same(await admin.fetchTopicOffsets(topic), [{ ...ends, low: '7' }], 'after deletion');
    const beyond = await failureOf(admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '11' }] }));
    that(beyond !== 'no error', 'beyond the end');
  },
  'admin: listGroups by state and type': async (session) => {
    const { admin, rd } = session;
    const [topic, group] = [await made(session), fresh('group')];
    const member = await Member.start(session, group, { topics: [topic] });
    const { STABLE, EMPTY } = rd.ConsumerGroupStates;
    const { CLASSIC, CONSUMER } = rd.ConsumerGroupTypes;
    const listed = async (options: Parameters<typeof admin.listGroups>[0]): Promise<boolean> =>
      (await admin.listGroups(options)).groups.some((entry) => entry.groupId === group);
    const entry = (await admin.listGroups()).groups.find((one) => one.groupId === group);
    same([entry?.state, entry?.type, entry?.isSimpleConsumerGroup], [STABLE, CLASSIC, false], 'listed');
    same(await listed({ matchConsumerGroupStates: [EMPTY] }), false, 'as empty');
    same(await listed({ matchConsumerGroupTypes: [CLASSIC] }), true, 'as classic');
    same(await listed({ matchConsumerGroupTypes: [CONSUMER] }), false, 'as consumer');
    await member.stop();
    same(await listed({ matchConsumerGroupStates: [EMPTY] }), true, 'as empty, after it left');
  },
  'admin: describeGroups': async (session) => {
    const { admin, rd } = session;
    const [topic, group, unknown] = [await made(session, 2), fresh('group'), fresh('unknown')];
    const member = await Member.start(session, group, { topics: [topic] });
    const [described] = (await admin.describeGroups([group], { includeAuthorizedOperations: true })).groups;
    const { STABLE, DEAD, EMPTY } = rd.ConsumerGroupStates;
    same(
      [described?.state, described?.partitionAssignor, described?.protocolType],
      [STABLE, 'roundrobin', 'consumer'],
      'group',
    );
    const [only] = described?.members ?? [];
    same([only?.clientId, described?.coordinator.id], ['conformance', 0], 'client, coordinator');
    same(
      only?.assignment.topicPartitions.map((p) => [p.topic, p.partition]),
      [
        [topic, 0],
        [topic, 1],
      ],
      'assignment',
    );
    that(described?.authorizedOperations?.includes(rd.AclOperationTypes.DELETE) ?? false, 'authorized operations');
    await member.stop();
    same((await admin.describeGroups([group])).groups[0]?.state, EMPTY, 'after it left');
    same((await admin.describeGroups([unknown])).groups[0]?.state, DEAD, 'unknown');
  },
  'admin: deleteGroups': async (session) => {
    const [topic, group] = [await made(session), fresh('group')];
    const member = await Member.start(session, group, { topics: [topic] });
    same(await deletion(session, group), NON_EMPTY_GROUP, 'with a member');
    await member.stop();
    same(await deletion(session, group), 0, 'empty');
    same(await deletion(session, group), GROUP_ID_NOT_FOUND, 'again');
  },
  'admin: fetchOffsets of one topic, of all': async (session) => {
    const [topic, group] = [await made(session, 2), fresh('group')];
    await filled(session, topic, 5, 1);
    const member = await Member.start(session, group, { topics: [topic] });
    await member.has(5);
    await member.stop();
    same([await committed(session, group, topic, 0), await committed(session, group, topic, 1)], [-1, 5], 'one topic');
    const all = await session.admin.fetchOffsets({ groupId: group, requireStableOffsets: true });
    same(
      all.map((entry) => [entry.topic, entry.partitions.map((p) => p.offset)]),
      [[topic, ['5']]],
      'all',
    );
  },
};
