// A topic that others write to, that has been compacted, deleted, or is none for a registry.
import { expect } from 'chai';
import { ClusterClient } from '../../src/client/index.ts';
import { ZERO_UUID } from '../../src/protocol/index.ts';
import { CreateTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../src/protocol/messages/20-delete-topics.ts';
import { startBroker } from '../../src/index.ts';
import { startSchemaRegistry } from '../../src/schema-registry/index.ts';
import { callAt, record, recordsOf, startRegistry, writeRecord } from './running-registry.ts';

const A = record('A');

/** Until it holds; the test's time-out ends it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

describe("The registry's topic", () => {
  it('is read again by a registry that comes later, which goes on where the first one stopped', async () => {
    const first = await startRegistry();
    try {
      await first.call('POST', '/subjects/s/versions', { schema: A });
      await first.call('PUT', '/config/s', { compatibility: 'NONE' });
      await first.registry.close();
      const brokers = first.broker.bootstrapServers;
      const second = await startSchemaRegistry({ brokers, port: 0, election: false });
      const call = (method: string, path: string, body?: unknown) => callAt(second.url, method, path, body);
      expect((await call('GET', '/subjects/s/versions/1')).body.schema).to.equal(A);
      expect((await call('GET', '/config/s')).body).to.deep.equal({ compatibilityLevel: 'NONE' });
      expect((await call('POST', '/subjects/s/versions', { schema: '"int"' })).body).to.include({ id: 2, version: 2 });
      await second.close();
    } finally {
      await first.close();
    }
  });

  it('takes what registries of other kinds have written', async () => {
    const { broker, call, records, close } = await startRegistry();
    try {
      const brokers = broker.bootstrapServers;
      // Karapace of old, a newer Confluent, and somebody who is none of ours.
      await writeRecord(
        brokers,
        '{"subject":"k","version":1,"magic":1,"keytype":"SCHEMA"}',
        `{"subject":"k","version":1,"id":9,"schema":${JSON.stringify(A)},"deleted":false}`,
      );
      await writeRecord(brokers, '{"subject":null,"magic":0,"keytype":"CONFIG"}', '{"compatibilityLevel":"NONE"}');
      await writeRecord(brokers, '{"keytype":"ASSOC","tenant":"default"}', '{}');
      await writeRecord(brokers, 'no key of a registry', 'x');
      await writeRecord(
        brokers,
        '{"keytype":"SCHEMA","subject":"n","version":1,"magic":1}',
        '{"subject":"n","version":1,"id":10,"schemaType":"AVRO","schema":"\\"int\\"","deleted":false,"future":{"a":1}}',
      );
      await until(async () => (await call('GET', '/subjects')).body.length === 2);
      expect((await call('GET', '/schemas/ids/9')).body.schema).to.equal(A);
      expect((await call('GET', '/config')).body).to.deep.equal({ compatibilityLevel: 'NONE' });
      expect((await call('POST', '/subjects/k/versions', { schema: '"long"' })).body).to.include({
        id: 11,
        version: 2,
      });
      // What is taken back under our key must not come back under theirs.
      await call('DELETE', '/config');
      await call('DELETE', '/subjects/n/versions/1');
      const all = await records();
      const left = new Map(all.map(({ key, value }) => [key, value]));
      expect(left.get('{"subject":null,"magic":0,"keytype":"CONFIG"}')).to.equal(null);
      expect(left.get('{"keytype":"SCHEMA","subject":"n","version":1,"magic":1}')).to.contain('"future":{"a":1}');
    } finally {
      await close();
    }
  });

  it('may be deleted while the registry runs: it is made anew, and what it says counts', async () => {
    const { broker, call, close } = await startRegistry();
    const client = new ClusterClient({ brokers: broker.bootstrapServers });
    try {
      await call('POST', '/subjects/s/versions', { schema: A });
      const { responses } = await client.askController(DeleteTopics, (version) => ({
        ...(version < 6 ? { topicNames: ['_schemas'] } : { topics: [{ name: '_schemas', topicId: ZERO_UUID }] }),
        timeoutMs: 5000,
      }));
      expect(responses[0]?.errorCode).to.equal(0);
      await until(async () => (await call('GET', '/subjects')).body.length === 0);
      expect((await call('POST', '/subjects/t/versions', { schema: '"int"' })).body).to.include({ id: 1, version: 1 });
      expect((await recordsOf(broker.bootstrapServers)).at(-1)?.key).to.contain('"subject":"t"');
    } finally {
      await client.close();
      await close();
    }
  });

  it('is refused when it forgets, or has several partitions', async () => {
    const broker = await startBroker({ profile: 'test' });
    const client = new ClusterClient({ brokers: broker.bootstrapServers });
    try {
      const make = async (name: string, numPartitions: number, policy: string) => {
        const configs = [{ name: 'cleanup.policy', value: policy }];
        const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs }];
        await client.askController(CreateTopics, { topics, timeoutMs: 5000 });
        return startSchemaRegistry({ brokers: broker.bootstrapServers, port: 0, topic: name }).then(
          () => 'started',
          (error: unknown) => (error as Error).message,
        );
      };
      expect(await make('two', 2, 'compact')).to.contain('has 2 partitions');
      expect(await make('forgetful', 1, 'delete')).to.contain('Set it to compact');
    } finally {
      await client.close();
      await broker.close();
    }
  });

  it('is told of one that cannot be reached', async () => {
    const limits = {
      apiTimeoutMs: 50,
      connectTimeoutMs: 50,
      requestTimeoutMs: 50,
      firstBackoffMs: 1,
      longestBackoffMs: 5,
    };
    const failure = await startSchemaRegistry({ brokers: '127.0.0.1:1', port: 0, limits }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(Error);
  });
});
