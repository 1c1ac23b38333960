// kafka-producer-perf-test: how fast records are taken, and how long each waits (org.apache.kafka.tools.ProducerPerformance).
import { Producer } from '../../client/index.ts';
import { delay } from '../../runtime/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { clientConfig } from './client-config.ts';
import { illegalArgument } from './java-error.ts';
import { ProducerStats } from './perf-stats.ts';
import { type ProducerPerfCall, producerPerfCall } from './producer-perf-options.ts';
import { tool } from './run-tool.ts';

/** Records on their way; the next one waits. */
const MOST_PENDING = 20_000;
/** Capital letters, as the original makes them. */
const LETTERS = 26;
const FIRST_LETTER = 65;

export const producerPerfTest = tool(async (args, io) => {
  const call = producerPerfCall(io, args);
  const { transactionalId } = call;
  await using producer = new Producer({
    ...clientConfig(io, call.bootstrapServers, call.properties),
    ...(transactionalId !== undefined && { transactionalId }),
  });
  if (transactionalId !== undefined) await producer.initTransactions();
  if (call.warmupRecords > 0) {
    print(
      io,
      `Warmup first ${call.warmupRecords} records. Steady state results will print after the complete test summary.`,
    );
  }
  await new PerfRun(io, call, producer).run();
});

class PerfRun {
  readonly #io: ToolIo;
  readonly #call: ProducerPerfCall;
  readonly #producer: Producer;
  readonly #stats: ProducerStats;
  readonly #random: Uint8Array;
  #steady: ProducerStats | undefined;
  #pending = 0;
  #wake: () => void = () => undefined;
  #transactionStartMs: number | undefined;

  constructor(io: ToolIo, call: ProducerPerfCall, producer: Producer) {
    this.#io = io;
    this.#call = call;
    this.#producer = producer;
    this.#stats = new ProducerStats(io.runtime.clock, call.records, call.reportingIntervalMs, false);
    this.#random = new Uint8Array(call.recordSize ?? 0);
  }

  async run(): Promise<void> {
    const { records, warmupRecords, reportingIntervalMs } = this.#call;
    const { clock } = this.#io.runtime;
    const startMs = clock.monotonicMs();
    for (let index = 0; index < records && !this.#io.signal.aborted; index++) {
      if (warmupRecords > 0 && index === warmupRecords) {
        this.#steady = new ProducerStats(clock, records - warmupRecords, reportingIntervalMs, true);
        this.#stats.suppressPrinting();
      }
      await this.#send(index);
      await this.#keepPace(index + 1, startMs);
    }
    if (this.#transactionStartMs !== undefined) await this.#producer.commit();
    await this.#producer.flush();
    print(this.#io, this.#stats.totalLine());
    if (this.#steady !== undefined) print(this.#io, this.#steady.totalLine());
  }

  async #send(index: number): Promise<void> {
    const { clock } = this.#io.runtime;
    const { topic, transactionalId, transactionDurationMs } = this.#call;
    if (transactionalId !== undefined && this.#transactionStartMs === undefined) {
      this.#producer.begin();
      this.#transactionStartMs = clock.monotonicMs();
    }
    const value = this.#payload(index);
    const sentMs = clock.monotonicMs();
    const steady = this.#steady;
    this.#pending++;
    this.#producer
      .send(topic, { value })
      .then(() => this.#done(Math.round(clock.monotonicMs() - sentMs), value.length, steady))
      .catch((error: unknown) => print(this.#io, String(error)))
      .finally(() => {
        this.#pending--;
        this.#wake();
      });
    while (this.#pending >= MOST_PENDING) await this.#room();
    const beganMs = this.#transactionStartMs;
    if (beganMs === undefined || clock.monotonicMs() - beganMs < transactionDurationMs) return;
    await this.#producer.commit();
    this.#transactionStartMs = undefined;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #done(latencyMs: number, bytes: number, steady: ProducerStats | undefined): void {
    const line = this.#stats.record(latencyMs, bytes);
    const steadyLine = steady?.record(latencyMs, bytes);
    if (line !== undefined) print(this.#io, line);
    if (steadyLine !== undefined) print(this.#io, steadyLine);
  }

  #payload(index: number): Uint8Array {
    const { payloads, recordSize, isMonotonic } = this.#call;
    const { random } = this.#io.runtime;
    if (payloads.length > 0) return payloads[Math.trunc(random.next() * payloads.length)] as Uint8Array;
    if (isMonotonic) return Buffer.from(String(index));
    if (recordSize === undefined)
      throw illegalArgument('No payload file, record size or payload-monotonic option provided.');
    const payload = Uint8Array.from(this.#random);
    for (let at = 0; at < payload.length; at++) payload[at] = FIRST_LETTER + Math.trunc(random.next() * LETTERS);
    return payload;
  }

  /** Waits while more records have been sent than the throughput allows. */
  async #keepPace(sent: number, startMs: number): Promise<void> {
    const { throughput } = this.#call;
    if (throughput < 0) return;
    const { clock } = this.#io.runtime;
    const dueMs = startMs + (sent / throughput) * 1000 - clock.monotonicMs();
    if (dueMs > 1) await delay(clock, dueMs);
  }
}
