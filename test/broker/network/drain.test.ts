// How the connections of a listener end when the broker stops: answers first, then a moment for the peer to close.
import { expect } from 'chai';
import { defineHandler, OPEN_TO_ALL } from '../../../src/api-handlers/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { Bench, metadata, served } from './bench.ts';

const answer = { brokers: [], topics: [] };

describe('Connections of a broker that stops', () => {
  let bench: Bench;
  let answers: (() => void)[];
  let isOver: boolean;
  const handler = defineHandler(Metadata, {
    authorize: OPEN_TO_ALL,
    handle: () => new Promise<typeof answer>((resolve) => void answers.push(() => resolve(answer))),
    failed: () => answer,
  });

  beforeEach(async () => {
    answers = [];
    isOver = false;
    bench = await Bench.open([served(handler, 3)]);
  });
  const drain = (): void => void bench.listener.drainConnections().then(() => (isOver = true));
  const answerOne = async (): Promise<void> => {
    answers.shift()?.();
    await bench.run();
  };

  it('answer what they have received, nothing that comes later, and end', async () => {
    bench.client.send([metadata(1), metadata(2)]);
    await bench.run();
    drain();
    bench.client.send([metadata(3)]);
    await answerOne();
    expect([bench.answered(), bench.isClosed]).to.deep.equal([[1], false]);
    await answerOne();
    expect([bench.answered(), bench.isClosed]).to.deep.equal([[1, 2], true]);
    bench.client.end();
    await bench.run();
    expect([isOver, answers.length, bench.listener.connectionCount]).to.deep.equal([true, 0, 0]);
  });

  it('wait a second for a peer that does not close, and then go', async () => {
    bench.client.send([metadata(1)]);
    await bench.run();
    await answerOne();
    drain();
    await bench.run(900);
    expect([isOver, bench.listener.connectionCount]).to.deep.equal([false, 1]);
    await bench.run(200);
    expect([isOver, bench.listener.connectionCount]).to.deep.equal([true, 0]);
  });

  it('are not waited for when they have been silent for long', async () => {
    await bench.run(60_000);
    drain();
    await bench.run(0);
    expect([isOver, bench.listener.connectionCount]).to.deep.equal([true, 1]);
  });

  it('are muted no longer', async () => {
    const quota = {
      name: 'quota',
      mayHoldBack: false,
      enter: () => undefined,
      leave: <Outcome>(staged: { throttleTimeMs: number }, outcome: Outcome): Outcome => {
        staged.throttleTimeMs = 3_600_000;
        return outcome;
      },
    };
    bench = await Bench.open([served(handler, 3)], { stages: [quota] });
    bench.client.send([metadata(1), metadata(2)]);
    await bench.run();
    await answerOne();
    expect([bench.answered(), answers.length], 'the second is received and not begun').to.deep.equal([[1], 0]);
    drain();
    await bench.run();
    await answerOne();
    expect([bench.answered(), bench.isClosed]).to.deep.equal([[1, 2], true]);
  });
});
