// Requests that no client should send, against a live broker: each gets Kafka's error code, or a closed connection and one
// log line of which there are few; and the client next door notices nothing.
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import {
  type ApiSchema,
  apiKeys,
  buildBatch,
  codecOf,
  DecodeError,
  Errors,
  Reader,
  type Fields,
} from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { heldBytes } from './collect-garbage.ts';
import { eventually, LiveBroker } from '../live-broker.ts';
import { Neighbour } from './neighbour.ts';
import { bodyOf, CLOSED, decodeResponse, frameOf, requestOf, sized } from '../raw-client.ts';
import { servedKeys } from '../served.ts';

/** A pack of kept small frames stays in use until it is full. */
const PACK_BYTES = 512 * 1024;
const LINES_PER_KIND = 5;
/** Connections at a time where a test needs thousands. */
const WIDTH = 16;

type AnyApi = ApiSchema<Fields, Fields>;

describe('Bad input', () => {
  let broker: LiveBroker;
  let neighbour: Neighbour;
  let topicId: string;
  const directoryBefore = readdirSync('.').join();

  before(async () => {
    broker = await LiveBroker.start({ 'auto.create.topics.enable': 'false' });
    topicId = await broker.createTopic('there');
  });

  beforeEach(async () => {
    broker.lines.length = 0;
    neighbour = await Neighbour.moveIn(broker.port);
  });

  afterEach('the neighbour was served, memory was given back, and the log is short', async () => {
    await neighbour.leave();
    await eventually('connections are gone', () => broker.node.connectionCount === 0);
    expect(broker.node.requestBytes, 'receive buffers in use').to.be.at.most(PACK_BYTES);
    expect(broker.node.unsentBytes).to.equal(0);
    const counts = new Map<string, number>();
    for (const { message } of broker.lines) counts.set(message, (counts.get(message) ?? 0) + 1);
    for (const [message, count] of counts) expect(count, message).to.be.at.most(LINES_PER_KIND);
    expect(broker.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  after(async () => {
    await broker.close();
    expect(readdirSync('.').join(), 'files where the tests run').to.equal(directoryBefore);
  });

  /** Sends `bytes` on a connection of their own. */
  async function verdictOn(bytes: Uint8Array): Promise<Buffer | typeof CLOSED> {
    const client = await broker.connect();
    client.send(bytes);
    const verdict = await client.next();
    client.destroy();
    return verdict;
  }

  async function refused(what: string, bytes: Uint8Array): Promise<void> {
    expect(await verdictOn(bytes), what).to.equal(CLOSED);
  }

  it('says of a request that cannot be read whose it was', async () => {
    // Metadata v1 of client `me\n`, correlation id 7, cut off in its list of topics.
    await refused('Metadata', sized(Buffer.from('00030001000000070003' + '6d650a' + '7fffffff', 'hex')));
    const line = broker.lines.find(({ message }) => message === 'closed a connection: request cannot be read');
    expect(line?.fields).to.include({
      api: 'Metadata',
      version: 1,
      correlationId: 7,
      clientId: 'me\\u000a',
      principal: 'User:ANONYMOUS',
      listener: 'PLAINTEXT',
    });
  });

  const sizes = [0, -1, -2147483648, 104857601, 2147483647];
  for (const size of sizes) {
    it(`closes the connection at a frame of size ${size}, with a line that says so`, async () => {
      await refused('the frame', sized(Buffer.from('0003000100000001', 'hex'), size));
      expect(broker.lines).to.have.length(1);
      expect(broker.lines[0]).to.deep.include({ message: 'closed a connection: frame size out of bounds' });
      expect(broker.lines[0]?.fields).to.include({ size, client: '127.0.0.1', listener: 'PLAINTEXT' });
    });
  }

  it('closes the connection of what speaks HTTP or TLS', async () => {
    await refused('HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    await refused('TLS', Buffer.from('16030100f8010000f40303', 'hex'));
  });

  it('closes the connection at a frame too short for a header', async () => {
    const header = frameOf(3, 1, Buffer.alloc(0)).subarray(4);
    for (let size = 1; size < header.length; size++) await refused(`${size} bytes`, sized(header.subarray(0, size)));
  });

  it('closes the connection for keys and versions that are not served, without a byte', async () => {
    const cases: [number, number][] = [4, 5, 6, 7, 93, 999, 32767, -1, -32768].map((key) => [key, 0]);
    for (const { key, advertisedMaxVersion, minVersion } of apiKeys) {
      if (!servedKeys.has(key)) cases.push([key, advertisedMaxVersion]);
      else if (key !== ApiVersions.key)
        for (const version of [minVersion - 1, advertisedMaxVersion + 1, 99, -1, 32767, -32768])
          cases.push([key, version]);
    }
    await inParallel(cases, ([key, version]) => refused(`${key} v${version}`, frameOf(key, version, Buffer.alloc(40))));
  });

  it('answers an unknown version of ApiVersions, whatever follows, in the form of version 0', async () => {
    for (const version of [5, 99, -1, 32767]) {
      const frame = await verdictOn(sized(Buffer.from([0, 18, version >> 8, version, 0, 0, 0, 9, 0xff, 0xff, 0xff])));
      if (frame === CLOSED) throw new Error(`version ${version} was not answered`);
      expect(decodeResponse(ApiVersions, 0, frame)).to.deep.include({ errorCode: Errors.UNSUPPORTED_VERSION });
    }
  });

  const batch = buildBatch([{ key: Buffer.from('key'), value: Buffer.from('value'), timestamp: Date.now() }]);
  const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 };
  const fetchBody = {
    maxWaitMs: 0,
    minBytes: 0,
    sessionEpoch: 0,
    topics: [{ topic: 'there', topicId: '', partitions: [partition] }],
    forgottenTopicsData: [{ topic: 'there', partitions: [0] }],
    rackId: 'rack',
  };
  const withId = (value: object): object =>
    JSON.parse(JSON.stringify(value).replaceAll('"topicId":""', `"topicId":"${topicId}"`));
  const produced = (name: object): object => ({
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ ...name, partitionData: [{ index: 0, records: batch }] }],
  });
  const bodies: readonly [AnyApi, number, () => object][] = [
    [Produce as unknown as AnyApi, 9, () => produced({ name: 'there' })],
    [Produce as unknown as AnyApi, 13, () => produced({ topicId })],
    [Fetch as unknown as AnyApi, 7, () => fetchBody],
    [Fetch as unknown as AnyApi, 12, () => fetchBody],
    [Fetch as unknown as AnyApi, 18, () => withId({ ...fetchBody, forgottenTopicsData: [] })],
    [
      Metadata as unknown as AnyApi,
      12,
      () => ({ topics: [{ name: 'there' }, { name: 'not-there' }], allowAutoTopicCreation: true }),
    ],
    [
      ListOffsets as unknown as AnyApi,
      7,
      () => ({ replicaId: -1, topics: [{ name: 'there', partitions: [{ partitionIndex: 0, timestamp: -1 }] }] }),
    ],
    [
      CreateTopics as unknown as AnyApi,
      7,
      () => ({
        topics: [
          {
            name: 'made',
            numPartitions: -1,
            replicationFactor: -1,
            assignments: [{ partitionIndex: 0, brokerIds: [1] }],
            configs: [{ name: 'retention.ms', value: '1000' }],
          },
        ],
        timeoutMs: 1000,
        // Mutated ones must not leave topics behind.
        validateOnly: true,
      }),
    ],
  ];
  for (const [api, version, value] of bodies) {
    it(`closes the connection at ${api.name} ${version} cut after any byte`, async () => {
      const body = bodyOf(api, version, value() as never);
      expect(await verdictOn(frameOf(api.key, version, body)), 'the whole request').to.not.equal(CLOSED);
      const lengths = Array.from(body.keys());
      await inParallel(lengths, (size) => refused(`${size} bytes`, frameOf(api.key, version, body.subarray(0, size))));
    });

    it(`answers ${api.name} ${version} or closes, whatever length stands in any of its places`, async () => {
      const body = bodyOf(api, version, value() as never);
      const variants = withExtremes(body).filter((bytes) => !mayWait(api, version, bytes));
      await inParallel(variants, async (bytes) => {
        const verdict = await verdictOn(frameOf(api.key, version, bytes));
        if (verdict === CLOSED) return;
        decodeResponse(api, version, verdict);
      });
    });

    it(`does not mind bytes behind ${api.name} ${version}`, async () => {
      const body = Buffer.concat([bodyOf(api, version, value() as never), Buffer.from('ffffffff', 'hex')]);
      const verdict = await verdictOn(frameOf(api.key, version, body));
      expect(verdict).to.not.equal(CLOSED);
    });
  }

  it('allocates nothing for a count that the frame cannot hold', async () => {
    const before = await heldBytes();
    for (const count of ['7fffffff', '00ffffff', '00000100']) {
      await refused(count, frameOf(Metadata.key, 1, Buffer.from(`${count}0000`, 'hex')));
      await refused(`Produce ${count}`, frameOf(Produce.key, 3, Buffer.from(`ffff000100000000${count}0001`, 'hex')));
    }
    for (const varint of ['ffffffff0f', 'ffffffff07', 'ffff7f', 'ffffffffffffffff01', '8080808080'])
      await refused(varint, frameOf(Metadata.key, 12, Buffer.from(`00${varint}`, 'hex')));
    expect((await heldBytes()) - before).to.be.below(8 << 20);
  });

  it('reads a negative count as Kafka does: as none', async () => {
    const verdict = await verdictOn(frameOf(Metadata.key, 1, Buffer.from('fffffffe', 'hex')));
    if (verdict === CLOSED) throw new Error('Kafka answers');
    expect(decodeResponse(Metadata, 1, verdict).brokers).to.have.length(1);
  });

  it('takes the largest count of elements that a frame can hold, without harm to others', async () => {
    const before = await heldBytes();
    const name = Buffer.from('000161', 'hex');
    const count = 500_000;
    const names = Buffer.concat([Buffer.alloc(4), Buffer.alloc(count * name.length, name)]);
    names.writeInt32BE(count);
    const verdict = await verdictOn(frameOf(Metadata.key, 1, names));
    if (verdict === CLOSED) throw new Error('a request within all limits was not answered');
    expect(decodeResponse(Metadata, 1, verdict).topics).to.have.length(1);
    await refused(
      'elements without end',
      frameOf(DeleteTopics.key, 1, Buffer.concat([Buffer.from('00300000', 'hex'), Buffer.alloc(2 * 0x300000 + 4)])),
    );
    expect((await heldBytes()) - before).to.be.below(16 << 20);
  });

  it('bounds unknown tagged fields', async () => {
    const tagged = (count: number): Buffer => {
      const bytes = [1, 0, 0, ...uvarint(count)];
      for (let tag = 100; tag < 100 + count; tag++) bytes.push(...uvarint(tag), 1, 0xff);
      return frameOf(Metadata.key, 12, Buffer.from(bytes));
    };
    expect(await verdictOn(tagged(1000))).to.not.equal(CLOSED);
    await refused('more than any client has', tagged(100_000));
  });

  const paths = [
    '',
    '.',
    '..',
    '../x',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'a\0b',
    '\0',
    'ä',
    'a b',
    'con:',
    'x'.repeat(250),
    '-'.repeat(30000),
  ];
  it('takes no name of a topic that is more than a name', async () => {
    const client = await broker.connect();
    const topics = paths.map((name) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }));
    const created = await client.ask(CreateTopics, 7, { topics, timeoutMs: 1000, validateOnly: false });
    const fetched = await client.ask(Metadata, 9, {
      topics: paths.map((name) => ({ name })),
      allowAutoTopicCreation: true,
    });
    const written = await client.ask(Produce, 9, {
      acks: 1,
      timeoutMs: 1000,
      topicData: paths.map((name) => ({ name, partitionData: [{ index: 0, records: batch }] })),
    });
    for (const name of paths) {
      const shown = JSON.stringify(name.slice(0, 20));
      expect(created.topics.find((topic) => topic.name === name)?.errorCode, `create ${shown}`).to.equal(
        Errors.INVALID_TOPIC_EXCEPTION,
      );
      expect(fetched.topics.find((topic) => topic.name === name)?.errorCode, `ask for ${shown}`).to.equal(
        Errors.INVALID_TOPIC_EXCEPTION,
      );
      const [partitionAnswer] = written.responses.find((topic) => topic.name === name)?.partitionResponses ?? [];
      expect(partitionAnswer?.errorCode, `write to ${shown}`).to.be.oneOf([
        Errors.UNKNOWN_TOPIC_OR_PARTITION,
        Errors.INVALID_TOPIC_EXCEPTION,
      ]);
    }
    client.destroy();
  });

  it('refuses partitions without end', async () => {
    const client = await broker.connect();
    const topic = (name: string, numPartitions: number) => ({
      name,
      numPartitions,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    });
    const ask = async (...topics: ReturnType<typeof topic>[]) =>
      (await client.ask(CreateTopics, 7, { topics, timeoutMs: 1000, validateOnly: false })).topics.map(
        ({ errorCode }) => errorCode,
      );
    expect(await ask(topic('many', 2147483647))).to.deep.equal([Errors.POLICY_VIOLATION]);
    expect(await ask(topic('many', 10_001))).to.deep.equal([Errors.POLICY_VIOLATION]);
    expect(await ask(topic('none', 0), topic('minus', -5))).to.deep.equal([
      Errors.INVALID_PARTITIONS,
      Errors.INVALID_PARTITIONS,
    ]);
    client.destroy();
  });

  it('answers what was asked before the bad frame, then closes', async () => {
    const client = await broker.connect();
    const good = requestOf(Metadata, 12, { topics: [], allowAutoTopicCreation: false }, 7);
    client.send(Buffer.concat([good, good, sized(Buffer.alloc(8), -1), good]));
    for (let answers = 0; answers < 2; answers++) expect(await client.next()).to.not.equal(CLOSED);
    expect(await client.next()).to.equal(CLOSED);
    client.destroy();
  });
});

/** Every place overwritten with what a length or count may be at most, or less than nothing, in each way to write one. */
function withExtremes(body: Buffer): Buffer[] {
  const extremes = ['7fff', '8000', 'fffe', '7fffffff', '80000000', 'fffffffe', 'ff', '00', 'ffffffff0f', 'ffffffff07'];
  const variants: Buffer[] = [];
  for (let at = 0; at < body.length; at++) {
    for (const extreme of extremes) {
      const bytes = Buffer.from(body);
      const value = Buffer.from(extreme, 'hex');
      value.copy(bytes, at);
      variants.push(bytes);
    }
  }
  return variants;
}

function uvarint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...uvarint(value >>> 7)];
}

/** A fetch that asks to wait long for much gets no answer before that, which is right. Produce with acks=0 never gets one. */
function mayWait(api: AnyApi, version: number, body: Buffer): boolean {
  try {
    const value = codecOf(api.request, version).decode(new Reader(body)) as Record<string, number>;
    if (api.key === Produce.key) return value.acks === 0;
    return api.key === Fetch.key && (value.maxWaitMs as number) > 1000;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

async function inParallel<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) await action(items[next++] as T);
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}
