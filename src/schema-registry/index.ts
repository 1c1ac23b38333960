// The schema registry: Confluent's calls over HTTP, kept in the topic `_schemas` of any Kafka. It reaches the broker through the
// client alone, and could be taken away without the broker noticing.
//
//   const registry = await startSchemaRegistry({ brokers: 'localhost:9092', port: 8081 });
//   …                       // registry.url goes to any serialiser
//   await registry.close();
import { type ClientConfig, type ClientSource, ClusterClient } from '../client/index.ts';
import { Metadata } from '../protocol/messages/03-metadata.ts';
import { type Logger, silentLogger } from '../runtime/index.ts';
import { DataChecks } from './data/data-check.ts';
import { COMPATIBILITY_LEVELS, type CompatibilityLevel } from './schemas/entities.ts';
import { registryApp } from './http/app.ts';
import { type Authentication, BasicAuthentication, everybody, listedUsers } from './http/authentication.ts';
import { brokerUsers } from './http/broker-login.ts';
import { alone, ElectedLeadership } from './http/forwarding.ts';
import { listen } from './http/server.ts';
import type { RegistryCore } from './registry/core.ts';
import { SchemaParser } from './registry/schema-parser.ts';
import type { Identity } from './store/identity.ts';
import type { Kernel } from './store/kernel.ts';
import { LeaderGroup } from './store/leader-group.ts';
import { RegistryStore } from './store/registry-store.ts';

export { type UsedId, usedIds, type UsedOptions } from './data/used.ts';
export { COMPATIBILITY_LEVELS, type CompatibilityLevel } from './schemas/entities.ts';
export { SchemasTopicError } from './store/schemas-topic.ts';
export { exportFromRegistry, ForeignAnswerError } from './transfer/from-registry.ts';
export { exportSchemas, ImportError, importSchemas, type ImportOptions } from './transfer/transfer.ts';

export interface RegistryOptions {
  /** The address to listen on; 127.0.0.1 when left out: without `authentication` everybody may write. */
  readonly host?: string;
  /** 8081 when left out; 0 picks a free one. */
  readonly port?: number;
  /** The topic that keeps the schemas (kafkastore.topic); `_schemas` when left out. */
  readonly topic?: string;
  /** Replicas of the topic when it is made, as far as there are brokers (kafkastore.topic.replication.factor); 3 when left out. */
  readonly replicationFactor?: number;
  /** The level where nobody has set one (schema.compatibility.level); BACKWARD when left out. */
  readonly compatibility?: CompatibilityLevel;
  /** The group in which registries agree who writes (schema.registry.group.id); `schema-registry` when left out. */
  readonly group?: string;
  /** false: it is the only registry of the topic, and need not agree with others. */
  readonly election?: boolean;
  /** Whether it may be the one that writes (leader.eligibility); true when left out. */
  readonly mayLead?: boolean;
  /** Where other registries reach this one (host.name); `host` when left out. */
  readonly advertisedHost?: string;
  /** Who may call: those with these passwords by name, or the broker's own users. Everybody when left out. */
  readonly authentication?: { readonly users: Readonly<Record<string, string>> } | 'broker';
  /** The largest body of a request, in bytes. */
  readonly maxBodyBytes?: number;
  /** How long a write may take until the topic has it (kafkastore.timeout.ms), milliseconds. */
  readonly timeoutMs?: number;
  /** Where log lines go; nowhere when left out. */
  readonly logger?: Logger;
}

export interface SchemaRegistry {
  readonly url: string;
  readonly port: number;
  /** Answers nothing more, leaves the group of registries, and lets go of its connections. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULTS = {
  host: '127.0.0.1',
  port: 8081,
  topic: '_schemas',
  replicationFactor: 3,
  compatibility: 'BACKWARD',
  group: 'schema-registry',
  election: true,
  mayLead: true,
  maxBodyBytes: 16 * 1024 * 1024,
  timeoutMs: 10_000,
} as const;
/** What `/v1/metadata/version` says: whose behaviour this is. */
const BEHAVES_AS = '8.0.0-ottla';

/**
 * Starts a registry over any Kafka. Rejects with SchemasTopicError when the topic cannot be the registry's, with a KafkaError when
 * no broker answers, with the system's error when the port cannot be had, with a TypeError for options that make no sense.
 */
export async function startSchemaRegistry(options: ClientSource & RegistryOptions): Promise<SchemaRegistry> {
  const told = { ...DEFAULTS, logger: silentLogger, ...options };
  if (!COMPATIBILITY_LEVELS.includes(told.compatibility))
    throw new TypeError(`compatibility: ${told.compatibility} is none of ${COMPATIBILITY_LEVELS.join(', ')}`);
  const own = 'client' in options ? undefined : new ClusterClient(options);
  const client: Kernel = own ?? (options as { readonly client: Kernel }).client;
  const store = new RegistryStore({ ...told, client });
  try {
    const authentication = authenticationOf(options, client);
    await store.open();
    return await opened({ ...told, client, store, authentication, own });
  } catch (error) {
    await store.close();
    await own?.close();
    throw error;
  }
}

interface Parts extends Required<Omit<RegistryOptions, 'authentication' | 'advertisedHost'>> {
  readonly advertisedHost?: string;
  readonly client: Kernel;
  /** Closed with the registry. */
  readonly own: Kernel | undefined;
  readonly store: RegistryStore;
  readonly authentication: Authentication;
}

async function opened(parts: Parts): Promise<SchemaRegistry> {
  const { client, store, logger, host, own } = parts;
  const core: RegistryCore = {
    store,
    parser: new SchemaParser(() => store.state),
    defaultLevel: parts.compatibility,
  };
  const forwarded = { current: alone };
  const app = registryApp(
    {
      core,
      leadership: { forwarded: (context, body) => forwarded.current.forwarded(context, body) },
      data: new DataChecks(core, client),
      mostBodyBytes: parts.maxBodyBytes,
      cluster: { kafka: () => clusterId(client), group: parts.group },
      version: BEHAVES_AS,
    },
    parts.authentication,
    logger,
  );
  const server = await listen({ host, port: parts.port }, app);
  const group = parts.election ? joined(parts, server.port) : undefined;
  if (group !== undefined) forwarded.current = group.leadership;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      await server.close();
      await group?.members.close();
      await store.close();
      await own?.close();
    })());
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`;
  return { url, port: server.port, close, [Symbol.asyncDispose]: close };
}

/** In the group of registries. */
function joined({ client, store, logger, host, advertisedHost, group, mayLead, timeoutMs }: Parts, port: number) {
  const identity: Identity = { host: advertisedHost ?? host, port, scheme: 'http', mayLead };
  const leadership = new ElectedLeadership(identity, client.clock, logger, timeoutMs);
  const members = new LeaderGroup({
    client,
    groupId: group,
    identity,
    logger,
    changed: (leader) => {
      // Another one may have written until now.
      store.doubt();
      leadership.setLeader(leader);
    },
  });
  members.start();
  return { leadership, members };
}

function authenticationOf(options: ClientSource & RegistryOptions, { clock }: Kernel): Authentication {
  const { authentication } = options;
  if (authentication === undefined) return everybody;
  if (authentication !== 'broker') return new BasicAuthentication(listedUsers(authentication.users), clock);
  if ('client' in options) throw new TypeError("authentication: 'broker' needs the config of a client, not a client");
  const { brokers, clientId, tls, sasl, config, limits, runtime } = options;
  const login: ClientConfig = {
    brokers,
    ...(clientId !== undefined && { clientId }),
    ...(tls !== undefined && { tls }),
    ...(sasl !== undefined && { sasl }),
    ...(config !== undefined && { config }),
    ...(limits !== undefined && { limits }),
    ...(runtime !== undefined && { runtime }),
  };
  return new BasicAuthentication(brokerUsers(login), clock);
}

async function clusterId(client: Kernel): Promise<string | null> {
  return (await client.askAny(Metadata, { topics: [], allowAutoTopicCreation: false })).clusterId;
}
