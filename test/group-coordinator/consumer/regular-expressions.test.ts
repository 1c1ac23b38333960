// Members of a consumer group that subscribe by a regular expression: when it is matched, and what comes of it.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { codeOf, GroupMachine } from './group-machine.ts';
import { statesOf } from './group-state.ts';

describe('A subscription by regular expression', () => {
  let machine: GroupMachine;
  let logs: string;

  const join = (memberId: string, subscribedTopicRegex: string, subscribedTopicNames: string[] = []) =>
    machine.join(memberId, subscribedTopicNames, { subscribedTopicRegex });
  const topicsOf = (answer: ReturnType<typeof join>) =>
    answer.assignment?.topicPartitions
      .map(({ topicId }) => machine.metadata.image.topics.byId.get(topicId)?.name)
      .sort();
  const beat = (memberId: string, memberEpoch: number, part = {}) => machine.beat({ memberId, memberEpoch, ...part });

  beforeEach(async () => {
    machine = new GroupMachine();
    await machine.regexes.load();
    logs = machine.createTopic('logs-1', 2);
    machine.createTopic('logs-2', 2);
    machine.createTopic('other', 2);
  });
  afterEach(() => {
    expect(statesOf(machine.replayed())).to.deep.equal(statesOf(machine.groups));
  });

  it('is resolved after the join, and raises the epoch then', () => {
    const joined = join('a', 'logs-.*');
    expect(joined).to.include({ memberEpoch: 1 });
    expect(joined.assignment?.topicPartitions).to.deep.equal([]);
    machine.advance(1);
    const answer = beat('a', 1);
    expect(answer.memberEpoch).to.equal(2);
    expect(topicsOf(answer)).to.deep.equal(['logs-1', 'logs-2']);
    expect(machine.group().state).to.equal('Stable');
  });

  it('matches whole names, and goes together with names', () => {
    join('a', 'logs', ['other']);
    machine.advance(1);
    expect(
      topicsOf(
        machine.beat({
          memberId: 'a',
          memberEpoch: 2,
          rebalanceTimeoutMs: 1,
          subscribedTopicRegex: 'logs',
          topicPartitions: [],
        }),
      ),
    ).to.deep.equal(['other']);
  });

  it('is refused when it is none, with what is wrong; the group stays as it is', () => {
    expect(codeOf(() => join('a', '['))).to.equal(Errors.INVALID_REGULAR_EXPRESSION);
    expect(() => join('a', '[')).to.throw(
      'SubscribedTopicRegex `[` is not a valid regular expression: missing closing ].',
    );
    expect(machine.groups.consumer('g')).to.equal(undefined);
    join('a', 'logs-1');
    expect(codeOf(() => beat('a', 1, { subscribedTopicRegex: '(' }))).to.equal(Errors.INVALID_REGULAR_EXPRESSION);
    expect(machine.group().member('a')?.subscribedTopicRegex).to.equal('logs-1');
  });

  it('is resolved again when there are new topics, ten seconds after the last time at the earliest', () => {
    join('a', 'logs-.*');
    machine.advance(1);
    beat('a', 1);
    machine.createTopic('logs-3', 1);
    beat('a', 2);
    machine.advance(1);
    expect(machine.group().epoch).to.equal(2);
    machine.advance(10_000);
    beat('a', 2);
    machine.advance(1);
    const answer = beat('a', 2);
    expect(answer.memberEpoch).to.equal(3);
    expect(topicsOf(answer)).to.deep.equal(['logs-1', 'logs-2', 'logs-3']);
  });

  it('is resolved again from time to time, which changes nothing if the topics are the same', () => {
    join('a', 'logs-.*');
    machine.advance(1);
    for (let beats = 0; beats < 20; beats++) {
      machine.advance(30_000);
      beat('a', beats === 0 ? 1 : 2);
    }
    const before = machine.log.length;
    machine.advance(30_000);
    beat('a', 2);
    machine.advance(1);
    expect(machine.log.length).to.equal(before + 1);
    expect(machine.group().epoch).to.equal(2);
  });

  it('loses a topic that is deleted', () => {
    join('a', 'logs-.*');
    machine.advance(1);
    beat('a', 1);
    machine.deleteTopic(logs);
    // It is asked to give up what is gone, and does.
    expect(topicsOf(beat('a', 2))).to.deep.equal(['logs-2']);
    const left = machine.metadata.image.topics.byName.get('logs-2')?.id ?? '';
    expect(beat('a', 2, { topicPartitions: [{ topicId: left, partitions: [0, 1] }] }).memberEpoch).to.equal(3);
    expect(machine.group().state).to.equal('Stable');
  });

  it('is shared: a second member with it has its topics at once, and the last one takes it along', () => {
    join('a', 'logs-.*');
    machine.advance(1);
    beat('a', 1);
    expect(join('b', 'logs-.*').memberEpoch).to.equal(3);
    beat('b', -1);
    expect([...machine.group().resolvedRegexes.keys()]).to.deep.equal(['logs-.*']);
    beat('a', -1);
    expect([...machine.group().resolvedRegexes.keys()]).to.deep.equal([]);
    expect(machine.group().isSubscribedTo('logs-1')).to.equal(false);
  });

  it('changes to another one, and to none', () => {
    join('a', 'logs-1');
    machine.advance(1);
    beat('a', 1);
    machine.advance(10_001);
    beat('a', 2, { subscribedTopicRegex: 'other' });
    machine.advance(1);
    expect(machine.group().isSubscribedTo('logs-1')).to.equal(false);
    expect(machine.group().isSubscribedTo('other')).to.equal(true);
    const { memberEpoch } = beat('a', 2, { topicPartitions: [] });
    const { epoch } = machine.group();
    beat('a', memberEpoch, { subscribedTopicRegex: '' });
    expect(machine.group().epoch).to.equal(epoch + 1);
    expect(machine.group().isSubscribedTo('other')).to.equal(false);
  });

  it('goes on after the group was loaded anew', async () => {
    join('a', 'logs-.*');
    machine.restart();
    await machine.regexes.load();
    beat('a', 1);
    machine.advance(1);
    expect(topicsOf(beat('a', 1))).to.deep.equal(['logs-1', 'logs-2']);
  });

  it('is matched in slices: many topics hold up nobody', () => {
    for (let topic = 0; topic < 300; topic++) machine.createTopic(`many-${topic}`, 1);
    const long = `(many|${'x'.repeat(2_000)})-.*`;
    join('a', long);
    let turns = 0;
    while (machine.group().resolvedRegexes.size === 0 && turns < 100) {
      machine.advance(0);
      turns++;
    }
    expect(machine.group().resolvedRegexes.get(long)?.topics.size).to.equal(300);
  });
});
