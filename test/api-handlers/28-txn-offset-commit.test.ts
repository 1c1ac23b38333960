// Offsets that are committed within a transaction: pending until its marker is heard, live and when the shard is loaded again.
import { expect } from 'chai';
import { offsetCommit } from '../../src/api-handlers/08-offset-commit.ts';
import { offsetFetch } from '../../src/api-handlers/09-offset-fetch.ts';
import { joinGroup } from '../../src/api-handlers/11-join-group.ts';
import { writeTxnMarkers } from '../../src/api-handlers/27-write-txn-markers.ts';
import { txnOffsetCommit } from '../../src/api-handlers/28-txn-offset-commit.ts';
import { deleteGroups } from '../../src/api-handlers/42-delete-groups.ts';
import { offsetDelete } from '../../src/api-handlers/47-offset-delete.ts';
import { PartitionMarkers } from '../../src/broker/node/partition-markers.ts';
import type { GroupCoordinator } from '../../src/group-coordinator/index.ts';
import { Errors, type ResponseOf } from '../../src/protocol/index.ts';
import type { TxnOffsetCommit } from '../../src/protocol/messages/28-txn-offset-commit.ts';
import type { TransactionalAppend } from '../../src/replication/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { decoded, RecordPath } from './record-path.ts';
import { transactionCoordinators } from './transaction-bench.ts';

interface Commit {
  readonly version?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly groupId?: string;
  readonly generationId?: number;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly metadata?: string | null;
}

describe('TxnOffsetCommit', () => {
  let path: RecordPath;
  let groups: GroupCoordinator;
  let markers: ReturnType<typeof writeTxnMarkers>;
  /** What the transaction coordinator has been asked, and what it says. */
  let asked: TransactionalAppend[];
  let verdict: number;

  beforeEach(async () => {
    path = await RecordPath.open();
    path.createTopic('in', { partitions: 3 });
    path.createTopic('__consumer_offsets');
    asked = [];
    verdict = Errors.NONE;
    const coordinators = transactionCoordinators(path, {
      verify: (append) => {
        asked.push(append);
        return verdict;
      },
    });
    groups = await coordinators.groups.coordinator();
    const { replicas, clock } = path;
    markers = writeTxnMarkers(new PartitionMarkers({ replicas, coordinators, clock, logger: silentLogger }));
    await clock.settle();
  });

  const commit = async (options: Commit = {}): Promise<number | undefined> => {
    const { version = 5, topic = 'in', partition = 0, offset = 4 } = options;
    const member =
      version < 3
        ? {}
        : {
            generationId: options.generationId ?? -1,
            memberId: options.memberId ?? '',
            groupInstanceId: options.groupInstanceId ?? null,
          };
    const handler = txnOffsetCommit(groups, path.identity);
    const outcome = path.start(handler, version, {
      transactionalId: 't',
      groupId: options.groupId ?? 'g',
      producerId: options.producerId ?? 7,
      producerEpoch: options.producerEpoch ?? 0,
      ...member,
      topics: [
        {
          name: topic,
          partitions: [
            {
              partitionIndex: partition,
              committedOffset: offset,
              ...(version >= 2 && { committedLeaderEpoch: 3 }),
              committedMetadata: options.metadata ?? null,
            },
          ],
        },
      ],
    });
    // No time passes over it.
    await path.clock.settle();
    const answer = decoded(handler, version, (await outcome) as ResponseOf<typeof TxnOffsetCommit>);
    return answer.topics[0]?.partitions[0]?.errorCode;
  };
  const commitPlainly = (offset: number) =>
    path.ask(offsetCommit(groups, path.identity), 9, {
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [
        {
          name: 'in',
          partitions: [
            { partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: null },
          ],
        },
      ],
    });
  /** Offset and error of partition 0 of `in`. */
  const fetch = async (requireStable = false, partition = 0) => {
    const answer = await path.ask(offsetFetch(groups, path.identity), 8, {
      groups: [{ groupId: 'g', topics: [{ name: 'in', partitionIndexes: [partition] }] }],
      requireStable,
    });
    const found = answer.groups[0]?.topics[0]?.partitions[0];
    return [found?.committedOffset, found?.errorCode];
  };
  const end = async (isCommit: boolean, producerId = 7, producerEpoch = 1) => {
    const answer = await path.ask(markers, 2, {
      markers: [
        {
          producerId,
          producerEpoch,
          transactionResult: isCommit,
          coordinatorEpoch: 0,
          transactionVersion: 2,
          topics: [{ name: '__consumer_offsets', partitionIndexes: [0] }],
        },
      ],
    });
    return answer.markers[0]?.topics[0]?.partitions[0]?.errorCode;
  };
  const reload = async (): Promise<void> => {
    groups.onResigned(0);
    groups.onLeader(0, 9);
    await path.clock.advance(50);
  };
  const STABLE = Errors.NONE;
  const UNSTABLE = Errors.UNSTABLE_OFFSET_COMMIT;

  for (const isLoadedAgain of [false, true]) {
    const when = isLoadedAgain ? ', also for a coordinator that is loaded meanwhile' : '';
    for (const isCommit of [true, false]) {
      it(`keeps them pending until the transaction ${isCommit ? 'commits' : 'aborts'}${when}`, async () => {
        expect(await commit()).to.equal(Errors.NONE);
        if (isLoadedAgain) await reload();
        expect(await fetch()).to.deep.equal([-1, STABLE]);
        expect(await fetch(true)).to.deep.equal([-1, UNSTABLE]);
        expect(await fetch(true, 1), 'of another partition').to.deep.equal([-1, STABLE]);
        expect(await end(isCommit)).to.equal(Errors.NONE);
        if (isLoadedAgain) await reload();
        expect(await fetch(true)).to.deep.equal([isCommit ? 4 : -1, STABLE]);
      });
    }

    it(`has the later commit count, transactional or not${when}`, async () => {
      await commit({ offset: 4 });
      await commitPlainly(9);
      await commit({ producerId: 8, offset: 5 });
      expect(await fetch()).to.deep.equal([9, STABLE]);
      expect(await end(true)).to.equal(Errors.NONE);
      if (isLoadedAgain) await reload();
      expect(await fetch(), 'of before the plain commit').to.deep.equal([9, STABLE]);
      expect(await fetch(true)).to.deep.equal([-1, UNSTABLE]);
      await end(true, 8);
      if (isLoadedAgain) await reload();
      expect(await fetch(true)).to.deep.equal([5, STABLE]);
    });
  }

  it('asks the transaction coordinator before the first of a transaction, to add the group or only to say', async () => {
    await commit({ version: 5, producerId: 1 });
    await commit({ version: 5, producerId: 1, partition: 1 });
    await commit({ version: 4, producerId: 2 });
    expect(asked.map(({ partition, ...rest }) => ({ ...rest, partition: partition.topic }))).to.deep.equal([
      {
        transactionalId: 't',
        partition: '__consumer_offsets',
        producerId: 1,
        producerEpoch: 0,
        sequence: -1,
        addsPartition: true,
        knowsAbortable: true,
      },
      {
        transactionalId: 't',
        partition: '__consumer_offsets',
        producerId: 2,
        producerEpoch: 0,
        sequence: -1,
        addsPartition: false,
        knowsAbortable: true,
      },
    ]);
  });

  for (const [said, version, told] of [
    [Errors.TRANSACTION_ABORTABLE, 5, Errors.TRANSACTION_ABORTABLE],
    [Errors.TRANSACTION_ABORTABLE, 4, Errors.TRANSACTION_ABORTABLE],
    [Errors.TRANSACTION_ABORTABLE, 3, Errors.INVALID_TXN_STATE],
    [Errors.CONCURRENT_TRANSACTIONS, 5, Errors.CONCURRENT_TRANSACTIONS],
    [Errors.NETWORK_EXCEPTION, 5, Errors.COORDINATOR_LOAD_IN_PROGRESS],
    [Errors.COORDINATOR_LOAD_IN_PROGRESS, 2, Errors.COORDINATOR_LOAD_IN_PROGRESS],
    [Errors.COORDINATOR_LOAD_IN_PROGRESS, 1, Errors.COORDINATOR_NOT_AVAILABLE],
    [Errors.INVALID_PRODUCER_ID_MAPPING, 0, Errors.INVALID_PRODUCER_ID_MAPPING],
  ] as const) {
    it(`answers ${told} in version ${version} when that coordinator says ${said}`, async () => {
      verdict = said;
      expect(await commit({ version })).to.equal(told);
      verdict = Errors.NONE;
      expect(await fetch(true)).to.deep.equal([-1, STABLE]);
      expect(await commit({ version })).to.equal(Errors.NONE);
    });
  }

  it('refuses a producer that has been replaced', async () => {
    await commit();
    await end(true, 7, 2);
    expect(await commit({ producerEpoch: 1 })).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(await commit({ producerEpoch: 2 })).to.equal(Errors.NONE);
  });

  it('commits nothing of what was verified for a transaction that has ended meanwhile', async () => {
    let answer: (code: number) => void = () => undefined;
    const coordinators = transactionCoordinators(path, {
      verify: () => new Promise((resolve) => (answer = resolve)),
    });
    groups = await coordinators.groups.coordinator();
    await path.clock.settle();
    const late = commit({ version: 4 });
    await path.clock.settle();
    const marker = { producerId: 7, producerEpoch: 0, coordinatorEpoch: 0, isCommit: false };
    await path.clock.run(groups.endTransaction(0, marker));
    answer(Errors.NONE);
    expect(await late).to.equal(Errors.INVALID_TXN_STATE);
    expect(await fetch(true)).to.deep.equal([-1, STABLE]);
  });

  it('answers for topics and partitions that are not there, and for text that is too long', async () => {
    expect(await commit({ topic: 'nope' })).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await commit({ partition: 3 })).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(asked).to.deep.equal([]);
    expect(await commit({ metadata: 'm'.repeat(4_097) })).to.equal(Errors.OFFSET_METADATA_TOO_LARGE);
    expect(await commit({ metadata: 'm'.repeat(4_096) })).to.equal(Errors.NONE);
    expect(await commit({ groupId: '' })).to.equal(Errors.INVALID_GROUP_ID);
  });

  describe('for a group', () => {
    const join = async (memberId: string, groupInstanceId: string | null = null) => {
      const answer = await path.ask(joinGroup(groups), 5, {
        groupId: 'g',
        sessionTimeoutMs: 30_000,
        rebalanceTimeoutMs: 30_000,
        memberId,
        groupInstanceId,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      });
      return answer;
    };

    it('that is not there takes a committer without a generation, and no other', async () => {
      expect(await commit({ generationId: 3, memberId: 'm' })).to.equal(Errors.ILLEGAL_GENERATION);
      expect(await commit({ memberId: 'm' })).to.equal(Errors.NONE);
    });

    it('that has members checks those who say that they are members, in whatever state it is', async () => {
      const { memberId, generationId } = await join('', 'i');
      // The group waits for the assignment of its leader: a plain commit would be REBALANCE_IN_PROGRESS.
      const member = { memberId, generationId, groupInstanceId: 'i' };
      expect(await commit(member)).to.equal(Errors.NONE);
      expect(await commit({ ...member, generationId: generationId + 1 })).to.equal(Errors.ILLEGAL_GENERATION);
      expect(await commit({ ...member, memberId: 'other' })).to.equal(Errors.FENCED_INSTANCE_ID);
      expect(await commit({ ...member, groupInstanceId: 'j' })).to.equal(Errors.UNKNOWN_MEMBER_ID);
      expect(await commit({ generationId: 3, memberId: 'nobody' })).to.equal(Errors.UNKNOWN_MEMBER_ID);
      expect(await commit({ memberId: 'nobody' })).to.equal(Errors.UNKNOWN_MEMBER_ID);
      // Producers of before KIP-447 do not say for whom they commit.
      expect(await commit({})).to.equal(Errors.NONE);
      expect(await commit({ version: 2 })).to.equal(Errors.NONE);
    });

    it('goes with it: a commit does not bring back what was deleted', async () => {
      await commit();
      await commit({ partition: 1 });
      const deleted = await path.ask(offsetDelete(groups, path.identity), 0, {
        groupId: 'g',
        topics: [{ name: 'in', partitions: [{ partitionIndex: 1 }] }],
      });
      expect(deleted.topics[0]?.partitions).to.deep.equal([{ partitionIndex: 1, errorCode: 0 }]);
      expect(await fetch(true, 1), 'nothing is pending any more').to.deep.equal([-1, STABLE]);
      expect(await fetch(true)).to.deep.equal([-1, UNSTABLE]);
      const { results } = await path.ask(deleteGroups(groups), 2, { groupsNames: ['g'] });
      expect(results).to.deep.equal([{ groupId: 'g', errorCode: Errors.NONE }]);
      expect(await fetch(true)).to.deep.equal([-1, STABLE]);
      await end(true);
      for (const partition of [0, 1]) expect(await fetch(true, partition)).to.deep.equal([-1, STABLE]);
    });
  });
});
