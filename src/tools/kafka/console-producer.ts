// kafka-console-producer: each line of the input is a record (org.apache.kafka.tools.ConsoleProducer).
import { Producer } from '../../client/index.ts';
import { complain, linesOf, type ToolIo } from '../tool-io.ts';
import { clientConfig } from './client-config.ts';
import { OPTIONS, producerOptions, producerProperties, readerProperties } from './console-producer-options.ts';
import { Exit } from './exit.ts';
import { executionError, illegalArgument, JavaError, thrown, thrownText } from './java-error.ts';
import { LineReader, type ReadRecord } from './line-reader.ts';
import { logError } from './log-line.ts';
import type { CommandOptions } from './options/command-options.ts';
import { OptionError } from './options/option-parser.ts';
import { tool } from './run-tool.ts';

const READER = 'org.apache.kafka.tools.LineMessageReader';
/** Records on their way; further lines wait. */
const MOST_PENDING = 10_000;

export const consoleProducer = tool(async (args, io) => {
  try {
    const options = producerOptions(io, args);
    await run(io, options);
    return 0;
  } catch (error) {
    if (error instanceof Exit) throw error;
    complain(io, error instanceof OptionError ? error.message : thrownText(error));
    return 1;
  }
});

async function run(io: ToolIo, options: CommandOptions): Promise<void> {
  const reader = new LineReader(checkedReader(io, options));
  const config = clientConfig(io, options.required(OPTIONS.bootstrapServer), producerProperties(io, options));
  await using producer = new Producer(config);
  const sending = new Sending(io, producer, options.required(OPTIONS.topic), options.has(OPTIONS.sync));
  prompt(io);
  for await (const line of linesOf(io.stdin)) {
    if (io.signal.aborted) break;
    await sending.send(reader.read(line));
    prompt(io);
  }
  await sending.done();
}

/** Throws JavaError when another class than Kafka's own is to read the lines. */
function checkedReader(io: ToolIo, options: CommandOptions): Record<string, string> {
  const name = options.required(OPTIONS.messageReader);
  if (name === READER) return readerProperties(io, options);
  if (name.startsWith('org.apache.kafka.')) {
    throw illegalArgument('The reader must implement org.apache.kafka.tools.api.RecordReader interface');
  }
  throw new JavaError('java.lang.ClassNotFoundException', name);
}

function prompt(io: ToolIo): void {
  if (io.isTerminal && io.isInputTerminal) io.stdout.write('>');
}

class Sending {
  readonly #io: ToolIo;
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #isSync: boolean;
  readonly #pending = new Set<Promise<void>>();

  constructor(io: ToolIo, producer: Producer, topic: string, isSync: boolean) {
    this.#io = io;
    this.#producer = producer;
    this.#topic = topic;
    this.#isSync = isSync;
  }

  async send({ key, value, headers }: ReadRecord): Promise<void> {
    const sent = this.#producer.send(this.#topic, { key, value, headers });
    if (this.#isSync) {
      await sent.catch((error: unknown) => {
        throw executionError(error);
      });
      return;
    }
    const pending: Promise<void> = sent
      .then(() => undefined)
      .catch((error: unknown) => this.#tell(error, key, value))
      .finally(() => this.#pending.delete(pending));
    this.#pending.add(pending);
    if (this.#pending.size >= MOST_PENDING) await Promise.race(this.#pending);
  }

  async done(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** What Kafka's ErrorLoggingCallback logs; the tool goes on. */
  #tell(error: unknown, key: Uint8Array | null, value: Uint8Array | null): void {
    const size = (bytes: Uint8Array | null): string => (bytes === null ? 'null' : `${bytes.length} bytes`);
    const { className, message } = thrown(error);
    logError(
      this.#io,
      'org.apache.kafka.clients.producer.internals.ErrorLoggingCallback',
      `Error when sending message to topic ${this.#topic} with key: ${size(key)}, value: ${size(value)} with error:`,
    );
    complain(this.#io, `${className}: ${message}`);
  }
}
