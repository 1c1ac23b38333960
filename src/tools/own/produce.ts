// `ottla produce`: records from standard input, as many under way as the producer has room for.
import type { ProducerOptions, ProducerRecord, RecordMetadata } from '../../client/index.ts';
import type { CommandContext, Work } from './command-frame.ts';
import { Failure } from './failure.ts';
import { headersFlag } from './flag-values.ts';
import { FormatMistake } from './records/record-format.ts';
import { type RecordPrinter, recordPrinter } from './records/record-printer.ts';
import { InputMistake, type ReadRecord, recordReader } from './records/record-reader.ts';
import type { WantedSchema } from '../schemas/schema-codec.ts';
import { codecOf, wantedSchema } from './record-codec.ts';
import type { COMPRESSIONS } from './record-verbs.ts';
import { flow } from './stdout-flow.ts';

interface ProduceOptions {
  readonly format: string;
  readonly outputFormat: string;
  readonly key?: string;
  readonly header?: readonly string[];
  readonly partition: number;
  readonly compression: (typeof COMPRESSIONS)[number];
  readonly tombstone?: boolean;
  readonly acks: string;
  readonly deliveryTimeout?: number;
  readonly maxMessageBytes?: number;
  readonly allowAutoTopicCreation?: boolean;
  readonly schemaId?: string;
  readonly schemaKeyId?: string;
  readonly schemaType?: string;
  readonly schemaKeyType?: string;
}

const LARGEST_RECORD_BYTES = 256 * 1024 * 1024;
/** Records whose answer has not been looked at: the producer bounds the bytes, this the promises. */
const MOST_WAITING = 10_000;

type Bytes = Uint8Array | null;

export const produce: Work<ProduceOptions> = async (context, [defaultTopic], options) => {
  const { read, printer } = formatsOf(options);
  const headers = headersFlag('--header', options.header ?? []);
  const encode = await encoderOf(context, options);
  const client = await context.client();
  const producer = client.producer<Bytes, Bytes>(producerOptions(options));
  const answers = new AnswersInOrder(context, printer);
  try {
    for await (const one of read(untilAborted(context))) {
      const topic = defaultTopic ?? one.topic;
      if (topic === undefined || topic === '') throw new Failure('name a topic, or read one with %t in --format');
      const record = await encode(topic, recordOf(one, headers, options));
      await answers.add(topic, record, producer.send(topic, record));
    }
    await answers.all();
  } catch (error) {
    if (error instanceof InputMistake) throw new Failure(`--format: ${error.message}`);
    throw error;
  } finally {
    await producer.close();
  }
};

function formatsOf({ format, outputFormat }: ProduceOptions) {
  try {
    const printer = outputFormat === '' ? undefined : recordPrinter(outputFormat);
    if (printer?.needsBatches === true) {
      throw new FormatMistake('%x, %y and %a{compression} are told of records that are consumed');
    }
    return { read: recordReader(format, LARGEST_RECORD_BYTES), printer };
  } catch (error) {
    if (error instanceof FormatMistake) throw new Failure(`the format cannot be used: ${error.message}`);
    throw error;
  }
}

function producerOptions(options: ProduceOptions): ProducerOptions<Bytes, Bytes> {
  const { compression, acks, deliveryTimeout, maxMessageBytes, allowAutoTopicCreation = false } = options;
  const isAll = acks === '-1' || acks === 'all';
  return {
    compression,
    acks: isAll ? 'all' : acks === '0' ? 0 : 1,
    idempotent: isAll,
    lingerMs: 5,
    autoCreateTopics: allowAutoTopicCreation,
    ...(deliveryTimeout !== undefined && { deliveryTimeoutMs: deliveryTimeout, maxBlockMs: deliveryTimeout }),
    ...(maxMessageBytes !== undefined && { maxRequestSize: maxMessageBytes }),
  };
}

interface SentRecord {
  readonly key: Bytes;
  readonly value: Bytes;
  readonly headers: readonly { readonly key: string; readonly value: Buffer }[];
  readonly partition?: number;
}

function recordOf(
  one: ReadRecord,
  headers: readonly { key: string; value: Buffer }[],
  options: ProduceOptions,
): SentRecord {
  const { key, partition, tombstone = false } = options;
  const value = one.value ?? Buffer.alloc(0);
  const chosen = one.partition ?? (partition >= 0 ? partition : undefined);
  return {
    key: one.key ?? (key === undefined ? null : Buffer.from(key)),
    value: value.length === 0 && tombstone ? null : value,
    headers: [...headers, ...one.headers],
    ...(chosen !== undefined && { partition: chosen }),
  };
}

/** By schemas of a registry, where flags name some. */
async function encoderOf(
  context: CommandContext,
  options: ProduceOptions,
): Promise<(topic: string, record: SentRecord) => Promise<SentRecord> | SentRecord> {
  const key = wantedSchema('--schema-key-id', options.schemaKeyId, options.schemaKeyType);
  const value = wantedSchema('--schema-id', options.schemaId, options.schemaType);
  if (key === undefined && value === undefined) return (_, record) => record;
  const codec = await codecOf(context);
  const encoded = async (
    bytes: Bytes,
    wanted: WantedSchema | undefined,
    topic: string,
    isKey: boolean,
  ): Promise<Bytes> => {
    if (wanted === undefined || bytes === null) return bytes;
    try {
      return await codec.encode(bytes, wanted, { topic, isKey, headers: [] });
    } catch (error) {
      throw new Failure(`the ${isKey ? 'key' : 'value'} cannot be encoded: ${(error as Error).message}`);
    }
  };
  return async (topic, record) => ({
    ...record,
    key: await encoded(record.key, key, topic, true),
    value: await encoded(record.value, value, topic, false),
  });
}

/** Ends the input when the command is to stop: what was read is still sent. */
async function* untilAborted({ io }: CommandContext): AsyncGenerator<Uint8Array, void> {
  const { signal } = io;
  const chunks = io.stdin[Symbol.asyncIterator]();
  const stopped = new Promise<{ done: true; value: undefined }>((resolve) => {
    const stop = (): void => resolve({ done: true, value: undefined });
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  for (;;) {
    const { done, value } = await Promise.race([chunks.next(), stopped]);
    if (done === true) return;
    yield value;
  }
}

/** What came of the records, told in their order. */
class AnswersInOrder {
  readonly #context: CommandContext;
  readonly #printer: RecordPrinter | undefined;
  readonly #waiting: { topic: string; record: ProducerRecord<Bytes, Bytes>; answer: Promise<RecordMetadata> }[] = [];

  constructor(context: CommandContext, printer: RecordPrinter | undefined) {
    this.#context = context;
    this.#printer = printer;
  }

  async add(topic: string, record: ProducerRecord<Bytes, Bytes>, answer: Promise<RecordMetadata>): Promise<void> {
    // A failure is told when its turn comes; until then nobody has to have waited for it.
    answer.catch(() => undefined);
    this.#waiting.push({ topic, record, answer });
    if (this.#waiting.length >= MOST_WAITING) await this.#tell(MOST_WAITING / 2);
  }

  all(): Promise<void> {
    return this.#tell(this.#waiting.length);
  }

  async #tell(count: number): Promise<void> {
    for (const { topic, record, answer } of this.#waiting.splice(0, count)) {
      const { partition, offset, timestamp } = await answer;
      if (this.#printer === undefined) continue;
      const { key = null, value = null } = record;
      const headers = record.headers as { key: string; value: Buffer }[];
      const printed = { topic, partition, offset, timestamp, key, value, headers, leaderEpoch: -1 };
      await flow(this.#context.io, this.#printer.print({ ...printed, timestampType: 'CreateTime' }));
    }
  }
}
