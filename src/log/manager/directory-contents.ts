// What a log directory holds, looked at before it is used.
import type { Disk } from '../../runtime/index.ts';
import { METADATA_DIRECTORY_NAME, METADATA_TOPIC } from '../../protocol/index.ts';
import { directoryName, parseDirectoryName } from '../segments/log-names.ts';
import { looksLikeLog } from './stray-logs.ts';

const BROKER_FILE =
  /^(\.lock.*|\.ottla-lease.*|((recovery-point|log-start|replication|cleaner)-offset-checkpoint|\.kafka_cleanshutdown(\.metadata-written)?|bootstrap\.checkpoint|meta\.properties)(\.tmp)?|remote-log-index-cache)$/;

/** True for the names of what a broker makes in a log directory besides partitions. */
export const isBrokerFile = (name: string): boolean => name === METADATA_DIRECTORY_NAME || BROKER_FILE.test(name);

/** True when a partition lies in the log directory, in use, set aside, on its way or deleted. Throws DiskError. */
export function holdsLogs(disk: Disk, path: string): boolean {
  return disk.listSync(path).some(({ name, isDirectory }) => {
    const parsed = isDirectory ? parseDirectoryName(name) : undefined;
    return parsed !== undefined && parsed.topic !== METADATA_TOPIC && looksLikeLog(disk, `${path}/${name}`);
  });
}

/** True when the partition has a directory in the log directory. Throws DiskError. */
export function holdsLog(disk: Disk, path: string, topic: string, partition: number): boolean {
  return disk.existsSync(`${path}/${directoryName(topic, partition)}`);
}
