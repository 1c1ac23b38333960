// Consumer groups end to end: kafkajs against a whole broker, with its defaults where they do not only wait.
import { expect } from 'chai';
import { Kafka, type Consumer, type EachMessagePayload, logLevel } from 'kafkajs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { type Broker, startBroker } from '../../../src/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { JoinGroup } from '../../../src/protocol/messages/11-join-group.ts';
import { Heartbeat } from '../../../src/protocol/messages/12-heartbeat.ts';
import { SyncGroup } from '../../../src/protocol/messages/14-sync-group.ts';
import { Patience } from '../patience.ts';
import { RawClient } from '../raw-client.ts';

const CONFIG = {
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.num.partitions': 4,
};

const clientOf = ({ bootstrapServers }: Broker): Kafka =>
  new Kafka({
    brokers: [bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 200, retries: 20 },
  });

/** Resolves with what `read` gives, once `holds` says so of it. */
async function until<T>(what: string, read: () => T | Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const patience = new Patience(6_000, () => undefined);
  try {
    for (;;) {
      const value = await read();
      if (holds(value)) return value;
      if (patience.isOver) throw new Error(`never so: ${what}; last: ${JSON.stringify(value)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    patience.stop();
  }
}

interface Running {
  readonly consumer: Consumer;
  readonly seen: string[];
}

describe('Consumer groups', function () {
  this.timeout(60_000);
  let broker: Broker;
  let kafka: Kafka;
  const running: Consumer[] = [];

  const consume = async (groupId: string, topic: string, onMessage?: (message: EachMessagePayload) => void) => {
    const consumer = kafka.consumer({
      groupId,
      heartbeatInterval: 100,
      sessionTimeout: 6_000,
      // kafkajs sends heartbeats between its fetches.
      maxWaitTimeInMs: 100,
      rebalanceTimeout: 6_000,
    });
    running.push(consumer);
    const seen: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async (payload) => {
        seen.push(String(payload.message.value));
        onMessage?.(payload);
      },
    });
    return { consumer, seen } satisfies Running;
  };
  const produce = async (topic: string, values: readonly string[], partition?: number) => {
    const producer = kafka.producer();
    await producer.connect();
    const messages = values.map((value) => ({ value, ...(partition !== undefined && { partition }) }));
    await producer.send({ topic, messages });
    await producer.disconnect();
  };

  before(async () => {
    broker = await startBroker({ memory: true, config: CONFIG, topics: { one: 1, four: 4, sought: 1, paused: 1 } });
    kafka = clientOf(broker);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((consumer) => consumer.disconnect()));
  });
  after(() => broker.close());

  it('deliver every record and commit how far they are', async () => {
    await produce('one', ['a', 'b', 'c']);
    const { consumer, seen } = await consume('plain', 'one');
    await until(
      'all are seen',
      () => seen.length,
      (count) => count === 3,
    );
    await consumer.stop();
    const admin = kafka.admin();
    await admin.connect();
    const [topic] = await admin.fetchOffsets({ groupId: 'plain', topics: ['one'] });
    expect(topic?.partitions).to.deep.equal([{ partition: 0, offset: '3', metadata: null }]);
    const { groups } = await admin.listGroups();
    expect(groups).to.deep.include({ groupId: 'plain', protocolType: 'consumer' });
    await admin.disconnect();
  });

  it('share the partitions among their members, and give them on when one leaves', async () => {
    const first = await consume('pair', 'four');
    const second = await consume('pair', 'four');
    const admin = kafka.admin();
    await admin.connect();
    const describe = async () => (await admin.describeGroups(['pair'])).groups[0];
    await until('two members are stable', describe, (group) => group?.state === 'Stable' && group.members.length === 2);
    for (let partition = 0; partition < 4; partition++) await produce('four', [`p${partition}`], partition);
    await until(
      'all are seen',
      () => first.seen.length + second.seen.length,
      (count) => count === 4,
    );
    expect([...first.seen, ...second.seen].sort()).to.deep.equal(['p0', 'p1', 'p2', 'p3']);
    await second.consumer.disconnect();
    await until('one member is stable', describe, (group) => group?.state === 'Stable' && group.members.length === 1);
    const before = first.seen.length;
    for (let partition = 0; partition < 4; partition++) await produce('four', [`q${partition}`], partition);
    await until(
      'the one sees all',
      () => first.seen.length - before,
      (count) => count === 4,
    );
    await first.consumer.disconnect();
    await until('the group is empty', describe, (group) => group?.state === 'Empty');
    const [deleted] = await admin.deleteGroups(['pair']);
    expect(deleted?.errorCode ?? 0).to.equal(0);
    expect((await describe())?.state).to.equal('Dead');
    await admin.disconnect();
  });

  it('go back to where they are sent, by a member and from outside', async () => {
    await produce('sought', ['x', 'y', 'z']);
    const { consumer, seen } = await consume('seeker', 'sought');
    await until(
      'all are seen',
      () => seen.length,
      (count) => count === 3,
    );
    consumer.seek({ topic: 'sought', partition: 0, offset: '1' });
    await until(
      'two are seen again',
      () => seen.length,
      (count) => count === 5,
    );
    expect(seen).to.deep.equal(['x', 'y', 'z', 'y', 'z']);
    await consumer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    await admin.setOffsets({ groupId: 'seeker', topic: 'sought', partitions: [{ partition: 0, offset: '2' }] });
    const again = await consume('seeker', 'sought');
    await until(
      'the last is seen',
      () => again.seen.length,
      (count) => count === 1,
    );
    expect(again.seen).to.deep.equal(['z']);
    await admin.disconnect();
  });

  it('stay with their partitions while they pause', async () => {
    const { consumer, seen } = await consume('pausing', 'paused');
    await produce('paused', ['1']);
    await until(
      'the first is seen',
      () => seen.length,
      (count) => count === 1,
    );
    consumer.pause([{ topic: 'paused' }]);
    await produce('paused', ['2']);
    const beats: unknown[] = [];
    const stop = consumer.on('consumer.heartbeat', (event) => void beats.push(event));
    await until(
      'heartbeats go on',
      () => beats.length,
      (count) => count >= 2,
    );
    stop();
    expect(seen).to.deep.equal(['1']);
    consumer.resume([{ topic: 'paused' }]);
    await until(
      'the second is seen',
      () => seen.length,
      (count) => count === 2,
    );
  });
});

describe('Consumer groups over a restart', function () {
  this.timeout(60_000);

  /** A static member joins at once, and leads a group of its own. */
  const join = async (client: RawClient) => {
    const joined = await client.ask(JoinGroup, 5, {
      groupId: 'static',
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId: '',
      groupInstanceId: 'i',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: new Uint8Array(0) }],
    });
    const { memberId, generationId } = joined;
    const assignments = [{ memberId, assignment: Buffer.from('mine') }];
    const member = { groupId: 'static', generationId, memberId, groupInstanceId: 'i' };
    await client.ask(SyncGroup, 4, { ...member, assignments });
    return member;
  };

  it('keep their offsets and their generation', async () => {
    const dataDir = mkdtempSync(joinPath(tmpdir(), 'ottla-groups-'));
    const seen: string[] = [];
    const readAll = async (broker: Broker, values: readonly string[], expected: readonly string[]) => {
      const kafka = clientOf(broker);
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic: 'kept', messages: values.map((value) => ({ value })) });
      await producer.disconnect();
      const consumer = kafka.consumer({ groupId: 'keeper', maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic: 'kept', fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => void seen.push(String(message.value)) });
      await until(
        'all are seen',
        () => seen,
        ({ length }) => length >= expected.length,
      );
      await consumer.disconnect();
      expect(seen).to.deep.equal(expected);
    };
    try {
      const first = await startBroker({ dataDir, config: CONFIG, topics: { kept: 1 } });
      await readAll(first, ['a', 'b'], ['a', 'b']);
      const before = await RawClient.connect(first.port);
      const member = await join(before);
      before.destroy();
      await first.close();

      const second = await startBroker({ dataDir, config: CONFIG });
      await readAll(second, ['c'], ['a', 'b', 'c']);
      const after = await RawClient.connect(second.port);
      const beat = (generationId: number) => after.ask(Heartbeat, 4, { ...member, generationId });
      expect((await beat(member.generationId)).errorCode).to.equal(Errors.NONE);
      expect((await beat(member.generationId + 1)).errorCode).to.equal(Errors.ILLEGAL_GENERATION);
      const synced = await after.ask(SyncGroup, 4, { ...member, assignments: [] });
      expect(Buffer.from(synced.assignment).toString()).to.equal('mine');
      after.destroy();
      await second.close();
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
