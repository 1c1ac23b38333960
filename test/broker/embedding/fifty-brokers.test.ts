// As a large test suite uses us: fifty brokers in one process one after another, a client off the shelf on each. It takes no
// part in a race with the machine's other work, so the time is told and not asserted: under 5 s on a free one.
import { expect } from 'chai';
import kafkajs, { logLevel } from 'kafkajs';
import { startBroker } from '../../../src/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { eventually } from '../live-broker.ts';

const BROKERS = 50;

/** One test of somebody's suite: produce, and consume it in a group. */
async function useBroker(round: number): Promise<string> {
  await using broker = await startBroker({ profile: 'test', topics: { orders: 3 } });
  const kafka = new kafkajs.Kafka({
    clientId: `suite-${round}`,
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer();
  const consumer = kafka.consumer({ groupId: 'billing' });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  const arrived = new Promise<string>((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) });
  });
  await producer.send({ topic: 'orders', messages: [{ key: 'a', value: `order ${round}` }] });
  const value = await arrived;
  await Promise.all([consumer.disconnect(), producer.disconnect()]);
  return value;
}

/** What keeps the process alive; an immediate is the test's own. */
const handles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Immediate')
    .sort();

describe('Fifty brokers in one process', () => {
  it('serve kafkajs one after another, and leave no handle open', async function () {
    this.timeout(120_000);
    // Loads what is loaded once.
    await useBroker(-1);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    const before = handles();
    const startedMs = performance.now();
    for (let round = 0; round < BROKERS; round++) expect(await useBroker(round)).to.equal(`order ${round}`);
    console.log(`      ${BROKERS} brokers in ${((performance.now() - startedMs) / 1000).toFixed(2)} s`);
    await eventually('all handles are gone', () => handles().join() === before.join());
  });
});
