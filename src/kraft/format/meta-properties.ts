// The file `meta.properties` of a log directory: whose it is. Version 1 is KRaft's; version 0 came with ZooKeeper and is
// refused. A Java properties file, whose first lines are comments with the time of writing.
import { METADATA_DIRECTORY_NAME } from '../../protocol/index.ts';
import { ConfigError, type Disk, formatProperty, parseProperties, replaceFileSync } from '../../runtime/index.ts';

export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  /** undefined in directories of Kafka before 3.7: an id is given to them when they are opened. */
  readonly directoryId: string | undefined;
}

/** A directory that cannot be formatted or opened; the message says what to do. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

/** Written by formatting with voters that are known by the ids of their directories (KIP-853). */
const FIRST_SNAPSHOT = `${METADATA_DIRECTORY_NAME}/00000000000000000000-0000000000.checkpoint`;

const fileOf = (directory: string): string => `${directory}/meta.properties`;

/** undefined when the directory has none: it is not formatted. Throws FormatError. */
export function readMetaProperties(disk: Disk, directory: string): MetaProperties | undefined {
  const path = fileOf(directory);
  if (!disk.existsSync(path)) return undefined;
  const entries = entriesOf(disk, path);
  const version = entries.get('version');
  if (version === '0' || (version === undefined && entries.has('broker.id'))) {
    throw new FormatError(
      `${path} is of version 0, from a Kafka with ZooKeeper: migrate that cluster to KRaft with Kafka 3.9 first`,
    );
  }
  if (version !== '1') throw damaged(path, `has version ${version ?? '(none)'}, and 1 is the only one known`);
  const clusterId = entries.get('cluster.id');
  const nodeId = entries.get('node.id');
  if (clusterId === undefined || clusterId === '') throw damaged(path, 'has no cluster.id');
  if (/\p{Cc}/u.test(clusterId)) throw damaged(path, 'has no valid cluster.id');
  if (nodeId === undefined || !/^\d{1,10}$/.test(nodeId)) throw damaged(path, 'has no valid node.id');
  const directoryId = entries.get('directory.id');
  const hasId = directoryId !== undefined || !disk.existsSync(`${directory}/${FIRST_SNAPSHOT}`);
  if (!hasId || (directoryId !== undefined && !/^[\w-]{22}$/.test(directoryId))) {
    throw damaged(path, 'has no valid directory.id');
  }
  return { clusterId, nodeId: Number(nodeId), directoryId };
}

function entriesOf(disk: Disk, path: string): ReadonlyMap<string, string> {
  const bytes = disk.readFileSync(path);
  try {
    return parseProperties(bytes);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw damaged(path, `is damaged (${error.message})`);
  }
}

const damaged = (path: string, reason: string): FormatError =>
  new FormatError(`${path} ${reason}: put the file back from a copy`);

/** Durable when it returns. */
export function writeMetaProperties(disk: Disk, directory: string, properties: MetaProperties, nowMs: number): void {
  const lines = ['#', `#${javaDate(nowMs)}`, formatProperty('node.id', String(properties.nodeId))];
  if (properties.directoryId !== undefined) lines.push(formatProperty('directory.id', properties.directoryId));
  lines.push(formatProperty('version', '1'), formatProperty('cluster.id', properties.clusterId));
  replaceFileSync(disk, fileOf(directory), `${lines.join('\n')}\n`);
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As java.util.Date prints a time in UTC: `Sat Nov 21 09:47:28 UTC 2026`. */
function javaDate(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  const day = `${WEEKDAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())}`;
  return `${day} ${time} UTC ${date.getUTCFullYear()}`;
}
