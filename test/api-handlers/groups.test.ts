// What the handlers of the group APIs decide themselves; the coordinator behind them is a table of offsets.
import { expect } from 'chai';
import { offsetCommit } from '../../src/api-handlers/08-offset-commit.ts';
import { offsetFetch } from '../../src/api-handlers/09-offset-fetch.ts';
import { describeGroups } from '../../src/api-handlers/15-describe-groups.ts';
import { offsetDelete } from '../../src/api-handlers/47-offset-delete.ts';
import { groupContext } from '../../src/api-handlers/group-requests.ts';
import type { GroupCoordinator } from '../../src/group-coordinator/index.ts';
import type { OffsetCommitRequest } from '../../src/protocol/messages/08-offset-commit.ts';
import type { OffsetFetchRequest } from '../../src/protocol/messages/09-offset-fetch.ts';
import type { OffsetDeleteRequest } from '../../src/protocol/messages/47-offset-delete.ts';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import { MetadataBench } from './metadata-bench.ts';
import { answerOf, contextOf } from './recorded.ts';

const NOWHERE = 'AAAAAAAAAAAAAAAAAAAAAw';

/** Accepts every commit, knows offset 7 of whatever it is asked for, and keeps what it was asked. */
class Offsets {
  asked: unknown[] = [];
  readonly coordinator: GroupCoordinator;

  constructor() {
    const parts: Pick<GroupCoordinator, 'offsetCommit' | 'offsetFetch' | 'offsetDelete' | 'describeGroups'> = {
      offsetCommit: (request: OffsetCommitRequest) => {
        this.asked.push(request.topics.map(({ name }) => name));
        return { topics: request.topics.map((topic) => ({ ...topic, partitions: topic.partitions.map(fine) })) };
      },
      offsetFetch: (request: OffsetFetchRequest) => ({
        groups: request.groups.map(({ groupId, topics }) => ({
          groupId,
          errorCode: groupId === 'broken' ? Errors.NOT_COORDINATOR : Errors.NONE,
          topics: (topics ?? [{ name: 'known', topicId: undefined, partitionIndexes: [0] }]).map((topic) => ({
            name: topic.name,
            topicId: topic.topicId,
            partitions: topic.partitionIndexes.map((partitionIndex) => ({
              partitionIndex,
              committedOffset: 7,
              metadata: '',
              errorCode: 0,
            })),
          })),
        })),
      }),
      offsetDelete: (request: OffsetDeleteRequest) => ({
        errorCode: 0,
        topics: request.topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(fine) })),
      }),
      describeGroups: (request) => ({
        groups: request.groups.map((groupId) => ({
          errorCode: groupId === 'gone' ? Errors.GROUP_ID_NOT_FOUND : Errors.NONE,
          groupId,
          groupState: 'Empty',
          protocolType: '',
          protocolData: '',
          members: [],
        })),
      }),
    };
    this.coordinator = parts as GroupCoordinator;
  }
}

const fine = ({ partitionIndex }: { readonly partitionIndex: number }) => ({ partitionIndex, errorCode: 0 });
const commitOf = (partitionIndex: number) => ({
  partitionIndex,
  committedOffset: 3,
  committedLeaderEpoch: -1,
  committedMetadata: null,
});

describe('OffsetCommit', () => {
  const group = { groupId: 'g', generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null };

  it('answers for what does not exist, and has the rest committed', async () => {
    const { identity } = withTopic();
    const offsets = new Offsets();
    const answer = await answerOf(offsetCommit(offsets.coordinator, identity), 9, {
      ...group,
      topics: [
        { name: 'known', partitions: [commitOf(0), commitOf(9)] },
        { name: 'nope', partitions: [commitOf(0)] },
      ],
    });
    expect(rowsOf(answer)).to.deep.equal([
      ['known', 9, Errors.UNKNOWN_TOPIC_OR_PARTITION],
      ['known', 0, Errors.NONE],
      ['nope', 0, Errors.UNKNOWN_TOPIC_OR_PARTITION],
    ]);
    expect(offsets.asked).to.deep.equal([['known']]);
  });

  it('takes topics by id in version 10, and does not ask the coordinator when none is known', async () => {
    const { identity, id } = withTopic();
    const offsets = new Offsets();
    const handler = offsetCommit(offsets.coordinator, identity);
    const commit = async (topicId: string) =>
      (await answerOf(handler, 10, { ...group, topics: [{ name: '', topicId, partitions: [commitOf(0)] }] }))['topics'];
    expect(await commit(id)).to.deep.equal([
      { name: '', topicId: id, partitions: [{ partitionIndex: 0, errorCode: 0 }] },
    ]);
    expect(await commit(NOWHERE)).to.deep.equal([
      { name: '', topicId: NOWHERE, partitions: [{ partitionIndex: 0, errorCode: Errors.UNKNOWN_TOPIC_ID }] },
    ]);
    expect(offsets.asked).to.deep.equal([['known']]);
  });
});

describe('OffsetFetch', () => {
  const fetch = async (groups: readonly object[]) => {
    const bench = withTopic();
    const handler = offsetFetch(new Offsets().coordinator, bench.identity);
    return { ...bench, groups: (await answerOf(handler, 10, { groups, requireStable: false }))['groups'] as Group[] };
  };
  interface Group {
    readonly errorCode: number;
    readonly topics: { topicId: string; partitions: { committedOffset: number; errorCode: number }[] }[];
  }

  it('translates topic ids both ways', async () => {
    const { id, groups } = await fetch([
      {
        groupId: 'g',
        topics: [
          { topicId: NOWHERE, partitionIndexes: [1] },
          { topicId: withTopic().id, partitionIndexes: [0] },
        ],
      },
      { groupId: 'all', topics: null },
      { groupId: 'broken', topics: [] },
    ]);
    const seen = groups.map(({ topics }) =>
      topics.map((topic) => [topic.topicId, topic.partitions[0]?.committedOffset, topic.partitions[0]?.errorCode]),
    );
    expect(seen).to.deep.equal([
      [
        [id, 7, 0],
        [NOWHERE, -1, Errors.UNKNOWN_TOPIC_ID],
      ],
      [[id, 7, 0]],
      [],
    ]);
    expect(groups.map(({ errorCode }) => errorCode)).to.deep.equal([0, 0, Errors.NOT_COORDINATOR]);
  });

  it('says that it failed where each version has room for it', async () => {
    const failing = {
      offsetFetch: () => {
        throw new KafkaError(Errors.COORDINATOR_NOT_AVAILABLE);
      },
    } as unknown as GroupCoordinator;
    const handler = offsetFetch(failing, withTopic().identity);
    const topics = [{ name: 'known', partitionIndexes: [0] }];
    const first = await answerOf(handler, 1, { groupId: 'g', topics });
    expect(first['topics']).to.deep.include({
      name: 'known',
      partitions: [{ partitionIndex: 0, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 15 }],
    });
    expect((await answerOf(handler, 2, { groupId: 'g', topics }))['errorCode']).to.equal(15);
    const { groups } = await answerOf(handler, 8, { groups: [{ groupId: 'g', topics }], requireStable: false });
    expect(groups).to.deep.equal([{ groupId: 'g', topics: [], errorCode: 15 }]);
  });
});

describe('OffsetDelete', () => {
  it('answers for what does not exist, and has the rest deleted', async () => {
    const handler = offsetDelete(new Offsets().coordinator, withTopic().identity);
    const answer = await answerOf(handler, 0, {
      groupId: 'g',
      topics: [
        { name: 'nope', partitions: [{ partitionIndex: 0 }] },
        { name: 'known', partitions: [{ partitionIndex: 0 }, { partitionIndex: 2 }] },
      ],
    });
    expect(rowsOf(answer)).to.deep.equal([
      ['nope', 0, Errors.UNKNOWN_TOPIC_OR_PARTITION],
      ['known', 2, Errors.UNKNOWN_TOPIC_OR_PARTITION],
      ['known', 0, Errors.NONE],
    ]);
  });

  it('has no topics in it when the whole group has an error, not even those that do not exist', async () => {
    const failing = {
      offsetDelete: () => ({ errorCode: Errors.GROUP_ID_NOT_FOUND, topics: [] }),
    } as unknown as GroupCoordinator;
    const answer = await answerOf(offsetDelete(failing, withTopic().identity), 0, {
      groupId: 'nobody',
      topics: [
        { name: 'nope', partitions: [{ partitionIndex: 0 }] },
        { name: 'known', partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] },
      ],
    });
    expect(answer).to.deep.include({ errorCode: Errors.GROUP_ID_NOT_FOUND, topics: [] });
  });
});

describe('DescribeGroups', () => {
  it('adds what the asker may do, where it is asked for and there is a group', async () => {
    const handler = describeGroups(new Offsets().coordinator);
    const ask = async (includeAuthorizedOperations: boolean) =>
      (
        (await answerOf(handler, 6, { groups: ['g', 'gone'], includeAuthorizedOperations }))['groups'] as {
          authorizedOperations: number;
        }[]
      ).map(({ authorizedOperations }) => authorizedOperations);
    expect(await ask(true)).to.deep.equal([3400, -2147483648]);
    expect(await ask(false)).to.deep.equal([-2147483648, -2147483648]);
  });
});

describe('The address of a member', () => {
  it('is written as Java writes it', () => {
    const hostOf = (remoteAddress: string) => groupContext(contextOf(11, 9, remoteAddress)).clientHost;
    expect(hostOf('127.0.0.1')).to.equal('/127.0.0.1');
    expect(hostOf('::ffff:10.0.0.7')).to.equal('/10.0.0.7');
    expect(hostOf('::1')).to.equal('/0:0:0:0:0:0:0:1');
    expect(hostOf('fe80::1:2%eth0')).to.equal('/fe80:0:0:0:0:0:1:2%eth0');
    expect(hostOf('2001:db8:1:2:3:4:5:6')).to.equal('/2001:db8:1:2:3:4:5:6');
  });
});

function withTopic() {
  const bench = new MetadataBench();
  const id = bench.createTopic('known');
  return { identity: bench.identity, id };
}

function rowsOf(answer: Record<string, unknown>): [string, number, number][] {
  const topics = answer['topics'] as { name: string; partitions: { partitionIndex: number; errorCode: number }[] }[];
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, errorCode }): [string, number, number] => [name, partitionIndex, errorCode]),
  );
}
