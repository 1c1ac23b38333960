// A log and the directory that it lies in: making it, and giving its directory a name under which it is deleted.
import { DiskError } from '../../runtime/index.ts';
import type { LogDirectory } from './log-directory.ts';
import { isEmptyLog } from './stray-logs.ts';
import type { LogEnvironment } from '../partition/log-environment.ts';
import { type DirectoryState, workingDirectoryName } from '../segments/log-names.ts';
import { LogState } from '../partition/log-state.ts';
import { PartitionLog } from '../partition/partition-log.ts';
import { emptyLog } from '../partition/partition-loader.ts';
import type { TopicLogConfig } from '../config/topic-log-config.ts';

export interface ManagedLog {
  readonly log: PartitionLog;
  readonly logDirectory: LogDirectory;
}

/** What a new log is made of. */
export interface NewLog {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly config: TopicLogConfig;
}

/**
 * An empty log in the directory `name` of `logDirectory`; its files are made by the first write. A directory of that name with
 * something in it is somebody else's, or a log that could not be opened: nothing is made in it. Throws DiskError.
 */
export function makeLog(
  environment: LogEnvironment,
  { topic, topicId, partition, config }: NewLog,
  logDirectory: LogDirectory,
  name: string,
): ManagedLog {
  const directory = `${logDirectory.path}/${name}`;
  makeOwnDirectory(environment, directory);
  try {
    const identity = { topic, partition, topicId, directory, config };
    const state = new LogState(environment, identity, emptyLog(environment, directory));
    state.writeMetadata(false);
    return { log: new PartitionLog(state), logDirectory };
  } catch (error) {
    if (error instanceof DiskError) environment.diskFailed(directory, error);
    throw error;
  }
}

function makeOwnDirectory(environment: LogEnvironment, directory: string): void {
  const { disk } = environment;
  let isNew: boolean;
  try {
    isNew = disk.makeDirectorySync(directory);
  } catch (error) {
    // A file of that name is its own fault, not the disk's.
    if (error instanceof DiskError && error.code !== 'EEXIST') environment.diskFailed(directory, error);
    throw error;
  }
  if (isNew || isEmptyLog(disk, directory)) return;
  const what = 'there is something in the directory of a partition that is to be made';
  throw new DiskError('ENOTEMPTY', directory, what);
}

/** `<topic>-<partition>.<hex>-<state>`, a name that no directory has had. */
export function uniqueName(
  { random }: LogEnvironment,
  topic: string,
  partition: number,
  state: DirectoryState,
): string {
  return workingDirectoryName(topic, partition, Buffer.from(random.bytes(16)).toString('hex'), state);
}

/** Renames the log's directory, to be deleted or set aside; returns its new path. Throws DiskError. */
export function renameTo(
  environment: LogEnvironment,
  { log, logDirectory }: ManagedLog,
  state: 'delete' | 'stray',
): string {
  const renamed = `${logDirectory.path}/${uniqueName(environment, log.topic, log.partition, state)}`;
  try {
    environment.disk.renameSync(log.directory, renamed);
  } catch (error) {
    if (error instanceof DiskError) environment.diskFailed(log.directory, error);
    throw error;
  }
  return renamed;
}
