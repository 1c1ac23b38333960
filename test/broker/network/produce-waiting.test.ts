// Produce that waits, over connections: answers leave in the order of the requests, frames stay while they are needed, also
// those of a connection that has closed.
import { expect } from 'chai';
import { produce } from '../../../src/api-handlers/00-produce.ts';
import { Dispatcher } from '../../../src/broker/network/dispatcher.ts';
import { Listener } from '../../../src/broker/network/listener.ts';
import { ReceiveBuffers } from '../../../src/broker/network/receive-buffers.ts';
import { codecOf, encodeRequestHeader, Errors, Writer, ZERO_UUID } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { recordsOf } from '../../../src/protocol/records/index.ts';
import { type Connection, Metrics, silentLogger } from '../../../src/runtime/index.ts';
import { SeededRandom, SimNetwork } from '../../../src/runtime/sim/index.ts';
import { batchOf, RecordPath } from '../../api-handlers/record-path.ts';

const VERSION = 12;
const SLOW = 1;

/** One client connection. */
class Client {
  readonly connection: Connection;
  received = Buffer.alloc(0);
  #correlationId = 0;

  constructor(network: SimNetwork, port: number) {
    const target = Buffer.alloc(4096);
    this.connection = network.connect(port, () => ({
      receiveBuffer: () => target,
      onReceived: (size) => {
        this.received = Buffer.concat([this.received, target.subarray(0, size)]);
      },
      onDrained: () => undefined,
      onEnded: () => undefined,
      onClosed: () => undefined,
    }));
  }

  /** One batch of a transactional producer, to partition 0. */
  produce(producerId: number, value: string): void {
    const writer = new Writer();
    const correlationId = ++this.#correlationId;
    encodeRequestHeader(writer, { requestApiKey: 0, requestApiVersion: VERSION, correlationId, clientId: 'test' });
    const records = batchOf([value], { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true });
    codecOf(Produce.request, VERSION).encode(writer, {
      transactionalId: `t${producerId}`,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 'prod', topicId: ZERO_UUID, partitionData: [{ index: 0, records }] }],
    });
    const frame = Buffer.concat(writer.finish());
    const size = Buffer.alloc(4);
    size.writeInt32BE(frame.length);
    this.connection.send([size, frame]);
  }

  /** Correlation ids of the responses received so far. */
  get answered(): number[] {
    const ids: number[] = [];
    for (let at = 0; at + 8 <= this.received.length; at += 4 + this.received.readInt32BE(at))
      ids.push(this.received.readInt32BE(at + 4));
    return ids;
  }
}

describe('Produce that waits, over the network', () => {
  let path: RecordPath;
  let buffers: ReceiveBuffers;
  let clients: Client[];
  let verified: ((code: number) => void)[];

  beforeEach(async () => {
    path = await RecordPath.open();
    path.createTopic('prod');
    verified = [];
    const { clock } = path;
    buffers = new ReceiveBuffers({ maxBytes: 1 << 26, poison: true });
    const metrics = new Metrics();
    const network = new SimNetwork({ clock, random: new SeededRandom(7) });
    const sink = new Dispatcher({ buffers, clock, logger: silentLogger, metrics });
    const handler = produce(path.replicas, path.identity, {
      verify: ({ producerId }) =>
        producerId === SLOW ? new Promise((resolve) => verified.push(resolve)) : Errors.NONE,
    });
    sink.open([{ key: 0, minVersion: 3, maxVersion: 13, load: () => Promise.resolve(handler) }], []);
    const listener = await Listener.open({
      name: 'PLAINTEXT',
      host: '',
      port: 0,
      network,
      clock,
      logger: silentLogger,
      metrics,
      buffers,
      sink,
      limits: () => ({
        maxConnections: 9,
        maxConnectionsPerIp: 9,
        ofAddress: new Map(),
        maxIdleMs: 600_000,
        maxRequestBytes: 1 << 20,
      }),
      unsent: { total: 0 },
    });
    clients = [new Client(network, listener.port), new Client(network, listener.port)];
  });

  const run = () => path.clock.advance(50);
  const values = async (): Promise<string[]> => {
    const log = path.replicas.partition('prod', 0)?.log;
    const slice = log?.read(0, 1 << 20, { upTo: Number.MAX_SAFE_INTEGER, minOneBatch: true });
    const read = slice?.read({ take: (size) => Buffer.alloc(size) }) as Promise<Buffer[]>;
    const bytes = Buffer.concat(await path.clock.run(Promise.resolve(read)));
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
      for (const { value } of recordsOf(bytes, { at })) found.push(Buffer.from(value ?? []).toString());
    }
    return found;
  };

  it('holds back the answers behind it on its connection, and the appends of nobody else', async () => {
    const [one, other] = clients as [Client, Client];
    one.produce(SLOW, 'slow');
    one.produce(2, 'behind it');
    other.produce(3, 'beside it');
    await run();
    expect(await values()).to.have.members(['behind it', 'beside it']);
    expect([one.answered, other.answered]).to.deep.equal([[], [1]]);
    verified[0]?.(Errors.NONE);
    await run();
    expect(one.answered).to.deep.equal([1, 2]);
    expect((await values()).at(-1)).to.equal('slow');
  });

  it('keeps the frame of a connection that closes meanwhile until it is appended, and gives it back', async () => {
    const [one, other] = clients as [Client, Client];
    const value = 'x'.repeat(100_000);
    other.produce(3, 'to have the handler loaded');
    await run();
    const before = buffers.usedBytes;
    one.produce(SLOW, value);
    await run();
    one.connection.destroy();
    await run();
    for (let more = 0; more < 3; more++) other.produce(10 + more, 'y'.repeat(100_000));
    await run();
    expect(buffers.usedBytes).to.be.greaterThan(before);
    verified[0]?.(Errors.NONE);
    await run();
    expect((await values()).at(-1)).to.equal(value);
    expect(buffers.usedBytes).to.be.at.most(before);
    expect([one.answered, other.answered]).to.deep.equal([[], [1, 2, 3, 4]]);
  });
});
