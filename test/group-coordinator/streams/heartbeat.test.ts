// StreamsGroupHeartbeat in virtual time: joining, topics, reconciliation, time-outs, end points, the records that are written.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { context, joinRequest } from '../coordinator-under-test.ts';
import { names, owning, StreamsBench, subtopology, tasks, topologyOf, WORD_COUNT } from './streams-bench.ts';

describe('StreamsGroupHeartbeat', () => {
  it('gives tasks once the source and the internal topics are there', async () => {
    const bench = new StreamsBench();
    const joined = await bench.join('a', 'pa');
    expect(joined.memberEpoch).to.equal(2);
    expect(joined.status).to.deep.equal([{ statusCode: 1, statusDetail: 'Source topics input are missing.' }]);
    expect([names(joined.activeTasks), names(joined.standbyTasks)]).to.deep.equal(['', '']);
    expect((await bench.describe()).groupState).to.equal('NotReady');
    bench.createTopic('input', 3);
    const missing = await bench.beat('a', 2);
    expect(missing.status?.[0]?.statusDetail).to.equal('Internal topics are missing: g-store-changelog');
    expect(bench.toCreate.map(({ name, partitions }) => [name, partitions])).to.deep.equal([['g-store-changelog', 3]]);
    bench.createAsked();
    const ready = await bench.beat('a', missing.memberEpoch);
    expect([ready.memberEpoch, names(ready.activeTasks)]).to.deep.equal([4, '0_0 0_1 0_2']);
    const told = await bench.beat('a', 4, owning(ready));
    expect([told.memberEpoch, told.activeTasks]).to.deep.equal([4, null]);
    const { groupState, groupEpoch, assignmentEpoch } = await bench.describe();
    expect([groupState, groupEpoch, assignmentEpoch]).to.deep.equal(['Stable', 4, 4]);
  });

  it('writes the records of a first join in the order of Kafka', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 1);
    bench.createTopic('g-store-changelog', 1);
    await bench.join('a', 'pa');
    const types = bench.records().map((record) => (record.kind === 'group' ? record.type.number : record.kind));
    expect(types).to.deep.equal([19, 23, 17, 21, 20, 22]);
  });

  it('moves tasks to a second process only when the first has given them up', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 4);
    await bench.settled();
    const second = await bench.join('b', 'pb');
    expect(names(second.activeTasks)).to.equal('');
    const told = await bench.beat('a', 3);
    expect([told.memberEpoch, names(told.activeTasks)]).to.deep.equal([3, '0_0 0_1']);
    expect(names((await bench.beat('b', second.memberEpoch, tasks({}))).activeTasks)).to.equal(null);
    const gave = await bench.beat('a', 3, owning(told));
    expect([gave.memberEpoch, gave.activeTasks]).to.deep.equal([4, null]);
    const got = await bench.beat('b', second.memberEpoch, tasks({}));
    expect(names(got.activeTasks)).to.equal('0_2 0_3');
  });

  it('tells a member again what it was given, when it lacks it', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 2);
    await bench.settled();
    const b = await bench.join('b', 'pb');
    await bench.beat('a', 3, tasks({ 0: [0] }));
    const lost = await bench.beat('b', b.memberEpoch, tasks({}));
    expect(names(lost.activeTasks)).to.equal('0_1');
    expect(names((await bench.beat('b', b.memberEpoch, tasks({}))).activeTasks)).to.equal('0_1');
    expect((await bench.beat('b', b.memberEpoch, owning(lost))).activeTasks).to.equal(null);
  });

  it('assigns standbys to the other process when the group config asks for them', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 2);
    await bench.settled();
    await bench.join('b', 'pb');
    await bench.beat('a', 3, tasks({ 0: [0] }));
    await bench.beat('b', 4, tasks({}));
    bench.setGroupConfig('streams.num.standby.replicas', '1');
    const a = await bench.beat('a', 4, tasks({ 0: [0] }));
    const b = await bench.beat('b', 4, tasks({ 0: [1] }));
    expect([names(a.standbyTasks), names(b.standbyTasks)]).to.deep.equal(['0_1', '0_0']);
    expect(a.memberEpoch).to.equal(5);
  });

  it('waits for more members before the first assignment', async () => {
    const bench = new StreamsBench({ 'group.streams.initial.rebalance.delay.ms': '3000' });
    bench.createTopic('input', 2);
    bench.createTopic('g-store-changelog', 2);
    const a = await bench.join('a', 'pa');
    const delayed = 'Assignment delayed due to the configured initial rebalance delay.';
    expect([a.memberEpoch, a.status]).to.deep.equal([1, [{ statusCode: 5, statusDetail: delayed }]]);
    await bench.wait(1_000);
    const b = await bench.join('b', 'pb');
    expect(b.status?.[0]?.statusDetail).to.equal(delayed);
    await bench.wait(2_100);
    const first = await bench.beat('a', 1);
    const second = await bench.beat('b', 1);
    expect([names(first.activeTasks), names(second.activeTasks)]).to.have.members(['0_0', '0_1']);
  });

  it('assigns no more often than the assignment interval allows', async () => {
    const bench = new StreamsBench({ 'group.streams.assignment.interval.ms': '1000' });
    bench.createTopic('input', 2);
    await bench.settled('a', 'pa');
    await bench.wait(1_000);
    await bench.beat('a', 2);
    const b = await bench.join('b', 'pb');
    expect(b.status?.[0]?.statusDetail).to.equal('Assignment delayed due to the configured assignment interval.');
    await bench.wait(1_000);
    const later = await bench.beat('b', b.memberEpoch);
    expect([later.status, later.memberEpoch > b.memberEpoch]).to.deep.equal([[], true]);
  });

  it('fences who is not heard of, and who does not give up tasks in time', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 2);
    await bench.settled();
    await bench.join('b', 'pb');
    await bench.beat('a', 3);
    let given: string | null = '';
    for (let waited = 0; waited < 30_000; waited += 10_000) {
      await bench.wait(10_000);
      if (waited < 20_000) await bench.beat('a', 3);
      given = names((await bench.beat('b', 4)).activeTasks);
    }
    expect((await bench.beat('a', 3)).errorCode).to.equal(Errors.UNKNOWN_MEMBER_ID);
    expect(given).to.equal('0_0 0_1');
    await bench.wait(46_000);
    expect((await bench.describe()).groupState).to.equal('Empty');
  });

  it('takes the epoch before from who claims no more than it has', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 1);
    bench.createTopic('g-store-changelog', 1);
    await bench.join('a', 'pa');
    bench.createTopic('other', 1);
    await bench.join('a', 'pa', WORD_COUNT, { rackId: 'r' });
    const again = await bench.beat('a', 2, tasks({ 0: [0] }));
    expect(again.memberEpoch).to.equal(3);
    expect((await bench.beat('a', 2)).errorCode).to.equal(Errors.FENCED_MEMBER_EPOCH);
    expect((await bench.beat('a', 2, tasks({ 0: [0], 1: [0] }))).errorMessage).to.match(
      /^The streams group member has a smaller/,
    );
    expect((await bench.beat('a', 9)).errorMessage).to.match(
      /^The streams group member has a greater member epoch \(9\)/,
    );
  });

  it('tells end points of what their members hold, and counts the changes', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 2);
    await bench.settled();
    const b = await bench.join('b', 'pb', WORD_COUNT, { userEndpoint: { host: 'b.host', port: 4242 } });
    expect(b.endpointInformationEpoch).to.equal(1);
    await bench.beat('a', 3, tasks({ 0: [0] }));
    await bench.beat('b', 4);
    const a = await bench.beat('a', 4);
    expect([a.endpointInformationEpoch, a.partitionsByUserEndpoint]).to.deep.equal([
      2,
      [
        {
          userEndpoint: { host: 'b.host', port: 4242 },
          activePartitions: [{ topic: 'input', partitions: [1] }],
          standbyPartitions: [],
        },
      ],
    ]);
    expect((await bench.beat('a', 4, { endpointInformationEpoch: 2 })).partitionsByUserEndpoint).to.equal(null);
  });

  it('lets a member with an end point join while source topics are missing', async () => {
    const bench = new StreamsBench();
    const joined = await bench.join('a', 'pa', WORD_COUNT, { userEndpoint: { host: 'h', port: 1 } });
    expect([joined.errorCode, joined.status?.[0]?.statusCode]).to.deep.equal([Errors.NONE, 1]);
    const row = { userEndpoint: { host: 'h', port: 1 }, activePartitions: [], standbyPartitions: [] };
    expect(joined.partitionsByUserEndpoint).to.deep.equal([row]);
  });

  it('passes on that somebody wants the application to stop, until the group is empty', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 1);
    await bench.settled();
    const b = await bench.join('b', 'pb');
    await bench.beat('b', b.memberEpoch, { shutdownApplication: true });
    expect((await bench.beat('a', 3)).status?.map(({ statusCode }) => statusCode)).to.deep.equal([4]);
    await bench.beat('a', -1);
    await bench.beat('b', -1);
    expect((await bench.join('c', 'pc')).status).to.deep.equal([]);
  });

  it('takes an empty classic group over, and no other', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 1);
    const commit = {
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      retentionTimeMs: -1,
    };
    const partitions = [{ partitionIndex: 0, committedOffset: 7, committedLeaderEpoch: -1, committedMetadata: '' }];
    const topics = [{ name: 'input', topicId: '', partitions }];
    await bench.answered(bench.coordinator.offsetCommit({ ...commit, topics }, context(8)));
    expect((await bench.join('a', 'pa')).errorCode).to.equal(Errors.NONE);
    expect((await bench.describe()).groupState).to.equal('NotReady');
  });

  it('takes commits in an older epoch for tasks that the member has had since, and for no others', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 2);
    await bench.settled();
    await bench.join('b', 'pb');
    await bench.beat('a', 3, tasks({ 0: [0] }));
    await bench.beat('b', 4, tasks({}));
    const commit = async (memberId: string, epoch: number, partition: number, apiVersion = 9): Promise<number> => {
      const partitions = [
        { partitionIndex: partition, committedOffset: 7, committedLeaderEpoch: -1, committedMetadata: '' },
      ];
      const asked = { groupId: 'g', generationIdOrMemberEpoch: epoch, memberId, groupInstanceId: null };
      const request = { ...asked, retentionTimeMs: -1, topics: [{ name: 'input', topicId: '', partitions }] };
      const answer = await bench.answered(bench.coordinator.offsetCommit(request, context(apiVersion)));
      return answer.topics[0]?.partitions[0]?.errorCode ?? -1;
    };
    expect(await commit('a', 4, 0)).to.equal(Errors.NONE);
    expect(await commit('a', 3, 0)).to.equal(Errors.NONE);
    expect(await commit('a', 2, 0)).to.equal(Errors.STALE_MEMBER_EPOCH);
    expect(await commit('a', 3, 1)).to.equal(Errors.STALE_MEMBER_EPOCH);
    expect(await commit('a', 5, 0)).to.equal(Errors.STALE_MEMBER_EPOCH);
    expect(await commit('b', 3, 1)).to.equal(Errors.STALE_MEMBER_EPOCH);
    expect(await commit('b', 4, 1)).to.equal(Errors.NONE);
    expect(await commit('a', 4, 0, 8)).to.equal(Errors.UNSUPPORTED_VERSION);
    expect(await commit('nobody', 4, 0)).to.equal(Errors.UNKNOWN_MEMBER_ID);
    expect(await commit('', -1, 0)).to.equal(Errors.UNKNOWN_MEMBER_ID);
  });

  it('gives its id to a classic group once it is empty, and not before', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 1);
    await bench.settled();
    const join = async (): Promise<number> => {
      const request = joinRequest('g', '');
      return (await bench.answered(bench.coordinator.joinGroup(request, context(9)))).errorCode;
    };
    expect(await join()).to.equal(Errors.INCONSISTENT_GROUP_PROTOCOL);
    await bench.beat('a', -1);
    expect(await join()).to.equal(Errors.MEMBER_ID_REQUIRED);
    await bench.restart();
    expect((await bench.describe()).errorMessage).to.equal('Group g is not a streams group.');
  });

  it('refuses more members than group.streams.max.size', async () => {
    const bench = new StreamsBench({ 'group.streams.max.size': '1' });
    await bench.join('a', 'pa');
    const { errorCode, errorMessage } = await bench.join('b', 'pb');
    expect([errorCode, errorMessage]).to.deep.equal([
      Errors.GROUP_MAX_SIZE_REACHED,
      'The streams group has reached its maximum capacity of 1 members.',
    ]);
  });

  it('says which tasks the topology does not have', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 2);
    await bench.settled();
    expect((await bench.beat('a', 3, tasks({ 7: [0] }))).errorMessage).to.equal(
      'Subtopology 7 does not exist in the topology.',
    );
    expect((await bench.beat('a', 3, tasks({ 0: [2] }))).errorMessage).to.equal(
      'Task 2 for subtopology 0 is invalid. Number of tasks for this subtopology: 2',
    );
  });

  it('tells members of an older topology that it is stale', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 1);
    await bench.join('a', 'pa', { ...WORD_COUNT, epoch: 3 });
    const { status } = await bench.join('b', 'pb', { ...WORD_COUNT, epoch: 2 });
    expect(status?.[0]).to.deep.equal({
      statusCode: 0,
      statusDetail: "The member's topology epoch 2 is behind the group's topology epoch 3.",
    });
  });

  it('drops nothing over topologies of any size', async () => {
    const bench = new StreamsBench();
    const sources = Array.from({ length: 200_000 }, (_, index) => `t${index % 3}`);
    for (const name of ['t0', 't1', 't2']) bench.createTopic(name, 1);
    const wide = await bench.join('a', 'pa', topologyOf(subtopology('0', { sourceTopics: sources })));
    expect(wide.errorCode).to.equal(Errors.NONE);
    const many = Array.from({ length: 1_001 }, (_, index) => subtopology(`${index}`, { sourceTopics: ['t0'] }));
    expect((await new StreamsBench().join('a', 'pa', topologyOf(...many))).errorCode).to.equal(
      Errors.STREAMS_INVALID_TOPOLOGY,
    );
  });

  it('is the same group after a restart, and goes on', async () => {
    const bench = new StreamsBench();
    bench.createTopic('input', 2);
    await bench.settled();
    const before = await bench.describe();
    await bench.restart();
    expect(await bench.describe()).to.deep.equal({ ...before, topology: (await bench.describe()).topology });
    const beat = await bench.beat('a', 3, tasks({ 0: [0, 1] }));
    expect([beat.errorCode, beat.memberEpoch, beat.status]).to.deep.equal([Errors.NONE, 3, []]);
    expect(await bench.describe()).to.deep.equal(before);
  });
});
