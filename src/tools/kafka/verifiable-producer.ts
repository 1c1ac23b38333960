// kafka-verifiable-producer: increasing numbers into a topic, and an event for each that is acknowledged or not
// (org.apache.kafka.tools.VerifiableProducer).
import { Producer } from '../../client/index.ts';
import { delay } from '../../runtime/index.ts';
import type { ToolIo } from '../tool-io.ts';
import { clientConfig } from './client-config.ts';
import { thrown } from './java-error.ts';
import type { ArgparseValues } from './options/argparse.ts';
import { tool } from './run-tool.ts';
import { PRODUCER_PARSER } from './verifiable-arguments.ts';
import { tellEvent } from './verifiable-events.ts';
import { verifiableCall } from './verifiable-options.ts';

/** After so many records others get their turn. */
const TURN = 100;

export const verifiableProducer = tool(async (args, io) => {
  const { values, properties } = verifiableCall(io, PRODUCER_PARSER, args, '--producer.config');
  const acks = values.get('acks') as 0 | 1 | -1;
  const producer = new Producer({
    ...clientConfig(io, values.get('bootstrapServer') as string, properties),
    acks: acks === -1 ? 'all' : acks,
    idempotent: acks === -1,
  });
  const startMs = io.runtime.clock.nowMs();
  const run = new Run(io, values, producer);
  await run.run();
  await producer.close();
  tellEvent(io, 'shutdown_complete');
  const { sent, acked } = run;
  tellEvent(io, 'tool_data', {
    sent,
    acked,
    target_throughput: values.get('throughput'),
    // A virtual machine never gets here in the millisecond in which it began.
    avg_throughput: (1000 * acked) / Math.max(1, io.runtime.clock.nowMs() - startMs),
  });
});

class Run {
  readonly #io: ToolIo;
  readonly #values: ArgparseValues;
  readonly #producer: Producer;
  readonly #pending = new Set<Promise<void>>();
  readonly #startMs: number;
  #keys = 0;
  sent = 0;
  acked = 0;

  constructor(io: ToolIo, values: ArgparseValues, producer: Producer) {
    this.#io = io;
    this.#values = values;
    this.#producer = producer;
    this.#startMs = io.runtime.clock.nowMs();
  }

  /** Resolves when of all records it is known what became of them. */
  async run(): Promise<void> {
    tellEvent(this.#io, 'startup_complete');
    const given = this.#values.get('maxMessages') as number;
    const throughput = this.#values.get('throughput') as number;
    const { clock } = this.#io.runtime;
    const startMs = clock.monotonicMs();
    const most = given < 0 ? Number.POSITIVE_INFINITY : given;
    for (let index = 0; index < most && !this.#io.signal.aborted; index++) {
      const done = this.#send(index).finally(() => this.#pending.delete(done));
      this.#pending.add(done);
      const dueMs = throughput < 0 ? 0 : startMs + ((index + 1) / throughput) * 1000 - clock.monotonicMs();
      if (dueMs > 0 || index % TURN === TURN - 1) await delay(clock, Math.max(0, dueMs));
    }
    await Promise.all(this.#pending);
  }

  async #send(index: number): Promise<void> {
    const topic = this.#values.get('topic') as string;
    const created = this.#values.get('createTime') as number;
    const prefix = this.#values.get('valuePrefix') as number | undefined;
    const key = this.#key();
    const value = prefix === undefined ? String(index) : `${prefix}.${index}`;
    const { clock } = this.#io.runtime;
    const timestamp = created === -1 ? clock.nowMs() : created + (clock.nowMs() - this.#startMs);
    this.sent++;
    try {
      const { partition, offset } = await this.#producer.send(topic, { key, value, timestamp });
      this.acked++;
      tellEvent(this.#io, 'producer_send_success', { key, value, offset, topic, partition });
    } catch (error) {
      const { className, message: told } = thrown(error);
      const message = className.endsWith('.InvalidTopicException') ? `Invalid topics: [${topic}]` : told;
      tellEvent(this.#io, 'producer_send_error', { topic, key, value, exception: `class ${className}`, message });
    }
  }

  #key(): string | null {
    const repeating = this.#values.get('repeatingKeys') as number | undefined;
    if (repeating === undefined) return null;
    const key = String(this.#keys++);
    if (this.#keys === repeating) this.#keys = 0;
    return key;
  }
}
