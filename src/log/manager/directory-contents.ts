// What stands in a log directory, seen before it is used.
import type { Disk } from '../../runtime/index.ts';
import { METADATA_TOPIC } from '../../protocol/index.ts';
import { directoryName, parseDirectoryName } from '../segments/log-names.ts';
import { looksLikeLog } from './stray-logs.ts';

const BROKER_FILE =
  /^(\.lock.*|\.ottla-lease.*|((recovery-point|log-start|replication|cleaner)-offset-checkpoint|\.kafka_cleanshutdown|bootstrap\.checkpoint|meta\.properties)(\.tmp)?|__cluster_metadata-0|remote-log-index-cache)$/;

/** Is it the name of something that a broker makes in a log directory, partitions apart? */
export const isBrokerFile = (name: string): boolean => BROKER_FILE.test(name);

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
