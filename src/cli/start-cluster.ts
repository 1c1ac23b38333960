// `ottla start --nodes N`: a cluster in one process, until a signal ends it. Loaded where it is asked for.
import { isKnownConfig, startCluster } from '../index.ts';
import type { Logger } from '../runtime/index.ts';
import type { StartFlags } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { clusterJson, clusterScreen } from './screen.ts';
import { resolveOptions } from './start-options.ts';

export interface ClusterRun {
  readonly flags: StartFlags;
  readonly nodes: number;
  readonly commandLine: CommandLine;
  readonly logger: Logger;
  readonly stopped: Promise<void>;
}

const DEFAULT_PORT = 9092;
const DEFAULT_DATA_DIR = './kafka-cluster';

/** Runs until a signal has stopped all nodes, or one has failed: the exit code. Rejects as `startCluster` does. */
export async function runCluster({ flags, nodes, commandLine, logger, stopped }: ClusterRun): Promise<number> {
  const { configFile: _none, durability, ...resolved } = resolveOptions(flags, commandLine.environment, isKnownConfig);
  const isInMemory = durability === 'memory';
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));
  const cluster = await startCluster({
    ...resolved,
    nodes,
    ...(flags.threads === true && { threads: true }),
    port: flags.port ?? DEFAULT_PORT,
    ...(isInMemory
      ? { memory: true }
      : { dataDir: flags.data ?? DEFAULT_DATA_DIR, ...(durability !== undefined && { durability }) }),
    logger,
    onFailure: fail,
    onWarning: (warning) => logger.log('warn', warning),
  });
  const registry = await (await import('./registry-thread.ts')).startRegistry(flags, cluster.bootstrapServers, logger);
  if (flags.json) commandLine.print(clusterJson(cluster, commandLine.processId));
  else if (!flags.quiet) commandLine.print(clusterScreen(cluster, commandLine.isColored));
  const failure = await Promise.race([stopped, failed]);
  await registry?.stop();
  logger.log('info', 'Stopping');
  await cluster.close();
  logger.log('info', 'Stopped');
  if (failure !== undefined) throw failure;
  return 0;
}
