// Brokers with ACLs and quotas in their options: what they forbid, and what they slow down, as seen from outside.
import { expect } from 'chai';
import { type AclOption, type Broker, startBroker, type StartOptions } from '../../../src/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DescribeAcls } from '../../../src/protocol/messages/29-describe-acls.ts';
import { DeleteAcls } from '../../../src/protocol/messages/31-delete-acls.ts';
import { AlterClientQuotas } from '../../../src/protocol/messages/49-alter-client-quotas.ts';
import { ConsumerGroupHeartbeat } from '../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { type BatchOptions, buildBatch } from '../../../src/protocol/records/index.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const EVERYBODY = 'User:*';

async function withBroker(options: StartOptions, body: (client: RawClient, broker: Broker) => Promise<void>) {
  const broker = await startBroker({ memory: true, ...options });
  const client = await RawClient.connect(broker.port);
  try {
    await body(client, broker);
  } finally {
    client.destroy();
    await broker.close();
  }
}

const produced = async (client: RawClient, names: readonly string[], bytes = 10, options: BatchOptions = {}) => {
  const records = buildBatch([{ value: Buffer.alloc(bytes) }], options);
  const topicData = names.map((name) => ({ name, partitionData: [{ index: 0, records }] }));
  return client.ask(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData });
};

const codesOf = (answer: Awaited<ReturnType<typeof produced>>): Record<string, number> =>
  Object.fromEntries(
    answer.responses.map(({ name, partitionResponses }) => [name ?? '', partitionResponses[0]?.errorCode ?? -1]),
  );

const fetchOf = (client: RawClient, topics: readonly string[], maxWaitMs = 0, minBytes = 0) =>
  client.ask(Fetch, 11, {
    maxWaitMs,
    minBytes,
    maxBytes: 1_000_000,
    sessionId: 0,
    sessionEpoch: -1,
    topics: topics.map((topic) => ({
      topic,
      partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }],
    })),
    forgottenTopicsData: [],
    rackId: '',
  });

const acls: readonly AclOption[] = [
  { principal: EVERYBODY, operations: ['WRITE'], topic: 'in.', prefixed: true },
  { principal: EVERYBODY, operations: ['READ'], topic: 'out' },
  { principal: EVERYBODY, operations: ['ALL'], topic: 'in.secret', permission: 'deny' },
  { principal: EVERYBODY, operations: ['ALTER', 'DESCRIBE', 'ALTER_CONFIGS'], cluster: true },
];
const topics = { 'in.a': 1, 'in.secret': 1, out: 1, other: 1 };

describe('A broker with ACLs in its options', () => {
  it('lets everybody do what they allow, and no more', async () => {
    await withBroker({ acls, topics }, async (client) => {
      expect(codesOf(await produced(client, ['in.a', 'in.secret', 'other']))).to.deep.equal({
        'in.a': Errors.NONE,
        'in.secret': Errors.TOPIC_AUTHORIZATION_FAILED,
        other: Errors.TOPIC_AUTHORIZATION_FAILED,
      });
      const { topics: told } = await client.ask(Metadata, 9, {
        topics: null,
        includeTopicAuthorizedOperations: true,
      });
      expect(
        told.map(({ name }) => name),
        'others are hidden',
      ).to.have.members(['in.a', 'out']);
      const answer = await fetchOf(client, ['out', 'other']);
      expect(answer.responses.map(({ partitions }) => partitions[0]?.errorCode)).to.deep.equal([
        Errors.NONE,
        Errors.TOPIC_AUTHORIZATION_FAILED,
      ]);
    });
  });

  it('is asked by the header of the batch, whatever the request says (CVE-2018-17196)', async () => {
    await withBroker({ acls, topics }, async (client) => {
      const answer = await produced(client, ['in.a'], 10, { isTransactional: true, producerId: 1, producerEpoch: 0 });
      expect(codesOf(answer)).to.deep.equal({ 'in.a': Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED });
    });
  });

  it('gives nothing to whoever poses as a broker (CVE-2018-1288)', async () => {
    await withBroker({ acls, topics }, async (client) => {
      const asked = { topic: 'out', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] };
      const { responses } = await client.ask(Fetch, 11, {
        replicaId: 1,
        maxWaitMs: 0,
        minBytes: 0,
        topics: [asked],
        forgottenTopicsData: [],
        rackId: '',
      });
      expect(responses[0]?.partitions[0]?.errorCode).to.equal(Errors.TOPIC_AUTHORIZATION_FAILED);
    });
  });

  it('tells nothing to a fetch that waited when the right to read was taken back', async () => {
    await withBroker({ acls, topics }, async (client, broker) => {
      const reader = await RawClient.connect(broker.port);
      const waiting = fetchOf(reader, ['out'], 400, 1);
      const { filterResults } = await client.ask(DeleteAcls, 3, {
        filters: [
          {
            resourceTypeFilter: 2,
            resourceNameFilter: 'out',
            patternTypeFilter: 3,
            principalFilter: null,
            hostFilter: null,
            operation: 1,
            permissionType: 1,
          },
        ],
      });
      expect(filterResults[0]?.matchingAcls).to.have.length(1);
      const { responses } = await waiting;
      expect(responses[0]?.partitions[0]?.errorCode).to.equal(Errors.TOPIC_AUTHORIZATION_FAILED);
      reader.destroy();
    });
  });

  it('has expressions match what may be described alone (KIP-848)', async () => {
    const more: AclOption[] = [{ principal: EVERYBODY, operations: ['READ', 'DESCRIBE'], group: 'g' }];
    const config = { 'group.consumer.min.assignment.interval.ms': 0, 'group.consumer.assignment.interval.ms': 0 };
    await withBroker({ acls: [...acls, ...more], topics, config, profile: 'test' }, async (client, broker) => {
      for (;;) {
        const { coordinators } = await client.ask(FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] });
        if (coordinators[0]?.errorCode === Errors.NONE) break;
      }
      const beat = (memberEpoch: number, subscribedTopicRegex: string | null) =>
        client.ask(ConsumerGroupHeartbeat, 1, {
          groupId: 'g',
          memberId: 'm',
          memberEpoch,
          subscribedTopicNames: null,
          subscribedTopicRegex,
          rebalanceTimeoutMs: memberEpoch === 0 ? 10_000 : -1,
          topicPartitions: memberEpoch === 0 ? [] : null,
        });
      const assigned = new Set<string>();
      let { memberEpoch } = await beat(0, '.*');
      await eventually('partitions are given out', async () => {
        const answer = await beat(memberEpoch, null);
        memberEpoch = answer.memberEpoch;
        for (const { topicId } of answer.assignment?.topicPartitions ?? []) assigned.add(topicId);
        return assigned.size > 0;
      });
      const { topics: told } = await client.ask(Metadata, 12, { topics: null });
      const visible = told.filter(({ name }) => name === 'in.a' || name === 'out').map(({ topicId }) => topicId);
      expect([...assigned]).to.have.members(visible);
      expect(broker.warnings).to.deep.equal([]);
    });
  });

  it('has them again after a reset, and says what is wrong with one', async () => {
    await withBroker({ acls, topics }, async (_, broker) => {
      await broker.reset();
      const client = await RawClient.connect(broker.port);
      const filter = { resourceTypeFilter: 1, patternTypeFilter: 1, operation: 1, permissionType: 1 };
      const all = { ...filter, resourceNameFilter: null, principalFilter: null, hostFilter: null };
      const { resources } = await client.ask(DescribeAcls, 3, all);
      expect(resources.reduce((count, resource) => count + resource.acls.length, 0)).to.equal(6);
      client.destroy();
    });
    const wrong = await startBroker({ memory: true, acls: [{ principal: 'a', operations: ['READ'] }] }).catch(
      (error: unknown) => error,
    );
    expect(wrong).to.have.property('message').that.contains('names nothing');
  });

  it('refuses the others when they are not asked for', async () => {
    await withBroker({}, async (client) => {
      const answer = await client.ask(DescribeAcls, 3, {
        resourceTypeFilter: 1,
        resourceNameFilter: null,
        patternTypeFilter: 1,
        principalFilter: null,
        hostFilter: null,
        operation: 1,
        permissionType: 1,
      });
      expect([answer.errorCode, answer.errorMessage]).to.deep.equal([
        Errors.SECURITY_DISABLED,
        'No Authorizer is configured on the broker',
      ]);
    });
  });
});

describe('A broker with quotas in its options', () => {
  it('answers a producer that sends too much at once, and then does not read it for the time it told', async () => {
    await withBroker(
      { topics: { t: 1 }, quotas: [{ user: null, producerByteRate: 10_000 }] },
      async (client, broker) => {
        const other = await RawClient.connect(broker.port);
        const first = await produced(client, ['t'], 102_000);
        expect(first.throttleTimeMs).to.be.within(100, 1000);
        const startMs = performance.now();
        await client.ask(Metadata, 9, { topics: [] });
        expect(performance.now() - startMs, 'the next request waits').to.be.greaterThan(first.throttleTimeMs - 60);
        other.destroy();
      },
    );
  });

  it('holds up nobody else', async () => {
    const quotas = [{ clientId: 'raw', user: 'nobody', producerByteRate: 1 }];
    await withBroker({ topics: { t: 1 }, quotas }, async (client) => {
      expect((await produced(client, ['t'], 50_000)).throttleTimeMs).to.equal(0);
    });
  });

  it('gives a consumer that has had enough an empty answer, and what it asked for later', async () => {
    await withBroker({ topics: { t: 1 } }, async (client) => {
      for (let at = 0; at < 3; at++) await produced(client, ['t'], 30_000);
      await client.ask(AlterClientQuotas, 1, {
        entries: [
          {
            entity: [{ entityType: 'client-id', entityName: 'raw' }],
            ops: [{ key: 'consumer_byte_rate', value: 7000, remove: false }],
          },
        ],
        validateOnly: false,
      });
      const first = await fetchOf(client, ['t']);
      expect([first.throttleTimeMs, first.responses.length]).to.deep.equal([0, 1]);
      const second = await fetchOf(client, ['t']);
      expect(second.responses).to.have.length(0);
      expect(second.throttleTimeMs).to.be.greaterThan(0);
    });
  });

  it('takes as many partitions as the quota of mutations has, and refuses the rest', async () => {
    await withBroker({ quotas: [{ user: null, controllerMutationRate: 0.5 }] }, async (client) => {
      const topic = (name: string, numPartitions: number) => ({
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: [],
      });
      const request = { topics: [topic('a', 6), topic('b', 1)], timeoutMs: 5000, validateOnly: false };
      const answer = await client.ask(CreateTopics, 7, request);
      expect(answer.topics.map(({ name, errorCode, errorMessage }) => [name, errorCode, errorMessage])).to.deep.equal([
        ['a', Errors.NONE, null],
        ['b', Errors.THROTTLING_QUOTA_EXCEEDED, null],
      ]);
      expect(answer.throttleTimeMs).to.be.within(800, 1000);
    });
  });

  it('makes no topics for whoever only asks for them, beyond the quota of mutations', async () => {
    const quotas = [{ user: null, controllerMutationRate: 0.1 }];
    await withBroker({ quotas, profile: 'test' }, async (client) => {
      const names = Array.from({ length: 20 }, (_, at) => ({ name: `auto-${at}` }));
      await client.ask(Metadata, 9, { topics: names, allowAutoTopicCreation: true });
      const there = async (): Promise<number> => (await client.ask(Metadata, 9, { topics: null })).topics.length;
      await eventually('one is made', async () => (await there()) > 0);
      expect(await there()).to.be.within(1, 2);
    });
  });

  it('measures the time of requests on the event loop', async () => {
    await withBroker({ topics: { t: 200 }, quotas: [{ user: null, requestPercentage: 0.001 }] }, async (client) => {
      let throttled = 0;
      for (let at = 0; at < 20 && throttled === 0; at++) {
        throttled = (await client.ask(Metadata, 9, { topics: null })).throttleTimeMs;
      }
      expect(throttled).to.be.within(1, 1000);
    });
  });
});
