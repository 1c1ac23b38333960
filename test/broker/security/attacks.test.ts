// One attack of each class (spec: security limits, 5 and 6), and of each published fault of brokers (4), from outside the process,
// against a broker that was started as users start it. After each: the broker lives, serves others, and has not grown.
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { buildBatch, Codecs, Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { InitProducerId } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { FetchSnapshot } from '../../../src/protocol/messages/59-fetch-snapshot.ts';
import { ConsumerGroupHeartbeat } from '../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { ConsumerGroupDescribe } from '../../../src/protocol/messages/69-consumer-group-describe.ts';
import { GetTelemetrySubscriptions } from '../../../src/protocol/messages/71-get-telemetry-subscriptions.ts';
import { PushTelemetry } from '../../../src/protocol/messages/72-push-telemetry.ts';
import { DescribeTopicPartitions } from '../../../src/protocol/messages/75-describe-topic-partitions.ts';
import { bodyOf, CLOSED, decodeResponse, frameOf, RawClient, requestOf, sized } from '../raw-client.ts';
import { STANDARD_AUTHORIZER } from '../../../src/broker/configs/config.ts';
import { BrokerProcess } from './broker-process.ts';

const GROWTH_MB = 120;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** What comes after the frame, from a connection of its own. */
async function answerTo(port: number, bytes: Uint8Array): Promise<Buffer | typeof CLOSED> {
  const client = await RawClient.connect(port);
  try {
    client.send(bytes);
    return await client.next();
  } finally {
    client.destroy();
  }
}

describe('Attacks from outside', function () {
  this.timeout(60_000);
  let broker: BrokerProcess;
  let client: RawClient;
  let beforeMb = 0;

  before(async () => {
    if (!existsSync('/proc/self/status')) return;
    broker = await BrokerProcess.start({
      'max.connections.per.ip': '200',
      'max.request.partition.size.limit': '10',
      'authorizer.class.name': STANDARD_AUTHORIZER,
      'super.users': 'User:ANONYMOUS',
      'ottla.client.metrics.retained.bytes': '1000000',
    });
    client = await RawClient.connect(broker.port);
    const topic = { name: 't', numPartitions: 50, replicationFactor: 1, assignments: [], configs: [] };
    await client.ask(CreateTopics, 7, { topics: [topic], timeoutMs: 5000, validateOnly: false });
  });
  after(async () => {
    client?.destroy();
    await broker?.stop();
  });
  beforeEach(function () {
    // Memory of another process is told by Linux alone.
    if (broker === undefined) this.skip();
    beforeMb = broker.residentMb;
  });
  afterEach('it lives, serves, and has not grown', async () => {
    if (broker === undefined) return;
    expect(broker.isAlive, broker.output.slice(-2000)).to.equal(true);
    expect((await client.ask(Metadata, 1, { topics: [] })).topics).to.deep.equal([]);
    expect(broker.residentMb - beforeMb, 'MB').to.be.below(GROWTH_MB);
  });

  const closes = async (bytes: Uint8Array): Promise<void> => {
    expect(await answerTo(broker.port, bytes)).to.equal(CLOSED);
  };

  it('frames whose size is negative or beyond the limit (class 1, CVE-2026-10142)', async () => {
    await closes(sized(Buffer.alloc(20), -1));
    await closes(sized(Buffer.alloc(20), 0x7fff_ffff));
    await closes(sized(Buffer.alloc(20), 104_857_601));
  });

  it('a count that no frame can hold (class 2, CVE-2026-111108)', async () => {
    await closes(frameOf(3, 1, hex('7fffffff')));
    await closes(frameOf(3, 12, hex('ffffffff07 00 00 00')));
  });

  it('tagged fields without end (class 3, CVE-2026-111115)', async () => {
    const tags = Array.from({ length: 100_000 }, (_, at) => [
      0x80 | (at & 0x7f),
      0x80 | ((at >> 7) & 0x7f),
      at >> 14,
      0,
    ]);
    const body = Buffer.concat([hex('01 00 00'), hex('a08d06'), Buffer.from(tags.flat())]);
    await closes(frameOf(3, 12, body));
  });

  it('numbers that are longer than any number (class 4)', async () => {
    await closes(frameOf(3, 12, hex('ffffffffffffffffffff01')));
  });

  it('strings and bytes beyond the frame, and negative ones (class 5)', async () => {
    await closes(frameOf(3, 1, hex('00000001 7fff 41')));
    await closes(frameOf(3, 1, hex('00000001 fffe')));
  });

  it('bombs, in every codec that a push of metrics may have, and in a batch (class 6, CVE-2026-111073)', async () => {
    const { clientInstanceId, subscriptionId } = await client.ask(GetTelemetrySubscriptions, 0, {
      clientInstanceId: 'AAAAAAAAAAAAAAAAAAAAAA',
    });
    const metrics = gzipSync(Buffer.alloc(300 << 20));
    const push = { clientInstanceId, subscriptionId, terminating: false, compressionType: 1, metrics };
    expect((await client.ask(PushTelemetry, 0, push)).errorCode).to.not.equal(Errors.NONE);
    const records = buildBatch([{ value: Buffer.alloc(64 << 20) }], { codec: Codecs.GZIP });
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
    const answer = await client.ask(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData });
    expect(answer.responses[0]?.partitionResponses).to.have.length(1);
  });

  it('batches that are not what they say (class 7)', async () => {
    const code = async (change: (batch: Buffer) => void): Promise<number | undefined> => {
      const records = buildBatch([{ value: Buffer.alloc(10) }], {});
      change(records);
      const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
      const answer = await client.ask(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData });
      return answer.responses[0]?.partitionResponses[0]?.errorCode;
    };
    expect(await code((batch) => void batch.writeUInt32BE(1, 17))).to.equal(Errors.CORRUPT_MESSAGE);
    expect(await code((batch) => void batch.writeInt8(9, 16))).to.not.equal(Errors.NONE);
  });

  it('half frames, and answers that nobody reads (class 8)', async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, () => RawClient.connect(broker.port)));
    for (const one of slow) one.send(sized(Buffer.alloc(100), 50 << 20));
    const deaf = await RawClient.connect(broker.port);
    deaf.socket.pause();
    for (let at = 0; at < 2000; at++) deaf.send(requestOf(Metadata, 1, { topics: null }, at));
    expect((await client.ask(Metadata, 1, { topics: [] })).topics).to.deep.equal([]);
    for (const one of [...slow, deaf]) one.destroy();
  });

  it('more connections than an address may have (class 9)', async () => {
    const many = await Promise.all(Array.from({ length: 260 }, () => RawClient.connect(broker.port)));
    const last = many.at(-1) as RawClient;
    last.send(requestOf(ApiVersions, 0, {}));
    expect(await last.next()).to.equal(CLOSED);
    for (const one of many) one.destroy();
  });

  it('small requests with large answers (class 11)', async () => {
    const asked = { topics: [{ name: 't' }], responsePartitionLimit: 1_000_000, cursor: null };
    const { topics, nextCursor } = await client.ask(DescribeTopicPartitions, 0, asked);
    expect(topics[0]?.partitions).to.have.length(10);
    expect(nextCursor).to.include({ topicName: 't', partitionIndex: 10 });
  });

  it('producer ids by the thousand (class 13)', async () => {
    const asked = requestOf(InitProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 1000,
      producerId: -1,
      producerEpoch: -1,
    });
    for (let at = 0; at < 3000; at++) client.send(asked);
    for (let at = 0; at < 3000; at++) expect(await client.next()).to.not.equal(CLOSED);
  });

  it('names of topics that are paths (class 15)', async () => {
    const names = ['..', '.', '../../etc/passwd', 'a/b', 'a\u0000b', 'x'.repeat(250), ''];
    const topics = names.map((name) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }));
    const answer = await client.ask(CreateTopics, 7, { topics, timeoutMs: 5000, validateOnly: false });
    for (const { name, errorCode } of answer.topics) expect(errorCode, name).to.equal(Errors.INVALID_TOPIC_EXCEPTION);
  });

  it('control batches of clients, and times of other ages (classes 16 and 17)', async () => {
    const code = async (records: Buffer): Promise<number | undefined> => {
      const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
      const answer = await client.ask(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData });
      return answer.responses[0]?.partitionResponses[0]?.errorCode;
    };
    const control = buildBatch([{ key: hex('00000001'), value: hex('000000000000') }], { isControl: true });
    expect(await code(control)).to.equal(Errors.INVALID_RECORD);
    const future = buildBatch([{ value: hex('00'), timestamp: Date.now() + 1e10 }], {});
    expect(await code(future)).to.equal(Errors.INVALID_TIMESTAMP);
  });

  it('expressions that cost an eternity elsewhere (class 18)', async () => {
    const beat = (subscribedTopicRegex: string) =>
      answerTo(
        broker.port,
        requestOf(ConsumerGroupHeartbeat, 1, {
          groupId: 'g',
          memberId: 'm',
          memberEpoch: 0,
          subscribedTopicNames: null,
          subscribedTopicRegex,
          rebalanceTimeoutMs: 1000,
          topicPartitions: [],
        }),
      );
    const startMs = performance.now();
    expect(await beat('(a*)*b'.repeat(20))).to.not.equal(CLOSED);
    expect(await beat('(x+x+)+y')).to.not.equal(CLOSED);
    expect(performance.now() - startMs).to.be.below(10_000);
  });

  it('empty lists of what brokers and controllers ask (CVE-2026-83525)', async () => {
    const body = bodyOf(FetchSnapshot, 0, { replicaId: 1, maxBytes: 1, topics: [] });
    await closes(frameOf(59, 0, body));
    const described = await client.ask(ConsumerGroupDescribe, 0, { groupIds: [], includeAuthorizedOperations: false });
    expect(described.groups).to.deep.equal([]);
  });

  it('names of clients with line ends, in front of all that is logged', async () => {
    const header = Buffer.concat([hex('0003 0001 00000001 0012'), Buffer.from('x\nINFO admin login'), hex('00000000')]);
    const answer = await answerTo(broker.port, sized(header));
    expect(answer === CLOSED ? undefined : decodeResponse(Metadata, 1, answer).topics).to.deep.equal([]);
    expect(broker.output).to.not.match(/^INFO admin login/m);
  });
});

describe('Attacks on a broker that wants logins', function () {
  this.timeout(60_000);
  let broker: BrokerProcess;

  before(async () => {
    if (!existsSync('/proc/self/status')) return;
    broker = await BrokerProcess.start({
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
      'inter.broker.listener.name': 'SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'PLAIN',
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config':
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="hush-hush" user_a="hush-hush";',
    });
  });
  after(() => broker?.stop());
  beforeEach(function () {
    if (broker === undefined) this.skip();
  });

  it('large frames before the login hold no memory (class 10, CVE-2022-34917)', async () => {
    const beforeMb = broker.residentMb;
    const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(broker.port)));
    for (const one of clients) one.send(sized(Buffer.alloc(1000), 90 << 20));
    for (const one of clients) expect(await one.next()).to.equal(CLOSED);
    for (const one of clients) one.destroy();
    expect(broker.residentMb - beforeMb).to.be.below(GROWTH_MB);
  });

  it('nothing but a login is read before it', async () => {
    expect(await answerTo(broker.port, requestOf(Metadata, 1, { topics: null }))).to.equal(CLOSED);
    expect(broker.isAlive).to.equal(true);
    expect(broker.output, 'secrets stand in no line').to.not.contain('hush-hush');
  });
});
