// The package's public face: a Kafka broker in your process.
//
//   const broker = await startBroker({ memory: true, topics: { orders: 3 } });
//   …                       // broker.bootstrapServers goes to any Kafka client
//   await broker.close();
import { type Broker, type Neighbours, startBroker as startBare, type StartOptions } from './broker/index.ts';

export {
  type AclOption,
  type Broker,
  type Cluster,
  type ClusterNode,
  type ClusterOptions,
  type QuotaOption,
  type RegistryOption,
  type Durability,
  isKnownConfig,
  StartError,
  startCluster,
  type StartOptions,
  textLogger,
  type TopicOption,
  type TransactionSnapshot,
  type TransactionStateName,
} from './broker/index.ts';
export type {
  ApiName,
  BrokerRequest,
  GroupMemberSnapshot,
  GroupOffsetSnapshot,
  GroupSnapshot,
  GroupStateName,
  HistoryOptions,
  KafkaErrorName,
  PendingOffsetSnapshot,
  PlannedFailure,
  Profile,
  PushedMetrics,
  RecordedRequest,
  RecordedRequestOf,
  RequestAnswer,
  RequestBodies,
  RequestFilter,
  RequestHook,
  RequestMatch,
  RequestOf,
  ShareStartOffsetSnapshot,
} from './broker/index.ts';
export type { Clock, Logger, LogFields, LogLevel, Timer } from './runtime/index.ts';

/**
 * Starts a broker in this process; any number run side by side. Rejects with StartError where the user can do something about it
 * (the message is one line that says what; `code` is the system's error code, where there is one), else with DiskError.
 */
export function startBroker(options: StartOptions = {}): Promise<Broker> {
  const { registry } = options;
  const isAsked = registry !== undefined && registry !== false;
  return startBare(options, isAsked ? (broker) => registryBeside(broker, options) : undefined);
}

/** The bridge to the registry is the broker's address: it is loaded here, when it is asked for, and nowhere else. */
async function registryBeside(broker: Broker, { registry, users, logger }: StartOptions): Promise<Neighbours> {
  const { startSchemaRegistry } = await import('./schema-registry/index.ts');
  const [login] = Object.entries(users ?? {});
  const { ca, clientCertificate } = broker;
  const told = typeof registry === 'object' ? registry : {};
  const open = (port: number) =>
    startSchemaRegistry({
      ...told,
      brokers: broker.bootstrapServers,
      ...(ca !== undefined && { tls: { ca, ...clientCertificate } }),
      ...(login !== undefined && { sasl: { mechanism: 'scram-sha-256', username: login[0], password: login[1] } }),
      ...(typeof logger === 'object' && { logger: logger.child('registry') }),
      port,
      // Nobody else knows of the topic: no group has to agree who writes.
      election: false,
    });
  let running = await open(told.port ?? 0);
  return {
    registryUrl: running.url,
    reset: async () => {
      await running.close();
      running = await open(running.port);
    },
    close: () => running.close(),
  };
}
