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

  /** Of five keys: record 5 waits behind 0, which is long under way, while those behind it are done. */
  async function withGap(group: string, topic: string, signal?: AbortSignal) {
    const seen: number[] = [];
    let free: () => void = () => undefined;
    const freed = new Promise<void>((resolve) => (free = resolve));
    const consumer = bench.consumer({ group, topics: [topic], groupProtocol: 'classic' });
    const options = { concurrency: 2, ...(signal !== undefined && { signal }) };
    const work = consumer.forEach(options, async ({ offset }) => {
      if (offset === 0 || offset === 8) await freed;
      seen.push(offset);
    });
    await until(() => seen.includes(7));
    expect(seen).to.not.include(5);
    return { consumer, seen, free, work };
  }

  const upTo = (count: number): number[] => Array.from({ length: count }, (_, offset) => offset);
  const sorted = (offsets: readonly number[]): number[] => [...offsets].sort((a, b) => a - b);

  it('does what stands before something that is done before it ends, so that nothing done is done again', async () => {
    const [topic, group] = [await bench.topic(1, 20), bench.name('group')];
    const stop = new AbortController();
    const { seen, free, work } = await withGap(group, topic, stop.signal);
    stop.abort();
    free();
    await work;
    expect(sorted(seen)).to.deep.equal(upTo(9));
    expect(await bench.committed(group, topic)).to.equal(9);
  });

  it('the same when the consumer is closed', async () => {
    const [topic, group] = [await bench.topic(1, 20), bench.name('group')];
    const { consumer, seen, free, work } = await withGap(group, topic);
    const closing = consumer.close();
    await later(20);
    free();
    await Promise.all([work, closing]);
    expect(sorted(seen)).to.deep.equal(upTo(9));
    expect(await bench.committed(group, topic)).to.equal(9);
  });

  it('the same when partitions are given up', async () => {
    const [topic, group] = [await bench.topic(1, 20), bench.name('group')];
    const { seen, free, work } = await withGap(group, topic);
    const others: number[] = [];
    const stop = new AbortController();
    const other = bench.consumer({ group, topics: [topic], groupProtocol: 'classic' });
    const second = other.forEach({ signal: stop.signal }, ({ offset }) => void others.push(offset));
    // The first one hears of it by a heartbeat.
    await later(300);
    free();
    await until(() => seen.length + others.length >= 20);
    stop.abort();
    await second;
    await bench.closeConsumers();
    await work;
    expect(sorted([...seen, ...others])).to.deep.equal(upTo(20));
  });

  it('is not held up at its end by what is paused', async () => {
    const [topic, group] = [await bench.topic(1, 20), bench.name('group')];
    const stop = new AbortController();
    const { consumer, seen, free, work } = await withGap(group, topic, stop.signal);
    consumer.pause();
    stop.abort();
    free();
    await work;
    expect(seen).to.not.include(5);
    expect(await bench.committed(group, topic)).to.equal(5);
  });
});
