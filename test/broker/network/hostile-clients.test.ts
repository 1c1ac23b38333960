// Clients that speak the protocol and mean no good, or have bad luck: half frames, readers that do not read, endless
// pipelines, a thousand that only sit there, resets in the middle of things. Others are served, memory stays bounded.
import { expect } from 'chai';
import { batchesOf, buildBatch, Errors, isBatchValid, recordsCount } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { heldBytes } from './collect-garbage.ts';
import { eventually, LiveBroker } from '../live-broker.ts';
import { Neighbour } from './neighbour.ts';
import { CLOSED, type RawClient, requestOf, sized } from '../raw-client.ts';
import { SkippingClock } from '../skipping-clock.ts';

const MB = 1 << 20;
const PACK_BYTES = 512 * 1024;
const NO_WAIT = { maxWaitMs: 0, minBytes: 0 };

describe('Hostile clients', () => {
  let broker: LiveBroker;
  let neighbour: Neighbour;
  let clients: RawClient[] = [];
  let clock: SkippingClock;

  /** A broker of its own for each test, with a neighbour to everybody. */
  async function start(config: Record<string, string | number> = {}): Promise<void> {
    clock = new SkippingClock(nodeRuntime({ logger: silentLogger }).clock);
    broker = await LiveBroker.start(config, clock);
    neighbour = await Neighbour.moveIn(broker.port);
  }

  async function connect(): Promise<RawClient> {
    const client = await broker.connect();
    clients.push(client);
    return client;
  }

  /** Time passes for the broker; the neighbour is served before and after. */
  async function skipping(ms: number): Promise<void> {
    clock.skip(ms);
    const { answers } = neighbour;
    await eventually('the neighbour is served', () => neighbour.answers > answers + 5);
  }

  afterEach('what they held is given back', async () => {
    for (const client of clients) client.destroy();
    clients = [];
    await neighbour.leave();
    await eventually('connections are gone', () => broker.node.connectionCount === 0);
    expect(broker.node.requestBytes, 'receive buffers in use').to.be.at.most(PACK_BYTES);
    expect(broker.node.unsentBytes).to.equal(0);
    expect(broker.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
    await broker.close();
  });

  const producedTo = (topic: string, records: Uint8Array, acks = -1): Buffer =>
    requestOf(Produce, 9, {
      acks,
      timeoutMs: 1000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    });
  const fetchOf = (topic: string, maxBytes: number, offset = 0, wait: object = NO_WAIT): Buffer =>
    requestOf(Fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      ...wait,
      maxBytes,
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: maxBytes }] }],
    });

  it('gives half frames no more memory than has arrived of them, and takes it back when they go', async () => {
    await start();
    for (let count = 0; count < 200; count++) (await connect()).send(sized(Buffer.alloc(6), 100 * MB));
    await eventually('all have arrived', () => broker.node.requestBytes >= 200 * 64 * 1024);
    expect(broker.node.requestBytes).to.be.at.most(200 * 64 * 1024 + PACK_BYTES);
    for (const client of clients.slice(0, 100)) client.socket.end();
    for (const client of clients.slice(100)) client.reset();
    await eventually('memory is back', () => broker.node.requestBytes <= PACK_BYTES);
  });

  it('drops half frames that hold the memory which others wait for', async function () {
    this.timeout(60_000);
    await start({ 'queued.max.request.bytes': 8 * MB });
    for (let count = 0; count < 10; count++) {
      const client = await connect();
      const frame = sized(Buffer.alloc(900_000), MB);
      client.send(frame);
    }
    await eventually('all memory is taken', () => broker.node.requestBytes >= 8 * MB);
    const late = await connect();
    for (let asked = 0; asked < 3; asked++) await late.ask(ApiVersions, 0, {}, 10_000);
    expect(broker.lines[0]?.message).to.contain('hold too much memory');
    for (const client of clients.slice(0, 10)) if (!client.isClosed) client.reset();
    neighbour = await neighbour.replacedAfterShortage(broker.port);
  });

  it('drops what is heaped up behind a request that waits by its own will, when others need the memory', async function () {
    this.timeout(60_000);
    await start({ 'queued.max.request.bytes': 8 * MB });
    await broker.createTopic('empty');
    const client = await connect();
    const wait = { maxWaitMs: 2147483647, minBytes: 2147483647 };
    client.send(Buffer.concat([fetchOf('empty', MB, 0, wait), sized(Buffer.alloc(9 * MB))]));
    await eventually('all memory is taken', () => broker.node.requestBytes >= 8 * MB);
    const late = await connect();
    for (let asked = 0; asked < 3; asked++) await late.ask(ApiVersions, 0, {}, 10_000);
    expect(await client.next()).to.equal(CLOSED);
    neighbour = await neighbour.replacedAfterShortage(broker.port);
  });

  it('bounds what readers that do not read make it hold', async function () {
    this.timeout(60_000);
    await start({ 'max.connections.per.ip': 1000 });
    await broker.createTopic('much', { 'max.message.bytes': String(4 * MB) });
    const writer = await connect();
    for (let count = 0; count < 16; count++) {
      writer.send(producedTo('much', buildBatch([{ value: Buffer.alloc(3 * MB, count) }])));
      expect(await writer.next()).to.not.equal(CLOSED);
    }
    const before = await heldBytes();
    for (let reader = 0; reader < 30; reader++) {
      const client = await connect();
      client.socket.pause();
      for (let count = 0; count < 50; count++) client.send(fetchOf('much', 50 * MB));
    }
    await eventually('much waits to be taken', () => broker.node.unsentBytes > MB);
    // Another client is served so often meanwhile: the requests of all readers have been looked at.
    const { answers } = neighbour;
    await eventually('others are served', () => neighbour.answers > answers + 20, 20_000);
    expect(broker.node.unsentBytes, 'bytes that nobody has taken').to.be.at.most(160 * MB);
    expect((await heldBytes()) - before, 'memory of both ends').to.be.below(400 * MB);
    // Those who read get what they asked for all the same.
    writer.send(fetchOf('much', 4 * MB));
    expect(await writer.next()).to.not.equal(CLOSED);
  });

  it('answers a client that sends ten thousand requests at once, in order', async () => {
    await start();
    const client = await connect();
    const count = 10_000;
    const all = Array.from({ length: count }, (_, id) =>
      id % 2 === 0
        ? requestOf(ApiVersions, 0, {}, id)
        : requestOf(Metadata, 12, { topics: [], allowAutoTopicCreation: false }, id),
    );
    client.send(Buffer.concat(all));
    for (let id = 0; id < count; id++) {
      const frame = await client.next();
      if (frame === CLOSED) throw new Error(`closed instead of answer ${id}`);
      expect(frame.readInt32BE(0)).to.equal(id);
    }
  });

  it('holds back a client that sends without end and does not read', async () => {
    await start();
    const client = await connect();
    client.socket.pause();
    const bulk = Buffer.concat(
      Array.from({ length: 1000 }, (_, id) =>
        requestOf(ApiVersions, 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1' }, id),
      ),
    );
    let sent = 0;
    while (sent < 64 * MB && client.socket.writableLength < 4 * MB) {
      client.send(bulk);
      sent += bulk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.socket.writableLength, 'bytes that it cannot get rid of').to.be.above(0);
    expect(broker.node.unsentBytes).to.be.at.most(4 * MB);
    expect(broker.node.requestBytes).to.be.at.most(MB);
  });

  it('serves others beside a thousand that only sit there', async function () {
    this.timeout(60_000);
    await start();
    const before = await heldBytes();
    for (let batch = 0; batch < 20; batch++) await Promise.all(Array.from({ length: 50 }, () => connect()));
    await eventually('all are accepted', () => broker.node.connectionCount === 1001);
    expect((await heldBytes()) - before, 'memory of a thousand connections, both ends').to.be.below(40 * MB);
    await (clients[0] as RawClient).ask(ApiVersions, 0, {});
  });

  it('closes what has been idle for connections.max.idle.ms, and no other', async () => {
    await start({ 'connections.max.idle.ms': 400_000 });
    const idle = await connect();
    const half = await connect();
    half.send(sized(Buffer.alloc(10), 1000));
    await eventually('they are there', () => broker.node.connectionCount === 3);
    await skipping(0);
    await skipping(300_000);
    expect(broker.node.connectionCount, 'after less than that').to.equal(3);
    await skipping(200_000);
    expect(await idle.next()).to.equal(CLOSED);
    expect(await half.next()).to.equal(CLOSED);
    await skipping(300_000);
    await skipping(300_000);
    expect(broker.node.connectionCount, 'the neighbour').to.equal(1);
  });

  it('keeps whole batches only, of producers that are reset while they send', async function () {
    this.timeout(60_000);
    await start();
    await broker.createTopic('log');
    const records = Array.from({ length: 20 }, (_, index) => ({ value: Buffer.alloc(5000, index) }));
    const frame = producedTo('log', buildBatch(records));
    for (let cut = 1; cut <= 60; cut++) {
      const client = await connect();
      client.send(frame);
      client.send(frame.subarray(0, Math.floor((frame.length * cut) / 61)));
      if (cut % 3 === 0) await client.next();
      if (cut % 2 === 0) client.reset();
      else client.destroy();
    }
    await eventually('they are gone', () => broker.node.connectionCount === 1);
    const reader = await connect();
    let offset = 0;
    for (;;) {
      const { responses } = await reader.ask(Fetch, 12, {
        ...NO_WAIT,
        topics: [{ topic: 'log', partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: MB }] }],
      });
      const [partition] = responses[0]?.partitions ?? [];
      expect(partition?.errorCode).to.equal(Errors.NONE);
      const bytes = partition?.records as Buffer;
      if (bytes.length === 0) break;
      for (const at of batchesOf(bytes)) {
        const batch = bytes.subarray(at);
        expect(isBatchValid(batch)).to.equal(true);
        expect(recordsCount(batch)).to.equal(records.length);
        offset += records.length;
      }
    }
    // At least those that were answered, at most one of each.
    expect(offset / records.length).to.be.within(20, 60);
  });

  it('forgets a fetch that was to wait for weeks when its client goes', async () => {
    await start({ 'connections.max.idle.ms': 400_000 });
    await broker.createTopic('empty');
    for (let count = 0; count < 50; count++) {
      const client = await connect();
      client.send(fetchOf('empty', MB, 0, { maxWaitMs: 2147483647, minBytes: 1 }));
      // Even one that has sent more behind it than is read.
      if (count % 2 === 0) client.send(Buffer.alloc(200_000));
    }
    await eventually('they are there', () => broker.node.connectionCount === 51);
    const { answers } = neighbour;
    await eventually('all have been looked at', () => neighbour.answers > answers + 20);
    for (const client of clients) client.destroy();
    // Of those that are not read from, the end is noticed when they have been idle for long enough.
    await skipping(300_000);
    await skipping(300_000);
    await eventually('they are gone', () => broker.node.connectionCount === 1);
  });

  it('leaves a client alone that waits for weeks and does nothing else', async () => {
    await start({ 'connections.max.idle.ms': 300_000 });
    await broker.createTopic('empty');
    const client = await connect();
    client.send(fetchOf('empty', MB, 0, { maxWaitMs: 2147483647, minBytes: 1 }));
    for (let times = 0; times < 5; times++) await skipping(200_000);
    expect(client.isClosed).to.equal(false);
    (await connect()).send(producedTo('empty', buildBatch([{ value: Buffer.from('at last') }])));
    expect(await client.next()).to.not.equal(CLOSED);
  });
});
