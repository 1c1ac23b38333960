// Whatever is asked of a controller, in whatever order: what a node finds after a restart, in snapshot and log, is what the
// running node had; and what publishers were told step by step adds up to it.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  LATEST_METADATA_VERSION,
  type MetadataImage,
  type MetadataPublisher,
  MINIMUM_METADATA_VERSION,
  snapshotRecords,
} from '../../src/kraft/metadata/index.ts';
import type { NodeUnderTest } from './node-under-test.ts';
import { World } from './world.ts';

const zero = 'AAAAAAAAAAAAAAAAAAAAAA';
const name = fc.constantFrom('a', 'b', 'c.d', 'c_d', 'e', 'x y');
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('create' as const),
    name,
    partitions: fc.integer({ min: -1, max: 4 }),
    key: fc.constantFrom('k', 'l'),
  }),
  fc.record({ kind: fc.constant('delete' as const), name }),
  fc.record({ kind: fc.constant('grow' as const), name, partitions: fc.integer({ min: 0, max: 6 }) }),
  fc.record({
    kind: fc.constant('configure' as const),
    name,
    type: fc.constantFrom(2, 4, 16, 32),
    key: fc.constantFrom('k', 'l', 'cleanup.policy', 'min.insync.replicas'),
    operation: fc.integer({ min: 0, max: 4 }),
    value: fc.constantFrom('1', '2', 'compact'),
  }),
  fc.record({
    kind: fc.constant('raise' as const),
    feature: fc.constantFrom('metadata.version', 'metadata.version', 'eligible.leader.replicas.version'),
    by: fc.integer({ min: -1, max: 4 }),
  }),
  fc.record({ kind: fc.constant('producer ids' as const) }),
  fc.record({ kind: fc.constant('restart' as const), isClean: fc.boolean() }),
);
/** What the cluster is formatted with. */
const level = fc.integer({ min: MINIMUM_METADATA_VERSION, max: LATEST_METADATA_VERSION });
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

class Follower implements MetadataPublisher {
  readonly name = 'follower';
  readonly leaders = new Map<string, number>();
  publish(delta: Parameters<MetadataPublisher['publish']>[0]): void {
    for (const topic of delta.deletedTopics.values()) {
      for (const { partition } of topic.partitions) this.leaders.delete(`${topic.id}-${partition}`);
    }
    for (const topic of delta.changedTopics.values()) {
      for (const [index, { leaderEpoch }] of topic.changedPartitions)
        this.leaders.set(`${topic.id}-${index}`, leaderEpoch);
    }
  }
}

describe('random operations', function () {
  this.timeout(60_000);

  it('leave the same state in memory, in the log, in snapshots and with publishers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000_000),
        level,
        fc.array(operation, { maxLength: 40 }),
        async (seed, first, operations) => {
          const world = new World(seed);
          const featureLevels = new Map([['metadata.version', first]]);
          const options = { maxBytesBetweenSnapshots: 1200, featureLevels };
          let follower = new Follower();
          let node = await world.open({ ...options, publishers: [follower] });
          await world.run(node.join());
          for (const each of operations) {
            if (each.kind === 'restart') {
              const before = stateOf(node.loader.image);
              const epoch = node.brokerEpoch;
              if (each.isClean) await world.run(node.leave());
              else await world.run(node.close());
              follower = new Follower();
              node = await world.open({ ...options, publishers: [follower] });
              if (!each.isClean) expect(stateOf(node.loader.image)).to.deep.equal(before);
              await world.run(node.join(each.isClean ? epoch : -1));
            } else {
              await world.run(perform(node, each));
            }
            expect(stateOf(node.controller.image)).to.deep.equal(stateOf(node.loader.image));
            expect([...follower.leaders]).to.have.deep.members(leadersOf(node.loader.image));
          }
          expect(node.faults).to.deep.equal([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

function perform(node: NodeUnderTest, each: Exclude<Operation, { kind: 'restart' }>): Promise<unknown> {
  const { controller } = node;
  switch (each.kind) {
    case 'create':
      return node.createTopic(each.name, each.partitions, [{ name: each.key, value: '1' }]);
    case 'delete':
      return controller.deleteTopics(
        { topics: [{ name: each.name, topicId: zero }], topicNames: [], timeoutMs: 1 },
        { apiVersion: 6, sharesFate: false },
      );
    case 'grow': {
      const topics = [{ name: each.name, count: each.partitions, assignments: null }];
      return controller.createPartitions({ topics, timeoutMs: 1, validateOnly: false });
    }
    case 'configure': {
      const configs = [{ name: each.key, configOperation: each.operation, value: each.value }];
      const resourceName = each.type === 4 ? '' : each.name;
      return controller.incrementalAlterConfigs({
        resources: [{ resourceType: each.type, resourceName, configs }],
        validateOnly: false,
      });
    }
    case 'raise': {
      const current = node.loader.image.features.levels.get(each.feature) ?? 0;
      const featureUpdates = [
        {
          feature: each.feature,
          maxVersionLevel: current + each.by,
          upgradeType: each.by < 0 ? 2 : 1,
          allowDowngrade: false,
        },
      ];
      return controller.updateFeatures(
        { timeoutMs: 1, featureUpdates, validateOnly: false },
        { apiVersion: 2, sharesFate: true },
      );
    }
    case 'producer ids':
      return controller.allocateProducerIds({ brokerId: 1, brokerEpoch: node.brokerEpoch });
  }
}

/** Every record, encoded and decoded once, as text. */
const stateOf = (image: MetadataImage): string[] =>
  [...snapshotRecords(image)]
    .map((record) => JSON.stringify(decodeMetadataRecord(encodeMetadataRecord(record))))
    .sort();

const leadersOf = (image: MetadataImage): [string, number][] =>
  [...image.topics.byId.values()].flatMap((topic) =>
    topic.partitions.map(({ partition, leaderEpoch }): [string, number] => [`${topic.id}-${partition}`, leaderEpoch]),
  );
