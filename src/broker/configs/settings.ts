// What a broker is started with: options of the caller, a server.properties file, Kafka's defaults, in this order of
// strength, made into one checked set of values. All that is wrong is said here, before anything is opened.
import { resolve as absolutePath } from 'node:path';
import {
  ConfigError,
  type ConfigKey,
  type ConfigOf,
  type Disk,
  DiskError,
  parseConfigs,
  type Durability,
  parseProperties,
  parseValue,
} from '../../runtime/index.ts';
import { brokerConfig } from './config.ts';
import { cordonedDirectories } from './cordoned-config.ts';
import {
  type Endpoint,
  hostAndPort,
  isEveryAddress,
  parseEndpoint,
  parseEndpoints,
  parseProtocolMap,
} from './endpoints.ts';
import { warningOf } from './kafka-keys.ts';
import { isSecurityProtocol, type ListenerSecurity } from './listener-security.ts';
import { metricsConfig } from './metrics-config.ts';
import { checkRoles, type Roles, rolesOf } from './roles.ts';
import { declaredKeys, type KnownKeys } from './room-configs.ts';
import { type Profile, StartError } from './start-error.ts';
import { type AuthenticationConfig, authenticationConfig } from './security-config.ts';

const PROFILES: Readonly<Record<Profile, Readonly<Record<string, string>>>> = {
  test: {
    'group.initial.rebalance.delay.ms': '0',
    'ottla.coordinator.topic.wait': 'true',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'auto.create.topics.enable': 'true',
  },
};

export { StartError } from './start-error.ts';

export interface SettingsInput {
  readonly profile?: Profile | undefined;
  readonly memory?: boolean | undefined;
  readonly dataDir?: string | undefined;
  readonly durability?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** metrics.port */
  readonly metricsPort?: number | undefined;
  /** Kafka keys, as in server.properties. An unknown one is an error. */
  readonly config?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** A server.properties file. Unknown keys in it are warned about. */
  readonly configFile?: string | undefined;
}

export interface Settings {
  /** Every key that is set, by name; values checked. */
  readonly entries: ReadonlyMap<string, string>;
  readonly broker: ConfigOf<typeof brokerConfig>;
  readonly roles: Roles;
  readonly durability: Durability;
  readonly logDirs: readonly string[];
  /** Listeners to open for clients; none on a node that is a controller alone. */
  readonly listeners: readonly Endpoint[];
  /** What listeners demand of their connections, by name; those of PLAINTEXT, which demand nothing, are not in it. */
  readonly security: ReadonlyMap<string, ListenerSecurity>;
  readonly authentication: AuthenticationConfig;
  /** The listener by which brokers reach each other, and that of controllers: what is asked of those who connect. */
  readonly interBroker: ListenerSecurity;
  readonly interController: ListenerSecurity;
  /** By listener name; a name that is not in it advertises the local address of each connection. */
  readonly advertised: ReadonlyMap<string, Endpoint>;
  /** The controller's address as the quorum knows it; no port is opened there unless a listener names it. */
  readonly controllerListeners: readonly Endpoint[];
  /** Listeners of the controller that the configuration names (KIP-919). */
  readonly openedControllerListeners: readonly Endpoint[];
  readonly warnings: readonly string[];
}

const DEFAULT_DATA_DIR = './kafka-data';
/** Stands for the directory where nothing is on a disk. */
const MEMORY_DIR = 'memory';
const FIRST_CONTROLLER_PORT = 9093;

/** Throws StartError. `disk` is the one that the file is read from. */
export function settingsOf(input: SettingsInput, disk: Disk): Settings {
  try {
    return resolve(input, disk);
  } catch (error) {
    if (error instanceof ConfigError) throw new StartError(error.message);
    throw error;
  }
}

/** Says of a value that is refused which file it stands in: `names` are those that were set there. */
function withOrigin(error: unknown, path: string | undefined, names: ReadonlySet<string>): unknown {
  if (!(error instanceof ConfigError) || path === undefined) return error;
  const name = / configuration '?([\w.-]+)/.exec(error.message)?.[1];
  return name !== undefined && names.has(name) ? new ConfigError(`${error.message} (in ${path})`) : error;
}

function resolve(input: SettingsInput, disk: Disk): Settings {
  const warnings: string[] = [];
  const keys = declaredKeys();
  const entries = new Map(Object.entries(profileOf(input)));
  const ofFile =
    input.configFile === undefined ? new Map<string, string>() : readFile(input.configFile, disk, keys, warnings);
  for (const [name, value] of ofFile) entries.set(name, value);
  for (const [name, value] of Object.entries(input.config ?? {})) {
    if (!isKnownKey(name, keys))
      throw new StartError(
        `Unknown config ${name}: Kafka has no such key (a topic's own configs are set on the topic)`,
      );
    entries.set(name, String(value));
    ofFile.delete(name);
  }
  try {
    return settle(input, entries, keys, warnings);
  } catch (error) {
    throw withOrigin(error, input.configFile, new Set(ofFile.keys()));
  }
}

function settle(input: SettingsInput, entries: Map<string, string>, keys: Keys, warnings: string[]): Settings {
  const durability = durabilityOf(input, entries);
  fillInNodeId(entries);
  if (input.metricsPort !== undefined) entries.set(metricsConfig.metricsPort.name, String(input.metricsPort));
  applyListenerOptions(input, entries);
  for (const [name, text] of entries) check(keys.get(name), name, text, warnings);
  const logDirs = logDirsOf(input, entries, durability);
  // DescribeConfigs shows where records are, whichever way it was said.
  if (durability !== 'memory') entries.set('log.dirs', logDirs.join(','));
  cordonedDirectories(entries, logDirs);
  const broker = parseConfigs(brokerConfig, entries);
  const roles = rolesOf(broker.processRoles);
  checkRoles(roles, roleFacts(broker, entries));
  const listeners = listenersOf(broker, roles);
  const authentication = parseConfigs(authenticationConfig, entries);
  return {
    entries,
    broker,
    roles,
    durability,
    logDirs,
    listeners: listeners.client,
    controllerListeners: listeners.controller,
    openedControllerListeners: listeners.opened,
    security: listeners.security,
    authentication,
    ...peersOf(broker, authentication, listeners),
    advertised: advertisedOf(broker, listeners),
    warnings,
  };
}

/** `broker.id` is the old name of `node.id`: either will do, both have to agree (Kafka: KafkaConfig.populateSynonyms). */
function fillInNodeId(entries: Map<string, string>): void {
  const { nodeId, brokerId } = brokerConfig;
  const old = entries.get(brokerId.name);
  const id = entries.get(nodeId.name);
  if (old === undefined) return;
  if (id === undefined) entries.set(nodeId.name, old);
  else if (parseValue(nodeId, id) !== parseValue(brokerId, old)) {
    throw new StartError(`broker.id=${old} and node.id=${id} name the same thing: leave broker.id out`);
  }
}

type Keys = KnownKeys;

/** Kafka's own authorizer reads these; they stand in no list of the broker's keys. */
const AUTHORIZER_KEYS: ReadonlySet<string> = new Set(['super.users', 'allow.everyone.if.no.acl.found']);

/** Keys of a listener of one's own (`listener.name.NAME.KEY`) are as known as KEY is. */
export function isKnownKey(name: string, keys: Keys): boolean {
  const own = /^listener\.name\.[^.]+\.(.+)$/.exec(name)?.[1];
  if (own === undefined) return keys.has(name) || AUTHORIZER_KEYS.has(name);
  return keys.has(own) || keys.has(own.slice(own.indexOf('.') + 1));
}

function profileOf({ profile }: SettingsInput): Readonly<Record<string, string>> {
  if (profile === undefined) return {};
  if (!Object.hasOwn(PROFILES, profile)) throw new StartError(`There is no profile ${String(profile)}: it is test`);
  return PROFILES[profile];
}

/** The known keys of a file, with their texts. */
function readFile(path: string, disk: Disk, keys: Keys, warnings: string[]): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [name, value] of parseFile(path, disk)) {
    if (isKnownKey(name, keys)) entries.set(name, value);
    else warnings.push(`${name} in ${path} is no Kafka config; it is ignored`);
  }
  return entries;
}

function parseFile(path: string, disk: Disk): Map<string, string> {
  if (!disk.existsSync(path)) throw new StartError(`No such config file: ${path}`);
  try {
    return parseProperties(disk.readFileSync(path));
  } catch (error) {
    if (error instanceof ConfigError) throw new StartError(`The config file ${path} cannot be read. ${error.message}`);
    if (!(error instanceof DiskError)) throw error;
    const remedy =
      error.code === 'EISDIR' ? 'it is a directory, give the path of a file' : 'give this user the right to';
    throw new StartError(`The config file ${path} cannot be read (${error.code}): ${remedy}`, error);
  }
}

function durabilityOf(input: SettingsInput, entries: Map<string, string>): Durability {
  if (input.memory === true && input.durability !== undefined && input.durability !== 'memory') {
    throw new StartError(`--memory keeps nothing on disk, so it cannot go with --durability ${input.durability}`);
  }
  const isToldWhere = input.dataDir !== undefined || entries.has('log.dirs') || entries.has('log.dir');
  const isTest = input.profile === 'test' && !isToldWhere && !entries.has(brokerConfig.durability.name);
  const text = input.memory === true || (isTest && input.durability === undefined) ? 'memory' : input.durability;
  if (text !== undefined) entries.set(brokerConfig.durability.name, text);
  const durability = parseConfigs({ durability: brokerConfig.durability }, entries).durability as Durability;
  if (durability === 'memory' && input.dataDir !== undefined) {
    throw new StartError('--memory keeps nothing on disk, so it cannot go with --data: leave one of them out');
  }
  return durability;
}

/** --host and --port take the place of the client listener and of what it advertises. */
function applyListenerOptions(input: SettingsInput, entries: Map<string, string>): void {
  if (input.host === undefined && input.port === undefined) return;
  const { listeners, controllerListenerNames } = parseConfigs(
    { listeners: brokerConfig.listeners, controllerListenerNames: brokerConfig.controllerListenerNames },
    entries,
  );
  const controllers = new Set(controllerListenerNames.map((name) => name.toUpperCase()));
  let replaced: string | undefined;
  const texts = listeners.map((text) => {
    const endpoint = parseEndpoint('listeners', text);
    if (replaced !== undefined || controllers.has(endpoint.name)) return text;
    replaced = endpoint.name;
    return `${endpoint.name}://${hostAndPort(input.host ?? endpoint.host, input.port ?? endpoint.port)}`;
  });
  entries.set('listeners', texts.join(','));
  const { advertised } = parseConfigs({ advertised: brokerConfig.advertisedListeners }, entries);
  const kept = (advertised ?? []).filter((text) => parseEndpoint('advertised.listeners', text).name !== replaced);
  if (kept.length > 0) entries.set('advertised.listeners', kept.join(','));
  else entries.delete('advertised.listeners');
}

function check(key: ConfigKey | undefined, name: string, text: string, warnings: string[]): void {
  if (key !== undefined) parseValue(key, text);
  const warning = warningOf(name, text, key);
  if (warning !== undefined) warnings.push(warning);
}

function roleFacts(broker: Settings['broker'], entries: ReadonlyMap<string, string>) {
  const voters = (entries.get('controller.quorum.voters') ?? '').split(',').filter((text) => text.trim() !== '');
  return {
    nodeId: broker.nodeId,
    listeners: parseEndpoints('listeners', broker.listeners),
    controllerNames: new Set(broker.controllerListenerNames.map((name) => name.toUpperCase())),
    advertised: parseEndpoints('advertised.listeners', broker.advertisedListeners ?? []),
    voters,
    hasBootstrapServers: (entries.get('controller.quorum.bootstrap.servers') ?? '').trim() !== '',
  };
}

interface Listeners {
  readonly client: Endpoint[];
  readonly controller: Endpoint[];
  readonly opened: Endpoint[];
  readonly security: Map<string, ListenerSecurity>;
}

function listenersOf(broker: Settings['broker'], roles: Roles): Listeners {
  const all = parseEndpoints('listeners', broker.listeners);
  const controllers = new Set(broker.controllerListenerNames.map((name) => name.toUpperCase()));
  const client = all.filter(({ name }) => !controllers.has(name));
  const controller = all.filter(({ name }) => controllers.has(name));
  const first = client[0];
  if (first === undefined && roles.isBroker)
    throw new StartError(
      `listeners=${broker.listeners.join(',')} has no listener for clients: add one such as PLAINTEXT://127.0.0.1:9092`,
    );
  if (roles.isBroker) checkInterBrokerListener(broker, client);
  const security = securityOf(all, broker);
  const opened = [...controller];
  if (controller.length === 0 && roles.isController && first !== undefined) {
    controller.push({
      name: 'CONTROLLER',
      host: first.host,
      port: first.port === 0 ? FIRST_CONTROLLER_PORT : first.port + 1,
    });
  }
  return { client, controller, opened, security };
}

/** Throws StartError: a listener that is not told apart from an open one would be open to everyone. */
function securityOf(all: readonly Endpoint[], broker: Settings['broker']): Map<string, ListenerSecurity> {
  const protocols = parseProtocolMap(broker.listenerSecurityProtocolMap);
  const security = new Map<string, ListenerSecurity>();
  const controllers = new Set(broker.controllerListenerNames.map((name) => name.toUpperCase()));
  for (const { name } of all) {
    // Kafka's own default for the listeners of a controller.
    const protocol = protocols.get(name) ?? (controllers.has(name) ? 'PLAINTEXT' : undefined);
    if (protocol === undefined)
      throw new StartError(
        `Listener ${name} has no security protocol: add ${name}:PLAINTEXT to listener.security.protocol.map`,
      );
    if (!isSecurityProtocol(protocol)) {
      throw new StartError(
        `Listener ${name} asks for ${protocol}: it is one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL`,
      );
    }
    if (protocol !== 'PLAINTEXT') security.set(name, { name, protocol });
  }
  return security;
}

function peersOf(
  broker: Settings['broker'],
  { securityInterBrokerProtocol }: AuthenticationConfig,
  { client }: Listeners,
): Pick<Settings, 'interBroker' | 'interController'> {
  const protocols = parseProtocolMap(broker.listenerSecurityProtocolMap);
  const listenerOf = (name: string): ListenerSecurity => {
    const protocol = protocols.get(name) ?? 'PLAINTEXT';
    return { name, protocol: isSecurityProtocol(protocol) ? protocol : 'PLAINTEXT' };
  };
  const named = broker.interBrokerListenerName?.toUpperCase();
  const byProtocol = client.find(({ name }) => name === securityInterBrokerProtocol)?.name;
  return {
    interBroker: listenerOf(named ?? byProtocol ?? client[0]?.name ?? securityInterBrokerProtocol),
    interController: listenerOf(broker.controllerListenerNames[0]?.toUpperCase() ?? 'CONTROLLER'),
  };
}

/** The name must be right (Kafka: KafkaConfig.validateValues). */
function checkInterBrokerListener({ interBrokerListenerName }: Settings['broker'], client: readonly Endpoint[]): void {
  const wanted = interBrokerListenerName?.toUpperCase();
  if (wanted === undefined || client.some(({ name }) => name === wanted)) return;
  throw new StartError(
    `inter.broker.listener.name=${interBrokerListenerName} is no listener for clients: name one of ${client.map(({ name }) => name).join(', ')}`,
  );
}

function advertisedOf(
  broker: Settings['broker'],
  listeners: { readonly client: readonly Endpoint[]; readonly controller: readonly Endpoint[] },
): Map<string, Endpoint> {
  const advertised = new Map<string, Endpoint>();
  for (const endpoint of parseEndpoints('advertised.listeners', broker.advertisedListeners ?? [])) {
    if (![...listeners.client, ...listeners.controller].some(({ name }) => name === endpoint.name)) {
      throw new StartError(
        `advertised.listeners names ${endpoint.name}, which is not in listeners: add it there, or leave it out`,
      );
    }
    if (isEveryAddress(endpoint.host)) {
      throw new StartError(
        `advertised.listeners tells clients to connect to ${endpoint.host || 'no host'}: name an address that they can reach`,
      );
    }
    advertised.set(endpoint.name, endpoint);
  }
  return advertised;
}

function logDirsOf(input: SettingsInput, entries: ReadonlyMap<string, string>, durability: Durability): string[] {
  if (durability === 'memory') return [MEMORY_DIR];
  const texts =
    input.dataDir !== undefined
      ? [input.dataDir]
      : (entries.get('log.dirs') ?? entries.get('log.dir') ?? DEFAULT_DATA_DIR).split(',');
  const directories = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (directories.length === 0) throw new StartError('log.dirs is empty: name at least one directory');
  // As Kafka names them in DescribeLogDirs, and wants them named in AlterReplicaLogDirs.
  const absolute = directories.map((directory) => absolutePath(directory));
  if (new Set(absolute).size < absolute.length)
    throw new StartError(`log.dirs=${directories.join(',')} has one twice: name each directory once`);
  return absolute;
}
