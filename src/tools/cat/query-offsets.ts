// kcat -Q: offsets by time.
import type { Admin, AskedOffset } from '../../client/index.ts';
import { type CatContext, catErrorText } from './cat-context.ts';
import { CatFailure } from './cat-failure.ts';
import type { QueriedOffset } from './cat-options.ts';
import { ByteJson } from './json-envelope.ts';
import { LOCAL } from './librdkafka-errors.ts';
import { clusterAsKnown } from './list-metadata.ts';

interface AnsweredOffset extends QueriedOffset {
  readonly offset: number;
  readonly error: string | undefined;
}

export async function queryOffsets(context: CatContext, admin: Admin): Promise<void> {
  const { options, io } = context;
  const answered = await answeredOffsets(context, admin, options.queries).catch((error: unknown) => {
    throw new CatFailure(`offsets_for_times failed: ${catErrorText(error)}`);
  });
  answered.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  io.stdout.write(options.isJson ? offsetsJson(answered) : offsetsText(answered));
}

async function answeredOffsets(
  context: CatContext,
  admin: Admin,
  queries: readonly QueriedOffset[],
): Promise<AnsweredOffset[]> {
  const known = new Map<string, readonly number[]>();
  for (const topic of new Set(queries.map((query) => query.topic))) {
    const { answer } = await clusterAsKnown(context, topic);
    known.set(topic, answer.topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex) ?? []);
  }
  const isThere = ({ topic, partition }: QueriedOffset): boolean => known.get(topic)?.includes(partition) === true;
  const asked = queries.filter(isThere);
  const found = await admin.listOffsets(asked.map(placeOf), { timeoutMs: context.options.metadataTimeoutMs });
  const offsets = new Map(found.map(({ result }, index) => [asked[index], result]));
  return queries.map((query) => {
    const result = offsets.get(query);
    // What cannot be asked for keeps the number that was given for it.
    if (result === undefined) return { ...query, offset: query.timestamp, error: LOCAL.unknownPartition };
    if (result instanceof Error) return { ...query, offset: query.timestamp, error: catErrorText(result) };
    return { ...query, offset: result.offset, error: undefined };
  });
}

/** Numbers that stand for an end of the log, or for the record with the largest time. */
const SPECIAL: ReadonlyMap<number, AskedOffset['spec']> = new Map([
  [-1, 'latest'],
  [-2, 'earliest'],
  [-3, 'maxTimestamp'],
]);

function placeOf({ topic, partition, timestamp }: QueriedOffset): AskedOffset {
  return { topic, partition, spec: SPECIAL.get(timestamp) ?? { timestamp } };
}

function offsetsText(answered: readonly AnsweredOffset[]): string {
  return answered
    .map(
      ({ topic, partition, offset, error }) =>
        `${topic} [${partition}] offset ${offset}${error === undefined ? '' : `: ${error}`}\n`,
    )
    .join('');
}

function offsetsJson(answered: readonly AnsweredOffset[]): Buffer {
  const json = new ByteJson().open('{');
  let open: string | undefined;
  for (const { topic, partition, offset, error } of answered) {
    if (topic !== open) {
      if (open !== undefined) json.close('}');
      json.key(topic).open('{').key('topic').string(topic);
      open = topic;
    }
    json.key(String(partition)).open('{').key('partition').number(partition).key('offset').number(offset);
    if (error !== undefined) json.key('error').string(error);
    json.close('}');
  }
  if (open !== undefined) json.close('}');
  return json.close('}').bytes();
}
