// Members of a consumer group on their way to their targets, in every order, on a clock of the test's own.
import { expect } from 'chai';
import { MemberStates } from '../../../src/group-coordinator/modern/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { codeOf, GroupMachine } from './group-machine.ts';
import { statesOf } from './group-state.ts';

type Rows = readonly { readonly topicId: string; readonly partitions: readonly number[] }[];
type Answer = ReturnType<GroupMachine['beat']>;

const given = ({ assignment }: Answer): Rows | null => assignment?.topicPartitions ?? null;

describe('A consumer group', () => {
  let machine: GroupMachine;
  let topicId: string;
  const all = (...partitions: number[]): Rows => [{ topicId, partitions }];
  const has = (memberId: string, memberEpoch: number, ...partitions: number[]): Answer =>
    machine.beat({
      memberId,
      memberEpoch,
      topicPartitions: partitions.length === 0 ? [] : ([...all(...partitions)] as never),
    });

  beforeEach(() => {
    machine = new GroupMachine();
    topicId = machine.createTopic('topic', 4);
  });
  afterEach(() => {
    expect(statesOf(machine.replayed())).to.deep.equal(statesOf(machine.groups));
  });

  it('gives its first member everything, in epoch 2', () => {
    const joined = machine.join('a', ['topic']);
    expect(joined).to.include({ errorCode: 0, memberId: 'a', memberEpoch: 2, heartbeatIntervalMs: 5_000 });
    expect(given(joined)).to.deep.equal(all(0, 1, 2, 3));
    expect(given(has('a', 2, 0, 1, 2, 3))).to.equal(null);
    expect(machine.group().state).to.equal('Stable');
    expect(machine.written).to.deep.equal([]);
  });

  it('writes for a first member what Kafka writes, in its order', () => {
    machine.join('a', ['topic']);
    expect(machine.written.map(({ type }) => type.number)).to.deep.equal([5, 3, 7, 6, 8]);
  });

  it('gives a second member nothing before the first has given it up', () => {
    machine.join('a', ['topic']);
    expect(given(machine.join('b', ['topic']))).to.deep.equal([]);
    expect(given(machine.beat({ memberId: 'a', memberEpoch: 2 }))).to.deep.equal(all(0, 1));
    expect(machine.group().member('a')?.state).to.equal(MemberStates.UNREVOKED_PARTITIONS);
    expect(given(has('b', 3))).to.equal(null);
    expect(machine.group().member('b')?.state).to.equal(MemberStates.UNRELEASED_PARTITIONS);
    expect(has('a', 2, 0, 1, 2, 3).memberEpoch).to.equal(2);
    expect(has('a', 2, 0, 1)).to.include({ memberEpoch: 3, assignment: null });
    expect(given(has('b', 3))).to.deep.equal(all(2, 3));
    expect(machine.group().state).to.equal('Stable');
  });

  it('goes on to a newer target while a member has still to give up what the last one took', () => {
    machine.join('a', ['topic']);
    machine.join('b', ['topic']);
    machine.beat({ memberId: 'a', memberEpoch: 2 });
    machine.beat({ memberId: 'b', memberEpoch: -1 });
    // What it was to give up is its own again, at once.
    const answer = has('a', 2, 0, 1);
    expect(answer.memberEpoch).to.equal(4);
    expect(given(answer)).to.deep.equal(all(0, 1, 2, 3));
    expect(machine.group().member('a')?.state).to.equal(MemberStates.STABLE);
  });

  it('answers again whose answer was lost, if it says what it has and has nothing else', () => {
    machine.join('a', ['topic']);
    machine.join('b', ['topic']);
    machine.beat({ memberId: 'a', memberEpoch: 2 });
    has('a', 2, 0, 1);
    expect(has('a', 2, 0, 1)).to.include({ memberEpoch: 3, assignment: null });
    expect(codeOf(() => machine.beat({ memberId: 'a', memberEpoch: 2 }))).to.equal(Errors.FENCED_MEMBER_EPOCH);
    expect(codeOf(() => has('a', 2, 0, 1, 2))).to.equal(Errors.FENCED_MEMBER_EPOCH);
    expect(codeOf(() => has('a', 99))).to.equal(Errors.FENCED_MEMBER_EPOCH);
    // It is a member all the same.
    expect(has('a', 3, 0, 1).errorCode).to.equal(Errors.NONE);
    expect(given(machine.join('a', ['topic']))).to.deep.equal(all(0, 1));
  });

  it('removes who is not heard of, and who keeps what it is to give up', () => {
    machine.join('a', ['topic']);
    machine.join('b', ['topic'], { rebalanceTimeoutMs: 5_000 });
    machine.beat({ memberId: 'a', memberEpoch: 2 });
    machine.advance(29_999);
    has('a', 2, 0, 1, 2, 3);
    has('b', 3);
    expect(machine.group().size).to.equal(2);
    machine.advance(1);
    expect([...machine.group().memberIds]).to.deep.equal(['b']);
    expect(given(has('b', 3))).to.deep.equal(all(0, 1, 2, 3));
    expect(codeOf(() => has('a', 2, 0, 1))).to.equal(Errors.UNKNOWN_MEMBER_ID);
    machine.advance(45_000);
    expect(machine.group().state).to.equal('Empty');
  });

  it('has the time-outs of its members run when it is loaded', () => {
    machine.join('a', ['topic']);
    machine.join('b', ['topic']);
    machine.beat({ memberId: 'a', memberEpoch: 2 });
    machine.restart();
    machine.advance(30_000);
    expect([...machine.group().memberIds]).to.deep.equal(['b']);
    machine.advance(15_000);
    expect(machine.group().isEmpty).to.equal(true);
  });

  it('takes a topic from who does not read it any more, and gives it to who does', () => {
    const other = machine.createTopic('other', 2);
    machine.join('a', ['topic', 'other']);
    const changed = machine.beat({ memberId: 'a', memberEpoch: 2, subscribedTopicNames: ['other'] });
    expect(given(changed)).to.deep.equal([{ topicId: other, partitions: [0, 1] }]);
    expect(given(machine.join('b', ['topic']))).to.deep.equal([]);
    machine.beat({
      memberId: 'a',
      memberEpoch: changed.memberEpoch,
      topicPartitions: [{ topicId: other, partitions: [0, 1] }],
    });
    expect(given(has('b', machine.group().epoch))).to.deep.equal(all(0, 1, 2, 3));
  });

  it('sees topics that are made, that grow, and that are gone', () => {
    machine.join('a', ['topic', 'later']);
    const later = machine.createTopic('later', 1);
    const grown = machine.beat({ memberId: 'a', memberEpoch: 2 });
    expect(grown.memberEpoch).to.equal(3);
    expect(given(grown)).to.deep.include({ topicId: later, partitions: [0] });
    machine.deleteTopic(later);
    const shrunk = machine.beat({ memberId: 'a', memberEpoch: 3 });
    expect(machine.group().epoch).to.equal(4);
    expect(shrunk.assignment === null || !given(shrunk)?.some((row) => row.topicId === later)).to.equal(true);
    // A topic that nobody reads changes nothing.
    machine.createTopic('unread', 1);
    has('a', shrunk.memberEpoch, 0, 1, 2, 3);
    expect(machine.group().epoch).to.equal(4);
  });

  it('waits between two assignments as long as the configs say', () => {
    machine = new GroupMachine({ 'group.consumer.assignment.interval.ms': '1000' });
    topicId = machine.createTopic('topic', 4);
    machine.join('a', ['topic']);
    expect(machine.join('b', ['topic'])).to.include({ memberEpoch: 2 });
    expect(machine.group().state).to.equal('Assigning');
    machine.advance(1_000);
    expect(has('b', 2)).to.include({ memberEpoch: 3 });
    expect(machine.group().state).to.equal('Reconciling');
  });

  it('is full at its limit, for those that are not in it', () => {
    machine = new GroupMachine({ 'group.consumer.max.size': '1' });
    topicId = machine.createTopic('topic', 4);
    machine.join('a', ['topic']);
    expect(codeOf(() => machine.join('b', ['topic']))).to.equal(Errors.GROUP_MAX_SIZE_REACHED);
    expect(machine.join('a', ['topic']).errorCode).to.equal(Errors.NONE);
  });

  it('is known to those alone that join it', () => {
    expect(codeOf(() => has('a', 5))).to.equal(Errors.GROUP_ID_NOT_FOUND);
    expect(codeOf(() => machine.beat({ memberId: 'a', memberEpoch: -1 }))).to.equal(Errors.GROUP_ID_NOT_FOUND);
    machine.join('a', ['topic']);
    expect(codeOf(() => has('b', 5))).to.equal(Errors.UNKNOWN_MEMBER_ID);
    expect(codeOf(() => machine.beat({ memberId: 'b', memberEpoch: -1 }))).to.equal(Errors.UNKNOWN_MEMBER_ID);
  });
});

describe('A static member of a consumer group', () => {
  let machine: GroupMachine;
  let topicId: string;
  const member = (memberId: string, memberEpoch: number) => ({ memberId, memberEpoch, instanceId: 'i' });

  beforeEach(() => {
    machine = new GroupMachine();
    topicId = machine.createTopic('topic', 2);
    machine.join('a', ['topic'], { instanceId: 'i' });
  });
  afterEach(() => {
    expect(statesOf(machine.replayed())).to.deep.equal(statesOf(machine.groups));
  });

  it('leaves for a while, and is back under another id with what it had, in the same epoch', () => {
    expect(codeOf(() => machine.join('b', ['topic'], { instanceId: 'i' }))).to.equal(Errors.UNRELEASED_INSTANCE_ID);
    expect(machine.beat(member('a', -2))).to.include({ memberEpoch: -2, assignment: null });
    expect(machine.group().partitionEpoch(topicId, 0)).to.equal(-2);
    const back = machine.join('b', ['topic'], { instanceId: 'i' });
    expect(back.memberEpoch).to.equal(2);
    expect(given(back)).to.deep.equal([{ topicId, partitions: [0, 1] }]);
    expect(codeOf(() => machine.beat(member('a', 2)))).to.equal(Errors.FENCED_INSTANCE_ID);
    expect(codeOf(() => machine.beat(member('a', -1)))).to.equal(Errors.FENCED_INSTANCE_ID);
    expect(machine.beat(member('b', 2)).errorCode).to.equal(Errors.NONE);
  });

  it('is gone when its session ends while it is away, and when it leaves for good', () => {
    machine.beat(member('a', -2));
    machine.advance(45_000);
    expect(machine.group().isEmpty).to.equal(true);
    expect(codeOf(() => machine.beat(member('a', 2)))).to.equal(Errors.UNKNOWN_MEMBER_ID);
    machine.join('c', ['topic'], { instanceId: 'i' });
    machine.beat(member('c', -1));
    expect(machine.group().isEmpty).to.equal(true);
  });

  it('may read other topics when it is back: a new epoch', () => {
    machine.createTopic('more', 1);
    machine.beat(member('a', -2));
    expect(machine.join('b', ['topic', 'more'], { instanceId: 'i' }).memberEpoch).to.equal(3);
  });
});
