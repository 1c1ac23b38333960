// kafka-console-consumer: records of a topic on standard output (org.apache.kafka.tools.consumer.ConsoleConsumer).
import { type ConsumedRecord, Consumer } from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { clientConfig } from './client-config.ts';
import { type ConsumerCall, consumerCall, OPTIONS } from './console-consumer-options.ts';
import { JavaError, thrownText } from './java-error.ts';
import { logError } from './log-line.ts';
import type { CommandOptions } from './options/command-options.ts';
import { formatterNamed, type MessageFormatter } from './records/message-formatter.ts';
import { tool } from './run-tool.ts';

const LOGGER = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
const EARLIEST = -2;
/** Between looks at whether the tool is asked to end. */
const POLL_MS = 1000;

export const consoleConsumer = tool(async (args, io) => {
  const call = consumerCall(io, args);
  const formatter = chosenFormatter(io, call);
  const counted: Counted = { messages: 0, hasBegun: false };
  try {
    await consume(io, call, formatter, counted);
    return 0;
  } catch (error) {
    logError(io, LOGGER, `Unknown error when running consumer: `);
    complain(io, thrownText(error));
    return 1;
  } finally {
    if (counted.hasBegun) complain(io, `Processed a total of ${counted.messages} messages`);
    if (call.options.has(OPTIONS.enableSystestEventsLogging)) print(io, 'shutdown_complete');
  }
});

/** Ends the tool with its usage for a class that is none of Kafka's. */
function chosenFormatter(io: ToolIo, { options, formatter }: ConsumerCall): MessageFormatter {
  try {
    return formatterNamed(io, formatter.className, formatter.properties);
  } catch (error) {
    if (error instanceof JavaError) options.usage(error.message);
    throw error;
  }
}

interface Counted {
  messages: number;
  /** Whether there is a consumer: nothing is wrong with its properties. */
  hasBegun: boolean;
}

async function consume(io: ToolIo, call: ConsumerCall, formatter: MessageFormatter, counted: Counted): Promise<void> {
  const { options, properties } = call;
  const { 'group.id': group, ...config } = properties;
  const most = options.valueOf(OPTIONS.maxMessages) ?? -1;
  const source = clientConfig(io, options.required(OPTIONS.bootstrapServer), config);
  await using consumer = new Consumer({
    ...source,
    ...(!options.has(OPTIONS.partitionId) && group !== undefined && { group }),
    ...(most > 0 && { maxPollRecords: Math.min(most, 500) }),
  });
  counted.hasBegun = true;
  await subscribe(consumer, options, call.offset);
  for await (const records of polled(io, consumer, options, most, counted)) {
    for (const record of records) {
      if (most >= 0 && counted.messages >= most) return;
      counted.messages++;
      write(io, options, formatter, record);
    }
    if (io.signal.aborted) return;
    await io.stdout.drained();
  }
}

async function subscribe(consumer: Consumer, options: CommandOptions, offset: number): Promise<void> {
  const topic = options.valueOf(OPTIONS.topic);
  const partition = options.valueOf(OPTIONS.partitionId);
  if (topic === undefined) return consumer.subscribe({ pattern: options.required(OPTIONS.include) });
  if (partition === undefined) return consumer.subscribe({ topics: [topic] });
  const place = { topic, partition };
  if (offset >= 0) return consumer.assign([{ ...place, offset }]);
  consumer.assign([place]);
  if (offset === EARLIEST) consumer.seekToBeginning([place]);
  else consumer.seekToEnd([place]);
}

/** Ends when nothing comes within --timeout-ms, when there are enough, or when the tool is asked to end. */
async function* polled(
  io: ToolIo,
  consumer: Consumer,
  options: CommandOptions,
  most: number,
  counted: { readonly messages: number },
): AsyncGenerator<readonly ConsumedRecord[], void> {
  const { clock } = io.runtime;
  const given = options.valueOf(OPTIONS.timeoutMs) ?? -1;
  const limitMs = given < 0 ? Infinity : given;
  let startedMs = clock.monotonicMs();
  while (!io.signal.aborted && (most < 0 || counted.messages < most)) {
    const restMs = startedMs + limitMs - clock.monotonicMs();
    const records = await consumer
      .poll(Math.max(0, Math.min(POLL_MS, restMs)), { signal: io.signal })
      .catch((error: unknown) => {
        if (io.signal.aborted) return [];
        throw error;
      });
    if (records.length > 0) {
      yield records;
      startedMs = clock.monotonicMs();
    } else if (clock.monotonicMs() - startedMs > limitMs) {
      logError(io, LOGGER, 'Error processing message, terminating consumer process: ');
      complain(io, 'org.apache.kafka.common.errors.TimeoutException');
      return;
    }
  }
}

function write(io: ToolIo, options: CommandOptions, formatter: MessageFormatter, record: ConsumedRecord): void {
  try {
    io.stdout.write(formatter(record));
  } catch (error) {
    if (!options.has(OPTIONS.skipMessageOnError)) throw error;
    logError(io, LOGGER, `Error processing message, skipping this message: `);
    complain(io, thrownText(error));
  }
}
