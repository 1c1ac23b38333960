// Many records at a time: order, commits, pauses, ends. What rebalances and kills do to it is the simulator's.
import { expect } from 'chai';
import { Bench, text, until } from './bench.ts';

describe('forEach', () => {
  let bench: Bench;

  before(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.closeConsumers());
  after(() => bench.close());

  const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it('keeps the order of each key, works on several at a time and commits what is done', async () => {
    const [topic, group] = [await bench.topic(2, 50), bench.name('group')];
    const consumer = bench.consumer({ group, topics: [topic] });
    const stop = new AbortController();
    const orders = new Map<string, number[]>();
    let [running, most, done] = [0, 0, 0];
    await consumer.forEach({ concurrency: 4, signal: stop.signal }, async ({ key, value, partition }) => {
      most = Math.max(most, ++running);
      const lane = `${partition} ${text(key)}`;
      await later(Number(text(value)) % 3);
      orders.set(lane, [...(orders.get(lane) ?? []), Number(text(value))]);
      running--;
      if (++done === 100) stop.abort();
    });
    expect(most).to.equal(4);
    expect(orders.size).to.equal(10);
    for (const order of orders.values()) expect(order).to.deep.equal([...order].sort((a, b) => a - b));
    expect(await bench.committed(group, topic, 0)).to.equal(50);
    expect(await bench.committed(group, topic, 1)).to.equal(50);
  });

  it('commits no further than the first record that is not done, and reads on from there', async () => {
    const [topic, group] = [await bench.topic(1, 20), bench.name('group')];
    const consumer = bench.consumer({ group, topics: [topic] });
    const seen: number[] = [];
    let free: () => void = () => undefined;
    const failing = consumer.forEach({ concurrency: 3 }, async ({ offset }) => {
      seen.push(offset);
      if (offset === 4) {
        await new Promise<void>((resolve) => (free = resolve));
        throw new Error('four');
      }
      if (offset === 8) free();
    });
    const error = await failing.catch((one: unknown) => one);
    expect(error).to.include({ message: 'four' });
    expect(Math.max(...seen)).to.be.greaterThan(4);
    await consumer.commit();
    expect(await bench.committed(group, topic)).to.equal(4);
    const [next] = await consumer.poll(5000);
    expect(next?.offset).to.equal(4);
  });

  it('keeps back what is paused', async () => {
    const topic = await bench.topic(2, 30);
    const consumer = bench.consumer();
    consumer.assign([0, 1].map((partition) => ({ topic, partition })));
    const stop = new AbortController();
    const seen = [0, 0];
    const work = consumer.forEach({ concurrency: 2, by: 'partition', signal: stop.signal }, async ({ partition }) => {
      seen[partition] = (seen[partition] as number) + 1;
      if (seen[0] === 3 && partition === 0) consumer.pause([{ topic, partition: 0 }]);
      await later(0);
    });
    await until(() => seen[1] === 30);
    expect(seen).to.deep.equal([3, 30]);
    consumer.resume();
    await until(() => seen[0] === 30);
    stop.abort();
    await work;
  });

  it('awaits what is under way when the consumer is closed, and commits it', async () => {
    const [topic, group] = [await bench.topic(1, 10), bench.name('group')];
    const consumer = bench.consumer({ group, topics: [topic] });
    let isDone = false;
    const work = consumer.forEach({ by: 'partition' }, async ({ offset }) => {
      if (offset !== 3) return;
      void consumer.close();
      await later(30);
      isDone = true;
    });
    await work;
    await consumer.close();
    expect(isDone).to.equal(true);
    expect(await bench.committed(group, topic)).to.equal(4);
  });
});
