// kcat -P: messages from standard input, or from files, into one topic.
import type { Producer, ProducerOptions } from '../../client/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { DiskError } from '../../runtime/index.ts';
import { type CatContext, catErrorText } from './cat-context.ts';
import { CatFailure } from './cat-failure.ts';
import { inputMessages } from './input-messages.ts';
import type { SchemaCodec } from '../schemas/schema-codec.ts';

type Bytes = Uint8Array | null;

/** Messages whose answer has not come: librdkafka's queue.buffering.max.messages is higher, ours bounds bytes itself. */
const MOST_WAITING = 20_000;
const LARGEST_MESSAGE = 1_000_000;

/** The exit code. */
export async function produceMessages(context: CatContext): Promise<number> {
  const sending = new Sending(context);
  try {
    await sending.begin();
    await sending.all();
    return await sending.end();
  } finally {
    await sending.close();
  }
}

class Sending {
  readonly #context: CatContext;
  readonly #producer: Producer<Bytes, Bytes>;
  readonly #topic: string;
  readonly #isTransactional: boolean;
  readonly #waiting: Promise<void>[] = [];
  #sent = 0;
  #failed = 0;
  #codec: Promise<SchemaCodec | undefined> | undefined;

  constructor(context: CatContext) {
    this.#context = context;
    this.#topic = context.options.topic as string;
    this.#isTransactional = (context.property('transactional.id') ?? '') !== '';
    this.#producer = context.client.producer<Bytes, Bytes>(producerOptions(context));
  }

  async begin(): Promise<void> {
    const context = this.#context;
    await this.#letClusterMakeTopic();
    if (!this.#isTransactional) return;
    context.info(1, 'Using transactional producer');
    await this.#inWords('init_transactions()', () => this.#producer.initTransactions());
    await this.#inWords('begin_transaction()', async () => this.#producer.begin());
  }

  /** librdkafka's producers ask in a way that lets a broker make a topic that is not there. */
  async #letClusterMakeTopic(): Promise<void> {
    const { client, deadlineMs } = this.#context;
    const request = { topics: [{ name: this.#topic }], allowAutoTopicCreation: true };
    await client
      .retrying(deadlineMs, () => client.askAny(Metadata, request))
      .catch((error: unknown) => {
        throw new CatFailure(`Failed to acquire metadata: ${catErrorText(error)}`);
      });
  }

  async all(): Promise<void> {
    const { options, io } = this.#context;
    if (options.names.length > 0 && !options.isByLine) return this.#files(options.names);
    const input = options.names.length === 0 ? io.stdin : [this.#file(options.names[0] as string)];
    await this.#lines(input);
  }

  #file(path: string): Uint8Array {
    try {
      return this.#context.io.readFile(path);
    } catch (error) {
      throw new CatFailure(`Cannot open ${path}: ${systemText(error)}`);
    }
  }

  async #lines(input: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<void> {
    const { options, io } = this.#context;
    const { delimiter, keyDelimiter, fixedKey, isNullForEmpty, isTee, count } = options;
    const largestBytes = this.#context.numberProperty('message.max.bytes') ?? LARGEST_MESSAGE;
    const chunks = until(io.signal, asStream(input));
    for await (const message of inputMessages(chunks, {
      delimiter,
      keyDelimiter,
      fixedKey,
      isNullForEmpty,
      largestBytes,
    })) {
      await this.#send(await this.#encoded('key', message.key), await this.#encoded('value', message.value));
      if (isTee) io.stdout.write(message.whole);
      if (this.#sent === count) break;
    }
  }

  /** By the latest schema of the topic, where -s says so: what kcat cannot. */
  async #encoded(field: 'key' | 'value', bytes: Buffer | null): Promise<Bytes> {
    const serdes = this.#context.options.serdes[field];
    if (bytes === null || serdes === undefined || 'pack' in serdes) return bytes;
    this.#codec ??= this.#context.codec();
    const codec = await this.#codec;
    try {
      const place = { topic: this.#topic, isKey: field === 'key', headers: [] };
      return (await codec?.encode(bytes, { id: 'topic' }, place)) ?? null;
    } catch (error) {
      throw new CatFailure(`Failed to serialize ${field}: ${(error as Error).message}`);
    }
  }

  /** Each file is a message. */
  async #files(paths: readonly string[]): Promise<void> {
    const { io, options } = this.#context;
    const key = options.fixedKey === undefined ? null : Buffer.from(options.fixedKey);
    let good = 0;
    for (const path of paths) {
      try {
        const content = io.readFile(path);
        good += 1;
        if (content.length > 0) await this.#send(key, content);
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        this.#context.info(1, `Failed to open ${path}: ${systemText(error)}`);
      }
    }
    if (good === 0) this.#failed += 1;
    else if (good < paths.length) {
      this.#context.info(1, `Failed to produce from ${paths.length - good}/${paths.length} files`);
    }
  }

  async #send(key: Bytes, value: Bytes): Promise<void> {
    const { partition, headers } = this.#context.options;
    const record = { key, value, headers, ...(partition >= 0 && { partition }) };
    this.#sent += 1;
    const answer = this.#producer.send(this.#topic, record).then(
      (told) => this.#context.info(3, `Message delivered to partition ${told.partition} (offset ${told.offset})`),
      (error: unknown) => {
        this.#context.info(1, `Delivery failed for message: ${catErrorText(error)}`);
        this.#failed += 1;
      },
    );
    this.#waiting.push(answer);
    if (this.#waiting.length >= MOST_WAITING) await Promise.all(this.#waiting.splice(0, MOST_WAITING / 2));
  }

  async end(): Promise<number> {
    if (this.#isTransactional) await this.#endTransaction();
    await Promise.all(this.#waiting);
    return this.#failed > 0 ? 1 : 0;
  }

  async #endTransaction(): Promise<void> {
    const context = this.#context;
    if (context.io.signal.aborted) {
      context.info(0, 'Aborting transaction due to termination signal');
      return this.#inWords('abort_transaction()', () => this.#producer.abort());
    }
    context.info(1, 'Committing transaction');
    await this.#inWords('commit_transaction()', () => this.#producer.commit());
    context.info(1, 'Transaction successfully committed');
  }

  async #inWords(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new CatFailure(`${what}: ${catErrorText(error)}`);
    }
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

type Compression = NonNullable<ProducerOptions['compression']>;

function producerOptions(context: CatContext): ProducerOptions<Bytes, Bytes> {
  const compression = context.property('compression.codec', 'compression.type') ?? 'none';
  const acks = context.property('acks', 'request.required.acks');
  const isIdempotent = context.property('enable.idempotence') === 'true';
  const transactionalId = context.property('transactional.id') ?? '';
  const lingerMs = context.numberProperty('linger.ms', 'queue.buffering.max.ms') ?? 5;
  const batchSize = context.numberProperty('batch.size');
  const timeoutMs = context.numberProperty('transaction.timeout.ms');
  const deliveryTimeoutMs = context.numberProperty('message.timeout.ms', 'delivery.timeout.ms');
  return {
    compression: (compression === 'inherit' ? 'none' : compression) as Compression,
    // librdkafka sends what is not idempotent with acks=all too.
    acks: acks === '0' ? 0 : acks === '1' ? 1 : 'all',
    idempotent: isIdempotent || transactionalId !== '',
    lingerMs,
    ...(batchSize !== undefined && { batchSize }),
    ...(deliveryTimeoutMs !== undefined && { deliveryTimeoutMs }),
    ...(transactionalId !== '' && { transactionalId }),
    ...(timeoutMs !== undefined && { transactionTimeoutMs: timeoutMs }),
  };
}

async function* asStream(input: AsyncIterable<Uint8Array> | readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* input;
}

/** Ends the input when the program is to stop: a transaction is aborted then, and what was sent is waited for. */
async function* until(signal: AbortSignal, input: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  const stopped = new Promise<{ done: true; value: undefined }>((resolve) => {
    const stop = (): void => resolve({ done: true, value: undefined });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  for (;;) {
    const { done, value } = await Promise.race([input.next(), stopped]);
    if (done === true) return;
    yield value as Uint8Array;
  }
}

function systemText(error: unknown): string {
  if (!(error instanceof DiskError)) throw error;
  const texts: Readonly<Record<string, string>> = {
    ENOENT: 'No such file or directory',
    EACCES: 'Permission denied',
    EISDIR: 'Is a directory',
  };
  return texts[error.code] ?? error.message;
}
