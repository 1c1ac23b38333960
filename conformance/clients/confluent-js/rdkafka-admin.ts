// The admin client of the API like node-rdkafka's, every function of it.

import { same, that } from '../../suite.ts';
import { type Checks, failureOf, fresh, RECENT_MS, until } from '../checks.ts';
import type { RdAdmin } from './api.ts';
import { settingsOf } from './rdkafka.ts';
import { called, filled, made, Member, numbers, type Session } from './session.ts';

const LIMIT_MS = 5_000;
const NO_OFFSET = -1001;

async function administered(session: Session, work: (admin: RdAdmin) => Promise<void>): Promise<void> {
  const admin = session.rd.AdminClient.create(settingsOf(session));
  try {
    await work(admin);
  } finally {
    admin.disconnect();
  }
}

export const RDKAFKA_ADMIN: Checks<Session> = {
  'rdkafka admin: createTopic, createPartitions, describeTopics, deleteTopic': (session) =>
    administered(session, async (admin) => {
      const topic = fresh('confluent');
      const config = { 'retention.ms': '5000', 'cleanup.policy': 'compact' };
      const spec = { topic, num_partitions: 2, replication_factor: 1, config };
      await called(admin, 'createTopic', spec, LIMIT_MS);
      const again = await failureOf(called(admin, 'createTopic', spec, LIMIT_MS));
      that(/already exists/.test(again), again);
      await called(admin, 'createPartitions', topic, 3, LIMIT_MS);
      const fewer = await failureOf(called(admin, 'createPartitions', topic, 2, LIMIT_MS));
      that(/partition/i.test(fewer), fewer);
      const describe = async (): Promise<unknown> => {
        const options = { includeAuthorizedOperations: true };
        const [found] = await called(admin, 'describeTopics', [topic], options);
        const { READ } = session.rd.AclOperationTypes;
        return [
          found?.isInternal,
          found?.authorizedOperations?.includes(READ),
          found?.partitions.map((p) => [p.leader?.id, p.isr.length]),
        ];
      };
      const expected = JSON.stringify([
        false,
        true,
        [
          [0, 1],
          [0, 1],
          [0, 1],
        ],
      ]);
      await until(async () => JSON.stringify(await describe()) === expected, 'three partitions');
      that((await called(admin, 'listTopics', { timeout: LIMIT_MS })).includes(topic), 'listed');
      await called(admin, 'deleteTopic', topic, LIMIT_MS);
      const gone = await failureOf(called(admin, 'deleteTopic', topic, LIMIT_MS));
      that(/unknown topic/i.test(gone), gone);
    }),
  'rdkafka admin: createTopic refuses': (session) =>
    administered(session, async (admin) => {
      const refused = (more: Record<string, unknown>): Promise<string> => {
        const spec = { topic: fresh('refused'), num_partitions: 1, replication_factor: 1, ...more };
        return failureOf(called(admin, 'createTopic', spec, LIMIT_MS));
      };
      that(/replication factor/i.test(await refused({ replication_factor: 3 })), 'factor');
      that(/config/i.test(await refused({ config: { 'retention.ms': 'soon' } })), 'a word for a number');
      that(/unknown topic config/i.test(await refused({ config: { 'no.such.config': '1' } })), 'unknown config');
    }),
  'rdkafka admin: listOffsets, deleteRecords': (session) =>
    administered(session, async (admin) => {
      const topic = await made(session);
      const messages = numbers(10).map((value) => ({ value, timestamp: String(RECENT_MS - Number(value)) }));
      await session.producer.send({ topic, messages });
      const { OffsetSpec, IsolationLevel } = session.rd;
      const at = async (offset: unknown): Promise<number | undefined> => {
        const options = { isolationLevel: IsolationLevel.READ_COMMITTED };
        return (await called(admin, 'listOffsets', [{ topic, partition: 0, offset }], options))[0]?.offset;
      };
      same([await at(OffsetSpec.EARLIEST), await at(OffsetSpec.LATEST)], [0, 10], 'ends');
      same(await at(OffsetSpec.MAX_TIMESTAMP), 0, 'the largest timestamp');
      same(await at(new OffsetSpec(RECENT_MS - 5)), 0, 'by time');
      const [deleted] = await called(admin, 'deleteRecords', [{ topic, partition: 0, offset: 6 }], {});
      same(deleted?.lowWatermark, 6, 'low watermark');
      same(await at(OffsetSpec.EARLIEST), 6, 'earliest afterwards');
    }),
  'rdkafka admin: groups and their offsets': (session) =>
    administered(session, async (admin) => {
      const [topic, group] = [await made(session, 2), fresh('group')];
      await filled(session, topic, 7, 1);
      const member = await Member.start(session, group, { topics: [topic] });
      await member.has(7);
      const { STABLE, EMPTY } = session.rd.ConsumerGroupStates;
      const listed = async (state: number): Promise<boolean> => {
        const options = { matchConsumerGroupStates: [state] };
        const { groups } = await called(admin, 'listGroups', options);
        return groups.some((entry) => entry.groupId === group);
      };
      same([await listed(STABLE), await listed(EMPTY)], [true, false], 'listed');
      const { groups } = await called(admin, 'describeGroups', [group], { includeAuthorizedOperations: true });
      same([groups[0]?.state, groups[0]?.members.length], [STABLE, 1], 'described');
      const [full] = await called(admin, 'deleteGroups', [group], {});
      that(full?.error !== undefined, 'deleted with a member');
      await member.stop();
      const partitions = [0, 1].map((partition) => ({ topic, partition }));
      const options = { requireStableOffsets: true };
      const [offsets] = await called(admin, 'listConsumerGroupOffsets', [{ groupId: group, partitions }], options);
      same(offsets?.partitions.map((place) => place.offset ?? NO_OFFSET).sort(), [NO_OFFSET, 7], 'offsets');
      const [deleted] = await called(admin, 'deleteGroups', [group], {});
      same(deleted?.error, undefined, 'deleted');
      same(await listed(EMPTY), false, 'listed after deletion');
    }),
};
