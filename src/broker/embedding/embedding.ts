// What embedding a broker offers: what it is told at its start, and what can be asked of it then. Types alone.
import type { GroupSnapshot } from '../../group-coordinator/snapshots/index.ts';
import type { Clock, Durability, Logger } from '../../runtime/index.ts';
import type { KafkaErrorName } from '../../testing/index.ts';
import type {
  ApiName,
  HistoryOptions,
  PlannedFailure,
  RecordedRequestOf,
  RequestAnswer,
  RequestFilter,
  RequestHook,
  RequestMatch,
} from '../../testing/index.ts';
import type { Profile } from '../configs/start-error.ts';
import type { PushedMetrics } from '../telemetry/pushed-metrics.ts';

/** A topic to be there from the start: its number of partitions, or more about it. */
export type TopicOption =
  | number
  | { readonly partitions?: number; readonly configs?: Readonly<Record<string, string | number>> };

/** Kafka's operations by name. */
export type AclOptionOperation =
  | 'ALL'
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'CLUSTER_ACTION'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE'
  | 'CREATE_TOKENS'
  | 'DESCRIBE_TOKENS'
  | 'TWO_PHASE_COMMIT';

/**
 * An ACL to be there from the start: who may (or may not) do what with what. `principal`: `User:alice`, or `alice` for short;
 * a name is `*` for all, or a prefix where `prefixed` says so.
 */
export interface AclOption {
  readonly principal: string;
  readonly operations: readonly AclOptionOperation[];
  readonly topic?: string;
  readonly group?: string;
  readonly transactionalId?: string;
  readonly cluster?: true;
  readonly prefixed?: boolean;
  /** 'allow' when left out. */
  readonly permission?: 'allow' | 'deny';
  /** The address that it holds for; all when left out. */
  readonly host?: string;
}

/** A quota to be there from the start, of a user, a client id, both, or an address. null: the default of the kind. */
export interface QuotaOption {
  readonly user?: string | null;
  readonly clientId?: string | null;
  readonly ip?: string | null;
  /** Bytes a second. */
  readonly producerByteRate?: number;
  /** Bytes a second. */
  readonly consumerByteRate?: number;
  /** Percent of the time of the event loop. */
  readonly requestPercentage?: number;
  /** Partitions a second. */
  readonly controllerMutationRate?: number;
  /** Connections a second, of an address. */
  readonly connectionCreationRate?: number;
}

/** The schema registry beside the broker. */
export interface RegistryOption {
  /** 0 (the default of embedded brokers) picks a free one. */
  readonly port?: number;
  /** Who may call: those with these passwords by name, or the broker's own users. Everybody when left out. */
  readonly authentication?: 'broker' | { readonly users: Readonly<Record<string, string>> };
}

export interface StartOptions {
  /** Keep nothing on disk; the same as durability 'memory'. */
  readonly memory?: boolean;
  /** Where records live; './kafka-data' when neither this nor log.dirs is set. */
  readonly dataDir?: string;
  readonly durability?: Durability;
  readonly host?: string;
  /** 0 (the default of embedded brokers) picks a free one. */
  readonly port?: number;
  /**
   * `test`: what tests want where Kafka's defaults are for production. Group members do not wait for others before the first
   * rebalance (group.initial.rebalance.delay.ms=0), who first asks for a coordinator gets it at once instead of an error to try
   * again on, the internal topics have one partition each, topics that clients ask for are created, and nothing is kept on
   * disk unless dataDir, durability or log.dirs say so. configFile and config win over it.
   */
  readonly profile?: Profile;
  /** Kafka configs by name, as in server.properties. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** A server.properties file; `config` wins over it. */
  readonly configFile?: string;
  /** Topics that are created if they do not exist, and again by `reset`. */
  readonly topics?: Readonly<Record<string, TopicOption>>;
  /**
   * The listener speaks TLS, with certificates made for this broker alone: clients trust `broker.ca`, and may show
   * `broker.clientCertificate`. They need not, unless `clientAuth` says 'required'.
   */
  readonly tls?: boolean | { readonly clientAuth?: 'none' | 'requested' | 'required' };
  /** Passwords by user: clients log in with SASL PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly users?: Readonly<Record<string, string>>;
  /** ACLs that are made, and again by `reset`: with them nobody may do what none allows, unless super.users names them. */
  readonly acls?: readonly AclOption[];
  /** Quotas that are set, and again by `reset`. */
  readonly quotas?: readonly QuotaOption[];
  /** A clock of your own, for tests that travel in time. */
  readonly clock?: Clock;
  /** Where log lines go; true: to standard error; nowhere when left out. */
  readonly logger?: Logger | boolean;
  /** Told what is accepted without effect, one line each. */
  readonly onWarning?: (warning: string) => void;
  /** Told once when the disk of the metadata or of all logs has failed: the broker has stopped. */
  readonly onFailure?: (error: Error) => void;
  /** The id that a fresh cluster gets; random when left out. */
  readonly clusterId?: string;
  /**
   * The port of `/metrics` (Prometheus, OpenMetrics), `/health/live` and `/health/ready`, on 127.0.0.1 unless the config
   * metrics.host says otherwise; 0 picks a free one. Nothing is opened or measured when left out.
   */
  readonly metricsPort?: number;
  /**
   * A schema registry beside the broker, with Confluent's HTTP API, at `registryUrl`. It keeps its schemas in the topic `_schemas`,
   * and logs in as the first of `users` where there are some. Loaded when it is asked for.
   */
  readonly registry?: boolean | RegistryOption;
  /** Called for each request before it is handled; what it returns happens instead of the broker's answer. */
  readonly onRequest?: RequestHook;
  /** Remember the requests, for `requests`: the last 1000, or as many as `limit` says. Off when left out. */
  readonly history?: boolean | HistoryOptions;
}

/** Where one transactional id stands. */
export interface TransactionSnapshot {
  readonly transactionalId: string;
  /** Being ended is PrepareCommit or PrepareAbort: that is decided, and markers are on their way. */
  readonly state: TransactionStateName;
  readonly producerId: number | bigint;
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  /** Milliseconds since the epoch; undefined when no transaction has been begun. */
  readonly startedAtMs: number | bigint | undefined;
  /** As `orders-0`; of one that is being ended those without their marker. */
  readonly partitions: readonly string[];
}
export type TransactionStateName =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort';

/** A running broker. */
export interface Broker {
  /** `host:port`, for the bootstrap setting of any client. */
  readonly bootstrapServers: string;
  readonly host: string;
  readonly port: number;
  readonly clusterId: string;
  /** The certificate of the authority that vouches for the broker, in PEM; undefined without the option `tls`. */
  readonly ca: string | undefined;
  /** A certificate that the broker takes, and its key, in PEM: whoever shows it is `User:CN=client`. */
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined;
  /** Of `/metrics`; undefined where there is none. */
  readonly metricsPort: number | undefined;
  /** Of the schema registry, for any serialiser; undefined without the option `registry`. */
  readonly registryUrl: string | undefined;
  /** '' when nothing is on a disk. */
  readonly dataDir: string;
  readonly durability: Durability;
  readonly warnings: readonly string[];
  /**
   * What clients have pushed of their own metrics (KIP-714): the last push of each client, oldest first, unpacked, as
   * OpenTelemetry's MetricsData. Kept with the config ottla.client.metrics.retained.bytes; empty without it.
   */
  clientMetrics(): readonly PushedMetrics[];
  /**
   * Has the next requests that match fail instead of being handled: `failNext({ api: 'Produce', topic: 'orders' },
   * 'NOT_LEADER_OR_FOLLOWER')`. The whole request fails, whatever else it asks for. Plans are used in the order in which they
   * were made, those of requests that `onRequest` lets through. Throws TypeError for an API or error that Kafka does not have.
   */
  failNext(match: RequestMatch, answer: KafkaErrorName | RequestAnswer): PlannedFailure;
  /** Requests that the broker got, oldest first. Throws an Error when the broker was started without `history`. */
  requests<Api extends ApiName = ApiName>(filter?: RequestFilter<Api>): readonly RecordedRequestOf<Api>[];
  /**
   * The transactional ids that the broker knows, by name, and where they stand, everything before them committed: for
   * assertions. Rejects with an Error while they are loaded from the disk.
   */
  transactions(): Promise<readonly TransactionSnapshot[]>;
  /**
   * The groups that the broker knows, of every kind, by id, and where they stand: members and what is assigned to them,
   * committed offsets, those of open transactions beside them. Everything before them committed: for assertions. Rejects with
   * an Error while they are loaded from the disk.
   */
  groups(): Promise<readonly GroupSnapshot[]>;
  /**
   * Makes the broker empty, as if it had just been started: no records, groups, offsets, producer ids, configs set since;
   * the topics of the options are there anew. Planned failures and the history are forgotten too. Address, cluster id, clock
   * and `onRequest` stay. Connections are closed, as in a restart of a broker: clients connect again by themselves, and find
   * the new state when they do. For brokers in memory; rejects with an Error that says what to do for others.
   */
  reset(): Promise<void>;
  /** Stops in order: what was received is answered, connections end, everything is flushed. Calls after the first wait for the same end. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What runs beside a broker and reaches it by its address alone: the broker knows no more of it than when to begin and when to end. */
export interface Neighbours {
  readonly registryUrl: string | undefined;
  /** The broker is empty now. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
export type OpenNeighbours = (broker: Broker) => Promise<Neighbours>;
