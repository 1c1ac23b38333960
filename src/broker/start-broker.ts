// `startBroker`: a broker for whoever embeds one, and for the command line.
import type { Clock, Logger, Runtime } from '../runtime/index.ts';
import { silentLogger } from '../runtime/index.ts';
import { MemoryDisk } from '../runtime/memory/index.ts';
import { nodeRuntime } from '../runtime/node/index.ts';
import { DirectoryLockedError, UnsupportedFormatError } from '../log/index.ts';
import { FormatError } from '../kraft/format/index.ts';
import { QuorumError } from '../kraft/raft/index.ts';
import { BrokerNode } from './broker.ts';
import { hostAndPort, isEveryAddress } from './endpoints.ts';
import { LoggerLevels } from './logger-levels.ts';
import { declaredKeys } from './room-configs.ts';
import { type Durability, type Settings, settingsOf, StartError } from './settings.ts';

/** A topic to be there from the start: its number of partitions, or more about it. */
export type TopicOption =
  | number
  | { readonly partitions?: number; readonly configs?: Readonly<Record<string, string | number>> };

export interface StartOptions {
  /** Keep nothing on disk; the same as durability 'memory'. */
  readonly memory?: boolean;
  /** Where records live; './kafka-data' when neither this nor log.dirs is set. */
  readonly dataDir?: string;
  readonly durability?: Durability;
  readonly host?: string;
  /** 0 (the default of embedded brokers) picks a free one. */
  readonly port?: number;
  /** Kafka configs by name, as in server.properties. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** A server.properties file; `config` wins over it. */
  readonly configFile?: string;
  /** Topics that are created if they do not exist. */
  readonly topics?: Readonly<Record<string, TopicOption>>;
  /** A clock of your own, for tests that travel in time. */
  readonly clock?: Clock;
  /** Where log lines go; true: to standard error; nowhere when left out. */
  readonly logger?: Logger | boolean;
  /** Told what is accepted without effect, one line each. */
  readonly onWarning?: (warning: string) => void;
  /** Of a fresh cluster; random when left out. */
  readonly clusterId?: string;
}

/** A running broker. */
export interface Broker {
  /** `host:port`, for the bootstrap setting of any client. */
  readonly bootstrapServers: string;
  readonly host: string;
  readonly port: number;
  readonly clusterId: string;
  /** '' when nothing is on a disk. */
  readonly dataDir: string;
  readonly durability: Durability;
  readonly warnings: readonly string[];
  /** Stops in order; connections end, everything is flushed. Calls after the first wait for the same end. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Is it a key of Kafka's, or one of ours? */
export function isKnownConfig(name: string): boolean {
  return declaredKeys().has(name);
}

/**
 * Starts a broker in this process; any number run side by side. Rejects with StartError when it cannot be (its message is
 * one line that says what to do), with DiskError or a system error of the network otherwise.
 */
export async function startBroker(options: StartOptions = {}): Promise<Broker> {
  const loggers = new LoggerLevels();
  const runtime = runtimeOf(options, loggers);
  const settings = settingsOf(withOwnPort(options), runtime.fileDisk);
  for (const warning of settings.warnings) options.onWarning?.(warning);
  const disk =
    settings.durability === 'memory'
      ? new MemoryDisk({ nowMs: () => runtime.runtime.clock.nowMs() })
      : runtime.fileDisk;
  const node = await startNode({ ...runtime.runtime, disk }, settings, loggers, options);
  try {
    await createTopics(node, options.topics ?? {});
  } catch (error) {
    await node.close();
    throw error;
  }
  return asBroker(node, settings);
}

/** An embedded broker takes a free port unless it is told one, in whatever way. */
function withOwnPort(options: StartOptions): StartOptions {
  const isTold =
    options.port !== undefined || options.configFile !== undefined || options.config?.listeners !== undefined;
  return isTold ? options : { ...options, port: 0 };
}

function runtimeOf(options: StartOptions, loggers: LoggerLevels): { runtime: Runtime; fileDisk: Runtime['disk'] } {
  const logger =
    typeof options.logger === 'object' ? options.logger : options.logger === true ? undefined : silentLogger;
  const runtime = nodeRuntime({
    ...(options.clock !== undefined && { clock: options.clock }),
    ...(logger !== undefined && { logger }),
  });
  return { runtime: { ...runtime, logger: loggers.filtered(runtime.logger) }, fileDisk: runtime.disk };
}

async function startNode(
  runtime: Runtime,
  settings: Settings,
  loggers: LoggerLevels,
  options: StartOptions,
): Promise<BrokerNode> {
  try {
    return await BrokerNode.start({ runtime, settings, loggers, clusterId: options.clusterId });
  } catch (error) {
    throw explained(error);
  }
}

/** Refusals that a user can do something about are told as such. */
function explained(error: unknown): unknown {
  if (error instanceof DirectoryLockedError) {
    return new StartError(`${error.message}. Stop it, or choose another directory with --data`);
  }
  const isRefusal =
    error instanceof FormatError || error instanceof QuorumError || error instanceof UnsupportedFormatError;
  return isRefusal ? new StartError(error.message) : error;
}

async function createTopics(node: BrokerNode, topics: Readonly<Record<string, TopicOption>>): Promise<void> {
  const missing = Object.entries(topics).filter(([name]) => !node.image.topics.byName.has(name));
  if (missing.length === 0) return;
  const answer = await node.controller.createTopics({
    topics: missing.map(([name, option]) => ({
      name,
      numPartitions: typeof option === 'number' ? option : (option.partitions ?? -1),
      replicationFactor: -1,
      assignments: [],
      configs: Object.entries(typeof option === 'number' ? {} : (option.configs ?? {})).map(([key, value]) => ({
        name: key,
        value: String(value),
      })),
    })),
    timeoutMs: 30_000,
    validateOnly: false,
  });
  const refused = answer.topics.find((topic) => topic.errorCode !== 0);
  if (refused !== undefined)
    throw new StartError(`Topic ${refused.name} could not be created: ${refused.errorMessage ?? refused.errorCode}`);
}

function asBroker(node: BrokerNode, settings: Settings): Broker {
  const first = settings.listeners[0];
  const advertised = first && settings.advertised.get(first.name);
  const host = advertised?.host ?? (isEveryAddress(node.host) ? '127.0.0.1' : node.host);
  const close = (): Promise<void> => node.close();
  return {
    bootstrapServers: hostAndPort(host, advertised?.port ?? node.port),
    host: node.host,
    port: node.port,
    clusterId: node.clusterId,
    dataDir: settings.durability === 'memory' ? '' : settings.logDirs.join(','),
    durability: settings.durability,
    warnings: settings.warnings,
    close,
    [Symbol.asyncDispose]: close,
  };
}
