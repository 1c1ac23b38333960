// The broker room's own configs: who it is, where it listens, what a connection may do. Every other room declares its
// own; room-configs.ts collects them.
import { config, DURABILITIES } from '../../runtime/index.ts';

/** The only authorizer that there is, under the name of its model. */
export const STANDARD_AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';

const { boolean, int, list, long, optionalString, string } = config;

const OVERRIDE = /^(.*):\s*([+-]?\d+)$/s;
const MOST_INT32 = 2_147_483_647;

/** As Kafka splits a list: what stands around the commas does not count, nor does an empty text. */
const overridesOf = (text: string): string[] => (text.trim() === '' ? [] : text.trim().split(/\s*,\s*/));

/** Limits of max.connections.per.ip.overrides by address. */
export function connectionOverrides(text: string): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const item of overridesOf(text)) {
    const [, address = '', limit = ''] = OVERRIDE.exec(item) ?? [];
    if (address !== '') limits.set(address.trim(), Number(limit));
  }
  return limits;
}

/** What Kafka stumbles over where an item is not `address:limit` (Csv.parseCsvMap, Integer.parseInt). */
function overridesFault(text: string): string | undefined {
  for (const item of overridesOf(text)) {
    const colon = item.lastIndexOf(':');
    if (colon < 0) {
      const where = `begin 0, end -1, length ${item.length}`;
      return `Error parsing configuration property 'max.connections.per.ip.overrides': ${where}`;
    }
    const limit = item.slice(colon + 1).trim();
    if (!/^[+-]?\d+$/.test(limit) || Math.abs(Number(limit)) > MOST_INT32) return `For input string: "${limit}"`;
  }
  return undefined;
}

export const brokerConfig = {
  nodeId: int('node.id', 1).atLeast(0).doc('The id of this node; unique over brokers and controllers.'),
  brokerId: int('broker.id', -1).doc('The old name of node.id.'),
  durability: string('ottla.durability', 'page-cache')
    .oneOf(...DURABILITIES)
    .doc('What an acknowledged record survives: memory, nothing; page-cache, the process; fsync, the machine too.'),
  processRoles: list('process.roles', ['broker', 'controller']).doc('What this node is: broker, controller or both.'),
  listeners: list('listeners', ['PLAINTEXT://127.0.0.1:9092'])
    .dynamic('per-broker')
    .doc('Where to listen, as NAME://host:port; port 0 picks a free one.'),
  advertisedListeners: config
    .optionalList('advertised.listeners')
    .doc(
      'What clients are told to connect to. Unset: the local address of the connection that asks; where there are other brokers, the address that this one has registered.',
    ),
  listenerSecurityProtocolMap: string(
    'listener.security.protocol.map',
    'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
  )
    .dynamic('per-broker')
    .doc('The security protocol of each listener name: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.'),
  controllerListenerNames: list('controller.listener.names', []).doc(
    'Listeners of the controller, for tools with --bootstrap-controller.',
  ),
  interBrokerListenerName: optionalString('inter.broker.listener.name').doc(
    'The listener by which brokers reach each other; it must be one of listeners. Unset: the first.',
  ),
  heartbeatIntervalMs: int('broker.heartbeat.interval.ms', 2000).doc(
    'How often a broker tells the controller that it lives.',
  ),
  registrationTimeoutMs: int('initial.broker.registration.timeout.ms', 60_000).doc(
    'A broker that the controllers have not taken within this time ends.',
  ),
  controlledShutdownEnable: boolean('controlled.shutdown.enable', true).doc(
    'Whether a broker that stops gives its leaderships away first.',
  ),
  authorizerClassName: string('authorizer.class.name', '').doc(
    `Who decides who may do what: ${STANDARD_AUTHORIZER}, by access control entries, super.users and allow.everyone.if.no.acl.found. Empty: everybody may do everything.`,
  ),
  controllerSocketTimeoutMs: int('controller.socket.timeout.ms', 30_000)
    .atLeast(1)
    .doc('How long a request of this broker to the controller may take.'),
  requestTimeoutMs: int('request.timeout.ms', 30_000)
    .atLeast(1)
    .doc('How long a request to another broker may take (markers, coordinators), but for the fetches of followers.'),
  connectionSetupTimeoutMs: long('socket.connection.setup.timeout.ms', 10_000)
    .atLeast(1)
    .doc('How long it may take to set up a connection to another node, the first time.'),
  connectionSetupTimeoutMaxMs: long('socket.connection.setup.timeout.max.ms', 30_000)
    .atLeast(1)
    .doc('That time doubles with each attempt that fails, up to this.'),
  logDirFailureTimeoutMs: long('log.dir.failure.timeout.ms', 30_000)
    .atLeast(1)
    .doc('A broker that could not tell the controller of a failed log directory for this long ends.'),
  brokerRack: optionalString('broker.rack').doc('The rack of this node, told in Metadata.'),
  maxRequestBytes: int('socket.request.max.bytes', 104857600)
    .atLeast(1)
    .doc('Largest request frame; a larger one closes the connection.'),
  queuedMaxRequestBytes: long('queued.max.request.bytes', -1).doc(
    'Bytes of requests that may be held in memory before reading stops. -1: an own limit of 512 MiB.',
  ),
  connectionsMaxIdleMs: long('connections.max.idle.ms', 600000).doc(
    'A connection without traffic for this long is closed.',
  ),
  maxConnections: int('max.connections', 2147483647)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('Connections of this broker at a time; one more waits until another closes.'),
  maxConnectionsPerIp: int('max.connections.per.ip', 2147483647)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('Connections of one client address at a time.'),
  maxConnectionsPerIpOverrides: string('max.connections.per.ip.overrides', '')
    .requiring(overridesFault)
    .dynamic('cluster-wide')
    .doc('Other limits for single addresses, as address:limit, ...'),
  maxConnectionCreationRate: int('max.connection.creation.rate', 2147483647)
    .atLeast(0)
    .dynamic('cluster-wide')
    .doc('New connections a second; those beyond it are listened to a little later.'),
  autoCreateTopicsEnable: boolean('auto.create.topics.enable', true).doc(
    'Whether a topic that a client asks for and that does not exist is created.',
  ),
  telemetryMaxBytes: int('telemetry.max.bytes', 1048576)
    .atLeast(1)
    .doc('The largest push of client metrics, compressed.'),
  clientMetricsRetainedBytes: int('ottla.client.metrics.retained.bytes', 0)
    .atLeast(0)
    .doc(
      'Bytes of client metrics that are kept: the last push of each client. 0: none, and clients are not told to push.',
    ),
  coordinatorTopicWait: boolean('ottla.coordinator.topic.wait', false).doc(
    'Whether the first who asks for a coordinator waits until its topic is made; else it is told to ask again, as by Kafka.',
  ),
  maxRequestPartitionSizeLimit: int('max.request.partition.size.limit', 2000)
    .atLeast(1)
    .doc('Partitions in one answer to DescribeTopicPartitions.'),
} as const;
