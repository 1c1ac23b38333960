// The stages between a request and its handler: in their order, each of which lets pass, answers, refuses, delays or closes.
import { expect } from 'chai';
import {
  defineHandler,
  NO_RESPONSE,
  OPEN_TO_ALL,
  type Outcome,
  type RequestStage,
  type StagedRequest,
  type Verdict,
} from '../../../src/api-handlers/index.ts';
import { sessionStage } from '../../../src/broker/network/session.ts';
import { codecOf, Errors, KafkaError, Reader } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Metadata, type MetadataResponse } from '../../../src/protocol/messages/03-metadata.ts';
import { Bench, request, served } from './bench.ts';

const VERSION = 8;
const metadata = (id: number): Buffer => request(Metadata, VERSION, id, { topics: [] });
const produce = (id: number, acks = 1): Buffer => request(Produce, 9, id, { acks, timeoutMs: 1, topicData: [] });

/** A stage whose verdict on each request is what `decide` says. */
function stage(
  decide: (request: StagedRequest) => Verdict | undefined | Promise<Verdict | undefined>,
  more: Partial<RequestStage> = {},
): RequestStage {
  return { name: 'under test', mayHoldBack: true, enter: decide, ...more };
}

/** A listener whose handlers say that they were asked, in the cluster id of Metadata, and in `handled`. */
async function openBench(stages: readonly RequestStage[]): Promise<{ bench: Bench; handled: number[] }> {
  const handled: number[] = [];
  const answer = (clusterId: string) => ({ brokers: [], topics: [], clusterId });
  const asked = defineHandler(Metadata, {
    authorize: OPEN_TO_ALL,
    handle(_request, { correlationId }) {
      handled.push(correlationId);
      return answer('handled');
    },
    failed: (_request, code) => answer(`failed ${code}`),
  });
  const produced = defineHandler(Produce, {
    authorize: OPEN_TO_ALL,
    keepsFrame: true,
    handle({ acks }, { correlationId }) {
      handled.push(correlationId);
      return acks === 0 ? NO_RESPONSE : { responses: [] };
    },
    failed: () => ({ responses: [] }),
  });
  return { bench: await Bench.open([served(asked, 3), served(produced, 0)], { stages }), handled };
}

/** The answers to Metadata requests that have come, as `id: cluster id`, with the throttle time if there is one. */
function answers({ received }: Bench): string[] {
  const found: string[] = [];
  for (let at = 0; at + 4 <= received.length; ) {
    const size = received.readInt32BE(at);
    const reader = new Reader(received, at + 8, at + 4 + size);
    const { clusterId, throttleTimeMs } = codecOf(Metadata.response, VERSION).decode(reader) as MetadataResponse;
    const throttle = throttleTimeMs === 0 ? '' : ` after ${throttleTimeMs}`;
    found.push(`${received.readInt32BE(at + 4)}: ${clusterId}${throttle}`);
    at += 4 + size;
  }
  return found;
}

describe('The request pipeline', () => {
  it('passes every request through the stages in their order, then to its handler, and back', async () => {
    const steps: string[] = [];
    const noting = (name: string): RequestStage =>
      stage(() => void steps.push(`into ${name}`), {
        leave(_request: StagedRequest, outcome: Outcome<object>) {
          steps.push(`out of ${name}`);
          return outcome;
        },
      });
    const { bench } = await openBench([noting('one'), noting('two')]);
    bench.client.send([metadata(1)]);
    await bench.run();
    expect(answers(bench)).to.deep.equal(['1: handled']);
    expect(steps).to.deep.equal(['into one', 'into two', 'out of one', 'out of two']);
  });

  it('asks no stage behind one that has decided', async () => {
    let asked = 0;
    const refuse = stage(() => ({ kind: 'refuse', error: new KafkaError(Errors.CLUSTER_AUTHORIZATION_FAILED) }));
    const { bench, handled } = await openBench([refuse, stage(() => void (asked += 1))]);
    bench.client.send([metadata(1)]);
    await bench.run();
    expect(answers(bench)).to.deep.equal(['1: failed 31']);
    expect([asked, handled]).to.deep.equal([0, []]);
  });

  const thrown: readonly [string, () => never | Promise<never>, string, number][] = [
    [
      'throws a KafkaError',
      () => {
        throw new KafkaError(Errors.INVALID_REQUEST);
      },
      '1: failed 42',
      0,
    ],
    ['rejects with a fault of ours', () => Promise.reject(new TypeError('a fault')), '1: failed -1', 1],
  ];
  for (const [what, decide, expected, lines] of thrown) {
    it(`answers through the handler's error path when a stage ${what}`, async () => {
      const { bench, handled } = await openBench([stage(decide)]);
      bench.client.send([metadata(1)]);
      await bench.run();
      expect(answers(bench)).to.deep.equal([expected]);
      expect(handled).to.deep.equal([]);
      expect(bench.lines.length).to.equal(lines);
    });
  }

  it('sends what a stage answers instead, at once or by and by', async () => {
    const outcome = { brokers: [], topics: [], clusterId: 'instead' };
    const verdict: Verdict = { kind: 'answer', outcome };
    const verdicts = [verdict, Promise.resolve(verdict), Promise.resolve(undefined)];
    const { bench } = await openBench([stage(() => verdicts.shift())]);
    bench.client.send([metadata(1), metadata(2), metadata(3)]);
    await bench.run();
    expect(answers(bench)).to.deep.equal(['1: instead', '2: instead', '3: handled']);
  });

  it('closes the connection where a stage says so, behind the answers before it', async () => {
    const { bench } = await openBench([
      stage(({ context }) => (context.correlationId === 2 ? { kind: 'close' } : undefined)),
    ]);
    bench.client.send([metadata(1), metadata(2), metadata(3)]);
    await bench.run();
    expect(answers(bench)).to.deep.equal(['1: handled']);
    expect(bench.isClosed).to.equal(true);
  });

  it('keeps a request as long as a stage says, and those behind it', async () => {
    const refused: Verdict = { kind: 'refuse', error: new KafkaError(Errors.INVALID_REQUEST) };
    const delays: Verdict[] = [
      { kind: 'delay', delayMs: 1000, next: undefined },
      { kind: 'delay', delayMs: 1000, next: refused },
    ];
    const { bench, handled } = await openBench([stage(() => delays.shift())]);
    bench.client.send([metadata(1), metadata(2), metadata(3)]);
    await bench.run(900);
    expect(answers(bench)).to.deep.equal([]);
    await bench.run(900);
    expect(answers(bench)).to.deep.equal(['1: handled']);
    await bench.run(900);
    expect(answers(bench)).to.deep.equal(['1: handled', '2: failed 42', '3: handled']);
    expect(handled).to.deep.equal([1, 3]);
  });

  it('begins no Produce behind one that a stage may hold back', async () => {
    const waiting: (() => void)[] = [];
    let asked = 0;
    const holding = stage(() => {
      asked += 1;
      return new Promise((resolve) => void waiting.push(() => resolve(undefined)));
    });
    const { bench, handled } = await openBench([holding]);
    bench.client.send([produce(1), produce(2)]);
    await bench.run();
    expect(asked).to.equal(1);
    waiting.shift()?.();
    await bench.run();
    waiting.shift()?.();
    await bench.run();
    expect(handled).to.deep.equal([1, 2]);
    expect(bench.buffers.usedBytes, 'frames were given back').to.be.at.most(512 * 1024);
  });

  it('drops what is delayed when its client hangs up', async () => {
    const outcomes: unknown[] = [];
    const delaying = stage(() => ({ kind: 'delay', delayMs: 3_600_000, next: undefined }), {
      leave(_request, outcome) {
        outcomes.push(outcome);
        return outcome;
      },
    });
    const { bench, handled } = await openBench([delaying]);
    bench.client.send([metadata(1)]);
    await bench.run();
    bench.client.destroy();
    await bench.run();
    expect(outcomes).to.deep.equal([NO_RESPONSE]);
    await bench.run(4_000_000);
    expect(handled).to.deep.equal([]);
  });

  it('lets go of all that waits when the broker stops', async () => {
    const hour = { kind: 'delay', delayMs: 3_600_000, next: undefined } as const;
    const verdicts = [hour, hour, Promise.resolve(hour), new Promise<undefined>(() => undefined)];
    const { bench, handled } = await openBench([stage(() => verdicts.shift())]);
    bench.client.send([metadata(1), metadata(2), metadata(3), metadata(4)]);
    await bench.run();
    expect(answers(bench)).to.deep.equal([]);
    bench.dispatcher.endWaits();
    await bench.run();
    expect(answers(bench), 'delays are over').to.deep.equal(['1: handled', '2: handled', '3: handled']);
    expect(bench.isClosed, 'nobody waits for a verdict that does not come').to.equal(true);
    expect(handled).to.deep.equal([1, 2, 3]);
  });

  it('mutes a connection that is throttled, says so in the answer, and goes on when the time is over', async () => {
    const times = [1000, 0];
    const quota = stage(() => undefined, {
      mayHoldBack: false,
      leave(staged, outcome) {
        staged.throttleTimeMs = times.shift() ?? 0;
        return outcome;
      },
    });
    const { bench, handled } = await openBench([quota]);
    bench.client.send([metadata(1), metadata(2)]);
    await bench.run();
    expect(answers(bench)).to.deep.equal(['1: handled after 1000']);
    bench.client.send([metadata(3)]);
    await bench.run(900);
    expect(handled, 'while it is mute').to.deep.equal([1]);
    await bench.run(100);
    expect(answers(bench)).to.deep.equal(['1: handled after 1000', '2: handled', '3: handled']);
  });

  it('mutes for a request without an answer as well, and answers what came before the peer ended', async () => {
    const quota = stage(() => undefined, {
      mayHoldBack: false,
      leave(staged, outcome) {
        if (staged.context.correlationId === 1) staged.throttleTimeMs = 500;
        return outcome;
      },
    });
    const { bench, handled } = await openBench([quota]);
    bench.client.send([produce(1, 0), metadata(2)]);
    bench.client.end();
    await bench.run(400);
    expect(handled).to.deep.equal([1]);
    await bench.run(200);
    expect(answers(bench)).to.deep.equal(['2: handled']);
    expect(bench.isClosed).to.equal(true);
    expect(bench.listener.connectionCount).to.equal(0);
  });

  it('closes a connection at the first request after its authentication has lapsed', async () => {
    let expiresAtMs = Infinity;
    const { clock } = new Bench();
    const lapsing = stage(({ context }) => void Object.assign(context.session, { expiresAtMs }));
    const { bench } = await openBench([lapsing, sessionStage(clock)]);
    bench.client.send([metadata(1)]);
    await bench.run();
    expiresAtMs = clock.monotonicMs();
    bench.client.send([metadata(2)]);
    await bench.run();
    expect(answers(bench)).to.deep.equal(['1: handled']);
    expect(bench.isClosed).to.equal(true);
  });
});
