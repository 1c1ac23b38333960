// The files of kafka-reassign-partitions: what is wanted of which partition, and which topics are to be moved.
import { JavaError, thrownText } from './java-error.ts';
import { type Place, placeText } from './java-order.ts';
import { asArray, asInteger, asObject, asText, field, parseJson } from './json-input.ts';

export interface WantedPartition extends Place {
  readonly replicas: readonly number[];
}

/** A replica that is to lie in a directory. */
export interface WantedDirectory extends Place {
  readonly brokerId: number;
  readonly path: string;
}

export interface Reassignment {
  readonly partitions: readonly WantedPartition[];
  readonly directories: readonly WantedDirectory[];
}

const ANY = 'any';

export const failedCommand = (message: string): JavaError =>
  new JavaError('org.apache.kafka.tools.AdminCommandFailedException', message);
export const failedOperation = (message: string): JavaError =>
  new JavaError('org.apache.kafka.tools.AdminOperationException', message);

export function comparePlaces(a: Place, b: Place): number {
  return a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition;
}

/** Throws JavaError. What stands twice is not looked for. */
export function parseReassignment(text: string): Reassignment {
  const json = parseJson(text);
  if (json === undefined)
    throw failedOperation(
      `${thrownText(new JavaError('com.fasterxml.jackson.core.JsonParseException', 'The input string is not a valid JSON'))}`,
    );
  const object = asObject(json);
  checkVersion(object);
  const partitions: WantedPartition[] = [];
  const directories: WantedDirectory[] = [];
  for (const one of 'partitions' in object ? asArray(object['partitions']) : []) {
    const item = asObject(one);
    const place = { topic: asText(field(item, 'topic')), partition: asInteger(field(item, 'partition')) };
    const replicas = asArray(field(item, 'replicas')).map(asInteger);
    const paths = 'log_dirs' in item ? asArray(item['log_dirs']).map(asText) : replicas.map(() => ANY);
    if (replicas.length !== paths.length) {
      throw failedCommand(
        `Size of replicas list [${replicas.join(', ')}] is different from size of log dirs list [${paths.join(', ')}] for partition ${placeText(place)}`,
      );
    }
    partitions.push({ ...place, replicas });
    paths.forEach((path, index) => {
      if (path !== ANY) directories.push({ ...place, brokerId: replicas[index] as number, path });
    });
  }
  return { partitions, directories };
}

/** The same, for --execute: nothing empty, nothing twice. */
export function parseExecuted(text: string): Reassignment {
  const reassignment = parseReassignment(text);
  const { partitions } = reassignment;
  if (partitions.length === 0) throw failedCommand('Partition reassignment list cannot be empty');
  if (partitions.some(({ replicas }) => replicas.length === 0)) {
    throw failedCommand('Partition replica list cannot be empty');
  }
  const repeated = duplicates(partitions.map(placeText));
  if (repeated.length > 0) {
    throw failedCommand(`Partition reassignment contains duplicate topic partitions: ${repeated.join(',')}`);
  }
  const faults = partitions
    .map((one) => ({ name: placeText(one), twice: duplicates(one.replicas) }))
    .filter(({ twice }) => twice.length > 0)
    .map(({ name, twice }) => `${name} contains multiple entries for ${twice.join(',')}`);
  if (faults.length === 0) return reassignment;
  throw failedCommand(`Partition replica lists may not contain duplicate entries: ${faults.join('. ')}`);
}

/** Names of the topics of --topics-to-move-json-file. */
export function parseTopics(text: string): string[] {
  const json = parseJson(text);
  if (json === undefined) throw failedOperation('The input string is not a valid JSON');
  const object = asObject(json);
  checkVersion(object);
  if (!('topics' in object)) return [];
  return asArray(object['topics']).map((one) => asText(field(asObject(one), 'topic')));
}

function checkVersion(object: Readonly<Record<string, unknown>>): void {
  const version = 'version' in object ? asInteger(object['version']) : 1;
  if (version !== 1) throw failedOperation(`Not supported version field value ${version}`);
}

export function duplicates<T>(items: readonly T[]): T[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}

/** As --generate and --execute print assignments, in the order of topics and partitions. */
export function reassignmentText(
  partitions: readonly WantedPartition[],
  directoryOf: (replica: Place & { readonly brokerId: number }) => string = () => ANY,
): string {
  const sorted = [...partitions].sort(comparePlaces);
  return JSON.stringify({
    version: 1,
    partitions: sorted.map(({ topic, partition, replicas }) => ({
      topic,
      partition,
      replicas,
      log_dirs: replicas.map((brokerId) => directoryOf({ topic, partition, brokerId })),
    })),
  });
}
