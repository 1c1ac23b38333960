// Frames to responses, over a network inside the process: order, laziness, and every way in which a request goes wrong.
import { expect } from 'chai';
import { CLOSE, defineHandler, NO_RESPONSE, OPEN_TO_ALL } from '../../../src/api-handlers/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { Bench, frame, metadata, request, served } from './bench.ts';

const answer = { brokers: [], topics: [] };
const failed = (_: unknown, errorCode: number) => ({ ...answer, clusterId: `failed ${errorCode}` });

describe('Dispatcher', () => {
  it('answers the requests of a connection in their order, one at a time', async () => {
    const open: ((value: typeof answer) => void)[] = [];
    let begun = 0;
    const handler = defineHandler(Metadata, {
      authorize: OPEN_TO_ALL,
      handle: () => {
        begun += 1;
        return new Promise<typeof answer>((resolve) => void open.push(resolve));
      },
      failed,
    });
    const bench = await Bench.open([served(handler, 3)]);
    bench.client.send([Buffer.concat([metadata(1), metadata(2), metadata(3)])]);
    await bench.run();
    expect(begun, 'begun before the first was answered').to.equal(1);
    for (let done = 1; done <= 3; done += 1) {
      open.shift()?.(answer);
      await bench.run();
    }
    expect(bench.answered()).to.deep.equal([1, 2, 3]);
  });

  it('begins Produce behind Produce, and still answers in order', async () => {
    const open: ((value: object) => void)[] = [];
    const handler = defineHandler(Produce, {
      authorize: OPEN_TO_ALL,
      keepsFrame: true,
      handle: () => new Promise<never>((resolve) => void open.push(resolve as never)),
      failed: () => ({ responses: [] }),
    });
    const bench = await Bench.open([served(handler, 0)]);
    const produce = (id: number): Buffer => request(Produce, 9, id, { acks: 1, timeoutMs: 1, topicData: [] });
    bench.client.send([produce(1)]);
    await bench.run();
    bench.client.send([Buffer.concat([produce(2), produce(3)])]);
    await bench.run();
    expect(open.length).to.equal(3);
    open[2]?.({ responses: [] });
    open[1]?.({ responses: [] });
    await bench.run();
    expect(bench.answered()).to.deep.equal([]);
    open[0]?.({ responses: [] });
    await bench.run();
    expect(bench.answered()).to.deep.equal([1, 2, 3]);
    expect(bench.buffers.usedBytes, 'frames were given back').to.be.at.most(512 * 1024);
  });

  it('turns what a handler throws into the error answer of its API', async () => {
    const codes: number[] = [];
    let turn = 0;
    const handler = defineHandler(Metadata, {
      authorize: OPEN_TO_ALL,
      handle: () => {
        turn += 1;
        if (turn === 1) throw new KafkaError(Errors.INVALID_TOPIC_EXCEPTION);
        return Promise.reject(new TypeError('a fault of ours'));
      },
      failed: (_, code) => {
        codes.push(code);
        return answer;
      },
    });
    const bench = await Bench.open([served(handler, 3)]);
    bench.client.send([metadata(1), metadata(2)]);
    await bench.run();
    expect(codes).to.deep.equal([Errors.INVALID_TOPIC_EXCEPTION, Errors.UNKNOWN_SERVER_ERROR]);
    expect(bench.answered()).to.deep.equal([1, 2]);
    expect(bench.lines.map((line) => line.message)).to.deep.equal(['a request handler failed']);
  });

  it('sends nothing for NO_RESPONSE, and for CLOSE answers what came before', async () => {
    let turn = 0;
    const outcomes = [NO_RESPONSE, answer, CLOSE] as const;
    const handler = defineHandler(Metadata, {
      authorize: OPEN_TO_ALL,
      handle: () => outcomes[turn++] ?? answer,
      failed,
    });
    const bench = await Bench.open([served(handler, 3)]);
    bench.client.send([metadata(1), metadata(2), metadata(3), metadata(4)]);
    await bench.run();
    expect(bench.answered()).to.deep.equal([2]);
    expect(bench.isClosed).to.equal(true);
  });

  const bad: readonly [string, Buffer][] = [
    ['a frame of size 0', Buffer.from([0, 0, 0, 0])],
    ['a negative size', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a size above socket.request.max.bytes', Buffer.from([0x7f, 0, 0, 0])],
    ['a frame without a whole header', Buffer.from([0, 0, 0, 4, 0, 3, 0, 1])],
    ['an API that is not served', frame(52, 0, 9, Buffer.alloc(20))],
    ['an unknown API', frame(999, 0, 9, Buffer.alloc(20))],
    ['a version that is not served', frame(3, 99, 9, Buffer.alloc(20))],
    ['a cut body', frame(3, 1, 9, Buffer.from([0, 0, 0, 5]))],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ];
  for (const [what, bytes] of bad) {
    it(`closes the connection for ${what}, after what was asked before is answered, with one log line`, async () => {
      const bench = await Bench.open([
        served(defineHandler(Metadata, { authorize: OPEN_TO_ALL, handle: () => answer, failed }), 3),
      ]);
      bench.client.send([metadata(1), bytes]);
      await bench.run();
      expect(bench.answered()).to.deep.equal([1]);
      expect(bench.isClosed).to.equal(true);
      expect(bench.lines.length).to.equal(1);
    });
  }

  it('answers an unknown version of ApiVersions in the form of version 0', async () => {
    const handler = defineHandler(ApiVersions, {
      authorize: OPEN_TO_ALL,
      handle: () => ({
        errorCode: Errors.UNSUPPORTED_VERSION,
        apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
      }),
      failed: (_, errorCode) => ({ errorCode, apiKeys: [] }),
    });
    const bench = await Bench.open([served(handler, 18)]);
    bench.client.send([frame(18, 99, 5, Buffer.alloc(3))]);
    await bench.run();
    expect(bench.received.toString('hex')).to.equal('00000010' + '00000005' + '0023' + '00000001' + '001200000004');
  });

  it('closes a connection that is idle, but not one with a request in process', async () => {
    const handler = defineHandler(Metadata, {
      authorize: OPEN_TO_ALL,
      handle: () => new Promise<never>(() => undefined),
      failed,
    });
    const bench = await Bench.open([served(handler, 3)], { maxIdleMs: 1000 });
    let idleClosed = false;
    bench.connect(() => {
      idleClosed = true;
    });
    bench.client.send([metadata(1)]);
    await bench.run(5000);
    expect(idleClosed).to.equal(true);
    expect(bench.listener.connectionCount).to.equal(1);
  });

  it('refuses a connection over the limit and says which limit', async () => {
    const bench = await Bench.open([]);
    bench.connect();
    bench.connect();
    await bench.run();
    expect(bench.listener.connectionCount).to.equal(2);
    expect(bench.lines[0]?.fields).to.include({ key: 'max.connections.per.ip', allowed: 2 });
  });
});
