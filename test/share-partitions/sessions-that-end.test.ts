// What is kept of a share group goes when the last connection of its members has closed, however their sessions ended: by then
// somebody may have altered its offsets.
import { expect } from 'chai';
import { ConnectionState } from '../../src/api-handlers/index.ts';
import { Errors } from '../../src/protocol/index.ts';
import { ReadLease } from '../../src/replication/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import {
  makeSharePartitionManager,
  type NamedPartition,
  type SharePartitionManager,
} from '../../src/share-partitions/index.ts';
import { NODE_ID, RecordPath } from '../api-handlers/record-path.ts';

const GROUP = 'group';

describe('Share sessions that end', () => {
  let path: RecordPath;
  let shares: SharePartitionManager;
  let named: NamedPartition;
  /** How often the share partition has been loaded. */
  let loads: number;

  beforeEach(async () => {
    path = await RecordPath.open();
    const topicId = path.createTopic('in');
    named = { topicId, topic: 'in', partition: 0 };
    loads = 0;
    const read = { partition: 0, errorCode: Errors.NONE, errorMessage: null, stateEpoch: 0, startOffset: 0 };
    shares = await makeSharePartitionManager({
      runtime: { clock: path.clock, logger: silentLogger },
      replicas: path.replicas,
      persister: {
        readState: () => {
          loads++;
          const partitions = [{ ...read, stateBatches: [] }];
          return Promise.resolve({ results: [{ topicId, partitions }] });
        },
        writeState: () => Promise.reject(new Error('nothing is written')),
      },
      settings: () => ({
        maxDeliveryCount: 5,
        maxInFlightRecords: 200,
        lockDurationMs: 30_000,
        isRenewEnabled: true,
        startsAt: 'earliest',
        isReadCommitted: false,
      }),
      maxSessions: () => 10,
    });
  });

  async function member(memberId: string, id: number): Promise<ConnectionState> {
    const connection = new ConnectionState(id);
    shares.sessions.open(GROUP, memberId, id, [named]);
    shares.follow(connection, GROUP);
    const limits = { maxWaitMs: 0, minBytes: 1, maxBytes: 1_000, maxRecords: 10, batchSize: 10, isRecordLimit: false };
    const lease = new ReadLease(path.replicas.readBuffers);
    const call = { groupId: GROUP, memberId, sessionEpoch: 0, partitions: [named], lease, ...limits };
    const answers = shares.fetch(call, connection);
    await path.clock.settle();
    expect((await answers).filter(({ errorCode }) => errorCode !== Errors.NONE)).to.deep.equal([]);
    return connection;
  }

  const ended = (memberId: string): void => {
    const session = shares.sessions.get(GROUP, memberId);
    if (session !== undefined) shares.endSession(session);
  };

  it('is loaded again after a member whose connection broke', async () => {
    (await member('a', 1)).close();
    await member('b', 2);
    expect(loads).to.equal(2);
  });

  it('is loaded again after a member that had ended its session before', async () => {
    const connection = await member('a', 1);
    ended('a');
    connection.close();
    await member('b', 2);
    expect(loads).to.equal(2);
  });

  it('goes before its connection does, when that goes through very many groups', async () => {
    const connection = await member('a', 1);
    ended('a');
    for (let index = 0; index < 1_000; index++) {
      const session = shares.sessions.open(`other-${index}`, 'a', 1, []);
      shares.follow(connection, `other-${index}`);
      shares.endSession(session);
    }
    await member('b', 2);
    expect(loads).to.equal(2);
  });

  it('stays while another member is there', async () => {
    const connection = await member('a', 1);
    await member('b', 2);
    ended('a');
    connection.close();
    await member('c', 3);
    expect(loads).to.equal(1);
  });

  it('goes with its leadership, and is loaded again by who leads next', async () => {
    await member('a', 1);
    const lead = (leader: number, leaderEpoch: number): void => {
      const state = { leader, leaderEpoch };
      const changed = { id: named.topicId, changedPartitions: new Map([[0, state]]) };
      shares.leadersChanged({ changedTopics: new Map([[named.topicId, changed]]), deletedTopics: new Map() } as never);
    };
    lead(NODE_ID, 1);
    await member('b', 2);
    expect(loads, 'the same leader in the next epoch').to.equal(1);
    lead(2, 2);
    await member('c', 3);
    expect(loads).to.equal(2);
    lead(NODE_ID, 9);
    await member('d', 4);
    expect(loads, 'somebody else may have led it meanwhile').to.equal(3);
    const topic = { id: named.topicId, partitions: [{ partition: 0 }] };
    shares.leadersChanged({ changedTopics: new Map(), deletedTopics: new Map([[named.topicId, topic]]) } as never);
    expect(await shares.acknowledge(GROUP, 'd', named, [])).to.include({
      errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION,
    });
  });
});
