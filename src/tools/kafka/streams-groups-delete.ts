// kafka-streams-groups --delete: groups without members, and the topics that Kafka Streams has made for them.
import { type Admin, allOf, ClientError, type ListedGroup, type StreamsGroupDescription } from '../../client/index.ts';
import { complain, print, type ToolIo } from '../tool-io.ts';
import { printGroupError } from './group-errors.ts';
import { exceptionClass, executionError, illegalArgument, JavaError, thrownText } from './java-error.ts';
import { hashOrderOfTexts } from './java-order.ts';
import type { CommandOptions } from './options/command-options.ts';
import { listedStreamsGroups, timeoutOf } from './streams-groups.ts';
import { OPTIONS } from './streams-groups-options.ts';
import { isInternalTopic } from './streams-internal-topics.ts';

type TopicsOfGroups = ReadonlyMap<string, readonly string[]>;

export async function removeStreamsGroups(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const groups = new Map((await listedStreamsGroups(admin, options)).map((group) => [group.groupId, group]));
  const ids = options.has(OPTIONS.allGroups) ? [...groups.keys()] : options.valuesOf(OPTIONS.group);
  const failed = new Map<string, Error>();
  for (const id of ids) {
    const why = whyKept(id, groups.get(id));
    if (why !== undefined) failed.set(id, why);
  }
  const tried = ids.filter((id) => !failed.has(id));
  const wantsTopics = options.has(OPTIONS.deleteAllInternalTopics) && tried.length > 0;
  const topics: TopicsOfGroups = wantsTopics ? await internalTopics(io, admin, options, tried) : new Map();
  const done: string[] = [];
  for (const [id, outcome] of await admin.deleteStreamsGroups(tried, timeoutOf(options))) {
    if (outcome instanceof ClientError) failed.set(id, outcome);
    else done.push(id);
  }
  tellGroups(io, hashOrderOfTexts(done), failed);
  if (topics.size > 0 && done.length > 0) await removeTopics(io, admin, options, done, topics);
}

const quoted = (ids: readonly string[]): string => `'${ids.join("', '")}'`;

function tellGroups(io: ToolIo, done: readonly string[], failed: ReadonlyMap<string, Error>): void {
  if (failed.size === 0) {
    return print(io, `Deletion of requested streams groups (${quoted(done)}) was successful.`);
  }
  printGroupError(io, 'Deletion of some streams groups failed:');
  for (const id of hashOrderOfTexts(failed.keys())) {
    print(io, `* Group '${id}' could not be deleted due to: ${thrownText(failed.get(id))}`);
  }
  if (done.length > 0) print(io, `\nThese streams groups were deleted successfully: ${quoted(done)}.`);
}

function whyKept(id: string, group: ListedGroup | undefined): JavaError | undefined {
  if (group === undefined) return illegalArgument(`Group '${id}' does not exist or is not a streams group.`);
  if (group.state === 'Dead') {
    return new JavaError('java.lang.IllegalStateException', `Streams group '${id}' group state is DEAD.`);
  }
  if (group.state === 'Empty') return undefined;
  return new JavaError(exceptionClass('NON_EMPTY_GROUP'), `Streams group '${id}' is not EMPTY.`);
}

async function removeTopics(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  done: readonly string[],
  topics: TopicsOfGroups,
): Promise<void> {
  const failures = new Map<string, ClientError>();
  for (const id of done) {
    const outcomes = await admin.deleteTopics(topics.get(id) ?? [], timeoutOf(options));
    for (const [topic, outcome] of outcomes) {
      if (!(outcome instanceof ClientError)) continue;
      print(io, `Failed to delete internal topic: ${topic}`);
      failures.set(id, outcome);
    }
  }
  if (failures.size === 0) {
    const ofThese = done.filter((id) => topics.has(id));
    return print(
      io,
      `Deletion of associated internal topics of the streams groups (${quoted(ofThese)}) was successful.`,
    );
  }
  printGroupError(io, 'Deletion of some associated internal topics failed:');
  for (const [id, error] of failures) {
    print(io, `* Internal topics of the streams group '${id}' could not be deleted due to: ${thrownText(error)}`);
  }
}

/** By group; groups without any are left out. What does not look like one by its name stays. */
async function internalTopics(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  try {
    const groups = allOf(await admin.describeStreamsGroups(ids, timeoutOf(options)));
    for (const group of groups.values()) {
      const topics = topicsOf(group).filter((topic) => isInferred(io, topic, group.groupId));
      if (topics.length > 0) found.set(group.groupId, topics);
    }
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const told = executionError(error);
    printGroupError(io, `Retrieving internal topics failed due to ${told.message}`);
    complain(io, thrownText(told));
  }
  return found;
}

function topicsOf({ subtopologies }: StreamsGroupDescription): string[] {
  const sources = subtopologies.flatMap(({ sourceTopics }) => sourceTopics);
  return subtopologies
    .flatMap((one) => [...one.repartitionSourceTopics, ...one.stateChangelogTopics])
    .map(({ name }) => name)
    .filter((name) => !sources.includes(name));
}

function isInferred(io: ToolIo, topic: string, groupId: string): boolean {
  if (isInternalTopic(topic, groupId)) return true;
  printGroupError(
    io,
    `The internal topic '${topic}' is not inferred as internal and thus will not be deleted with the group '${groupId}'.`,
  );
  return false;
}

/** With --reset-offsets: those that were named, or all. */
export async function deleteInternalTopics(
  io: ToolIo,
  admin: Admin,
  options: CommandOptions,
  groupId: string,
): Promise<void> {
  const named = options.valuesOf(OPTIONS.deleteInternalTopic);
  if (named.length === 0 && !options.has(OPTIONS.deleteAllInternalTopics)) return;
  const all = (await internalTopics(io, admin, options, [groupId])).get(groupId) ?? [];
  const wanted = named.length > 0 ? named : all;
  for (const outcome of (await admin.deleteTopics(wanted, timeoutOf(options))).values()) {
    if (!(outcome instanceof ClientError)) continue;
    if (outcome.code === 'UNKNOWN_TOPIC_OR_PARTITION') {
      const message = `Deleting internal topics for group '${groupId}' failed because the topics do not exist.`;
      return printGroupError(io, message);
    }
    const told = executionError(outcome);
    printGroupError(io, `Deleting internal topics for group '${groupId}' failed due to ${told.message}`);
    complain(io, thrownText(told));
    return;
  }
}
