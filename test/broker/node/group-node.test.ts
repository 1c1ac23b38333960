// When the group coordinator is made, and what it is told of the metadata.
import { expect } from 'chai';
import { GroupNode } from '../../../src/broker/node/group-node.ts';
import type { GroupCoordinator } from '../../../src/group-coordinator/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { MetadataBench, NODE_ID } from '../../api-handlers/metadata-bench.ts';

const OFFSETS = '__consumer_offsets';

class Bench extends MetadataBench {
  readonly told: unknown[][] = [];
  made = 0;
  faults = 0;
  readonly node: GroupNode;

  constructor() {
    super();
    const told =
      (name: string) =>
      (...values: unknown[]) => {
        this.told.push([name, ...values.map((value) => (value instanceof Set ? [...value] : value))]);
      };
    const coordinator = {
      onLeader: told('leads'),
      onResigned: told('resigned'),
      topicDeleted: told('deleted'),
      close: told('closed'),
    } as unknown as GroupCoordinator;
    const make = () => {
      this.made++;
      return this.faults-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve(coordinator);
    };
    this.node = new GroupNode({ nodeId: NODE_ID, logger: silentLogger, make });
  }

  /** Publishes what `records` change. */
  publish(...records: Parameters<MetadataBench['replay']>[0]): void {
    this.node.publish(this.replay(records), this.image);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('The group coordinator of a node', () => {
  it('is made once, by the first who asks', async () => {
    const bench = new Bench();
    bench.publish();
    bench.node.serve();
    expect(bench.made).to.equal(0);
    const [one, other] = await Promise.all([bench.node.coordinator(), bench.node.coordinator()]);
    expect(one).to.equal(other);
    expect(bench.made).to.equal(1);
    expect(bench.told).to.deep.equal([]);
  });

  it('is made when the node serves and leads partitions of the offsets topic', async () => {
    const bench = new Bench();
    bench.createTopic(OFFSETS, 2);
    bench.publish();
    await turn();
    expect(bench.made).to.equal(0);
    bench.node.serve();
    await turn();
    expect(bench.told).to.deep.equal([
      ['leads', 0, 0],
      ['leads', 1, 0],
    ]);
  });

  it('is not made for partitions that others lead', async () => {
    const bench = new Bench();
    bench.addBroker(2);
    bench.createTopic(OFFSETS, 2, [2, 1], 2);
    bench.publish();
    bench.node.serve();
    await turn();
    expect(bench.made).to.equal(0);
  });

  it('is told of what is led, of what is not any more, and of topics that go', async () => {
    const bench = new Bench();
    const topicId = bench.createTopic(OFFSETS, 1);
    const other = bench.createTopic('other');
    bench.publish();
    await bench.node.coordinator();
    bench.told.length = 0;
    const change = { type: 'PartitionChangeRecord', version: 2, topicId, partitionId: 0 } as const;
    const same = {
      isr: null,
      replicas: null,
      removingReplicas: null,
      addingReplicas: null,
      leaderRecoveryState: -1,
      directories: null,
      eligibleLeaderReplicas: null,
      lastKnownElr: null,
    };
    bench.publish({ ...change, ...same, leader: -1 });
    bench.publish({ ...change, ...same, leader: NODE_ID });
    bench.publish({ type: 'RemoveTopicRecord', version: 0, topicId: other });
    bench.publish({ type: 'RemoveTopicRecord', version: 0, topicId });
    expect(bench.told).to.deep.equal([
      ['resigned', 0],
      ['leads', 0, 2],
      ['deleted', ['other']],
      ['resigned', 0],
      ['deleted', [OFFSETS]],
    ]);
  });

  it('is told of topics that went while it was being made', async () => {
    const bench = new Bench();
    bench.createTopic(OFFSETS, 1);
    const other = bench.createTopic('other');
    bench.publish();
    const made = bench.node.coordinator();
    bench.publish({ type: 'RemoveTopicRecord', version: 0, topicId: other });
    await made;
    expect(bench.told).to.deep.equal([
      ['leads', 0, 0],
      ['deleted', ['other']],
    ]);
  });

  it('is tried again after it could not be made, and not made any more once the node closes', async () => {
    const bench = new Bench();
    bench.faults = 1;
    const failure = await bench.node.coordinator().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    const made = bench.node.coordinator();
    bench.node.close();
    expect(await made.catch((error: unknown) => String(error))).to.match(/closing/);
    expect(bench.told).to.deep.equal([['closed']]);
  });
});
