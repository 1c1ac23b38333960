// A consumer of partitions that it was told to read: positions, forms of reading, pauses, decoding.
import { expect } from 'chai';
import { ClientError, type ConsumedRecord, SerializationError } from '../../../src/client/index.ts';
import { Bench, pollSome, text, valuesOf } from './bench.ts';

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => String(from + index));

describe('A consumer', () => {
  let bench: Bench;

  before(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.closeConsumers());
  after(() => bench.close());

  it('reads what is there in order, bit by bit, and then waits', async () => {
    const topic = await bench.topic(1, 25);
    const consumer = bench.consumer({ maxPollRecords: 10 });
    consumer.assign([{ topic, partition: 0 }]);
    const sizes: number[] = [];
    const values: string[] = [];
    while (values.length < 25) {
      const records = await consumer.poll(2000);
      sizes.push(records.length);
      values.push(...valuesOf(records));
    }
    expect(sizes).to.deep.equal([10, 10, 5]);
    expect(values).to.deep.equal(numbers(25));
    expect(await consumer.poll(20)).to.deep.equal([]);
    expect(consumer.position(topic, 0)).to.equal(25);
    expect(consumer.highWatermark(topic, 0)).to.equal(25);
  });

  it('hands out everything that a record has', async () => {
    const topic = await bench.topic(1);
    const producer = bench.client.producer();
    const headers = [
      { key: 'a', value: Buffer.from('1') },
      { key: 'a', value: null },
    ];
    await producer.send(topic, { key: 'key', value: null, timestamp: 1234567, headers });
    await producer.close();
    const consumer = bench.consumer();
    consumer.assign([{ topic, partition: 0 }]);
    const [record] = await pollSome(consumer, 1);
    expect(record).to.deep.include({ topic, partition: 0, offset: 0, leaderEpoch: 0, timestamp: 1234567, value: null });
    expect(record).to.include({ timestampType: 'CreateTime', keySize: 3, valueSize: -1 });
    expect(text(record?.key as Uint8Array)).to.equal('key');
    expect(record?.headers.map(({ key, value }) => [key, value && text(value)])).to.deep.equal([
      ['a', '1'],
      ['a', null],
    ]);
  });

  it('seeks to an offset, a time, the beginning and the end', async () => {
    const topic = await bench.topic(1, 10);
    const consumer = bench.consumer();
    consumer.assign([{ topic, partition: 0, offset: 8 }]);
    expect(valuesOf(await pollSome(consumer, 2))).to.deep.equal(['8', '9']);
    consumer.seek(topic, 0, 4);
    expect(valuesOf(await pollSome(consumer, 6))).to.deep.equal(numbers(6, 4));
    consumer.seekToBeginning();
    const [first] = await pollSome(consumer, 10);
    expect(text(first?.value as Uint8Array)).to.equal('0');
    consumer.seekToEnd();
    expect(await consumer.poll(50)).to.deep.equal([]);
    consumer.seekToTime(Number(first?.timestamp));
    expect((await pollSome(consumer, 10)).length).to.equal(10);
    consumer.seekToTime(Number(first?.timestamp) + 3_600_000);
    await bench.fill(topic, 0, 1, 10);
    expect(valuesOf(await pollSome(consumer, 1))).to.deep.equal(['10']);
  });

  it('keeps back what a paused partition has, and loses nothing of it', async () => {
    const topic = await bench.topic(2, 20);
    const consumer = bench.consumer({ maxPollRecords: 5 });
    const places = [0, 1].map((partition) => ({ topic, partition }));
    consumer.assign(places);
    await pollSome(consumer, 5);
    const seen = new Map<number, number>();
    consumer.pause([{ topic, partition: 0 }]);
    const before = consumer.position(topic, 0) as number;
    const rest = 20 - (consumer.position(topic, 1) as number);
    for (const { partition } of await pollSome(consumer, rest)) seen.set(partition, (seen.get(partition) ?? 0) + 1);
    expect([...seen]).to.deep.equal([[1, rest]]);
    expect(await consumer.poll(100)).to.deep.equal([]);
    expect(consumer.paused()).to.deep.equal([{ topic, partition: 0 }]);
    consumer.resume();
    expect(valuesOf(await pollSome(consumer, 20 - before))).to.deep.equal(numbers(20 - before, before));
  });

  it('tells ends, times and how far behind it is', async () => {
    const topic = await bench.topic(2, 7);
    const consumer = bench.consumer();
    consumer.assign([
      { topic, partition: 0, offset: 3 },
      { topic, partition: 1, offset: 7 },
    ]);
    const places = [{ topic, partition: 1 }];
    expect((await consumer.endOffsets(places)).map(({ offset }) => offset)).to.deep.equal([7]);
    expect((await consumer.beginningOffsets(places)).map(({ offset }) => offset)).to.deep.equal([0]);
    const late = await consumer.offsetsForTimes([{ topic, partition: 0, timestamp: 4_000_000_000_000 }]);
    expect(late[0]?.offset).to.equal(-1);
    expect((await consumer.lag()).map(({ lag }) => lag)).to.deep.equal([4, 0]);
    await pollSome(consumer, 4);
    expect((await consumer.lag()).map(({ lag }) => lag)).to.deep.equal([0, 0]);
  });

  it('is iterated over by record and by batch, one form at a time', async () => {
    const topic = await bench.topic(1, 12);
    const consumer = bench.consumer({ maxPollRecords: 5 });
    consumer.assign([{ topic, partition: 0 }]);
    const seen: string[] = [];
    for await (const { value } of consumer) {
      seen.push(text(value));
      if (seen.length === 3) {
        expect(await consumer.poll(1).catch((error: unknown) => error)).to.be.instanceOf(ClientError);
        break;
      }
    }
    const sizes: number[] = [];
    for await (const batch of consumer.batches()) {
      seen.push(...valuesOf(batch.records));
      sizes.push(batch.records.length);
      expect(batch.highWatermark).to.equal(12);
      if (seen.length === 12) break;
    }
    expect(seen).to.deep.equal(numbers(12));
    expect(sizes).to.deep.equal([2, 5, 2]);
    expect(await consumer.poll(10)).to.deep.equal([]);
  });

  it('ends its iteration when it is closed, and is of no more use', async () => {
    const topic = await bench.topic(1, 1);
    const consumer = bench.consumer();
    consumer.assign([{ topic, partition: 0 }]);
    let count = 0;
    for await (const _ of consumer) {
      count++;
      void consumer.close();
    }
    expect(count).to.equal(1);
    expect(() => consumer.assign([])).to.throw(ClientError, 'closed');
  });

  it('stops waiting when a signal fires', async () => {
    const topic = await bench.topic();
    const consumer = bench.consumer();
    consumer.assign([{ topic, partition: 0 }]);
    const stop = new AbortController();
    const waiting = consumer.poll(60_000, { signal: stop.signal }).catch((error: unknown) => error);
    stop.abort(new Error('enough'));
    expect((await waiting) as Error).to.include({ message: 'enough' });
  });

  it('refuses to begin anywhere when it is told to begin nowhere', async () => {
    const topic = await bench.topic(1, 3);
    const consumer = bench.consumer({ autoOffsetReset: 'none' });
    consumer.assign([{ topic, partition: 0 }]);
    const error = await consumer.poll(5000).catch((one: unknown) => one);
    expect(error).to.be.instanceOf(ClientError);
    expect((error as ClientError).advice).to.contain('Seek');
    consumer.seek(topic, 0, 2);
    expect(valuesOf(await pollSome(consumer, 1))).to.deep.equal(['2']);
    consumer.seek(topic, 0, 77);
    expect(await consumer.poll(5000).catch((one: unknown) => one)).to.be.instanceOf(ClientError);
  });

  it('goes to the end or the beginning when the log does not hold the offset', async () => {
    const topic = await bench.topic(1, 3);
    const consumer = bench.consumer();
    consumer.assign([{ topic, partition: 0, offset: 77 }]);
    expect(valuesOf(await pollSome(consumer, 3))).to.deep.equal(['0', '1', '2']);
  });

  it('decodes keys and values, at once or later, in order', async () => {
    const topic = await bench.topic(1, 20);
    const consumer = bench.consumer<string, number>({
      deserializers: {
        key: { deserialize: (bytes) => text(bytes) },
        value: {
          deserialize: async (bytes, { headers, isKey, topic: of }) => {
            expect([headers.length, isKey, of]).to.deep.equal([0, false, topic]);
            const number = Number(text(bytes));
            if (number % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
            return number;
          },
        },
      },
    });
    consumer.assign([{ topic, partition: 0 }]);
    const records: ConsumedRecord<string, number>[] = await pollSome(consumer, 20);
    expect(records.map(({ value }) => value)).to.deep.equal(numbers(20).map(Number));
    expect(records[6]).to.deep.include({ key: 'k1', valueSize: 1, keySize: 2 });
  });

  describe('with records that cannot be decoded', () => {
    const picky = {
      deserialize: (bytes: Uint8Array | null) => {
        if (text(bytes) === '4') throw new Error('four');
        return text(bytes);
      },
    };

    it('fails at the record, as often as it comes to it, until it is passed', async () => {
      const topic = await bench.topic(1, 8);
      const consumer = bench.consumer({ deserializers: { value: picky } });
      consumer.assign([{ topic, partition: 0 }]);
      expect((await pollSome(consumer, 4)).map(({ value }) => value)).to.deep.equal(numbers(4));
      for (let time = 0; time < 2; time++) {
        const error = await consumer.poll(1000).catch((one: unknown) => one);
        expect(error).to.be.instanceOf(SerializationError);
        expect((error as Error).message).to.contain(`${topic}-0 at offset 4`);
      }
      consumer.seek(topic, 0, 5);
      expect((await pollSome(consumer, 3)).map(({ value }) => value)).to.deep.equal(numbers(3, 5));
    });

    it('passes them over', async () => {
      const topic = await bench.topic(1, 8);
      const consumer = bench.consumer({ deserializers: { value: picky }, onDecodeError: 'skip' });
      consumer.assign([{ topic, partition: 0 }]);
      const values = (await pollSome(consumer, 7)).map(({ value }) => value);
      expect(values).to.deep.equal(numbers(8).filter((one) => one !== '4'));
    });

    it('takes them to a topic of dead letters, with what was wrong', async () => {
      const topic = await bench.topic(1, 8);
      const letters = await bench.topic();
      const consumer = bench.consumer({ deserializers: { value: picky }, onDecodeError: { deadLetter: letters } });
      consumer.assign([{ topic, partition: 0 }]);
      expect(await pollSome(consumer, 7)).to.have.length(7);
      const reader = bench.consumer();
      reader.assign([{ topic: letters, partition: 0 }]);
      const [letter] = await pollSome(reader, 1);
      expect([text(letter?.key as Uint8Array), text(letter?.value as Uint8Array)]).to.deep.equal(['k4', '4']);
      const headers = Object.fromEntries((letter?.headers ?? []).map(({ key, value }) => [key, text(value)]));
      expect(headers).to.include({
        '__connect.errors.topic': topic,
        '__connect.errors.partition': '0',
        '__connect.errors.offset': '4',
        '__connect.errors.exception.message': 'four',
      });
    });
  });
});
