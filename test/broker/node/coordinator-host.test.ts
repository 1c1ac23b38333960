// When a coordinator is made, and what it is told of the metadata.
import { expect } from 'chai';
import { CoordinatorHost } from '../../../src/broker/node/coordinator-host.ts';
import type { Coordinator } from '../../../src/coordinator-common/index.ts';
import type { MetadataDelta, MetadataImage } from '../../../src/kraft/metadata/index.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { MetadataBench, NODE_ID } from '../../api-handlers/metadata-bench.ts';

const OWN = '__state_of_something';

class Bench extends MetadataBench {
  readonly told: unknown[][] = [];
  made = 0;
  faults = 0;
  readonly node: CoordinatorHost;

  constructor() {
    super();
    const told =
      (name: string) =>
      (...values: unknown[]) => {
        this.told.push([name, ...values]);
      };
    const coordinator: Coordinator = {
      onLeader: told('leads'),
      onResigned: told('resigned'),
      onMetadata: (image: MetadataImage, delta: MetadataDelta) => {
        const deleted = Array.from(delta.deletedTopics.values(), ({ name }) => `-${name}`);
        this.told.push(['hears', ...image.topics.byName.keys(), ...deleted]);
      },
      endTransaction: () => Promise.resolve(),
      endWaits: told('waits end'),
      close: told('closed'),
    };
    const make = () => {
      this.made++;
      return this.faults-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve(coordinator);
    };
    this.node = new CoordinatorHost({ nodeId: NODE_ID, topic: OWN, logger: silentLogger, make });
  }

  /** Publishes what `records` change. */
  publish(...records: Parameters<MetadataBench['replay']>[0]): void {
    this.node.publish(this.replay(records), this.image);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('The host of a coordinator', () => {
  it('is made once, by the first who asks', async () => {
    const bench = new Bench();
    bench.publish();
    bench.node.serve();
    expect(bench.made).to.equal(0);
    const [one, other] = await Promise.all([bench.node.coordinator(), bench.node.coordinator()]);
    expect(one).to.equal(other);
    expect(bench.made).to.equal(1);
    expect(bench.told).to.deep.equal([['hears']]);
  });

  it('is made when the node serves and leads partitions of its topic', async () => {
    const bench = new Bench();
    bench.createTopic(OWN, 2);
    bench.publish();
    await turn();
    expect(bench.made).to.equal(0);
    bench.node.serve();
    await turn();
    expect(bench.told).to.deep.equal([
      ['hears', OWN],
      ['leads', 0, 0],
      ['leads', 1, 0],
    ]);
  });

  it('is not made for partitions that others lead', async () => {
    const bench = new Bench();
    bench.addBroker(2);
    bench.createTopic(OWN, 2, [2, 1], 2);
    bench.publish();
    bench.node.serve();
    await turn();
    expect(bench.made).to.equal(0);
  });

  it('is told of what is led, of what is not any more, and then of every change', async () => {
    const bench = new Bench();
    const topicId = bench.createTopic(OWN, 1);
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
      ['resigned', 0, 1],
      ['hears', OWN, 'other'],
      ['leads', 0, 2],
      ['hears', OWN, 'other'],
      ['hears', OWN, '-other'],
      ['resigned', 0],
      ['hears', `-${OWN}`],
    ]);
  });

  it('is told what happened while it was being made, in order', async () => {
    const bench = new Bench();
    bench.createTopic(OWN, 1);
    const other = bench.createTopic('other');
    bench.publish();
    const made = bench.node.coordinator();
    bench.publish({ type: 'RemoveTopicRecord', version: 0, topicId: other });
    await made;
    expect(bench.told).to.deep.equal([
      ['hears', OWN, 'other'],
      ['leads', 0, 0],
      ['hears', OWN, '-other'],
    ]);
  });

  it('ends its waits when the node is about to stop, also when it is made after that', async () => {
    const bench = new Bench();
    bench.node.endWaits();
    await bench.node.coordinator();
    expect(bench.told.at(-1)).to.deep.equal(['waits end']);
  });

  it('is tried again after it could not be made, and not made any more once the node closes', async () => {
    const bench = new Bench();
    bench.faults = 1;
    const failure = await bench.node.coordinator().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    const made = bench.node.coordinator();
    bench.node.close();
    const refusal: unknown = await made.catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(KafkaError).with.property('code', Errors.COORDINATOR_NOT_AVAILABLE);
    expect(String(refusal)).to.match(/closing/);
    expect(bench.told).to.deep.equal([['closed']]);
  });
});
