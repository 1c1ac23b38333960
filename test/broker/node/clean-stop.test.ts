// A clean stop answers what was received: what was appended is never left for the client to send again.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../src/index.ts';
import { buildBatch, Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { JoinGroup, type JoinGroupRequest } from '../../../src/protocol/messages/11-join-group.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { CLOSED, decodeResponse, RawClient, requestOf } from '../raw-client.ts';

const CLIENTS = 4;
const LATEST = -1;

const produceFrame = (index: number): Buffer =>
  requestOf(Produce, 9, {
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: 'load', partitionData: [{ index, records: buildBatch([{ value: Buffer.alloc(2000) }]) }] }],
  });

/** Produces without end, several requests at a time; the number of answers when the broker has closed. */
async function produceUntilClosed(port: number, partition: number, isUnderLoad: () => void): Promise<number> {
  const client = await RawClient.connect(port);
  const frame = produceFrame(partition);
  const faults: Error[] = [];
  client.socket.on('error', (error) => faults.push(error));
  client.send(Buffer.concat(Array.from({ length: 50 }, () => frame)));
  let answered = 0;
  for (let answer = await client.next(); answer !== CLOSED; answer = await client.next()) {
    const { responses } = decodeResponse(Produce, 9, answer);
    expect(responses[0]?.partitionResponses[0]?.errorCode).to.equal(Errors.NONE);
    answered += 1;
    if (answered === 100) isUnderLoad();
    client.send(frame);
  }
  client.destroy();
  expect(faults, 'resets').to.deep.equal([]);
  return answered;
}

async function endOffset(port: number, partitionIndex: number): Promise<number> {
  const client = await RawClient.connect(port);
  const partitions = [{ partitionIndex, timestamp: LATEST }];
  const { topics } = await client.ask(ListOffsets, 4, { replicaId: -1, topics: [{ name: 'load', partitions }] });
  client.destroy();
  return topics[0]?.partitions[0]?.offset ?? -1;
}

describe('A clean stop', () => {
  let dataDir = '';
  let broker: Broker;
  const clients: RawClient[] = [];
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'ottla-stop-'));
    broker = await start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await broker.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const start = (): Promise<Broker> =>
    startBroker({
      dataDir,
      topics: { load: CLIENTS },
      config: { 'offsets.topic.num.partitions': 1, 'group.initial.rebalance.delay.ms': 0 },
    });
  const connect = async (): Promise<RawClient> => {
    const client = await RawClient.connect(broker.port);
    clients.push(client);
    return client;
  };

  it('under load answers every batch that was appended', async function () {
    this.timeout(60_000);
    for (let round = 0, before = [0, 0, 0, 0]; round < 3; round++) {
      let busy = 0;
      const producing = before.map((_, partition) => produceUntilClosed(broker.port, partition, () => (busy += 1)));
      while (busy < CLIENTS) await nextTurn();
      await broker.close();
      const answered = await Promise.all(producing);
      broker = await start();
      const ends = await Promise.all(before.map((_, partition) => endOffset(broker.port, partition)));
      expect(ends).to.deep.equal(answered.map((count, partition) => count + (before[partition] ?? 0)));
      before = ends;
    }
  });

  it('answers a fetch that waits with what there is, and members who wait for others with NOT_COORDINATOR', async () => {
    const [reader, member] = [await connect(), await connect()];
    const fetchRequest = {
      maxWaitMs: 2_000_000_000,
      minBytes: 1_000_000,
      topics: [{ topic: 'load', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    };
    await (await connect()).ask(Produce, 9, {
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ name: 'load', partitionData: [{ index: 0, records: buildBatch([{ value: Buffer.from('x') }]) }] }],
    });
    // Two in a row: the second is begun while the broker stops.
    reader.send(Buffer.concat([requestOf(Fetch, 11, fetchRequest, 1), requestOf(Fetch, 11, fetchRequest, 2)]));
    await heldJoin(member);
    const closing = broker.close();
    for (const id of [1, 2]) {
      const answer = await reader.next();
      if (answer === CLOSED) throw new Error('closed instead of answered');
      expect(answer.readInt32BE(0)).to.equal(id);
      expect(decodeResponse(Fetch, 11, answer).responses[0]?.partitions[0]?.records?.length).to.be.above(0);
    }
    const joined = await member.next();
    if (joined === CLOSED) throw new Error('closed instead of answered');
    expect(decodeResponse(JoinGroup, 5, joined).errorCode).to.equal(Errors.NOT_COORDINATOR);
    await closing;
  });

  /** A second member of a group whose first does not come back: it waits for minutes. */
  async function heldJoin(second: RawClient): Promise<void> {
    const joining = (memberId: string): JoinGroupRequest => ({
      groupId: 'billing',
      sessionTimeoutMs: 600_000,
      rebalanceTimeoutMs: 600_000,
      memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      reason: null,
    });
    const first = await connect();
    await coordinatorIsThere(first);
    const { memberId } = await first.ask(JoinGroup, 5, joining(''));
    await first.ask(JoinGroup, 5, joining(memberId));
    const { memberId: other } = await second.ask(JoinGroup, 5, joining(''));
    second.send(requestOf(JoinGroup, 5, joining(other)));
    // It has been begun when a later connection is answered by the same coordinator.
    await (await connect()).ask(JoinGroup, 5, joining(''));
  }

  async function coordinatorIsThere(client: RawClient): Promise<void> {
    const { FindCoordinator } = await import('../../../src/protocol/messages/10-find-coordinator.ts');
    for (;;) {
      const { errorCode } = await client.ask(FindCoordinator, 2, { key: 'billing', keyType: 0 });
      if (errorCode === Errors.NONE) return;
      await nextTurn();
    }
  }

  it('does not wait for connections that have nothing to be answered, nor for a broken frame', async () => {
    const [idle, half] = [await connect(), await connect()];
    half.send(produceFrame(0).subarray(0, 100));
    await broker.close();
    await idle.ended();
    await half.ended();
  });
});
