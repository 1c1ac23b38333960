// What a broker has received it answers, also to peers that have shut their sending side, as Apache Kafka 4.3.1 does
// (the fault half-close-loses-answers).
import { expect } from 'chai';
import { type ApiSchema, buildBatch, Errors, type Fields } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { OffsetCommit } from '../../../src/protocol/messages/08-offset-commit.ts';
import { JoinGroup } from '../../../src/protocol/messages/11-join-group.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteRecords } from '../../../src/protocol/messages/21-delete-records.ts';
import { InitProducerId } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { eventually, LiveBroker } from '../live-broker.ts';
import { CLOSED, decodeResponse, frameOf, type RawClient, requestOf } from '../raw-client.ts';

const producedTo = (topic: string, acks = -1) => ({
  acks,
  timeoutMs: 5000,
  topicData: [{ name: topic, partitionData: [{ index: 0, records: buildBatch([{ value: Buffer.alloc(500) }]) }] }],
});
const fetchOf = (maxWaitMs: number) => ({
  maxWaitMs,
  minBytes: 1,
  topics: [{ topic: 'empty', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
});

/** One request of each way in which an answer takes its time: the disk, the controller, the coordinator, a wait. */
const slow: readonly [ApiSchema, number, object][] = [
  [Produce, 9, producedTo('orders')],
  [
    CreateTopics,
    5,
    {
      topics: [{ name: 'new', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 5000,
      validateOnly: false,
    },
  ],
  [DeleteRecords, 2, { topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, offset: 0 }] }], timeoutMs: 5000 }],
  [InitProducerId, 4, { transactionalId: null, transactionTimeoutMs: 1000 }],
  [
    OffsetCommit,
    8,
    {
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] }],
    },
  ],
  [
    JoinGroup,
    5,
    {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    },
  ],
  [Fetch, 11, fetchOf(50)],
  [Metadata, 9, { topics: [] }],
];

describe('A peer that shuts its sending side', () => {
  let broker: LiveBroker;
  let client: RawClient;
  beforeEach(async () => {
    broker = await LiveBroker.start({ 'group.initial.rebalance.delay.ms': 50 });
    await broker.createTopic('orders');
    await broker.createTopic('empty');
    client = await broker.connect();
  });
  afterEach(async () => {
    client.destroy();
    await broker.close();
  });

  const ask = (api: ApiSchema, version: number, body: object, id: number): Buffer =>
    requestOf<Fields, Fields>(api, version, body as never, id);

  /** Sends the frames and the end of all, and expects the answers in order, then the end. */
  async function expectAnswers(frames: readonly Buffer[]): Promise<Buffer[]> {
    client.socket.end(Buffer.concat(frames));
    const answers: Buffer[] = [];
    for (let frame = await client.next(); frame !== CLOSED; frame = await client.next()) answers.push(frame);
    expect(answers.map((answer) => answer.readInt32BE(0))).to.deep.equal(frames.map((_, id) => id));
    await eventually('the connection is gone', () => broker.node.connectionCount === 0);
    return answers;
  }

  it('gets the answers of three hundred Produce requests that it pipelined', async () => {
    const frames = Array.from({ length: 300 }, (_, id) => ask(Produce, 9, producedTo('orders'), id));
    for (const answer of await expectAnswers(frames)) {
      const { responses } = decodeResponse(Produce, 9, answer);
      expect(responses[0]?.partitionResponses[0]?.errorCode).to.equal(Errors.NONE);
    }
  });

  for (const [api, version, body] of slow) {
    it(`gets its answer to ${api.name}`, async () => {
      await expectAnswers([ask(api, version, body, 0)]);
    });
  }

  it('gets the answers of requests of all kinds that waited behind one another', async () => {
    await expectAnswers([...slow, ...slow].map(([api, version, body], id) => ask(api, version, body, id)));
  });

  it('waits for records as long as it would have otherwise', async () => {
    client.socket.end(ask(Fetch, 11, fetchOf(60_000), 0));
    const writer = await broker.connect();
    await writer.ask(Produce, 9, producedTo('empty'));
    writer.destroy();
    const answer = await client.next();
    if (answer === CLOSED) throw new Error('closed instead of answered');
    expect(decodeResponse(Fetch, 11, answer).responses[0]?.partitions[0]?.records?.length).to.be.above(500);
    await client.ended();
  });

  it('is closed at once when half a frame is all that is left of it', async () => {
    client.socket.end(ask(Metadata, 9, { topics: [] }, 0).subarray(0, 10));
    await client.ended();
  });

  it('gets the answers before a Produce request that cannot be read, and then the end', async () => {
    const frames = Array.from({ length: 20 }, (_, id) => ask(Produce, 9, producedTo('orders'), id));
    client.send(Buffer.concat([...frames, frameOf(0, 9, Buffer.from([0, 0, 0, 5]), 20), ...frames]));
    const ids: number[] = [];
    for (let frame = await client.next(); frame !== CLOSED; frame = await client.next()) ids.push(frame.readInt32BE(0));
    expect(ids).to.deep.equal(frames.map((_, id) => id));
  });
});
