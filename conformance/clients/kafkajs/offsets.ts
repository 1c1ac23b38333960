// What a group remembers: commits of every kind, and where its members go on.

import { same, that } from '../../suite.ts';
import { type Checks, failureOf, fresh, pause, until } from '../checks.ts';
import { committed, committedBy, filled, made, Member, numbers, type Session } from './session.ts';

export const OFFSETS: Checks<Session> = {
  'offsets: the next member goes on where the last one stopped': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 10);
    const first = await Member.start(kafka, group, { topics: [topic] });
    await first.has(10);
    await first.stop();
    same(await committed(admin, group, topic), 10, 'committed');
    await filled(producer, topic, 15, 0, 10);
    const second = await Member.start(kafka, group, { topics: [topic] });
    await second.has(5);
    await second.stop();
    same(second.values, numbers(15, 10), 'values');
  },
  'offsets: commitOffsets with metadata': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 10);
    const first = await Member.start(kafka, group, {
      topics: [topic],
      run: { autoCommit: false, eachMessage: async () => undefined },
    });
    await first.consumer.commitOffsets([{ topic, partition: 0, offset: '4', metadata: 'até aqui' }]);
    const [entry] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    same(entry?.partitions, [{ partition: 0, offset: '4', metadata: 'até aqui' }], 'committed');
    await first.stop();
    const second = await Member.start(kafka, group, { topics: [topic] });
    await second.has(6);
    await second.stop();
    same(second.values, numbers(10, 4), 'values');
  },
  'offsets: metadata that is too long is refused': async ({ kafka, admin }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    const member = await Member.start(kafka, group, { topics: [topic], retry: { retries: 0 } });
    const commit = (length: number): Promise<void> =>
      member.consumer.commitOffsets([{ topic, partition: 0, offset: '1', metadata: 'x'.repeat(length) }]);
    await commit(4_096);
    const failure = await failureOf(commit(4_097));
    that(/metadata field of the offset request was too large/.test(failure), failure);
    await member.stop();
  },
  'offsets: autoCommit false commits nothing': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 5);
    for (let round = 0; round < 2; round++) {
      const seen: string[] = [];
      const member = await Member.start(kafka, group, {
        topics: [topic],
        run: { autoCommit: false, eachMessage: async ({ message }) => void seen.push(String(message.value)) },
      });
      await until(() => seen.length === 5, 'five records');
      await member.stop();
      same([seen, await committed(admin, group, topic)], [numbers(5), -1], `round ${round}`);
    }
  },
  'offsets: autoCommitInterval': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    const member = await Member.start(kafka, group, {
      topics: [topic],
      run: { autoCommitInterval: 400, eachBatchAutoResolve: true, eachMessage: async () => undefined },
    });
    // Commits are due between batches: more of them must come.
    let written = 0;
    await until(async () => {
      await filled(producer, topic, written + 1, 0, written);
      written++;
      await pause(150);
      return (await committed(admin, group, topic)) > 0;
    }, 'a commit while it runs');
    await member.stop();
  },
  'offsets: autoCommitThreshold': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 10);
    let isHeld = true;
    const seen: string[] = [];
    const member = await Member.start(kafka, group, {
      topics: [topic],
      run: {
        autoCommitThreshold: 3,
        eachMessage: async ({ message }) => {
          if (message.offset === '7') await until(() => !isHeld, 'the end of the check');
          seen.push(message.offset);
        },
      },
    });
    await until(async () => (await committed(admin, group, topic)) >= 3, 'a commit in the middle of the batch');
    isHeld = false;
    await until(() => seen.length === 10, 'all records');
    await member.stop();
    same(await committed(admin, group, topic), 10, 'committed');
  },
  'offsets: a failing handler is given the same record again': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 5);
    const seen: string[] = [];
    let failures = 0;
    const member = await Member.start(kafka, group, {
      topics: [topic],
      retry: { initialRetryTime: 50 },
      run: {
        eachMessage: async ({ message }) => {
          if (message.offset === '3' && failures++ < 2) throw new Error('not yet');
          seen.push(message.offset);
        },
      },
    });
    await until(() => seen.length === 5, 'all records');
    await member.stop();
    same([seen, failures], [numbers(5), 3], 'records, tries of the fourth');
  },
  'offsets: a committed offset that is gone starts anew': async ({ kafka, admin, producer }) => {
    const [topic, group] = [await made(admin), fresh('group')];
    await filled(producer, topic, 10);
    await committedBy(kafka, group, topic, '2');
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
    const member = await Member.start(kafka, group, { topics: [topic] });
    await member.has(4);
    await member.stop();
    same(member.values, numbers(10, 6), 'values');
  },
};
