// The options of kafka-configs, and the entities that they mean.
import type { ToolIo } from '../tool-io.ts';
import { CONFIG_NAMES } from './configs-names.ts';
import { illegalArgument } from './java-error.ts';
import { CommandOptions } from './options/command-options.ts';
import { flag, type Option, valued } from './options/option.ts';

const VALID = CONFIG_NAMES.map(
  ([type, names]) => `For entity-type '${type}': \n${names.map((name) => `\t${name}`).join('\n')}\n`,
).join('');

export const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'The Kafka servers to connect to.', { name: 'server to connect to' }),
  bootstrapController: valued('bootstrap-controller', 'The Kafka controllers to connect to.', {
    name: 'controller to connect to',
  }),
  commandConfig: valued(
    'command-config',
    'Property file containing configs to be passed to Admin Client. This is used only with --bootstrap-server option for describing and altering broker configs.',
    { name: 'command config property file' },
  ),
  alter: flag('alter', 'Alter the configuration for the entity.'),
  describe: flag('describe', 'List configs for the given entity.'),
  all: flag('all', 'List all configs for the given entity, including static configs if available.'),
  entityType: valued(
    'entity-type',
    'Type of entity (topics/clients/users/brokers/broker-loggers/ips/client-metrics/groups)',
  ),
  entityName: valued(
    'entity-name',
    'Name of entity (topic name/client id/user principal name/broker id/ip/client metrics/group id)',
  ),
  entityDefault: flag(
    'entity-default',
    'Default entity name for clients/users/brokers/ips (applies to corresponding entity type)',
  ),
  addConfig: valued(
    'add-config',
    `Key Value pairs of configs to add. Square brackets can be used to group values which contain commas: 'k1=v1,k2=[v1,v2,v2],k3=v3'. The following is a list of valid configurations: ${VALID}Entity types 'users' and 'clients' may be specified together to update config for clients of a specific user.`,
  ),
  addConfigFile: valued(
    'add-config-file',
    'Path to a properties file with configs to add. See add-config for a list of valid configurations.',
  ),
  deleteConfig: valued('delete-config', "config keys to remove 'k1,k2'", { separator: ',' }),
  topic: valued('topic', "The topic's name."),
  client: valued('client', "The client's ID."),
  clientDefaults: flag('client-defaults', 'The config defaults for all clients.'),
  user: valued('user', "The user's principal name."),
  userDefaults: flag('user-defaults', 'The config defaults for all users.'),
  broker: valued('broker', "The broker's ID."),
  brokerDefaults: flag('broker-defaults', 'The config defaults for all brokers.'),
  brokerLogger: valued('broker-logger', "The broker's ID for its logger config."),
  ipDefaults: flag('ip-defaults', 'The config defaults for all IPs.'),
  ip: valued('ip', 'The IP address.'),
  group: valued('group', "The group's ID."),
  clientMetrics: valued('client-metrics', 'The client metrics config resource name.'),
};

const NAMED: readonly (readonly [Option<string>, string])[] = [
  [OPTIONS.topic, 'topics'],
  [OPTIONS.client, 'clients'],
  [OPTIONS.user, 'users'],
  [OPTIONS.broker, 'brokers'],
  [OPTIONS.brokerLogger, 'broker-loggers'],
  [OPTIONS.ip, 'ips'],
  [OPTIONS.clientMetrics, 'client-metrics'],
  [OPTIONS.group, 'groups'],
];
const DEFAULTS: readonly (readonly [Option, string])[] = [
  [OPTIONS.clientDefaults, 'clients'],
  [OPTIONS.userDefaults, 'users'],
  [OPTIONS.brokerDefaults, 'brokers'],
  [OPTIONS.ipDefaults, 'ips'],
];

export interface Entity {
  readonly type: string;
  /** '' is the default of the type; undefined: all. */
  readonly name: string | undefined;
}

/** Throws JavaError, OptionError, or Exit with the usage. */
export function configOptions(io: ToolIo, args: readonly string[]): CommandOptions {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion(
    'This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, client-metrics or group',
  );
  if ([OPTIONS.alter, OPTIONS.describe].filter((one) => options.has(one)).length !== 1) {
    options.usage('Command must include exactly one action: --describe, --alter');
  }
  if (!options.has(OPTIONS.bootstrapServer) && !options.has(OPTIONS.bootstrapController)) {
    throw illegalArgument(
      'One of the required --bootstrap-server or --bootstrap-controller arguments must be specified',
    );
  }
  if (options.has(OPTIONS.bootstrapServer) && options.has(OPTIONS.bootstrapController)) {
    throw illegalArgument('Only one of --bootstrap-server or --bootstrap-controller can be specified');
  }
  if (options.has(OPTIONS.addConfig) && options.has(OPTIONS.addConfigFile)) {
    throw illegalArgument('Only one of --add-config or --add-config-file must be specified');
  }
  options.checkInvalid(OPTIONS.alter, OPTIONS.describe);
  options.checkInvalid(OPTIONS.describe, OPTIONS.alter, OPTIONS.addConfig, OPTIONS.deleteConfig);
  return options;
}

/** Throws JavaError when names and types do not go together. */
export function entitiesOf(options: CommandOptions): Entity[] {
  const given = options.valuesOf(OPTIONS.entityName);
  const names = options.has(OPTIONS.entityDefault) ? [...given, ''] : given;
  const types = options.valuesOf(OPTIONS.entityType);
  if (names.length > types.length) throw illegalArgument('More entity names specified than entity types');
  const known = NAMED.map(([, type]) => type);
  for (const type of types) {
    if (!known.includes(type)) {
      throw illegalArgument(`Invalid entity type ${type}, the entity type must be one of ${known.join(', ')}`);
    }
  }
  const entities = [
    ...types.map((type, index) => ({ type, name: names[index] })),
    ...NAMED.filter(([option]) => options.has(option)).map(([option, type]) => ({
      type,
      name: options.valueOf(option),
    })),
    ...DEFAULTS.filter(([option]) => options.has(option)).map(([, type]) => ({ type, name: '' })),
  ];
  if (entities.length === 0) throw illegalArgument('At least one entity type must be specified');
  for (const { type, name = '' } of entities) {
    if (!type.startsWith('broker') || name === '' || /^[-+]?\d+$/.test(name)) continue;
    throw illegalArgument(`The entity name for ${type} must be a valid integer broker id, but it is: ${name}`);
  }
  if (options.has(OPTIONS.alter) && entities.some(({ name }) => name === undefined)) {
    throw illegalArgument('An entity name must be specified with --alter');
  }
  return entities;
}
