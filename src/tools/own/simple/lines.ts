// What `ottla producer` and `ottla consumer` do.
import { linesOf } from '../../tool-io.ts';
import type { ToolRecord } from '../../tool-record.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { bufferOf } from '../records/record-printer.ts';
import { flow } from '../stdout-flow.ts';

interface LineOptions {
  readonly topic?: string;
  readonly keySeparator?: string;
  readonly num?: number;
}

function topicOf(word: string | undefined, { topic }: LineOptions): string {
  const name = word ?? topic;
  if (name === undefined) throw new Failure('name a topic');
  return name;
}

const MOST_WAITING = 5000;

export const produceLines: Work<LineOptions> = async (context, [word], options) => {
  const topic = topicOf(word, options);
  const client = await context.client();
  const producer = client.producer();
  const waiting: Promise<unknown>[] = [];
  let left = options.num ?? Number.POSITIVE_INFINITY;
  try {
    for await (const line of linesOf(context.io.stdin)) {
      if (left <= 0 || context.io.signal.aborted) break;
      left -= 1;
      const answer = producer.send(topic, recordOf(line, options.keySeparator));
      answer.catch(() => undefined);
      waiting.push(answer);
      if (context.io.isInputTerminal) await answer;
      if (waiting.length >= MOST_WAITING) await Promise.all(waiting.splice(0));
    }
    await Promise.all(waiting);
  } finally {
    await producer.close();
  }
};

function recordOf(line: string, separator: string | undefined): { key: string | null; value: string } {
  const at = separator === undefined || separator === '' ? -1 : line.indexOf(separator);
  if (separator === undefined || at === -1) return { key: null, value: line };
  return { key: line.slice(0, at), value: line.slice(at + separator.length) };
}

interface ConsumeOptions extends LineOptions {
  readonly group?: string;
  readonly fromBeginning?: boolean;
}

const POLL_MS = 500;

export const consumeLines: Work<ConsumeOptions> = async (context, [word], options) => {
  const topic = topicOf(word, options);
  const client = await context.client();
  const reset = options.fromBeginning === true ? 'earliest' : 'latest';
  const { group } = options;
  const consumer = client.consumer({
    autoOffsetReset: reset,
    ...(group !== undefined && { group, topics: [topic], autoCommit: false }),
  });
  let left = options.num ?? Number.POSITIVE_INFINITY;
  try {
    if (group === undefined) consumer.assign(await allPartitions(context, topic));
    while (left > 0 && !context.io.signal.aborted) {
      const records = (await consumer.poll(POLL_MS)).slice(0, left);
      for (const record of records) await flow(context.io, lineOf(record, options.keySeparator));
      left -= records.length;
      if (group !== undefined && records.length > 0) {
        await consumer.commit(records.map(({ partition, offset }) => ({ topic, partition, offset: offset + 1 })));
      }
    }
  } finally {
    await consumer.close();
  }
};

async function allPartitions(context: CommandContext, topic: string) {
  const admin = await context.admin();
  const outcome = (await admin.describeTopics([topic], context.call)).get(topic);
  if (outcome instanceof Error) throw outcome;
  return outcome?.partitions.map(({ partition }) => ({ topic, partition })) ?? [];
}

function lineOf({ key, value }: ToolRecord, separator: string | undefined): Buffer {
  const before = separator === undefined || key === null ? [] : [bufferOf(key), Buffer.from(separator)];
  return Buffer.concat([...before, bufferOf(value), Buffer.from('\n')]);
}
