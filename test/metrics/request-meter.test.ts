// What a request is said to have taken: its own time, however many came with it.
import { expect } from 'chai';
import { defineHandler, OPEN_TO_ALL } from '../../src/api-handlers/index.ts';
import { RequestMeter } from '../../src/metrics/request-meter.ts';
import { TopicMeter } from '../../src/metrics/topic-meter.ts';
import { Produce } from '../../src/protocol/messages/00-produce.ts';
import { Metadata } from '../../src/protocol/messages/03-metadata.ts';
import { Bench, metadata, request, served } from '../broker/network/bench.ts';

const WORK_MS = 1;
const WAIT_MS = 20;
const produce = (id: number): Buffer => request(Produce, 9, id, { acks: 1, timeoutMs: 1, topicData: [] });

/** A listener on which a Produce request works for a while, then waits, and a Metadata request works only. */
async function openBench(): Promise<{ bench: Bench; meter: RequestMeter }> {
  let workedMs = 0;
  const produced = defineHandler(Produce, {
    authorize: OPEN_TO_ALL,
    keepsFrame: true,
    handle() {
      workedMs += WORK_MS;
      return new Promise((resolve) => bench.clock.schedule(WAIT_MS, () => resolve({ responses: [] })));
    },
    failed: () => ({ responses: [] }),
  });
  const asked = defineHandler(Metadata, {
    authorize: OPEN_TO_ALL,
    handle() {
      workedMs += WORK_MS;
      return { brokers: [], topics: [] };
    },
    failed: () => ({ brokers: [], topics: [] }),
  });
  const apis = [served(produced, 0), served(asked, 3)];
  const bench = await Bench.open(apis);
  const monotonicMs = bench.clock.monotonicMs.bind(bench.clock);
  bench.clock.monotonicMs = () => monotonicMs() + workedMs;
  const meter = new RequestMeter(bench.clock, new TopicMeter(1, { has: () => false, nameOf: () => undefined }));
  bench.dispatcher.open(apis, [], meter);
  await bench.run();
  return { bench, meter };
}

describe('the times of requests', () => {
  it('are those of each alone, where many that wait came at once', async () => {
    const { bench, meter } = await openBench();
    bench.client.send([Buffer.concat([1, 2, 3].map(produce))]);
    await bench.run();
    const { local, remote, total } = meter.apis.get('Produce')!;
    expect(bench.answered()).to.deep.equal([1, 2, 3]);
    expect(local.sum).to.equal(3 * WORK_MS * 1000);
    expect(local.sum + remote.sum).to.equal(total.sum);
    expect(total.sum).to.be.at.least(3 * (WORK_MS + WAIT_MS) * 1000);
  });

  it('are those of each alone, where many that are answered at once came together', async () => {
    const { bench, meter } = await openBench();
    bench.client.send([Buffer.concat([1, 2, 3].map(metadata))]);
    await bench.run();
    const { local, remote, total } = meter.apis.get('Metadata')!;
    expect(bench.answered()).to.deep.equal([1, 2, 3]);
    expect(total.sum).to.equal(3 * WORK_MS * 1000);
    expect(local.sum).to.equal(total.sum);
    expect(remote.sum).to.equal(0);
  });

  it('are of one in several where there are very many, and all are counted', async () => {
    const { bench, meter } = await openBench();
    const count = 4_000;
    for (let at = 0; at < count; at += 100) {
      bench.client.send([Buffer.concat(Array.from({ length: 100 }, (_, of) => metadata(at + of)))]);
      await bench.run();
    }
    const { total, local, requestBytes, responseBytes, requests } = meter.apis.get('Metadata')!;
    const told = [total.count, local.count, requestBytes.count, responseBytes.count, requests[1]];
    expect(told).to.deep.equal(told.map(() => count));
    expect(requestBytes.sum).to.equal(count * (metadata(0).length - 4));
  });

  it('do not begin before a request came', async () => {
    const { bench, meter } = await openBench();
    bench.client.send([metadata(1)]);
    await bench.run(500);
    bench.client.send([metadata(2)]);
    await bench.run();
    expect(meter.apis.get('Metadata')!.total.sum).to.equal(2 * WORK_MS * 1000);
  });
});
