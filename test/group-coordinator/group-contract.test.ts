// The contract of groups: a kind that is registered beside the real ones needs nothing else to be served with the others; and
// what the kinds whose protocols are not served answer.
import { expect } from 'chai';
import { Effects } from '../../src/coordinator-common/index.ts';
import * as consumer from '../../src/group-coordinator/consumer/record-types.ts';
import type { GroupCoordinator } from '../../src/group-coordinator/group-coordinator.ts';
import type { GroupEffects } from '../../src/group-coordinator/group-effects.ts';
import type { GroupStateRecord } from '../../src/group-coordinator/group-record.ts';
import { groupKinds, Groups } from '../../src/group-coordinator/groups.ts';
import { groupRecordSerdeOf } from '../../src/group-coordinator/record-types.ts';
import * as share from '../../src/group-coordinator/share/record-types.ts';
import * as streams from '../../src/group-coordinator/streams/record-types.ts';
import { Errors } from '../../src/protocol/index.ts';
import { buildBatch, recordsOf } from '../../src/protocol/records/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../src/runtime/sim/index.ts';
import { MemoryWriter } from '../coordinator-common/memory-writer.ts';
import { commitRequest, context, coordinatorOver, fetchRequest } from './coordinator-under-test.ts';
import { toyKind, toyRecords } from './toy-group.ts';

const kinds = [...groupKinds, toyKind];
const serde = groupRecordSerdeOf(kinds);
const HOUR_MS = 3_600_000;
const CONFIGS = { 'offsets.retention.minutes': '120' };

/** A coordinator that finds `records` in its log. */
class Bench {
  readonly clock = new SimClock({ nextTurn });
  readonly writer = new MemoryWriter(this.clock);
  coordinator: GroupCoordinator = this.#coordinator();

  static async over(records: readonly GroupStateRecord[]): Promise<Bench> {
    const bench = new Bench();
    bench.writer.append(0, buildBatch(records.map((record) => serde.encode(record))));
    bench.writer.commit(0);
    await bench.start();
    return bench;
  }
  #coordinator(): GroupCoordinator {
    return coordinatorOver(this.writer, this.clock, new SeededRandom(1), { configs: CONFIGS, kinds });
  }
  /** Another coordinator finds what is in the log. */
  async start(): Promise<void> {
    this.coordinator.close();
    this.coordinator = this.#coordinator();
    for (let turn = 0; turn < 20; turn++) await this.clock.settle();
  }
  async run<T>(answer: T | Promise<T>): Promise<T> {
    await this.clock.advance(1);
    return answer;
  }
  async listed(types: readonly string[] = [], states: readonly string[] = []): Promise<string[]> {
    const request = { statesFilter: [...states], typesFilter: [...types] };
    const { groups } = await this.run(this.coordinator.listGroups(request, context(5)));
    return groups.map(({ groupId, groupType, groupState, protocolType }) =>
      [groupId, groupType, groupState, protocolType].join(' '),
    );
  }
  async commit(groupId: string, topic: string, memberId = ''): Promise<number> {
    const { topics } = commitRequest(groupId, 7, {});
    const request = commitRequest(groupId, 7, { memberId, topics: topics.map((one) => ({ ...one, name: topic })) });
    const answer = await this.run(this.coordinator.offsetCommit(request, context(9)));
    return answer.topics[0]?.partitions[0]?.errorCode ?? -1;
  }
  async committed(groupId: string): Promise<string[]> {
    const { groups } = await this.run(this.coordinator.offsetFetch(fetchRequest(groupId), context(9)));
    return (groups?.[0]?.topics ?? []).map(({ name }) => name ?? '');
  }
  async deleteOffsets(groupId: string, topic: string): Promise<number> {
    const request = { groupId, topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }] };
    const answer = await this.run(this.coordinator.offsetDelete(request, context(0)));
    return answer.errorCode === Errors.NONE ? (answer.topics[0]?.partitions[0]?.errorCode ?? -1) : -answer.errorCode;
  }
  async delete(groupId: string): Promise<number> {
    const { results } = await this.run(this.coordinator.deleteGroups({ groupsNames: [groupId] }, context(2)));
    return results[0]?.errorCode ?? -1;
  }
  /** Groups whose records of a type have a tombstone in the log. */
  tombstones(...types: readonly object[]): string[] {
    const found: string[] = [];
    for (const { bytes } of this.writer.log(0).batches) {
      for (const { key, value } of recordsOf(bytes)) {
        const record = value === null && key !== null ? serde.decode(key, value) : undefined;
        if (record?.kind === 'group' && types.includes(record.type)) found.push(record.groupId);
      }
    }
    return found;
  }
}

const toy = (name: string, facts: Partial<{ owner: string; usedTopic: string; agedMs: number }> = {}) =>
  toyRecords.record({ name }, { owner: '', usedTopic: '', agedMs: 0, ...facts });

describe('A kind of group that is registered beside the real ones', () => {
  it('is listed among the others, by its type and by its states', async () => {
    const bench = await Bench.over([toy('a'), toy('b', { owner: 'me' })]);
    await bench.commit('simple', 'topic');
    expect(await bench.listed()).to.have.members(['a toy Lost play', 'b toy Found play', 'simple classic Empty ']);
    expect(await bench.listed(['Toy'])).to.have.members(['a toy Lost play', 'b toy Found play']);
    expect(await bench.listed([], ['lost'])).to.deep.equal(['a toy Lost play']);
  });

  it('is described as it wants', async () => {
    const bench = await Bench.over([toy('a')]);
    const request = { groups: ['a'], includeAuthorizedOperations: false };
    const { groups } = await bench.run(bench.coordinator.describeGroups(request, context(6)));
    expect(groups[0]).to.include({ errorCode: 0, groupState: 'Toy', protocolType: 'play' });
  });

  it('decides who commits, who reads, and which offsets are deleted', async () => {
    const bench = await Bench.over([toy('a', { owner: 'me', usedTopic: 'used' })]);
    expect(await bench.commit('a', 'used')).to.equal(Errors.FENCED_MEMBER_EPOCH);
    expect(await bench.commit('a', 'used', 'me')).to.equal(Errors.NONE);
    expect(await bench.commit('a', 'other', 'me')).to.equal(Errors.NONE);
    const ask = fetchRequest('a');
    const thief = { ...ask, groups: ask.groups.map((one) => ({ ...one, memberId: 'thief' as string | null })) };
    const { groups } = await bench.run(bench.coordinator.offsetFetch(thief as typeof ask, context(9)));
    expect(groups?.[0]).to.deep.include({ errorCode: Errors.UNKNOWN_MEMBER_ID, topics: [] });
    expect(await bench.committed('a')).to.have.members(['used', 'other']);
    expect(await bench.deleteOffsets('a', 'used')).to.equal(Errors.GROUP_SUBSCRIBED_TO_TOPIC);
    expect(await bench.deleteOffsets('a', 'other')).to.equal(Errors.NONE);
    expect(await bench.committed('a')).to.deep.equal(['used']);
  });

  it('has its offsets expire by its own rule, and goes with a tombstone when none is left', async () => {
    const bench = await Bench.over([toy('old', { agedMs: HOUR_MS }), toy('using', { usedTopic: 'topic' })]);
    for (const groupId of ['old', 'using', 'simple']) await bench.commit(groupId, 'topic');
    await bench.clock.advance(1.5 * HOUR_MS);
    expect(await bench.committed('old')).to.deep.equal([]);
    expect(await bench.committed('using')).to.deep.equal(['topic']);
    expect(await bench.committed('simple')).to.deep.equal(['topic']);
    await bench.clock.advance(HOUR_MS);
    expect(await bench.committed('using')).to.deep.equal(['topic']);
    expect(await bench.committed('simple')).to.deep.equal([]);
    expect(bench.tombstones(toyRecords)).to.deep.equal(['old']);
    expect(await bench.listed()).to.deep.equal(['using toy Lost play']);
    await bench.start();
    expect(await bench.listed()).to.deep.equal(['using toy Lost play']);
  });

  it('is deleted with its offsets when nobody is in it', async () => {
    const bench = await Bench.over([toy('a'), toy('b', { owner: 'me' })]);
    await bench.commit('a', 'topic');
    expect([await bench.delete('a'), await bench.delete('b')]).to.deep.equal([0, Errors.NON_EMPTY_GROUP]);
    expect(bench.tombstones(toyRecords)).to.deep.equal(['a']);
    await bench.start();
    expect(await bench.listed()).to.deep.equal(['b toy Found play']);
    expect(await bench.committed('a')).to.deep.equal([]);
  });

  it('takes no classic members', async () => {
    const bench = await Bench.over([toy('a')]);
    const join = {
      groupId: 'a',
      memberId: '',
      groupInstanceId: null,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      reason: null,
    };
    const { errorCode } = await bench.run(bench.coordinator.joinGroup(join, context(5)));
    expect(errorCode).to.equal(Errors.INCONSISTENT_GROUP_PROTOCOL);
  });
});

const subscribed = { subscribedTopicNames: ['named'], subscribedTopicRegex: 'm.*' };
const who = { instanceId: null, rackId: null, clientId: '', clientHost: '', rebalanceTimeoutMs: 1 };
const consumerRecords = (groupId: string, epoch = 2): GroupStateRecord[] => [
  consumer.memberMetadata.record(
    { groupId, memberId: 'm' },
    { ...who, ...subscribed, serverAssignor: null, classicMemberMetadata: null },
  ),
  consumer.groupMetadata.record({ groupId }, { epoch, metadataHash: 0 }),
  consumer.regularExpression.record(
    { groupId, regularExpression: 'm.*' },
    { topics: ['matched'], version: 1, timestamp: 1 },
  ),
  consumer.targetAssignmentMetadata.record({ groupId }, { assignmentEpoch: 2, assignmentTimestamp: 0 }),
  consumer.currentMemberAssignment.record(
    { groupId, memberId: 'm' },
    { memberEpoch: 2, previousMemberEpoch: 1, state: 0, assignedPartitions: [], partitionsPendingRevocation: [] },
  ),
];
const withoutMember = (records: readonly GroupStateRecord[]): GroupStateRecord[] => [
  ...records,
  ...records.slice(0, 1).map((record) => ({ ...record, value: null })),
];
const topologyOf = (groupId: string, epoch: number): GroupStateRecord =>
  streams.topology.record(
    { groupId },
    {
      epoch,
      subtopologies: [
        {
          subtopologyId: '0',
          sourceTopics: ['source'],
          sourceTopicRegex: [],
          stateChangelogTopics: [],
          repartitionSinkTopics: ['sink'],
          repartitionSourceTopics: [{ name: 'repartition', partitions: 1, replicationFactor: 1, topicConfigs: [] }],
          copartitionGroups: [],
        },
      ],
    },
  );
const streamsRecords = (groupId: string): GroupStateRecord[] => [
  streams.memberMetadata.record(
    { groupId, memberId: 'm' },
    { ...who, topologyEpoch: 1, processId: 'p', userEndpoint: null, clientTags: [] },
  ),
  streams.groupMetadata.record(
    { groupId },
    { epoch: 2, metadataHash: 0, validatedTopologyEpoch: 1, lastAssignmentConfigs: null },
  ),
  topologyOf(groupId, 1),
];
const shareRecords = (groupId: string): GroupStateRecord[] => [
  share.memberMetadata.record(
    { groupId, memberId: 'm' },
    { rackId: null, clientId: '', clientHost: '', subscribedTopicNames: ['named'] },
  ),
  share.groupMetadata.record({ groupId }, { epoch: 2, metadataHash: 0 }),
];

describe('A group that records tell of, and whose members are silent', () => {
  it('is listed as its records tell', async () => {
    const bench = await Bench.over([
      ...consumerRecords('c'),
      ...consumerRecords('assigning', 3),
      ...consumerRecords('reconciling').slice(0, 4),
      ...withoutMember(consumerRecords('left')),
      ...streamsRecords('s'),
      ...streamsRecords('changed'),
      topologyOf('changed', 2),
      ...shareRecords('sh'),
      ...withoutMember(shareRecords('sh-left')),
    ]);
    expect(await bench.listed()).to.have.members([
      'c consumer Stable consumer',
      'assigning consumer Assigning consumer',
      'reconciling consumer Reconciling consumer',
      'left consumer Empty consumer',
      's streams Assigning streams',
      'changed streams NotReady streams',
      'sh share Stable share',
      'sh-left share Empty share',
    ]);
  });

  it('guards the offsets of topics that its members read', async () => {
    const bench = await Bench.over([...consumerRecords('c'), ...streamsRecords('s'), ...shareRecords('sh')]);
    const answers = async (groupId: string, ...topics: string[]): Promise<number[]> => {
      const codes = [];
      for (const topic of topics) codes.push(await bench.deleteOffsets(groupId, topic));
      return codes;
    };
    const inUse = Errors.GROUP_SUBSCRIBED_TO_TOPIC;
    expect(await answers('c', 'named', 'matched', 'other')).to.deep.equal([inUse, inUse, Errors.NONE]);
    expect(await answers('s', 'source', 'repartition', 'sink')).to.deep.equal([inUse, inUse, Errors.NONE]);
    expect(await answers('sh', 'named')).to.deep.equal([-Errors.GROUP_ID_NOT_FOUND]);
  });

  it('takes commits of outsiders while it is empty, unless it is a share group', async () => {
    const bench = await Bench.over([
      ...consumerRecords('c'),
      ...withoutMember(consumerRecords('left')),
      ...withoutMember(shareRecords('sh')),
    ]);
    expect(await bench.commit('c', 'topic')).to.equal(Errors.UNKNOWN_MEMBER_ID);
    expect(await bench.commit('left', 'topic')).to.equal(Errors.NONE);
    expect(await bench.commit('sh', 'topic')).to.equal(Errors.GROUP_ID_NOT_FOUND);
    expect(await bench.committed('left')).to.deep.equal(['topic']);
    expect(await bench.committed('sh')).to.deep.equal([]);
    // They age like those of any group that nobody is in.
    await bench.clock.advance(24 * HOUR_MS);
    expect(await bench.committed('left')).to.deep.equal([]);
  });

  it('is deleted with every record of it once nobody is in it, and only then', async () => {
    const bench = await Bench.over([
      ...consumerRecords('c'),
      ...withoutMember(consumerRecords('left')),
      ...withoutMember(streamsRecords('s')),
      ...withoutMember(shareRecords('sh')),
    ]);
    const codes = [];
    for (const groupId of ['c', 'left', 's', 'sh']) codes.push(await bench.delete(groupId));
    expect(codes).to.deep.equal([Errors.NON_EMPTY_GROUP, 0, 0, 0]);
    expect(bench.tombstones(...consumer.consumerRecordTypes)).to.deep.equal(Array.from({ length: 5 }, () => 'left'));
    await bench.start();
    expect(await bench.listed()).to.deep.equal(['c consumer Stable consumer']);
  });

  it('is replaced when its id changes its kind, whatever tombstones come late', () => {
    const groups = new Groups(kinds);
    for (const record of consumerRecords('c')) groups.replay(record);
    groups.replay(toy('c'));
    for (const record of consumerRecords('c')) groups.replay({ ...record, value: null });
    expect(groups.get('c')?.type).to.equal('toy');
  });
});

describe('Every kind of group', () => {
  it('reads its own records and no other, and writes what it has read', () => {
    for (const records of [consumerRecords('g'), streamsRecords('g'), shareRecords('g'), [toy('g')]]) {
      for (const record of records) {
        const { key, value } = serde.encode(record);
        const read = serde.decode(key, value);
        expect(read).to.deep.include({ kind: 'group', groupId: 'g', type: record.type });
        expect(read).to.deep.include({ key: record.key, value: record.value });
        expect(serde.encode({ ...record, value: null })).to.deep.equal({ key, value: null });
      }
    }
  });

  it('has tombstones that leave nothing of it', () => {
    for (const records of [consumerRecords('g'), streamsRecords('g'), shareRecords('g'), [toy('g')]]) {
      const groups = new Groups(kinds);
      for (const record of records) groups.replay(record);
      const effects: GroupEffects = new Effects(0);
      groups.get('g')?.appendTombstones(effects);
      for (const record of effects.records) if (record.kind === 'group') groups.replay(record);
      expect(groups.get('g')).to.equal(undefined);
    }
  });
});
