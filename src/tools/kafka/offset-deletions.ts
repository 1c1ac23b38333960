// What a group has committed is deleted, and told of partition by partition, as --delete-offsets of several tools does it.
import { type Admin, ClientError, type TopicPartition } from '../../client/index.ts';
import { type ErrorName, errorMessage, Errors } from '../../protocol/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { printGroupError } from './group-errors.ts';
import { thrownText } from './java-error.ts';
import { placeText } from './java-order.ts';
import { partitionsIn } from './offset-resets.ts';
import { row, widthOf } from './table-rows.ts';

/** Codes of the request as a whole, told in Kafka's own words; of others: of partitions, or unknown. */
const WHOLE: ReadonlySet<ErrorName | undefined> = new Set<ErrorName>([
  'INVALID_GROUP_ID',
  'GROUP_ID_NOT_FOUND',
  'GROUP_AUTHORIZATION_FAILED',
  'NON_EMPTY_GROUP',
]);
const PARTIAL: ReadonlySet<ErrorName | undefined> = new Set<ErrorName>([
  'GROUP_SUBSCRIBED_TO_TOPIC',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

interface Deletion {
  readonly place: TopicPartition;
  readonly error: unknown;
}

export interface OffsetDeletion {
  readonly admin: Admin;
  readonly groupId: string;
  readonly timeoutMs: number;
}

/** Of `topic` or `topic:0,1`. Throws JavaError. */
export async function deleteOffsetsOfTopics(io: ToolIo, what: OffsetDeletion, args: readonly string[]): Promise<void> {
  const { admin, timeoutMs } = what;
  const places = args.filter((arg) => arg.includes(':')).flatMap(partitionsIn);
  const whole = args.filter((arg) => !arg.includes(':'));
  const missing: Deletion[] = [];
  for (const [topic, outcome] of await admin.describeTopics(whole, { timeoutMs })) {
    if (outcome instanceof ClientError) missing.push({ place: { topic, partition: -1 }, error: outcome });
    else places.push(...outcome.partitions.map(({ partition }) => ({ topic, partition })));
  }
  await deleteOffsetsAt(io, what, places, missing);
}

export async function deleteOffsetsAt(
  io: ToolIo,
  { admin, groupId, timeoutMs }: OffsetDeletion,
  places: readonly TopicPartition[],
  missing: readonly Deletion[] = [],
): Promise<void> {
  const unique = [...new Map(places.map((place) => [placeText(place), place])).values()];
  const statuses = [...missing];
  let whole: unknown;
  try {
    const results = await admin.deleteConsumerGroupOffsets(groupId, unique, { timeoutMs });
    statuses.push(...results.map(({ topic, partition, result }) => ({ place: { topic, partition }, error: result })));
    whole = results.find(({ result }) => result !== undefined)?.result;
  } catch (error) {
    whole = error;
    statuses.push(...unique.map((place) => ({ place, error })));
  }
  tellWhole(io, groupId, whole);
  printStatuses(io, statuses);
}

function tellWhole(io: ToolIo, groupId: string, error: unknown): void {
  if (error === undefined) return print(io, `Request succeeded for deleting offsets from group ${groupId}.`);
  const code = error instanceof ClientError ? error.code : undefined;
  if (code !== undefined && WHOLE.has(code)) return printGroupError(io, errorMessage(Errors[code]));
  if (PARTIAL.has(code)) {
    return printGroupError(io, 'Encountered some partition-level error, see the follow-up details.');
  }
  printGroupError(io, `Encountered some unknown error: ${code ?? 'UNKNOWN_SERVER_ERROR'}`);
}

function printStatuses(io: ToolIo, statuses: readonly Deletion[]): void {
  const topics = statuses.map(({ place }) => place.topic);
  const widths = [widthOf(15, topics), 10, 15];
  io.stdout.write(`\n${row(widths, ['TOPIC', 'PARTITION', 'STATUS'])}`);
  const keyOf = ({ place: { topic, partition } }: Deletion): string => `${topic}${partition}`;
  for (const { place, error } of [...statuses].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
    const status = error === undefined ? 'Successful' : `Error: ${thrownText(error)}`;
    io.stdout.write(`\n${row(widths, [place.topic, place.partition < 0 ? '-' : place.partition, status])}`);
  }
  print(io, '');
}
