// `ottla consume`: records of topics, from where to where, which of them, in what form.
import type { AssignorName, Consumer, ConsumerOptions } from '../../client/index.ts';
import type { ToolRecord } from '../tool-record.ts';
import type { CommandContext, Work } from './command-frame.ts';
import { type ReadPlace, readPlaces } from './consume-places.ts';
import { type ConsumeRange, parseOffsetRange, parseTimeBounds, RangeMistake } from './consume-range.ts';
import { Failure } from './failure.ts';
import { matching } from './name-patterns.ts';
import { FormatMistake } from './records/record-format.ts';
import { codecOf, decodedParts } from './record-codec.ts';
import { recordJson } from './records/record-json.ts';
import { type PartitionBounds, recordPrinter } from './records/record-printer.ts';
import { flow } from './stdout-flow.ts';
import { FactsOfRecord } from './where/record-facts.ts';
import { type Condition, compileCondition } from './where/where-condition.ts';
import { WhereError } from './where/where-tokens.ts';

interface ConsumeOptions {
  readonly offset?: string;
  readonly partitions?: readonly number[];
  readonly regex?: boolean;
  readonly group?: string;
  readonly num: number;
  readonly format: string;
  readonly prettyPrint: boolean;
  readonly metaOnly?: boolean;
  readonly where?: string;
  readonly from?: string;
  readonly until?: string;
  readonly follow?: boolean;
  readonly readCommitted?: boolean;
  readonly rack?: string;
  readonly fetchMaxBytes?: number;
  readonly fetchMaxWait?: number;
  readonly fetchMaxPartitionBytes?: number;
  readonly balancer?: string;
  readonly useSchemaRegistry?: string | true;
  readonly json?: boolean;
}

const POLL_MS = 500;

type BytesConsumer = Consumer<Uint8Array | null, Uint8Array | null>;

export const consume: Work<ConsumeOptions> = async (context, words, options) => {
  const range = rangeOf(context, options);
  const printer = printerOf(options);
  const condition = await conditionOf(options.where);
  const decode = await decoderOf(context, options.useSchemaRegistry);
  const topics = options.regex === true ? await matchedTopics(context, words) : words;
  const shown = { printer, condition, decode, most: options.num === 0 ? Number.POSITIVE_INFINITY : options.num };
  if (options.group !== undefined) return asMember(context, topics, options, range, shown);
  const { partitions, readCommitted: isCommitted = false } = options;
  const places = await readPlaces(context, { topics, partitions, range, isCommitted });
  if (places.length === 0) return;
  await assigned(context, places, options, shown);
};

function rangeOf({ io }: CommandContext, { offset, from, until, follow = false }: ConsumeOptions): ConsumeRange {
  const nowMs = io.runtime.clock.nowMs();
  try {
    const isTimed = from !== undefined || until !== undefined;
    if (isTimed && offset !== undefined) throw new Failure('--offset excludes --from and --until');
    const range = isTimed ? parseTimeBounds(from, until, nowMs) : parseOffsetRange(offset ?? 'start', nowMs);
    return follow ? { ...range, end: { kind: 'never' } } : range;
  } catch (error) {
    throw error instanceof RangeMistake ? new Failure(error.message) : error;
  }
}

async function conditionOf(where: string | undefined): Promise<Condition | undefined> {
  if (where === undefined) return undefined;
  try {
    return await compileCondition(where);
  } catch (error) {
    throw error instanceof WhereError ? new Failure(`--where: ${error.message}`) : error;
  }
}

type Decode = (record: ToolRecord) => Promise<ToolRecord>;

/** Keys and values in JSON in place of their bytes; what cannot be decoded is told, and stays as it is. */
async function decoderOf(context: CommandContext, text: string | true | undefined): Promise<Decode | undefined> {
  const parts = decodedParts(text);
  if (parts === undefined) return undefined;
  const codec = await codecOf(context);
  const decoded = async (record: ToolRecord, field: 'key' | 'value'): Promise<Uint8Array | null> => {
    const bytes = record[field];
    if (!parts[field] || bytes === null) return bytes;
    const { topic, partition, offset, headers } = record;
    try {
      return Buffer.from((await codec.decode(bytes, { topic, headers, isKey: field === 'key' })).json);
    } catch (error) {
      context.complain(
        `ottla: ${field} of ${topic}-${partition} @${offset} cannot be decoded: ${(error as Error).message}`,
      );
      return bytes;
    }
  };
  return async (record) => ({ ...record, key: await decoded(record, 'key'), value: await decoded(record, 'value') });
}

async function matchedTopics(context: CommandContext, words: readonly string[]): Promise<string[]> {
  const admin = await context.admin();
  const listed = await admin.listTopics(context.call);
  const names = await matching(
    listed.map(({ name }) => name),
    words,
  );
  if (names.length === 0) throw new Failure('no topic is matched');
  return names;
}

interface Printer {
  /** Whether it asks for what batches say. */
  readonly needsBatches: boolean;
  readonly print: (record: ToolRecord, bounds: PartitionBounds | undefined) => Uint8Array | string;
}

function printerOf({ format, prettyPrint, metaOnly = false, json = false }: ConsumeOptions): Printer {
  if (json || format === 'json') {
    const shape = { isPretty: prettyPrint && !json, isMetaOnly: metaOnly };
    return { needsBatches: false, print: (record) => `${recordJson(record, shape)}\n` };
  }
  try {
    return recordPrinter(format);
  } catch (error) {
    throw error instanceof FormatMistake ? new Failure(`--format: ${error.message}`) : error;
  }
}

interface Shown {
  readonly printer: Printer;
  readonly condition: Condition | undefined;
  readonly decode: Decode | undefined;
  readonly most: number;
}

/** Prints what is to be printed; the number of records that were. */
async function show(
  context: CommandContext,
  records: readonly ToolRecord[],
  { printer, condition, decode, most }: Shown,
  boundsOf: (record: ToolRecord) => PartitionBounds | undefined,
): Promise<number> {
  let count = 0;
  for (const raw of records) {
    if (count >= most || context.io.signal.aborted) break;
    const record = decode === undefined ? raw : await decode(raw);
    if (condition !== undefined && !condition.matches(new FactsOfRecord(record))) continue;
    await flow(context.io, printer.print(record, boundsOf(record)));
    count += 1;
  }
  return count;
}

function consumerOptions(
  options: ConsumeOptions,
  { printer }: Shown,
): ConsumerOptions<Uint8Array | null, Uint8Array | null> {
  const { fetchMaxBytes, fetchMaxWait, fetchMaxPartitionBytes, rack, balancer } = options;
  return {
    isolation: options.readCommitted === true ? 'read_committed' : 'read_uncommitted',
    autoOffsetReset: 'earliest',
    tellsBatches: printer.needsBatches,
    ...(fetchMaxBytes !== undefined && { maxBytes: fetchMaxBytes }),
    ...(fetchMaxWait !== undefined && { maxWaitMs: fetchMaxWait }),
    ...(fetchMaxPartitionBytes !== undefined && { maxPartitionBytes: fetchMaxPartitionBytes }),
    ...(rack !== undefined && { rack }),
    ...(balancer !== undefined && { assignors: [balancer as AssignorName] }),
  };
}

async function assigned(context: CommandContext, places: readonly ReadPlace[], options: ConsumeOptions, shown: Shown) {
  const client = await context.client();
  const consumer: BytesConsumer = client.consumer(consumerOptions(options, shown));
  const open = new Map(places.map((place) => [`${place.topic}-${place.partition}`, place]));
  try {
    consumer.assign(places.map(({ topic, partition, offset }) => ({ topic, partition, offset })));
    let left = shown.most;
    while (left > 0 && open.size > 0 && !context.io.signal.aborted) {
      const records = (await consumer.poll(POLL_MS)).filter((record) => {
        const end = open.get(`${record.topic}-${record.partition}`)?.end;
        return open.has(`${record.topic}-${record.partition}`) && (end === undefined || record.offset < end);
      });
      const boundsOf = ({ topic, partition }: ToolRecord) => open.get(`${topic}-${partition}`)?.bounds;
      left -= await show(context, records, { ...shown, most: left }, boundsOf);
      for (const [name, place] of open) if (isRead(consumer, place)) open.delete(name);
    }
  } finally {
    await consumer.close();
  }
}

function isRead(consumer: BytesConsumer, { topic, partition, end }: ReadPlace): boolean {
  if (end === undefined || (consumer.position(topic, partition) ?? 0) < end) return false;
  consumer.pause([{ topic, partition }]);
  return true;
}

async function asMember(
  context: CommandContext,
  topics: readonly string[],
  options: ConsumeOptions,
  range: ConsumeRange,
  shown: Shown,
): Promise<void> {
  if (options.partitions !== undefined)
    throw new Failure('--group excludes --partitions: the group hands partitions out');
  const isPlain = range.end.kind === 'never' && (range.start.kind === 'start' || range.start.kind === 'end');
  if (!isPlain)
    throw new Failure('--group goes on where the group is: of --offset it takes start or end, for a group that is new');
  const client = await context.client();
  const autoOffsetReset = range.start.kind === 'end' ? 'latest' : 'earliest';
  const membership = { group: options.group as string, topics, autoOffsetReset, autoCommit: false } as const;
  const consumer: BytesConsumer = client.consumer({ ...consumerOptions(options, shown), ...membership });
  try {
    let left = shown.most;
    while (left > 0 && !context.io.signal.aborted) {
      // One at most for each that is still wanted: what was not shown is not committed.
      const records = (await consumer.poll(POLL_MS)).slice(0, left);
      left -= await show(context, records, { ...shown, most: left }, () => undefined);
      if (records.length > 0) await consumer.commit(nextOffsets(records));
    }
  } finally {
    await consumer.close();
  }
}

function nextOffsets(records: readonly ToolRecord[]): { topic: string; partition: number; offset: number }[] {
  const next = new Map(
    records.map(({ topic, partition, offset }) => [`${topic}-${partition}`, { topic, partition, offset: offset + 1 }]),
  );
  return [...next.values()];
}
