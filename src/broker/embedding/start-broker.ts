// `startBroker`: a broker for programs that embed one, and for the command line.
import type { Runtime } from '../../runtime/index.ts';
import { silentLogger } from '../../runtime/index.ts';
import { nodeRuntime } from '../../runtime/node/index.ts';
import { EmbeddedBroker, type EmbeddedBrokerParts } from './embedded-broker.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import type { Broker, OpenNeighbours, StartOptions } from './embedding.ts';
import { STANDARD_AUTHORIZER } from '../configs/config.ts';
import { LoggerLevels } from '../configs/logger-levels.ts';
import { declaredKeys } from '../configs/room-configs.ts';
import { isKnownKey, settingsOf } from '../configs/settings.ts';
import { explained } from './refusals.ts';

/** Is it a key of Kafka's, or one of ours? */
export function isKnownConfig(name: string): boolean {
  return isKnownKey(name, declaredKeys());
}

/**
 * Starts a broker in this process; any number run side by side. Rejects with StartError where the user can do something about it
 * (the message is one line that says what; `code` is the system's error code, where there is one), else with DiskError.
 */
export async function startBroker(options: StartOptions = {}, openNeighbours?: OpenNeighbours): Promise<Broker> {
  const loggers = new LoggerLevels();
  const runtime = runtimeOf(options, loggers);
  const secure = options.tls || options.users !== undefined ? await import('./secured.ts') : undefined;
  const { options: told, certificates } = secure?.secured(options) ?? { options, certificates: undefined };
  const settings = settingsOf(withAuthorizer(withOwnPort(told)), runtime.disk);
  for (const warning of settings.warnings) options.onWarning?.(warning);
  const broker = await start({ runtime, settings, loggers, options: told, certificates });
  if (openNeighbours !== undefined) await broker.meet(openNeighbours);
  return broker;
}

/**
 * Starts a cluster of nodes in this process, on real sockets and free ports, in memory unless `dataDir` says where. Rejects as
 * `startBroker` does.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { openCluster } = await import('./start-cluster.ts');
  try {
    return await openCluster(runtimeOf(options, new LoggerLevels()), options);
  } catch (error) {
    throw explained(error);
  }
}

/** An embedded broker takes a free port unless an option, the file or a config names one. */
function withOwnPort(options: StartOptions): StartOptions {
  const isTold =
    options.port !== undefined || options.configFile !== undefined || options.config?.listeners !== undefined;
  return isTold ? options : { ...options, port: 0 };
}

/** ACLs mean nothing to a broker that asks nobody. */
function withAuthorizer(options: StartOptions): StartOptions {
  if (options.acls === undefined) return options;
  return { ...options, config: { 'authorizer.class.name': STANDARD_AUTHORIZER, ...options.config } };
}

function runtimeOf(options: StartOptions, loggers: LoggerLevels): Runtime {
  const logger =
    typeof options.logger === 'object' ? options.logger : options.logger === true ? undefined : silentLogger;
  const runtime = nodeRuntime({
    ...(options.clock !== undefined && { clock: options.clock }),
    ...(logger !== undefined && { logger }),
  });
  return { ...runtime, logger: loggers.filtered(runtime.logger) };
}

async function start(parts: EmbeddedBrokerParts): Promise<EmbeddedBroker> {
  try {
    return await EmbeddedBroker.start(parts);
  } catch (error) {
    throw explained(error);
  }
}
