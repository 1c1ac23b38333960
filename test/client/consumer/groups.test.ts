// Members of groups of both protocols on a broker of our own.
import { expect } from 'chai';
import { ClientError, type Consumer, type ConsumerOptions, type Place } from '../../../src/client/index.ts';
import { ListGroups } from '../../../src/protocol/messages/16-list-groups.ts';
import { Bench, pollSome, text, until, valuesOf } from './bench.ts';

type Options = ConsumerOptions;

/** Reads on and on, as a program does. */
function reading(consumer: Consumer): string[] {
  const values: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { value } of consumer) values.push(text(value));
  };
  void read();
  return values;
}

const owned = (consumer: Consumer): number => consumer.assignment().length;

const PROTOCOLS: readonly (readonly [string, Options])[] = [
  ['classic, range', { groupProtocol: 'classic', assignors: ['range'] }],
  ['classic, sticky', { groupProtocol: 'classic', assignors: ['sticky'] }],
  ['classic, cooperative', { groupProtocol: 'classic', assignors: ['cooperative-sticky'] }],
  ['classic, roundrobin', { groupProtocol: 'classic', assignors: ['roundrobin'] }],
  ['consumer', { groupProtocol: 'consumer' }],
];

describe('A member of a group', () => {
  let bench: Bench;

  before(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.closeConsumers());
  after(() => bench.close());

  for (const [name, protocol] of PROTOCOLS) {
    describe(name, () => {
      it('shares partitions with those who come and go', async () => {
        const [topic, group] = [await bench.topic(4), bench.name('group')];
        const common = { group, topics: [topic], ...protocol };
        const told: [string, number][] = [];
        const first = bench.consumer({
          ...common,
          onAssigned: (places) => void told.push(['assigned', places.length]),
          onRevoked: (places) => void told.push(['revoked', places.length]),
        });
        const values = reading(first);
        await until(() => owned(first) === 4);
        const second = bench.consumer(common);
        const others = reading(second);
        await until(() => owned(first) === 2 && owned(second) === 2);
        for (let partition = 0; partition < 4; partition++) await bench.fill(topic, partition, 5);
        await until(() => values.length === 10 && others.length === 10);
        await second.close();
        await until(() => owned(first) === 4);
        expect(told.some(([what]) => what === 'revoked')).to.equal(true);
        await bench.fill(topic, 3, 5, 5);
        await until(() => values.length === 15);
      });

      it('goes on where the last one has committed, behind the record that was done', async () => {
        const [topic, group] = [await bench.topic(1, 10), bench.name('group')];
        const common = { group, topics: [topic], ...protocol };
        const first = bench.consumer(common);
        for await (const { offset } of first) if (offset === 6) break;
        await first.close();
        expect(await bench.committed(group, topic)).to.equal(6);
        const second = bench.consumer(common);
        expect((await pollSome(second, 4)).map(({ offset }) => offset)).to.deep.equal([6, 7, 8, 9]);
        await second.close();
        expect(await bench.committed(group, topic)).to.equal(10);
      });

      it('commits when it is told to, with what it is told', async () => {
        const [topic, group] = [await bench.topic(1, 5), bench.name('group')];
        const consumer = bench.consumer({ group, topics: [topic], autoCommit: false, ...protocol });
        await pollSome(consumer, 5);
        await consumer.commit();
        expect(await bench.committed(group, topic)).to.equal(5);
        await consumer.commit([{ topic, partition: 0, offset: 2, leaderEpoch: 0, metadata: 'why' }]);
        const [found] = await consumer.committed();
        expect(found).to.deep.equal({ topic, partition: 0, offset: 2, leaderEpoch: 0, metadata: 'why' });
        expect(consumer.groupMetadata().generationId).to.be.greaterThan(0);
      });

      it('leaves when its program does not come for records, and comes back with it', async () => {
        const [topic, group] = [await bench.topic(2, 1), bench.name('group')];
        const lost: (readonly Place[])[] = [];
        const options = { group, topics: [topic], maxPollIntervalMs: 150, ...protocol };
        const consumer = bench.consumer({ ...options, onLost: (places) => void lost.push(places) });
        await pollSome(consumer, 2);
        await until(() => lost.length > 0);
        expect(owned(consumer)).to.equal(0);
        await until(async () => (await consumer.poll(50)) !== undefined && owned(consumer) === 2);
      });

      it('reads the topics that match a pattern', async () => {
        const [topic, group] = [await bench.topic(2, 3), bench.name('group')];
        const consumer = bench.consumer({ group, pattern: `${topic}|nobody-.*`, ...protocol });
        expect(await pollSome(consumer, 6)).to.have.length(6);
        expect(owned(consumer)).to.equal(2);
      });

      it('comes back to what it had when it is static', async () => {
        const [topic, group] = [await bench.topic(4), bench.name('group')];
        const common = { group, topics: [topic], ...protocol };
        const first = bench.consumer({ ...common, groupInstanceId: 'a' });
        const other = bench.consumer({ ...common, groupInstanceId: 'b' });
        reading(first);
        reading(other);
        await until(() => owned(first) === 2 && owned(other) === 2);
        const before = JSON.stringify(first.assignment());
        await first.close();
        const back = bench.consumer({ ...common, groupInstanceId: 'a' });
        reading(back);
        await until(() => owned(back) === 2);
        expect(JSON.stringify(back.assignment())).to.equal(before);
        expect(owned(other)).to.equal(2);
      });
    });
  }

  it('is of a consumer group where the cluster has them, unless it names assignors', async () => {
    const topic = await bench.topic(1, 1);
    const types: unknown[] = [];
    for (const options of [{}, { assignors: ['range'] as const }]) {
      const group = bench.name('group');
      const consumer = bench.consumer({ group, topics: [topic], ...options });
      await pollSome(consumer, 1);
      const { groups } = await bench.client.askAny(ListGroups, { statesFilter: [], typesFilter: [] });
      types.push(groups.find(({ groupId }) => groupId === group)?.groupType);
    }
    expect(types).to.deep.equal(['consumer', 'classic']);
  });

  it('is of a classic group where the broker does not take members of the other kind', async () => {
    const old = await Bench.start({ 'group.coordinator.rebalance.protocols': 'classic' });
    try {
      const [topic, group] = [await old.topic(2, 3), old.name('group')];
      const consumer = old.consumer({ group, topics: [topic] });
      expect(await pollSome(consumer, 6)).to.have.length(6);
      const { groups } = await old.client.askAny(ListGroups, { statesFilter: [], typesFilter: [] });
      expect(groups.map(({ groupId, groupType }) => [groupId, groupType])).to.deep.equal([[group, 'classic']]);
    } finally {
      await old.close();
    }
  });

  it('tells its program when it is told to do what cannot be', async () => {
    const topic = await bench.topic();
    const bad = bench.consumer({ group: bench.name('group'), pattern: '(', groupProtocol: 'consumer' });
    const error = await bad.poll(5000).catch((one: unknown) => one);
    expect(error).to.be.instanceOf(ClientError);
    expect((error as ClientError).code).to.equal('INVALID_REGULAR_EXPRESSION');
    const group = bench.name('group');
    const failing = bench.consumer({
      group,
      topics: [topic],
      onAssigned: () => Promise.reject(new Error('not me')),
    });
    expect(await failing.poll(5000).catch((one: unknown) => (one as Error).message)).to.equal('not me');
    await bench.fill(topic, 0, 1);
    expect(valuesOf(await pollSome(failing, 1))).to.deep.equal(['0']);
  });

  it('lets a listener seek before anything is read', async () => {
    const [topic, group] = [await bench.topic(1, 10), bench.name('group')];
    const consumer: Consumer = bench.consumer({
      group,
      topics: [topic],
      onAssigned: async () => {
        await Promise.resolve();
        consumer.seek(topic, 0, 7);
      },
    });
    expect(valuesOf(await pollSome(consumer, 3))).to.deep.equal(['7', '8', '9']);
  });
});

describe('A member and its offsets', () => {
  let bench: Bench;

  before(async () => {
    bench = await Bench.start({}, { history: true });
    // The first question for a coordinator makes its topic, and is asked again until that is there.
    await bench.committed(bench.name('group'), await bench.topic());
  });
  afterEach(() => bench.closeConsumers());
  after(() => bench.close());

  for (const groupProtocol of ['classic', 'consumer'] as const) {
    it(`are at one coordinator, which is looked for once: ${groupProtocol}`, async () => {
      const [topic, group] = [await bench.topic(1, 1), bench.name('group')];
      const consumer = bench.consumer({ group, topics: [topic], groupProtocol });
      await pollSome(consumer, 1);
      await consumer.commit();
      const searches = bench.broker.requests({ api: 'FindCoordinator' });
      expect(searches.filter(({ body }) => JSON.stringify(body).includes(group))).to.have.length(1);
    });
  }
});
