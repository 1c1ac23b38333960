// What `ottla bench` does. Figures go to standard output, progress to standard error once a second.
import type { Clock } from '../../../runtime/index.ts';
import { delay } from '../../../runtime/index.ts';
import { shownBytes, shownDuration } from '../../terminal/duration.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { answered, isFailed } from '../outcome-rows.ts';
import type { COMPRESSIONS } from '../record-verbs.ts';

interface Counted {
  readonly num: number;
  readonly duration: number;
}

interface ProducerLoad extends Counted {
  readonly size: number;
  readonly compression: (typeof COMPRESSIONS)[number];
  readonly acks: string;
  readonly rate?: number;
  readonly linger: number;
}

const EVERY_MS = 1000;
/** Records under way: enough to keep batches full. */
const MOST_WAITING = 50_000;

export const benchProducer: Work<ProducerLoad> = async (context, [topic = ''], options) => {
  const client = await context.client();
  const producer = client.producer<Uint8Array | null, Uint8Array>({
    compression: options.compression,
    acks: options.acks === 'all' ? 'all' : options.acks === '1' ? 1 : 0,
    idempotent: options.acks === 'all',
    lingerMs: options.linger,
  });
  const { clock } = context.io.runtime;
  const meter = new Meter(context, 'written', options.num);
  const latencies = new Latencies();
  const value = context.io.runtime.random.bytes(options.size);
  const deadlineMs = clock.monotonicMs() + options.duration;
  let failed: unknown;
  let open = 0;
  let wake = (): void => undefined;
  try {
    for (let sent = 0; sent < options.num && failed === undefined && !context.io.signal.aborted; sent++) {
      const startedMs = clock.monotonicMs();
      if (startedMs >= deadlineMs) break;
      open += 1;
      producer.send(topic, { key: null, value }).then(
        () => {
          open -= 1;
          latencies.add(clock.monotonicMs() - startedMs);
          meter.add(1, options.size);
          wake();
        },
        (error: unknown) => {
          open -= 1;
          failed ??= error;
          wake();
        },
      );
      if (open >= MOST_WAITING) await new Promise<void>((resolve) => (wake = resolve));
      if (options.rate !== undefined) await keepRate(clock, meter.startedMs, sent + 1, options.rate);
      else if (sent % 1000 === 999) await new Promise<void>((resolve) => clock.endOfTurn(resolve));
    }
    await producer.flush();
  } finally {
    await producer.close();
  }
  if (failed !== undefined) throw failed;
  tell(context, { ...meter.figures(), ...latencies.figures() });
};

async function keepRate(clock: Clock, startedMs: number, sent: number, rate: number): Promise<void> {
  const aheadMs = (sent / rate) * 1000 - (clock.monotonicMs() - startedMs);
  if (aheadMs > 1) await delay(clock, aheadMs);
}

export const benchConsumer: Work<Counted> = async (context, [topic = ''], options) => {
  const admin = await context.admin();
  const described = answered((await admin.describeTopics([topic], context.call)).get(topic), topic);
  const places = described.partitions.map(({ partition }) => ({ topic, partition, spec: 'latest' as const }));
  const ends = await admin.listOffsets(places, context.call);
  const client = await context.client();
  const consumer = client.consumer({ autoOffsetReset: 'earliest' });
  const { clock } = context.io.runtime;
  const meter = new Meter(context, 'read', options.num);
  const deadlineMs = clock.monotonicMs() + options.duration;
  try {
    consumer.assign(places.map(({ partition }) => ({ topic, partition, offset: 0 })));
    while (meter.count < options.num && clock.monotonicMs() < deadlineMs && !context.io.signal.aborted) {
      for (const { keySize, valueSize } of await consumer.poll(EVERY_MS))
        meter.add(1, Math.max(0, keySize) + Math.max(0, valueSize));
      const isAtEnd = ends.every(
        ({ partition, result }) => isFailed(result) || (consumer.position(topic, partition) ?? 0) >= result.offset,
      );
      if (isAtEnd) break;
    }
  } finally {
    await consumer.close();
  }
  tell(context, meter.figures());
};

class Meter {
  readonly startedMs: number;
  readonly #context: CommandContext;
  readonly #clock: Clock;
  readonly #what: string;
  readonly #most: number;
  #count = 0;
  #bytes = 0;
  #endedMs: number;
  #toldMs: number;
  #toldCount = 0;

  constructor(context: CommandContext, what: string, most: number) {
    this.#context = context;
    this.#clock = context.io.runtime.clock;
    this.#what = what;
    this.#most = most;
    this.startedMs = this.#endedMs = this.#toldMs = this.#clock.monotonicMs();
  }

  get count(): number {
    return this.#count;
  }

  add(count: number, bytes: number): void {
    this.#count += count;
    this.#bytes += bytes;
    this.#endedMs = this.#clock.monotonicMs();
    const passedMs = this.#endedMs - this.#toldMs;
    if (passedMs < EVERY_MS) return;
    const rate = Math.round(((this.#count - this.#toldCount) / passedMs) * 1000);
    this.#context.complain(`${this.#count} of ${this.#most} records ${this.#what}, ${rate}/s`);
    this.#toldMs = this.#endedMs;
    this.#toldCount = this.#count;
  }

  figures(): Record<string, number> {
    const seconds = Math.max(0.001, (this.#endedMs - this.startedMs) / 1000);
    return {
      records: this.#count,
      bytes: this.#bytes,
      seconds: Number(seconds.toFixed(3)),
      records_per_second: Math.round(this.#count / seconds),
      bytes_per_second: Math.round(this.#bytes / seconds),
    };
  }
}

/** Times of acknowledgement in buckets that are 5 % apart, so that a run of millions needs no memory to speak of. */
class Latencies {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #largestMs = 0;

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, 0.05)) / Math.log(1.05));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
    this.#largestMs = Math.max(this.#largestMs, ms);
  }

  figures(): Record<string, number> {
    return {
      latency_p50_ms: this.#at(0.5),
      latency_p95_ms: this.#at(0.95),
      latency_p99_ms: this.#at(0.99),
      latency_max_ms: Number(this.#largestMs.toFixed(2)),
    };
  }

  #at(share: number): number {
    let left = share * this.#count;
    for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return Number((1.05 ** bucket).toFixed(2));
    }
    return 0;
  }
}

function tell({ output }: CommandContext, figures: Readonly<Record<string, number>>): void {
  if (!output.isText) {
    output.data(figures);
    return;
  }
  output.facts(
    Object.entries(figures).map(([name, value]) => {
      const heading = name.replaceAll('_', ' ').replace(/ ms$/, '');
      if (name.endsWith('_ms')) return [heading, shownDuration(value) === '0ms' ? `${value}ms` : shownDuration(value)];
      if (name.startsWith('bytes')) return [heading, `${shownBytes(value)}${name.endsWith('second') ? '/s' : ''}`];
      return [heading, value];
    }),
  );
}
