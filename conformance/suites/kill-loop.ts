// kill -9 under load, again and again on the same directory: no acknowledged record lost, none twice, no gap.

import { type Suite, type SuiteContext, that } from '../suite.ts';
import { IdempotentProducer } from '../idempotent-producer.ts';
import { freePort, type RunningBroker } from '../targets/target.ts';
import { WireConnection } from '../wire/connection.ts';
import { batchesOf, computedCrc, recordsOf } from '../wire/record-batch.ts';
import { createTopics, fetch } from '../wire/requests.ts';

const KILLS = Number(process.env['OTTLA_KILLS'] ?? 50);
const PARTITIONS = 4;
const TOPIC = 'kill-loop';
/** Up to this long under load before each kill. */
const LOAD_MS = 400;

export const killLoop: Suite = {
  name: 'kill-loop',
  isBlackBox: true,
  available: () => Promise.resolve({ version: `${KILLS} kills` }),
  run,
};

async function run({ target, scratch, cases, progress }: SuiteContext): Promise<void> {
  const options = { dataDirectory: `${scratch}/broker`, port: await freePort() };
  let broker = await target.start(options);
  const connection = await WireConnection.open(broker.bootstrap);
  // Small segments, so that kills fall into rolls too.
  const configs = { 'segment.bytes': '4194304' };
  await createTopics(connection, [{ name: TOPIC, partitions: PARTITIONS, configs }]);
  await connection.close();
  const producers = startProducers(broker);
  const killsAt: number[] = [];
  await cases.run(
    `${KILLS} kills, each broker comes back`,
    async () => {
      for (let kill = 1; kill <= KILLS; kill++) {
        await until(producers, kill);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * LOAD_MS));
        await broker.kill();
        killsAt.push(producers.reduce((sum, p) => sum + p.acknowledged, 0));
        broker = await target.start(options);
        if (kill % 10 === 0) progress(`${kill} kills, ${killsAt.at(-1)} records acknowledged`);
      }
    },
    KILLS * 30_000,
  );
  await cases.run('every producer gets through to the end', () => Promise.all(producers.map((p) => p.stop())).then());
  await cases.run('no refusal that tells of a lost batch', () => {
    const faults = producers.flatMap((p) => p.faults);
    that(faults.length === 0, faults.slice(0, 5).join('; '));
  });
  const seen = await verify(broker, producers);
  progress(`${seen.records} records read back, ${seen.acknowledged} acknowledged`);
  await cases.run('0 acknowledged records lost', () => that(seen.lost === 0, `${seen.lost} lost`));
  await cases.run('0 duplicates', () => that(seen.duplicates === 0, `${seen.duplicates} duplicates`));
  await cases.run('0 gaps', () => that(seen.gaps === 0, `${seen.gaps} gaps`));
  await cases.run('0 batches with a wrong checksum', () => that(seen.corrupt === 0, `${seen.corrupt} batches`));
  await broker.stop();
}

function startProducers(broker: RunningBroker): IdempotentProducer[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const shape = { acks: partition % 2 === 0 ? -1 : 1, recordsPerBatch: 1 + partition * 7, valueBytes: 300 };
    return new IdempotentProducer({ bootstrap: broker.bootstrap, topic: TOPIC, partition, ...shape });
  });
}

/** Each round has to make progress before its kill, or nothing would be proven. */
async function until(producers: readonly IdempotentProducer[], round: number): Promise<void> {
  const before = producers.map((p) => p.acknowledged);
  const deadline = Date.now() + 20_000;
  while (producers.some((p, i) => p.acknowledged === before[i])) {
    if (Date.now() > deadline) throw new Error(`round ${round}: nothing acknowledged for 20 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

interface Verdict {
  records: number;
  acknowledged: number;
  lost: number;
  duplicates: number;
  gaps: number;
  corrupt: number;
}

async function verify(broker: RunningBroker, producers: readonly IdempotentProducer[]): Promise<Verdict> {
  const verdict: Verdict = { records: 0, acknowledged: 0, lost: 0, duplicates: 0, gaps: 0, corrupt: 0 };
  const connection = await WireConnection.open(broker.bootstrap);
  for (const [partition, producer] of producers.entries()) {
    const next = await readBack(connection, partition, verdict);
    verdict.acknowledged += producer.acknowledged;
    verdict.lost += Math.max(0, producer.acknowledged - next);
  }
  await connection.close();
  return verdict;
}

/** Returns the number of the record that would come next. */
async function readBack(connection: WireConnection, partition: number, verdict: Verdict): Promise<number> {
  let next = 0;
  for (let offset = 0; ; ) {
    const { errorCode, highWatermark, records } = await fetch(connection, { topic: TOPIC, partition, offset });
    if (errorCode !== 0) throw new Error(`Fetch answered error ${errorCode}`);
    for (const batch of batchesOf(records)) {
      if (batch.crc !== computedCrc(batch)) verdict.corrupt++;
      if (batch.baseOffset !== offset) verdict.gaps++;
      for (const { value } of recordsOf(batch)) {
        const number = Number(value?.toString('latin1').split(':', 2)[1]);
        if (number < next) verdict.duplicates++;
        else verdict.gaps += number - next;
        next = Math.max(next, number + 1);
        verdict.records++;
      }
      offset = batch.lastOffset + 1;
    }
    if (offset >= highWatermark) return next;
    if (records.length === 0) throw new Error(`nothing at offset ${offset} below the high watermark ${highWatermark}`);
  }
}
