// What a classic group never lets happen to itself: moves that no request, timer or log can cause.
import { expect } from 'chai';
import { ClassicGroup } from '../../src/group-coordinator/classic/classic-group.ts';
import { ClassicMember } from '../../src/group-coordinator/classic/classic-member.ts';
import { classicKind } from '../../src/group-coordinator/classic/group-metadata.ts';
import { groupMetadata } from '../../src/group-coordinator/classic/record-types.ts';
import { OffsetStore } from '../../src/group-coordinator/offsets/offset-store.ts';
import { AssertionFailure } from '../../src/runtime/index.ts';
import { subscription } from './coordinator-under-test.ts';

const memberOf = (memberId: string, groupInstanceId: string | null = null): ClassicMember =>
  new ClassicMember({
    memberId,
    groupInstanceId,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: 1,
    sessionTimeoutMs: 1,
    protocols: [{ name: 'range', metadata: subscription('topic') }],
  });

function groupOf(...members: ClassicMember[]): ClassicGroup {
  const group = new ClassicGroup('g');
  for (const member of members) group.add(member, 'consumer');
  return group;
}

describe('A classic group', () => {
  it('goes from state to state as its table has it', () => {
    const group = groupOf(memberOf('a'));
    expect(() => group.transitionTo('Stable', 1)).to.throw(AssertionFailure);
    expect(() => group.beginGeneration(1)).to.throw(AssertionFailure);
    group.transitionTo('PreparingRebalance', 1);
    expect(() => group.transitionTo('PreparingRebalance', 1)).to.throw(AssertionFailure);
    group.beginGeneration(1);
    expect([group.state, group.generationId, group.protocolName]).to.deep.equal(['CompletingRebalance', 1, 'range']);
    group.transitionTo('Stable', 1);
    expect(() => group.transitionTo('CompletingRebalance', 1)).to.throw(AssertionFailure);
  });

  it('is not empty while it has members', () => {
    const group = groupOf(memberOf('a'));
    group.transitionTo('PreparingRebalance', 1);
    expect(() => group.transitionTo('Empty', 1)).to.throw(AssertionFailure);
  });

  it('has a leader that is a member', () => {
    const group = groupOf(memberOf('a'), memberOf('b'));
    group.remove('a');
    expect(group.leaderId).to.equal('b');
    group.leaderId = 'a';
    expect(() => group.transitionTo('PreparingRebalance', 1)).to.throw(AssertionFailure);
    group.leaderId = null;
    expect(() => group.transitionTo('PreparingRebalance', 1)).to.throw(AssertionFailure);
  });

  it('knows each member once, and waits for members only', () => {
    const group = groupOf(memberOf('a'), memberOf('s', 'instance'));
    expect(() => group.add(memberOf('a'), 'consumer')).to.throw(AssertionFailure);
    expect(() => group.add(memberOf('b'), 'connect')).to.throw(AssertionFailure);
    expect(() => group.addPending('a')).to.throw(AssertionFailure);
    expect(() => group.awaitSync('nobody')).to.throw(AssertionFailure);
    expect(() => group.replaceStatic(memberOf('s', 'instance'), 'new')).to.throw(AssertionFailure);
    expect(() => group.replaceStatic(group.member('a') as ClassicMember, 'new')).to.throw(AssertionFailure);
    expect(group.replaceStatic(group.member('s') as ClassicMember, 'new').memberId).to.equal('new');
  });

  it('is in order also when its record is not', () => {
    const stored = {
      memberId: 'a',
      groupInstanceId: null,
      clientId: '',
      clientHost: '',
      rebalanceTimeout: 1,
      sessionTimeout: 1,
      subscription: subscription('topic'),
      assignment: new Uint8Array(0),
    };
    for (const leader of ['nobody', null]) {
      const record = groupMetadata.record(
        { group: 'g' },
        {
          protocolType: 'consumer',
          generation: 3,
          protocol: 'range',
          leader,
          currentStateTimestamp: 1,
          members: [stored, stored, { ...stored, memberId: 'b' }],
        },
      );
      const group = classicKind.replay(undefined, record);
      expect([group?.size, group?.isLeader('a'), group?.selectProtocol()]).to.deep.equal([2, true, 'range']);
      group?.transitionTo('PreparingRebalance', 1);
      group?.beginGeneration(1);
      expect(group?.generationId).to.equal(4);
    }
  });
});

describe('Offsets of transactions', () => {
  it('keep no order of commits when no transaction is open', () => {
    const store = new OffsetStore();
    const value = { offset: 1, leaderEpoch: 0, metadata: '', commitTimestampMs: 0, expireTimestampMs: -1 };
    const record = { kind: 'offset', groupId: 'g', topic: 't', partition: 0, value } as const;
    store.replay(record, 7);
    store.replay({ ...record, value: { ...value, offset: 2 } }, -1);
    store.endTransaction(7, true);
    store.replay({ ...record, value: { ...value, offset: 3 } }, -1);
    expect(store.get('g', 't', 0)?.offset).to.equal(3);
    expect(store.hasPending('g')).to.equal(false);
  });
});
