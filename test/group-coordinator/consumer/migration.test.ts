// Groups that change between the classic and the consumer protocol while their members go on, one by one and mixed.
import { expect } from 'chai';
import { encodeVersioned, Errors } from '../../../src/protocol/index.ts';
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../../src/protocol/messages/consumer-protocol.ts';
import { decodedAssignment } from '../../../src/group-coordinator/consumer/consumer-protocol.ts';
import { codeOf, GroupMachine } from './group-machine.ts';
import { statesOf } from './group-state.ts';

const VERSION = 3;

const protocols = (topics: readonly string[], owned: readonly number[] = []) => [
  {
    name: 'range',
    metadata: encodeVersioned(consumerProtocolSubscription, VERSION, {
      topics: [...topics],
      ownedPartitions: owned.length === 0 ? [] : [{ topic: 'topic', partitions: [...owned] }],
    }),
  },
];
const assignmentOf = (...partitions: number[]): Uint8Array =>
  encodeVersioned(consumerProtocolAssignment, VERSION, { assignedPartitions: [{ topic: 'topic', partitions }] });
const partitionsIn = (bytes: Uint8Array): number[] =>
  decodedAssignment(bytes)?.assignedPartitions.flatMap(({ partitions }) => partitions) ?? [];

describe('A classic group that a member with the consumer protocol joins', () => {
  let machine: GroupMachine;
  let topicId: string;
  /** The only member of the classic group, stable with all partitions. */
  let classicId: string;

  const makeClassic = async (configs: Readonly<Record<string, string>> = {}): Promise<void> => {
    machine = new GroupMachine(configs);
    topicId = machine.createTopic('topic', 4);
    classicId = (await machine.joinClassic('', { protocols: protocols(['topic']) })).memberId;
    const joining = machine.joinClassic(classicId, { protocols: protocols(['topic']) });
    machine.advance(1);
    expect((await joining).generationId).to.equal(1);
    await machine.syncClassic(classicId, 1, [{ memberId: classicId, assignment: assignmentOf(0, 1, 2, 3) }]);
  };
  const owner = (partition: number): string | undefined =>
    Array.from(machine.group().members).find(({ assigned }) => assigned.get(topicId)?.has(partition))?.memberId;

  beforeEach(() => makeClassic());
  afterEach(() => {
    expect(statesOf(machine.replayed())).to.deep.equal(statesOf(machine.groups));
  });

  it('becomes a consumer group with the members, the epoch and the assignments that it had', () => {
    expect(machine.join('k', ['topic']).assignment?.topicPartitions).to.deep.equal([]);
    expect([...machine.group().memberIds]).to.deep.equal([classicId, 'k']);
    expect(machine.group()).to.include({ epoch: 2, assignmentEpoch: 2, classicMembers: 1 });
    expect([0, 1, 2, 3].map(owner)).to.deep.equal([classicId, classicId, classicId, classicId]);
    expect(machine.beatClassic(classicId, 1)).to.equal(Errors.REBALANCE_IN_PROGRESS);
  });

  it('has its classic member join again with nothing (eager), and fetch its part', async () => {
    machine.join('k', ['topic']);
    const again = await machine.joinClassic(classicId, { protocols: protocols(['topic']) });
    expect(again).to.include({ errorCode: 0, generationId: 2, protocolName: 'range', leader: '' });
    const synced = await machine.syncClassic(classicId, 2);
    expect(partitionsIn(synced.assignment)).to.have.length(2);
    expect(machine.beatClassic(classicId, 2)).to.equal(Errors.NONE);
    expect(machine.beat({ memberId: 'k', memberEpoch: 2 }).assignment?.topicPartitions[0]?.partitions).to.have.length(
      2,
    );
    expect(machine.group().state).to.equal('Stable');
  });

  it('has a cooperative classic member give up first, and join once more', async () => {
    machine.join('k', ['topic']);
    const first = await machine.joinClassic(classicId, { protocols: protocols(['topic'], [0, 1, 2, 3]) });
    expect(first.generationId).to.equal(1);
    const kept = partitionsIn((await machine.syncClassic(classicId, 1)).assignment);
    expect(kept).to.have.length(2);
    expect(machine.beatClassic(classicId, 1)).to.equal(Errors.REBALANCE_IN_PROGRESS);
    const second = await machine.joinClassic(classicId, { protocols: protocols(['topic'], kept) });
    expect(second.generationId).to.equal(2);
    expect(partitionsIn((await machine.syncClassic(classicId, 2)).assignment)).to.deep.equal(kept);
    expect(machine.group().member(classicId)?.memberEpoch).to.equal(2);
  });

  it('loses a classic member that does not join in time, or does not sync in time, or is silent', async () => {
    machine.join('k', ['topic']);
    machine.beatClassic(classicId, 1);
    machine.advance(4_999);
    machine.beatClassic(classicId, 1);
    expect(machine.group().size).to.equal(2);
    machine.advance(1);
    expect([...machine.group().memberIds]).to.deep.equal(['k']);
    const [late] = [(await machine.joinClassic('', { protocols: protocols(['topic']) })).memberId];
    await machine.joinClassic(late, { protocols: protocols(['topic']) });
    machine.advance(5_000);
    expect([...machine.group().memberIds]).to.deep.equal(['k']);
    machine.advance(40_000);
    expect(machine.group().isEmpty).to.equal(true);
  });

  it('takes new classic members, with a protocol that the others have', async () => {
    machine.join('k', ['topic']);
    const asked = await machine.joinClassic('', { protocols: protocols(['topic']) });
    expect(asked.errorCode).to.equal(Errors.MEMBER_ID_REQUIRED);
    expect(asked.memberId).to.match(/^[\w-]{22}$/);
    const joined = await machine.joinClassic(asked.memberId, { protocols: protocols(['topic']) });
    expect(joined).to.include({ errorCode: 0, generationId: 3 });
    const refused = async (change: Record<string, unknown>): Promise<number> =>
      (await machine.joinClassic('', change, 3)).errorCode;
    const [range] = protocols(['topic']);
    expect(await refused({ protocols: [{ ...range, name: 'nope' }] })).to.equal(Errors.INCONSISTENT_GROUP_PROTOCOL);
    expect(await refused({ protocolType: 'connect', protocols: [range] })).to.equal(Errors.INCONSISTENT_GROUP_PROTOCOL);
    expect(machine.leaveClassic(asked.memberId)[0]?.errorCode).to.equal(Errors.NONE);
    expect(machine.leaveClassic(asked.memberId)[0]?.errorCode).to.equal(Errors.UNKNOWN_MEMBER_ID);
  });

  it('is a classic group again when the last member with the consumer protocol leaves', async () => {
    machine.join('k', ['topic']);
    await machine.joinClassic(classicId, { protocols: protocols(['topic']) });
    await machine.syncClassic(classicId, 2);
    machine.beat({ memberId: 'k', memberEpoch: -1 });
    const group = machine.groups.classic('g');
    expect(group?.state).to.equal('PreparingRebalance');
    expect(machine.beatClassic(classicId, 2)).to.equal(Errors.REBALANCE_IN_PROGRESS);
    const joined = await machine.joinClassic(classicId, { protocols: protocols(['topic']) });
    expect(joined).to.include({ generationId: 3, leader: classicId });
    machine.restart();
    expect(machine.groups.classic('g')?.member(classicId)).to.not.equal(undefined);
  });

  it('is a classic group again when the session of that member ends', async () => {
    machine.join('k', ['topic']);
    await machine.joinClassic(classicId, { protocols: protocols(['topic']) });
    await machine.syncClassic(classicId, 2);
    for (let beat = 0; beat < 9; beat++) {
      machine.advance(5_000);
      machine.beatClassic(classicId, 2);
    }
    expect(machine.groups.classic('g')?.size).to.equal(1);
  });

  it('stays what it is where configs have it so', async () => {
    await makeClassic({ 'group.consumer.migration.policy': 'downgrade' });
    expect(codeOf(() => machine.join('k', ['topic']))).to.equal(Errors.GROUP_ID_NOT_FOUND);
    expect(machine.groups.classic('g')?.state).to.equal('Stable');
    await makeClassic({ 'group.consumer.migration.policy': 'upgrade' });
    machine.join('k', ['topic']);
    machine.beat({ memberId: 'k', memberEpoch: -1 });
    expect(machine.group().size).to.equal(1);
    await makeClassic({ 'group.consumer.max.size': '1' });
    expect(codeOf(() => machine.join('k', ['topic']))).to.equal(Errors.GROUP_MAX_SIZE_REACHED);
    expect(machine.groups.classic('g')?.state).to.equal('Stable');
  });

  it('refuses when what its members say cannot be read, and has those who wait join again', async () => {
    machine = new GroupMachine();
    topicId = machine.createTopic('topic', 4);
    const broken = [{ name: 'range', metadata: Buffer.from([0, 1, 255, 255]) }];
    classicId = (await machine.joinClassic('', { protocols: broken })).memberId;
    const joining = machine.joinClassic(classicId, { protocols: broken });
    expect(machine.join('k', ['topic']).errorCode).to.equal(Errors.GROUP_ID_NOT_FOUND);
    expect((await joining).errorCode).to.equal(Errors.REBALANCE_IN_PROGRESS);
    const again = machine.joinClassic(classicId, { protocols: broken });
    machine.advance(1);
    expect((await again).errorCode).to.equal(Errors.NONE);
  });

  it('answers those who wait in a rebalance: they are to join again', async () => {
    const joining = machine.joinClassic('', { protocols: protocols(['topic']) }, 3);
    machine.join('k', ['topic']);
    expect((await joining).errorCode).to.equal(Errors.REBALANCE_IN_PROGRESS);
  });

  it('changes its kind both ways when it is empty', async () => {
    machine.leaveClassic(classicId);
    expect(machine.join('k', ['topic'])).to.include({ memberEpoch: 2 });
    machine.beat({ memberId: 'k', memberEpoch: -1 });
    expect(machine.group().state).to.equal('Empty');
    const asked = await machine.joinClassic('', { protocols: protocols(['topic']) });
    expect(asked.errorCode).to.equal(Errors.MEMBER_ID_REQUIRED);
    expect(machine.groups.consumer('g')).to.equal(undefined);
  });
});

describe('A static classic member that takes the place of one with the consumer protocol', () => {
  it('makes a classic group of one that has no other such member', async () => {
    const machine = new GroupMachine();
    machine.createTopic('topic', 4);
    machine.join('k', ['topic'], { instanceId: 'i' });
    machine.beat({ memberId: 'k', memberEpoch: -2, instanceId: 'i' });
    const change = { groupInstanceId: 'i', protocols: protocols(['topic']) };
    const joined = await machine.joinClassic('', change);
    expect(joined).to.include({ errorCode: 0, generationId: 2 });
    const group = machine.groups.classic('g');
    expect(group?.state).to.equal('Stable');
    expect(partitionsIn(group?.member(joined.memberId)?.assignment ?? new Uint8Array())).to.deep.equal([0, 1, 2, 3]);
    expect(statesOf(machine.replayed())).to.deep.equal(statesOf(machine.groups));
  });
});
