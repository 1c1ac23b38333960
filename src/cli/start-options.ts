// Which of the many places that can set something wins: flags, then `--set`, then KAFKA_* variables, then the file, then
// the defaults. The last two steps are startBroker's, which reads the file; here is the rest, as a pure function.
import { configsFromEnvironment, type Durability } from '../runtime/index.ts';
import type { StartFlags } from './arguments.ts';

/** The part of startBroker's options that a command line can set. */
export interface ResolvedOptions {
  readonly host?: string;
  readonly port?: number;
  readonly metricsPort?: number;
  readonly dataDir?: string;
  readonly durability?: Durability;
  readonly configFile?: string;
  /** Of a fresh cluster: CLUSTER_ID, as Kafka's image takes it. One that is there must be the same. */
  readonly clusterId?: string;
  readonly config: Readonly<Record<string, string>>;
}

/** Keys that `--data` stands for: a flag wins over them wherever they are set. */
const dataKeys: readonly string[] = ['log.dirs', 'log.dir'];

/** `isKnown` says which keys exist: variables that name none are left out. */
export function resolveOptions(
  flags: StartFlags,
  environment: Readonly<Record<string, string | undefined>>,
  isKnown: (key: string) => boolean,
): ResolvedOptions {
  const config = new Map([...configsFromEnvironment(environment, isKnown), ...flags.set]);
  const clusterId = environment['CLUSTER_ID'];
  if (flags.data !== undefined) for (const key of dataKeys) config.delete(key);
  return {
    ...(flags.host !== undefined && { host: flags.host }),
    ...(flags.port !== undefined && { port: flags.port }),
    ...(flags.metricsPort !== undefined && { metricsPort: flags.metricsPort }),
    ...(flags.data !== undefined && { dataDir: flags.data }),
    ...(flags.durability !== undefined && { durability: flags.durability }),
    ...(clusterId !== undefined && clusterId !== '' && { clusterId }),
    ...(flags.config !== undefined && { configFile: flags.config }),
    config: Object.fromEntries(config),
  };
}
