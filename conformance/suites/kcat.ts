// kcat 1.7 (librdkafka 2.0): list, produce, consume, query, with every codec, with nulls and headers.

import { Skip, type Suite, type SuiteContext, same, that } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { clusterOf } from '../targets/three-nodes.ts';
import { execOk } from '../toolchain/exec.ts';
import { kcat } from '../toolchain/librdkafka.ts';
import { WireConnection } from '../wire/connection.ts';
import { batchesOf, codecOf } from '../wire/record-batch.ts';
import { apiVersions, fetch } from '../wire/requests.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const MANY = 5_000;

export const kcatSuite: Suite = {
  name: 'kcat',
  isBlackBox: true,
  available: async () => {
    const found = await kcat();
    return typeof found === 'string' ? { missing: found } : found;
  },
  run,
};

async function run({ target, scratch, cases }: SuiteContext): Promise<void> {
  const ids = Array.from({ length: target.nodes ?? 1 }, (_, id) => id);
  const broker = await target.start({ dataDirectory: `${scratch}/broker` });
  const call = async (args: readonly string[], input?: string): Promise<string> => {
    const options = { timeoutMs: 30_000, ...(input === undefined ? {} : { input }) };
    return (await execOk('kcat', ['-b', broker.bootstrap, ...args], options)).stdout;
  };
  await cases.run('-L lists the broker', async () => {
    const text = await call(['-L']);
    that(text.includes(`broker 0 at ${broker.bootstrap}`) && text.includes(`${ids.length} brokers`), text);
  });
  await cases.run('-L -J is valid JSON with the controller', async () => {
    const seen = JSON.parse(await call(['-L', '-J'])) as { controllerid: number; brokers: { id: number }[] };
    same(
      seen.brokers.map((b) => b.id).sort((one, other) => one - other),
      ids,
      'brokers',
    );
    that(ids.includes(seen.controllerid), `controller ${seen.controllerid}`);
  });
  for (const codec of CODECS) await cases.run(`-P and -C with ${codec}`, () => roundTrip(call, codec));
  for (const [number, codec] of CODECS.entries()) {
    await cases.run(`-P -z ${codec} is stored as ${codec}`, () => storedAs(broker, codec, number));
  }
  await cases.run('keys, nulls and headers', () => keysAndHeaders(call));
  await cases.run('-p to every partition, -L shows four', async () => {
    for (const p of [0, 1, 2, 3]) await call(['-P', '-t', 'kcat-partitions', '-p', String(p)], `to ${p}\n`);
    that((await call(['-L', '-t', 'kcat-partitions'])).includes('with 4 partitions'), 'partitions');
    const text = await call(['-C', '-t', 'kcat-partitions', '-o', 'beginning', '-e', '-q', '-f', '%p %o %s\n']);
    same(text.trim().split('\n').sort(), ['0 0 to 0', '1 0 to 1', '2 0 to 2', '3 0 to 3'], 'records');
  });
  await cases.run('-o from the end, from an offset, -c', () => offsets(call));
  await cases.run('-Q by time', () => byTime(call));
  await cases.run('-X enable.idempotence and acks 0, 1, all', async () => {
    await call(['-P', '-t', 'kcat-acks', '-p', '0', '-X', 'enable.idempotence=true'], 'a\nb\nc\n');
    for (const acks of ['0', '1', '-1']) await call(['-P', '-t', 'kcat-acks', '-p', '0', '-X', `acks=${acks}`], 'd\n');
    const text = await call(['-C', '-t', 'kcat-acks', '-p', '0', '-o', 'beginning', '-e', '-q']);
    same(text.trim().split('\n'), ['a', 'b', 'c', 'd', 'd', 'd'], 'records');
  });
  await cases.run('a topic that cannot exist is an error', async () => {
    const failed = await call(['-L', '-t', 'no/such topic']).then(
      (text) => text,
      (error: Error) => error.message,
    );
    that(/invalid topic/i.test(failed), failed);
  });
}

type Call = (args: readonly string[], input?: string) => Promise<string>;

async function roundTrip(call: Call, codec: string): Promise<void> {
  const topic = `kcat-${codec}`;
  // Each alone is worth compressing: librdkafka sends a batch plain that does not shrink, and a batch may hold one record.
  const lines = Array.from({ length: MANY }, (_, i) => `record ${i} ${'x'.repeat(200 + (i % 200))}`);
  await call(['-P', '-t', topic, '-p', '0', '-z', codec], lines.join('\n'));
  const text = await call(['-C', '-t', topic, '-p', '0', '-o', 'beginning', '-e', '-q', '-f', '%o %s\n']);
  const read = text.trimEnd().split('\n');
  same(read.length, MANY, 'records');
  for (const [i, line] of read.entries()) same(line, `${i} ${lines[i]}`, `record ${i}`);
}

const FIND_COORDINATOR = 10;

async function storedAs(broker: RunningBroker, codec: string, number: number): Promise<void> {
  const connection = await WireConnection.open(await leaderOf(broker, `kcat-${codec}`));
  const advertised = await apiVersions(connection);
  const { records } = await fetch(connection, { topic: `kcat-${codec}`, partition: 0, offset: 0 });
  await connection.close();
  if (codec === 'lz4' && !advertised.has(FIND_COORDINATOR)) {
    throw new Skip(
      'librdkafka compresses with lz4 only where FindCoordinator is advertised, and sends plain batches else',
    );
  }
  same([...new Set([...batchesOf(records)].map(codecOf))], [number], 'codecs');
}

/** The address of the node that leads partition 0. */
async function leaderOf(broker: RunningBroker, topic: string): Promise<string> {
  const cluster = clusterOf(broker);
  if (cluster === undefined) return broker.bootstrap;
  const { topics } = await cluster.metadata([topic]);
  return cluster.node(topics[0]?.partitions.find(({ index }) => index === 0)?.leader ?? -1).bootstrap;
}

async function keysAndHeaders(call: Call): Promise<void> {
  const topic = 'kcat-keys';
  const produce = ['-P', '-t', topic, '-p', '0', '-K:', '-Z', '-H', 'one=1', '-H', 'two=zwei'];
  await call(produce, 'k1:v1\nk2:\n:v3\nschlüssel:wert\n');
  const format = '%o|%K|%k|%S|%s|%h\n';
  const text = await call(['-C', '-t', topic, '-p', '0', '-o', 'beginning', '-e', '-q', '-f', format]);
  const expected = [
    '0|2|k1|2|v1|one=1,two=zwei',
    '1|2|k2|-1||one=1,two=zwei',
    '2|-1||2|v3|one=1,two=zwei',
    '3|10|schlüssel|4|wert|one=1,two=zwei',
  ];
  same(text.trimEnd().split('\n'), expected, 'records');
}

async function offsets(call: Call): Promise<void> {
  const topic = 'kcat-offsets';
  await call(['-P', '-t', topic, '-p', '0'], Array.from({ length: 100 }, (_, i) => `${i}`).join('\n'));
  const consume = (...args: string[]): Promise<string> => call(['-C', '-t', topic, '-p', '0', '-e', '-q', ...args]);
  same((await consume('-o', '-3')).trim().split('\n'), ['97', '98', '99'], 'last three');
  same((await consume('-o', '40', '-c', '2')).trim().split('\n'), ['40', '41'], 'two from 40');
  same(await consume('-o', 'end'), '', 'from the end');
}

async function byTime(call: Call): Promise<void> {
  const topic = 'kcat-times';
  const before = Date.now() - 60_000;
  await call(['-P', '-t', topic, '-p', '0'], 'a\nb\n');
  const query = async (when: number): Promise<string> => (await call(['-Q', '-t', `${topic}:0:${when}`])).trim();
  same(await query(before), `${topic} [0] offset 0`, 'a minute ago');
  same(await query(-1), `${topic} [0] offset 2`, 'latest');
  same(await query(-2), `${topic} [0] offset 0`, 'earliest');
  same(await query(Date.now() + 600_000), `${topic} [0] offset -1`, 'in ten minutes');
}
