// The replay of recorded exchanges: what counts as the same answer, what is substituted, what is left out, and the run
// itself against a peer that plays Apache Kafka from the record.
import { expect } from 'chai';
import { createServer, type Server, type Socket } from 'node:net';
import { canonical, differences, errorCodes, maskedNames } from '../../conformance/transcripts/compare.ts';
import { type Line, readLines } from '../../conformance/transcripts/line.ts';
import { type Outcome, Replay } from '../../conformance/transcripts/replay.ts';
import { skipReason, type TargetFacts } from '../../conformance/transcripts/skips.ts';
import { Variables } from '../../conformance/transcripts/variables.ts';
import { apisByKey, decodeRequest } from '../../conformance/transcripts/wire.ts';
import { crc32c } from '../../src/protocol/index.ts';
import { buildBatch } from '../../src/protocol/records/index.ts';

const lines = readLines(new URL('../fixtures/transcripts.jsonl.gz', import.meta.url).pathname);
const groupLines = readLines(new URL('../fixtures/transcripts-groups.jsonl.gz', import.meta.url).pathname);
const lineOf = (id: string): Line => {
  const line = [...lines, ...groupLines].find((candidate) => candidate.id === id);
  if (line === undefined) throw new Error(`no line ${id}`);
  return line;
};
const everything = new Map([...apisByKey.keys()].map((key) => [key, { minVersion: 0, maxVersion: 99 }]));

describe('Answers are the same', () => {
  const none: ReadonlySet<string> = new Set();

  it('whatever the order of what Kafka keeps in maps, and not whatever the order of the rest', () => {
    const some = { topics: [{ name: 'a' }, { name: 'b' }], replicaNodes: [1, 2] };
    const other = { topics: [{ name: 'b' }, { name: 'a' }], replicaNodes: [1, 2] };
    const turned = { topics: [{ name: 'a' }, { name: 'b' }], replicaNodes: [2, 1] };
    expect(differences(canonical(some, none), canonical(other, none))).to.deep.equal([]);
    expect(differences(canonical(some, none), canonical(turned, none))).to.have.length(2);
  });

  it('under masks by name, where nothing stays nothing', () => {
    const masks = maskedNames(['/topics/0/topicId', '/leaderId']);
    const value = (topicId: string, leaderId: number) => canonical({ topics: [{ topicId }], leaderId }, masks);
    expect(value('abc', 1)).to.deep.equal(value('def', 2));
    expect(value('AAAAAAAAAAAAAAAAAAAAAA', 1)).to.not.deep.equal(value('def', 1));
    expect(value('abc', -1)).to.not.deep.equal(value('abc', 1));
  });

  it('with documentation in other words, but not without it', () => {
    const value = (documentation: string | null) => canonical({ documentation }, none);
    expect(value('theirs')).to.deep.equal(value('ours'));
    expect(value('theirs')).to.not.deep.equal(value(null));
  });

  it('or are told apart by path, and by element where lists differ in length', () => {
    expect(differences({ a: [{ b: 1 }] }, { a: [{ b: 2 }] })).to.deep.equal(['/a/0/b: expected 1 got 2']);
    const [head, missing, surplus] = differences({ a: [1, 2, 3] }, { a: [1, 3, 4, 5] });
    expect([head, missing, surplus]).to.deep.equal([
      '/a: expected 3 elements, got 4',
      '/a: missing 2',
      '/a: surplus 4',
    ]);
    expect([...errorCodes({ errorCode: 3, topics: [{ errorCode: 0, topicConfigErrorCode: 7 }] })]).to.have.members([
      3, 0, 7,
    ]);
  });
});

describe('Variables', () => {
  it('carry captured values to where later requests use them', () => {
    const variables = new Variables();
    variables.capture([{ pointer: '/topics/0/topicId', var: 'id' }], { topics: [{ topicId: 'captured' }] });
    const request = { topics: [{ topicId: 'recorded' }] };
    expect(variables.substitute([{ pointer: '/topics/0/topicId', var: 'id' }], request)).to.equal(true);
    expect(request.topics[0]?.topicId).to.equal('captured');
    expect(variables.substitute([{ pointer: '/topics/0/topicId', var: 'other' }], request)).to.equal(false);
  });

  it('rename producers inside batches and redo the CRC, but leave a wrong CRC wrong', () => {
    const variables = new Variables();
    variables.pairProducers(4, 1004);
    const good = buildBatch([{ key: null, value: Buffer.from('v'), timestamp: 1 }], {
      producerId: 4,
      producerEpoch: 0,
      baseSequence: 0,
    });
    const bad = Buffer.from(good);
    bad[20] = (bad[20] as number) ^ 1;
    const both = Buffer.concat([good, bad]);
    variables.renameInBatches(both);
    const [first, second] = [both.subarray(0, good.length), both.subarray(good.length)];
    expect(first.readBigInt64BE(43)).to.equal(1004n);
    expect(first.readUInt32BE(17)).to.equal(crc32c(first.subarray(21)) >>> 0);
    expect(second.equals(bad)).to.equal(true);
    const answer = { producerId: 1004, records: first };
    variables.restoreProducers(answer);
    expect(answer.producerId).to.equal(4);
    expect(first.equals(good)).to.equal(true);
  });
});

describe('Lines are left out', () => {
  const broker = { host: '127.0.0.1', port: 1 };
  const facts = (keys: readonly number[], isForeign = false): TargetFacts => ({
    isForeign,
    served: new Map(keys.map((key) => [key, { minVersion: 0, maxVersion: 99 }])),
    listeners: new Map([['broker', broker]]),
  });
  const reasonOf = (id: string, keys: readonly number[]) => {
    const line = lineOf(id);
    const api = line.key === undefined ? undefined : apisByKey.get(line.key);
    const request =
      api === undefined ? undefined : decodeRequest(api, line.version, Buffer.from(line.requestHex ?? '', 'hex')).body;
    return skipReason(line, request, facts(keys));
  };

  it('for a listener, an API or a feature that is not served', () => {
    expect(reasonOf('create.on-controller', [19])).to.match(/^listener: /);
    expect(reasonOf('sasl.handshake', [17])).to.match(/^listener: /);
    expect(reasonOf('cgh.join', [0, 3])).to.match(/^API: ConsumerGroupHeartbeat \(68\)/);
    expect(reasonOf('cge.commit.low', [8])).to.match(/^earlier state: needs the consumer groups/);
    expect(reasonOf('cge.commit.low', [8, 68])).to.equal(undefined);
    expect(reasonOf('txn.init', [22])).to.match(/^feature: transactions/);
    expect(reasonOf('initpid.null.v5', [22])).to.equal(undefined);
    expect(reasonOf('coord.txn.ready', [10])).to.match(/^feature: no such coordinator/);
    expect(reasonOf('coord.txn.ready', [10, 24])).to.equal(undefined);
    expect(reasonOf('coord.txn.v1', [10])).to.equal(undefined);
    expect(reasonOf('coord.group.ready', [10])).to.equal(undefined);
  });

  it('never when the API, its listener and the state are there', () => {
    const all = {
      isForeign: false,
      served: everything,
      listeners: new Map((['broker', 'controller', 'sasl'] as const).map((name) => [name, broker])),
    };
    for (const line of [...lines, ...groupLines]) expect(skipReason(line, undefined, all), line.id).to.equal(undefined);
  });
});

/** Answers each request frame as `answer` says: bytes, nothing, or the end of the connection. */
async function withPeer(
  answer: (frame: Buffer, unframed: Buffer) => Buffer | 'closed' | 'silent',
  act: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const frame = pending.subarray(4, 4 + pending.readInt32BE(0));
        pending = pending.subarray(4 + frame.length);
        const reply = answer(frame, pending);
        if (reply === 'closed') return socket.destroy();
        if (reply === 'silent') continue;
        const size = Buffer.alloc(4);
        size.writeInt32BE(reply.length);
        socket.write(Buffer.concat([size, reply]));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    await act(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('A replay', () => {
  const byRequest = new Map([...lines, ...groupLines].map((line) => [line.requestHex ?? '', line]));
  const recordedReply = (frame: Buffer) => {
    const line = byRequest.get(frame.toString('hex'));
    if (line === undefined) throw new Error('a request that was never recorded');
    return line.responseHex === null ? (line.end ?? 'silent') : Buffer.from(line.responseHex, 'hex');
  };
  const run = async (
    ids: readonly (string | Line)[],
    answer: Parameters<typeof withPeer>[0],
    deviations: ConstructorParameters<typeof Replay>[2] = [],
  ) => {
    const outcomes: Outcome[] = [];
    await withPeer(answer, async (port) => {
      const listeners = new Map([['broker', { host: '127.0.0.1', port }]] as const);
      const replay = new Replay(apisByKey, { isForeign: false, served: everything, listeners }, deviations);
      for await (const outcome of replay.run(ids.map((id) => (typeof id === 'string' ? lineOf(id) : id))))
        outcomes.push(outcome);
    });
    return outcomes.map(({ line, verdict, details }) => [line.id, verdict, ...details]);
  };

  it('passes where the peer is the recorded one, closed and pipelined lines included', async () => {
    const ids = [
      'versions.broker.v0',
      'metadata.by-id.v12',
      'frames.truncated-body',
      'frames.trailing-bytes',
      'frames.pipeline.1',
      'frames.pipeline.2',
    ];
    expect(await run(ids, recordedReply)).to.deep.equal(ids.map((id) => [id, 'passed']));
  });

  it('fails where an answer is another one, or none', async () => {
    const other = Buffer.from(lineOf('create.exists.v2').responseHex ?? '', 'hex');
    other.writeInt16BE(41, other.indexOf(Buffer.from([0, 36])));
    const [outcome] = await run(['create.exists.v2'], () => other);
    expect(outcome).to.deep.equal(['create.exists.v2', 'failed', '/topics/0/errorCode: expected 36 got 41']);
    const [closed] = await run(['create.exists.v2'], () => 'closed');
    expect(closed).to.deep.equal(['create.exists.v2', 'failed', 'expected answer got closed']);
    const [spoken] = await run(['frames.truncated-body'], () =>
      Buffer.from(lineOf('frames.trailing-bytes').responseHex ?? '', 'hex'),
    );
    expect(spoken?.[1]).to.equal('failed');
  });

  it('asks again while the peer says that it is not ready', async () => {
    const retriable = Buffer.from(lineOf('initpid.first').responseHex ?? '', 'hex');
    let times = 0;
    const outcomes = await run(['initpid.ready'], (frame) => {
      if (times++ > 0) return recordedReply(frame);
      const reply = Buffer.from(retriable);
      reply.writeInt32BE(frame.readInt32BE(4), 0);
      return reply;
    });
    expect(outcomes).to.deep.equal([['initpid.ready', 'passed']]);
    expect(times).to.equal(2);
  });

  it('repeats a polled line until the answer is the recorded one, and waits before lines that say so', async () => {
    const line = { ...lineOf('cgm.1.r1.m1'), poll: true, waitMs: 20 };
    const other = Buffer.from(lineOf('cgm.six').responseHex ?? '', 'hex');
    let times = 0;
    const started = performance.now();
    const outcomes = await run([line], (frame) => {
      const reply = times++ > 0 ? Buffer.from(line.responseHex ?? '', 'hex') : Buffer.from(other);
      reply.writeInt32BE(frame.readInt32BE(4), 0);
      return reply;
    });
    expect(outcomes).to.deep.equal([[line.id, 'passed']]);
    expect(times).to.equal(2);
    expect(performance.now() - started).to.be.greaterThan(19);
  });

  it('sends a line as often as it was sent, not counting where that was too early', async () => {
    const recorded = lineOf('txx.many');
    const tooEarly = Buffer.from(recorded.responseHex ?? '', 'hex');
    // The error code stands behind the header and the time to throttle.
    tooEarly.writeInt16BE(51, 9);
    let times = 0;
    const outcomes = await run([{ ...recorded, repeat: 5 }], () =>
      times++ % 2 === 0 ? tooEarly : (recordedReply(Buffer.from(recorded.requestHex ?? '', 'hex')) as Buffer),
    );
    expect(outcomes).to.deep.equal([['txx.many', 'passed']]);
    expect(times).to.equal(10);
  });

  it('counts a deviation only with the answer that the list names', async () => {
    const line = lineOf('produce.null.v9');
    const answered = Buffer.from(lineOf('produce.empty.v9').responseHex ?? '', 'hex');
    const reply = (frame: Buffer) => {
      answered.writeInt32BE(frame.readInt32BE(4), 0);
      return answered;
    };
    const listed = (answer: unknown) => [{ ids: [line.id], answer, reason: 'better' }];
    const json = lineOf('produce.empty.v9').responseJson;
    expect(await run([line.id], reply, listed(json))).to.deep.equal([[line.id, 'deviates', 'better']]);
    expect((await run([line.id], reply, listed({ throttleTimeMs: 1 })))[0]?.[1]).to.equal('failed');
    expect((await run([line.id], reply))[0]?.[1]).to.equal('failed');
  });
});
