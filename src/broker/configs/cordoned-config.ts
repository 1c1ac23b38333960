// Which log directories are cordoned (cordoned.log.dirs, KIP-1066), as the configs say it.
import { logConfig } from '../../log/index.ts';
import { ConfigError, parseConfigs } from '../../runtime/index.ts';

export const cordonedConfig = { cordonedLogDirs: logConfig.cordonedLogDirs };
const { name } = cordonedConfig.cordonedLogDirs;
const EVERY = '*';

/** Their paths. Throws ConfigError for what is no directory of log.dirs (Kafka: KafkaConfig.validateCordonedLogDirs). */
export function cordonedDirectories(
  entries: ReadonlyMap<string, string>,
  logDirs: readonly string[],
): readonly string[] {
  const { cordonedLogDirs: cordoned } = parseConfigs(cordonedConfig, entries);
  if (cordoned.includes(EVERY)) {
    if (cordoned.length === 1) return logDirs;
    throw new ConfigError(`When ${name} is set to *, it must not contain other values`);
  }
  const unknown = cordoned.filter((path) => !logDirs.includes(path));
  if (unknown.length > 0) throw new ConfigError(`${name} names ${unknown.join(',')}, which is not in log.dirs`);
  return cordoned;
}
