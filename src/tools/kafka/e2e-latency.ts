// kafka-e2e-latency: how long it takes from the sending of a record until it is read, one after the other
// (org.apache.kafka.tools.EndToEndLatency).
import { type Admin, ClusterClient, Consumer, Producer, type RecordHeader } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { clientConfig } from './client-config.ts';
import { type LatencyCall, latencyCall } from './e2e-latency-options.ts';
import { illegalArgument, JavaError } from './java-error.ts';
import { toolWithTrace } from './run-tool.ts';

const POLL_MS = 60_000;
const PARTITIONS = 1;
const REPLICAS = 1;
/** Capital letters, as the original makes them. */
const LETTERS = 26;
const FIRST_LETTER = 65;
const REPORT_EVERY = 1000;

export const e2eLatency = toolWithTrace(async (args, io) => {
  const call = latencyCall(io, args);
  const { topic, acks } = call;
  const config = clientConfig(io, call.bootstrapServers, call.properties);
  await using client = new ClusterClient(config);
  const admin = client.admin();
  const listed = await admin.listTopics();
  if (!listed.some(({ name }) => name === topic)) await create(io, admin, topic);
  const described = await admin.describeTopics([topic]);
  const found = described.get(topic);
  if (found === undefined || found instanceof Error) throw found ?? illegalArgument(topic);
  await using consumer = new Consumer({ client, autoCommit: false, maxWaitMs: POLL_MS, autoOffsetReset: 'latest' });
  const places = found.partitions.map(({ partition }) => ({ topic, partition }));
  const ends = await consumer.endOffsets(places);
  consumer.assign(ends.map(({ partition, offset }) => ({ topic, partition, offset })));
  await using producer = new Producer({ client, acks: acks === 'all' || acks === '-1' ? 'all' : 1, lingerMs: 0 });
  await measure(io, call, producer, consumer);
});

async function create(io: ToolIo, admin: Admin, topic: string): Promise<void> {
  print(
    io,
    `Topic "${topic}" does not exist. Will create topic with ${PARTITIONS} partition(s) and replication factor = ${REPLICAS}`,
  );
  const outcomes = await admin.createTopics([{ name: topic, partitions: PARTITIONS, replicationFactor: REPLICAS }]);
  const outcome = outcomes.get(topic);
  if (outcome instanceof Error) throw outcome;
}

async function measure(io: ToolIo, call: LatencyCall, producer: Producer, consumer: Consumer): Promise<void> {
  const { clock } = io.runtime;
  const latencies: number[] = [];
  let totalMs = 0;
  for (let index = 0; index < call.records && !io.signal.aborted; index++) {
    const record = {
      key: call.keySize > 0 ? letters(io, call.keySize) : null,
      value: letters(io, call.recordSize),
      headers: headersOf(io, call),
    };
    const beganMs = clock.monotonicMs();
    await producer.send(call.topic, record);
    const [found, ...others] = await consumer.poll(POLL_MS);
    const elapsedMs = clock.monotonicMs() - beganMs;
    if (found === undefined) throw failure(`poll() timed out before finding a result (timeout:[${POLL_MS}ms])`);
    if (others.length > 0) {
      throw failure(`Only one result was expected during this test. We found [${others.length + 1}]`);
    }
    check('value', record.value, found.value);
    check('key', record.key, found.key);
    if (index % REPORT_EVERY === 0) print(io, `${index}\t${elapsedMs}`);
    totalMs += elapsedMs;
    latencies.push(Math.trunc(elapsedMs));
  }
  tell(io, totalMs, latencies);
}

function tell(io: ToolIo, totalMs: number, latencies: readonly number[]): void {
  const sorted = [...latencies].sort((a, b) => a - b);
  print(io, `Avg latency: ${(totalMs / latencies.length).toFixed(4)} ms`);
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((part) => sorted[Math.trunc(sorted.length * part)]);
  print(io, `Percentiles: 50th = ${p50}, 99th = ${p99}, 99.9th = ${p999}`);
}

const failure = (message: string): JavaError => new JavaError('java.lang.RuntimeException', message);

function check(what: string, sent: Uint8Array | null, read: Uint8Array | null): void {
  const [wanted, found] = [sent, read].map((bytes) => (bytes === null ? null : Buffer.from(bytes).toString('latin1')));
  if (wanted !== found)
    throw failure(`The message ${what} read [${found}] did not match the message ${what} sent [${wanted}]`);
}

function letters(io: ToolIo, size: number): Uint8Array {
  const { random } = io.runtime;
  return Uint8Array.from({ length: size }, () => FIRST_LETTER + Math.trunc(random.next() * LETTERS));
}

function headersOf(io: ToolIo, { headers, headerKeySize, headerSize }: LatencyCall): RecordHeader[] {
  return Array.from({ length: headers }, () => ({
    key: Buffer.from(letters(io, headerKeySize)).toString('latin1'),
    value: headerSize < 0 ? null : letters(io, headerSize),
  }));
}
