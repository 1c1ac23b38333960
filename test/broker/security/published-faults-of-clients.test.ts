// The faults of clients that were published (spec: security limits, 4), tried on our own client in a process of its own, and on what
// a broker has of the same kind.
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { batchesOf, buildBatch, Errors, isBatchValid } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { CLOSED, RawClient, requestOf } from '../raw-client.ts';
import { BrokerProcess } from './broker-process.ts';
import { OwnProgram, StallingProxy } from './own-programs.ts';
import { produced } from './secured-process.ts';

const MB = 1 << 20;
const LARGE = 900_000;

async function createTopic(client: RawClient, name: string, configs: Readonly<Record<string, string>> = {}) {
  const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: entries };
  await client.ask(CreateTopics, 7, { topics: [topic], timeoutMs: 5000, validateOnly: false });
}

const produceOf = (name: string, records: Uint8Array): Buffer => {
  const topicData = [{ name, partitionData: [{ index: 0, records }] }];
  return requestOf(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 5000, topicData });
};

/** All bytes of partition 0 from its beginning on. `patient`: each answer takes a tenth of a second. */
async function bytesOf(client: RawClient, topic: string, patient = false): Promise<Buffer[]> {
  const batches: Buffer[] = [];
  for (let offset = 0; ; ) {
    const partitions = [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 8 * MB }];
    const wait = patient ? { maxWaitMs: 100, minBytes: 0x7fff_ffff } : { maxWaitMs: 0, minBytes: 0 };
    const { responses } = await client.ask(Fetch, 12, { ...wait, maxBytes: 8 * MB, topics: [{ topic, partitions }] });
    const bytes = responses[0]?.partitions[0]?.records as Buffer;
    if (bytes.length === 0) return batches;
    for (const at of batchesOf(bytes)) {
      const batch = bytes.subarray(at);
      const length = 12 + batch.readInt32BE(8);
      if (length > batch.length) break;
      batches.push(batch.subarray(0, length));
      offset = Number(batch.readBigInt64BE(0)) + batch.readInt32BE(23) + 1;
    }
  }
}

/** Values are of one letter each, that of their topic. */
function expectOnly(letter: string, others: string, batches: readonly Buffer[]): void {
  for (const batch of batches) {
    expect(isBatchValid(batch), `a batch in ${letter}`).to.equal(true);
    for (const other of others) expect(batch.includes(other.repeat(64)), `${other} in ${letter}`).to.equal(false);
    expect(batch.includes(letter.repeat(8)), `a record of ${letter}`).to.equal(true);
  }
}

/** A client gives up a broker whose answers say that they have `size` bytes, and takes in little of them. */
async function isLeft(size: number): Promise<void> {
  const liar = await Liar.open(size);
  const program = OwnProgram.script(
    `
    const before = process.memoryUsage().rss;
    const limits = { requestTimeoutMs: 2000, connectTimeoutMs: 2000, apiTimeoutMs: 2000 };
    const producer = new client.Producer({ brokers: process.env.BROKERS, maxBlockMs: 3000, limits });
    const fault = await producer.send('t', { value: 'x' }).then(() => 'none', (error) => error.name);
    const grown = Math.round((process.memoryUsage().rss - before) / 2 ** 20);
    console.log('fault ' + fault + ', grown ' + grown + '.');
    process.exit(0);
    `,
    { BROKERS: `127.0.0.1:${liar.port}` },
  );
  try {
    const [, fault, grown] = await program.says(/fault (\w+), grown (-?\d+)\./);
    expect(fault).to.match(/Error$/);
    expect(Number(grown), `MB for ${size}`).to.be.below(100);
    expect(liar.left, `connections that the client has left, ${size}`).to.be.above(0);
    expect(liar.mostTaken / MB, 'MB that it took of one answer').to.be.below(32);
  } finally {
    await program.stop();
    await liar.close();
  }
}

describe('Published faults of clients', function () {
  this.timeout(90_000);
  let proxy: StallingProxy;
  let broker: BrokerProcess;
  let client: RawClient;

  before(async function () {
    if (!existsSync('/proc/self/status')) this.skip();
    proxy = await StallingProxy.open();
    broker = await BrokerProcess.start({
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxy.port}`,
      'log.cleaner.backoff.ms': '100',
    });
    proxy.forwardTo(broker.port);
    client = await RawClient.connect(broker.port);
  });
  after(async () => {
    client?.destroy();
    await broker?.stop();
    await proxy?.close();
  });

  it('records that expire while they are on their way give their memory to no others (CVE-2026-35554)', async () => {
    for (const topic of ['a', 'b']) await createTopic(client, topic);
    const program = OwnProgram.script(
      `
      const bounds = { maxInFlight: 100, batchSize: 400_000, bufferMemory: 100_000_000, maxBlockMs: 60_000 };
      const producer = new client.Producer({
        brokers: process.env.BROKERS, idempotent: false, lingerMs: 0, deliveryTimeoutMs: 1500, ...bounds,
      });
      const send = (topic, bytes) => producer.send(topic, { value: Buffer.alloc(bytes, topic) });
      await Promise.all(['a', 'b'].map((topic) => send(topic, 1000)));
      console.log('ready');
      await new Promise((resolve) => process.stdin.once('data', resolve));
      const fates = await Promise.allSettled(Array.from({ length: 80 }, () => send('a', 390_000)));
      const expired = fates.filter(({ status }) => status === 'rejected').length;
      console.log('expired ' + expired + '.');
      let isThere = false;
      while (!isThere) {
        const others = await Promise.allSettled(Array.from({ length: 40 }, () => send('b', 390_000)));
        isThere = others.some(({ status }) => status === 'fulfilled');
      }
      console.log('done');
      process.exit(0);
      `,
      { BROKERS: `127.0.0.1:${proxy.port}` },
    );
    try {
      await program.says(/ready/);
      proxy.stall();
      program.tell('go');
      const [, expired] = await program.says(/expired (\d+)\./);
      expect(Number(expired)).to.be.above(0);
      proxy.flow();
      await program.says(/done/);
      expectOnly('a', 'b', await bytesOf(client, 'a'));
      const others = await bytesOf(client, 'b');
      expect(others.length).to.be.above(1);
      expectOnly('b', 'a', others);
    } finally {
      await program.stop();
    }
  });

  it('frames of many clients, cut off at all places, are written where they belong (CVE-2026-35554)', async () => {
    const letters = 'cdefghijkl';
    for (const letter of letters) await createTopic(client, letter);
    await Promise.all(
      Array.from(letters, async (letter, at) => {
        for (let round = 0; round < 30; round++) {
          const one = await RawClient.connect(broker.port);
          const size = 100 + ((at * 7919 + round * 104_729) % 300_000);
          const frame = produceOf(letter, buildBatch([{ value: Buffer.alloc(size, letter) }]));
          one.send(frame);
          one.send(frame.subarray(0, Math.floor((frame.length * (round + 1)) / 31)));
          if (round % 3 === 0) expect(await one.next()).to.not.equal(CLOSED);
          if (round % 2 === 0) one.reset();
          else one.destroy();
        }
      }),
    );
    for (const letter of letters) {
      const batches = await bytesOf(client, letter);
      expect(batches.length, letter).to.be.at.least(10);
      expectOnly(letter, letters.replace(letter, ''), batches);
    }
  });

  it('a broker that promises two gigabytes, or less than nothing, is left (CVE-2026-10142)', async () => {
    // At the same time: each takes as long as the client is patient.
    await Promise.all([0x7fff_ffff, -1, -0x8000_0000].map(isLeft));
  });

  it('a record that is larger than all limits of a consumer comes, and the next ones after it (CVE-2026-124465)', async () => {
    await createTopic(client, 'poison');
    for (const size of [10, LARGE, 20]) {
      client.send(produceOf('poison', buildBatch([{ value: Buffer.alloc(size, 'p') }])));
      expect(await client.next()).to.not.equal(CLOSED);
    }
    const program = OwnProgram.script(
      `
      const consumer = new client.Consumer({
        brokers: process.env.BROKERS, maxBytes: 1024, maxPartitionBytes: 1024, maxBufferedBytes: 1024,
      });
      consumer.assign([{ topic: 'poison', partition: 0, offset: 0 }]);
      const sizes = [];
      for await (const { value } of consumer) {
        sizes.push(value.length);
        if (sizes.length === 3) break;
      }
      console.log('sizes ' + sizes.join(' ') + '.');
      process.exit(0);
      `,
      { BROKERS: `127.0.0.1:${proxy.port}` },
    );
    try {
      const [, sizes] = await program.says(/sizes ([\d ]+)\./);
      expect(sizes).to.equal(`10 ${LARGE} 20`);
    } finally {
      await program.stop();
    }
  });

  it('a record that is larger than what a cleaner reads at once does not stop compaction (CVE-2026-124465)', async () => {
    const configs = { 'cleanup.policy': 'compact', 'segment.bytes': String(MB), 'min.cleanable.dirty.ratio': '0' };
    await createTopic(client, 'compacted', configs);
    for (let round = 0; round < 4; round++) {
      const small = { key: Buffer.from('again'), value: Buffer.from(`round ${round}`) };
      const large = { key: Buffer.from(`large-${round}`), value: Buffer.alloc(LARGE, 'z') };
      for (const record of [small, large]) {
        client.send(produceOf('compacted', buildBatch([record])));
        expect(await client.next()).to.not.equal(CLOSED);
      }
    }
    // Without a key it could not be compacted: it does not come in.
    expect(await produced(client, 'compacted', buildBatch([{ value: Buffer.alloc(10) }]))).to.equal(
      Errors.INVALID_RECORD,
    );
    let batches = await bytesOf(client, 'compacted', true);
    const timesOf = (key: string): number => batches.filter((batch) => batch.includes(key)).length;
    for (let looks = 0; looks < 200 && timesOf('again') > 2; looks++)
      batches = await bytesOf(client, 'compacted', true);
    expect(timesOf('again')).to.be.within(1, 2);
    for (let round = 0; round < 4; round++) expect(timesOf(`large-${round}`), `large-${round}`).to.equal(1);
    expect(broker.isAlive).to.equal(true);
  });
});

/** A server whose answers begin with a size that none has, and go on for as long as somebody takes them. */
class Liar {
  readonly #server = createServer((socket) => this.#lie(socket));
  readonly #sockets = new Set<Socket>();
  readonly #size: number;
  left = 0;
  mostTaken = 0;

  private constructor(size: number) {
    this.#size = size;
  }

  static async open(size: number): Promise<Liar> {
    const liar = new Liar(size);
    await new Promise<void>((resolve) => liar.#server.listen(0, '127.0.0.1', resolve));
    return liar;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #lie(socket: Socket): void {
    this.#sockets.add(socket);
    const chunk = Buffer.alloc(64 * 1024);
    const head = Buffer.alloc(4);
    head.writeInt32BE(this.#size);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.left += 1;
      this.mostTaken = Math.max(this.mostTaken, socket.bytesWritten);
      this.#sockets.delete(socket);
    });
    socket.once('data', () => {
      socket.write(head);
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
    });
  }
}
