// Opens what lies in the log directories at start, partition by partition (Kafka's LogManager.loadLogs).
import { METADATA_TOPIC } from '../../protocol/index.ts';
import { DiskError } from '../../runtime/index.ts';
import { readTopicId } from '../segments/checkpoints.ts';
import { isPassing, type LogDirectories } from './log-directories.ts';
import type { LogDirectory } from './log-directory.ts';
import type { LogEnvironment } from '../partition/log-environment.ts';
import { DamagedFileError } from '../segments/damaged-file-error.ts';
import { directoryName, parseDirectoryName, type PartitionDirectoryName } from '../segments/log-names.ts';
import { LogState } from '../partition/log-state.ts';
import { type ManagedLog, uniqueName } from './managed-log.ts';
import { PartitionLog } from '../partition/partition-log.ts';
import { loadLog } from '../partition/partition-loader.ts';
import { isForeign, looksLikeLog, removeEmptyCopy, tellWayBack } from './stray-logs.ts';
import { SlicedWork } from '../sliced-work.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';

/** Directories that are no partition's, and that Kafka tolerates. */
const IGNORED_DIRECTORIES = new Set(['remote-log-index-cache', 'lost+found']);

export type Opened =
  | OpenedLog
  /** A directory that was to be deleted when the last broker ended. */
  | { readonly state: 'delete'; readonly directory: string }
  /** A log that cannot be opened: its partition is offline, and nothing is made or deleted in its place. */
  | { readonly unusable: PartitionDirectoryName }
  /** A log directory that cannot be read: none of its logs count, not even those that were opened before. */
  | { readonly failed: LogDirectory };

/** What is known of a log before any of it has been opened. */
export interface FoundLog {
  readonly topic: string;
  readonly partition: number;
  /** As its `partition.metadata` says; undefined when that is missing. */
  readonly topicId: string | undefined;
  readonly isFuture: boolean;
}

/** The id of the topic that the log is of, undefined when it is no replica of this broker. */
export type TopicIdOfLog = (found: FoundLog) => string | undefined;

export interface OpenedLog extends ManagedLog {
  readonly state: 'live' | 'future';
  /** The log has no `partition.metadata` yet: its directory's name alone has told whose it is. */
  readonly isAdopted: boolean;
}

export interface OpenLogsOptions {
  readonly topicConfig: (topic: string) => TopicLogConfig;
  readonly topicIdOf?: TopicIdOfLog;
  /** Called now and then. */
  readonly progress?: (done: number, total: number) => void;
}

/** The event loop gets its turn every 20 ms. Throws DiskError when the last directory cannot be read. */
export async function* openLogs(
  environment: LogEnvironment,
  directories: LogDirectories,
  options: OpenLogsOptions,
): AsyncGenerator<Opened> {
  const found: { directory: LogDirectory; name: string }[] = [];
  for (const directory of directories.online) {
    try {
      for (const { name, isDirectory } of environment.disk.listSync(directory.path)) {
        if (isDirectory) found.push({ directory, name });
      }
    } catch (error) {
      yield failed(environment, directories, directory, error);
    }
  }
  const work = new SlicedWork(environment.clock);
  let done = 0;
  for (const { directory, name } of found) {
    if (directories.isOnline(directory.path)) {
      try {
        const opened = await openOne(environment, directory, name, options, work);
        if (opened !== undefined) yield opened;
      } catch (error) {
        yield unusable(environment, directory, name, error) ?? failed(environment, directories, directory, error);
      }
    }
    done++;
    if (work.isDue) {
      options.progress?.(done, found.length);
      await work.pause();
    }
  }
  options.progress?.(done, found.length);
}

/** System errors that are about one file, not about the disk. */
const ONE_FILE = new Set(['EISDIR', 'ENOTDIR', 'ELOOP']);

/** What becomes of a log that cannot be opened for its own fault: its partition is offline, and no other. */
function unusable(
  environment: LogEnvironment,
  logDirectory: LogDirectory,
  name: string,
  error: unknown,
): Opened | undefined {
  const isOneFile = error instanceof DiskError && ONE_FILE.has(error.code);
  const parsed = parseDirectoryName(name);
  if (parsed === undefined || !(isOneFile || error instanceof DamagedFileError)) return undefined;
  environment.logger.log('error', 'a partition is offline, as its log cannot be opened', {
    path: `${logDirectory.path}/${name}`,
    error: error.message,
    remedy: error instanceof DamagedFileError ? `stop the broker and ${error.remedy}` : 'put the file back',
  });
  return { unusable: parsed };
}

/** A directory that cannot be read is left out, if there are others. */
function failed(
  environment: LogEnvironment,
  directories: LogDirectories,
  directory: LogDirectory,
  error: unknown,
): Opened {
  if (!(error instanceof DiskError) || isPassing(error) || directories.online.length === 1) throw error;
  const { path } = directory;
  environment.logger.log('error', 'a log directory cannot be used', { path, error: error.message });
  directories.fail(path, error);
  return { failed: directory };
}

async function openOne(
  environment: LogEnvironment,
  logDirectory: LogDirectory,
  name: string,
  options: OpenLogsOptions,
  work: SlicedWork,
): Promise<Opened | undefined> {
  const parsed = parseDirectoryName(name);
  const directory = `${logDirectory.path}/${name}`;
  if (parsed === undefined) {
    if (!IGNORED_DIRECTORIES.has(name))
      environment.logger.log('warn', 'a directory that is no partition is left alone', { directory });
    return undefined;
  }
  const { topic, partition, state } = parsed;
  if (topic === METADATA_TOPIC || state === 'stray') return undefined;
  if (state === 'delete') return { state, directory };
  const foundId = readTopicId(environment.disk, directory);
  const found = { topic, partition, topicId: foundId, isFuture: state === 'future' };
  const topicId = options.topicIdOf === undefined ? foundId : options.topicIdOf(found);
  const isStray = options.topicIdOf !== undefined && topicId === undefined;
  if (isStray || (foundId === undefined && isForeign(environment.disk, directory))) {
    setStrayAside(environment, logDirectory, { ...parsed, name });
    return undefined;
  }
  const config = options.topicConfig(topic);
  // Checkpoints know a partition by its name alone: its current and its future log are never in the same directory.
  const plain = directoryName(topic, partition);
  const highWatermark = logDirectory.highWatermarks?.get(plain) ?? 0;
  const loaded = await work.run(
    loadLog(environment, {
      directory,
      config,
      isClean: logDirectory.isClean,
      recoveryPoint: logDirectory.recoveryPoints?.get(plain),
      logStartOffset: logDirectory.logStartOffsets?.get(plain) ?? 0,
      highWatermark,
      compactedBelow:
        logDirectory.compactedOffsets === undefined ? undefined : (logDirectory.compactedOffsets.get(plain) ?? 0),
    }),
  );
  const identity = { topic, partition, topicId, directory, config };
  const log = new PartitionLog(
    new LogState(environment, identity, { ...loaded, hasMetadata: foundId !== undefined && loaded.hasMetadata }),
  );
  log.updateHighWatermark(highWatermark);
  return { state, log, logDirectory, isAdopted: topicId !== foundId };
}

/** Sets a stray aside before anything in it is opened or changed. Throws DiskError. */
function setStrayAside(
  environment: LogEnvironment,
  logDirectory: LogDirectory,
  { name, topic, partition, state }: PartitionDirectoryName & { readonly name: string },
): void {
  const { disk, logger } = environment;
  const directory = `${logDirectory.path}/${name}`;
  if (state === 'future' && removeEmptyCopy(disk, directory)) return;
  if (!looksLikeLog(disk, directory)) {
    logger.log('warn', 'a directory that is no log is left alone', { directory });
    return;
  }
  const renamedTo = `${logDirectory.path}/${uniqueName(environment, topic, partition, 'stray')}`;
  disk.renameSync(directory, renamedTo);
  disk.syncDirectorySync(logDirectory.path);
  tellWayBack(logger, directory, renamedTo);
}
