// What follows from the list of coordinators: internal topics, who is found, and who hears of the end of a transaction.
import { expect } from 'chai';
import { isInternalTopic } from '../../../src/api-handlers/index.ts';
import { Coordinators } from '../../../src/broker/node/coordinators.ts';
import { deltaFromNothing } from '../../../src/kraft/metadata/index.ts';
import { Errors, type KafkaError } from '../../../src/protocol/index.ts';
import { parseConfigs, silentLogger } from '../../../src/runtime/index.ts';
import { ProducerIds } from '../../../src/transaction-coordinator/index.ts';
import { NODE_ID, RecordPath } from '../../api-handlers/record-path.ts';

const MARKER = { producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, isCommit: true };

function coordinatorsOver(
  path: RecordPath,
  entries: Readonly<Record<string, string>> = {},
  leastBrokers = 1,
): Coordinators {
  const { clock, disk, replicas } = path;
  const runtime = { clock, disk, logger: silentLogger, random: { next: () => 0.5, bytes: () => Buffer.alloc(16) } };
  const coordinators = new Coordinators({
    runtime: runtime as never,
    nodeId: NODE_ID,
    configs: { current: (declarations) => parseConfigs(declarations, new Map(Object.entries(entries))) },
    replicas,
    producerIds: new ProducerIds(() => Promise.resolve({ start: 0, length: 10 })),
    createTopics: () => Promise.reject(new Error('nobody makes topics')),
    leastBrokers,
  });
  coordinators.publish(deltaFromNothing(path.image), path.image);
  return coordinators;
}

describe('The coordinators of a node', () => {
  it('declare all internal topics, with no more replicas than there are brokers', async () => {
    const path = await RecordPath.open();
    const { internalTopics, kinds } = coordinatorsOver(path, { 'offsets.topic.num.partitions': '7' });
    expect(Object.keys(internalTopics)).to.deep.equal([
      '__consumer_offsets',
      '__transaction_state',
      '__share_group_state',
    ]);
    expect(Object.keys(internalTopics).filter(isInternalTopic)).to.have.length(kinds.length);
    expect(internalTopics['__consumer_offsets']?.()).to.deep.include({ partitions: 7, replicationFactor: 1 });
    for (const id of [2, 3, 4, 5]) path.addBroker(id);
    expect(internalTopics['__transaction_state']?.()).to.deep.equal({
      partitions: 50,
      replicationFactor: 3,
      configs: {
        'unclean.leader.election.enable': 'false',
        'compression.type': 'uncompressed',
        'cleanup.policy': 'compact',
        'min.insync.replicas': '2',
        'segment.bytes': '104857600',
      },
    });
    expect(internalTopics['__share_group_state']?.().configs).to.include({
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
    });
  });

  it('do not settle for fewer replicas while nodes of the cluster are still to come', async () => {
    const path = await RecordPath.open();
    expect(path.image.cluster.brokers.size).to.be.below(2);
    const factor = (leastBrokers: number): number | undefined =>
      coordinatorsOver(path, {}, leastBrokers).internalTopics['__consumer_offsets']?.().replicationFactor;
    expect([1, 2, 3, 5].map(factor)).to.deep.equal([1, 2, 3, 3]);
    expect(factor(Number.POSITIVE_INFINITY), 'a broker without a controller knows of no others').to.equal(3);
  });

  it('name those that run here', async () => {
    const { kinds } = coordinatorsOver(await RecordPath.open());
    expect(kinds.map(({ keyType, topic, isServed }) => [keyType, topic, isServed])).to.deep.equal([
      [0, '__consumer_offsets', true],
      [1, '__transaction_state', true],
      [2, '__share_group_state', true],
    ]);
  });

  it('take the end of a transaction to the coordinator whose topic it is on', async () => {
    const path = await RecordPath.open();
    path.createTopic('__consumer_offsets');
    const coordinators = coordinatorsOver(path);
    expect(coordinators.endTransaction('prod', 0, MARKER)).to.equal(undefined);
    await coordinators.groups.coordinator();
    await path.clock.settle();
    await path.clock.run(coordinators.endTransaction('__consumer_offsets', 0, MARKER) as Promise<void>);
    expect(path.replicas.partition('__consumer_offsets', 0)?.log.highWatermark).to.equal(1);
    for (const topic of ['__consumer_offsets', '__transaction_state']) {
      const elsewhere = coordinators.endTransaction(topic, 1, MARKER) as Promise<void>;
      const code = await elsewhere.catch((error: unknown) => (error as KafkaError).code);
      expect(code).to.equal(Errors.NOT_COORDINATOR);
    }
    coordinators.close();
  });
});
