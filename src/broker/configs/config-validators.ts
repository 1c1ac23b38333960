// Which configs may be set, with Kafka's words for what may not: broker configs and log levels before a change leaves the
// broker (ConfigAdminManager, RuntimeLoggerManager), all others for the controller (ControllerConfigurationValidator).
import type { ConfigChange, ConfigGate } from '../../api-handlers/index.ts';
import { alteredList, ConfigOperation, topicNameFault } from '../../kraft/controller/index.ts';
import {
  type MetadataImage,
  RESOURCE_BROKER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../../kraft/metadata/index.ts';
import { topicConfigKey } from '../../log/index.ts';
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { ConfigError, type ConfigKey, type ConfigValue, formatValue, parseValue } from '../../runtime/index.ts';
import { checkRequirements } from './broker-requirements.ts';
import { changedConfigs } from './changed-configs.ts';
import { checkClientMetricsConfigs } from './client-metrics-config.ts';
import type { BrokerConfigs } from './dynamic-config.ts';
import { checkGroupConfigs } from '../../group-coordinator/index.ts';
import { dynamicOnlyKeys } from './kafka-keys.ts';
import { isLogLevel, LOG_LEVELS, type LoggerLevels, ROOT_LOGGER } from './logger-levels.ts';

const OPERATION_NAMES = Object.keys(ConfigOperation);
/** Settings of TLS and SASL that count only under a listener's name (DynamicBrokerConfig, DYNAMIC_SECURITY_CONFIGS). */
const PER_LISTENER =
  /^ssl\.(keystore\.(type|certificate\.chain|password|location|key)|truststore\.(password|certificates|location|type)|key\.password)$/;

/** What a listener has of its own (DynamicBrokerConfig, ListenerConfigRegex, ClusterLevelListenerConfigs). */
const OF_A_LISTENER = /^listener\.name\.[^.]*\.(.*)$/s;
const LISTENER_LIMITS: ReadonlySet<string> = new Set([
  'max.connections',
  'max.connection.creation.rate',
  'num.network.threads',
]);

type Configs = ReadonlyMap<string, string | null>;

export class ConfigValidators implements ConfigGate {
  readonly #configs: BrokerConfigs;
  readonly #image: () => MetadataImage;
  readonly #loggers: LoggerLevels;

  constructor(configs: BrokerConfigs, image: () => MetadataImage, loggers: LoggerLevels) {
    this.#configs = configs;
    this.#image = image;
    this.#loggers = loggers;
  }

  /**
   * For the controller: may the resource have exactly these configs? Throws KafkaError. A null stands for a value that was
   * left out.
   */
  checkConfigs(resourceType: number, resourceName: string, configs: Configs): void {
    switch (resourceType) {
      case RESOURCE_TOPIC:
        if (resourceName === '') throw invalidRequest('Default topic resources are not allowed.');
        return this.checkTopicConfigs(resourceName, configs);
      case RESOURCE_BROKER:
        return checkBrokerName(resourceName);
      case RESOURCE_CLIENT_METRICS:
        return asInvalidConfig(() => checkClientMetricsConfigs(resourceName, withoutNulls('client metrics', configs)));
      case RESOURCE_GROUP:
        if (resourceName === '') throw invalidRequest('Default group resources are not allowed.');
        return asInvalidConfig(() => {
          checkGroupConfigs(withoutNulls('group', configs), (key) => this.#configs.text(key));
        });
      default:
        throw invalidRequest(`Unknown resource type ${resourceType}`);
    }
  }

  checkTopicConfigs(topic: string, configs: Configs): void {
    const fault = topicNameFault(topic);
    if (fault !== undefined) throw new KafkaError(Errors.INVALID_TOPIC_EXCEPTION, fault);
    const known = withoutNulls('topic', configs);
    for (const name of known.keys()) {
      if (topicConfigKey(name) === undefined) throw invalidConfig(`Unknown topic config name: ${name}`);
    }
    asInvalidConfig(() => checkTopicValues(known, this.#configs));
  }

  /** Is it a list, to which values may be appended? undefined: a key of unknown type. */
  isList(resourceType: number, name: string): boolean | undefined {
    const key = this.#keyOf(resourceType, name);
    return key === undefined ? undefined : key.type === 'list';
  }

  /** The text that a list has while nothing is set; what APPEND and SUBTRACT start from. */
  defaultText(resourceType: number, name: string): string {
    const key = this.#keyOf(resourceType, name);
    return key === undefined ? '' : (formatValue(key, key.defaultValue) ?? '');
  }

  #keyOf(resourceType: number, name: string): ConfigKey | undefined {
    switch (resourceType) {
      case RESOURCE_TOPIC:
        return topicConfigKey(name)?.key;
      case RESOURCE_BROKER:
        return this.#configs.keys.get(name);
      default:
        // Kafka's controller does not know the types of other resources: no key of theirs can be appended to.
        return undefined;
    }
  }

  checkBrokerChanges(name: string, changes: readonly ConfigChange[]): void {
    if (name !== '') this.#checkNodeId(name, 'broker id, expected');
    const configs = new Map(this.#image().configs.get(RESOURCE_BROKER, name));
    for (const change of changes) this.#apply(change, configs);
    this.#checkBrokerValues(name, configs);
  }

  checkBrokerConfigs(name: string, configs: ReadonlyMap<string, string>): void {
    if (name !== '') this.#checkNodeId(name, 'broker id, expected');
    this.#checkBrokerValues(name, configs);
  }

  /**
   * On a controller listener: the configs of another broker were checked by it before it passed them on, and its id is not this
   * node's (ControllerApis checks neither).
   */
  get ofController(): ConfigGate {
    const isElsewhere = (name: string): boolean => /^[+-]?\d+$/.test(name) && Number(name) !== this.#configs.nodeId;
    return {
      checkBrokerChanges: (name, changes) => {
        if (!isElsewhere(name)) this.checkBrokerChanges(name, changes);
      },
      checkBrokerConfigs: (name, configs) => {
        if (!isElsewhere(name)) this.checkBrokerConfigs(name, configs);
      },
      changeLoggers: (name, changes, isTrial) => this.changeLoggers(name, changes, isTrial),
    };
  }

  #checkNodeId(name: string, words: string): void {
    if (!/^[+-]?\d+$/.test(name)) throw invalidRequest(`Node id must be an integer, but it is: ${name}`);
    if (Number(name) === this.#configs.nodeId) return;
    throw invalidRequest(`Unexpected ${words} ${this.#configs.nodeId}, but received ${name}`);
  }

  #apply({ name, configOperation, value }: ConfigChange, configs: Map<string, string>): void {
    if (configOperation === ConfigOperation.SET) configs.set(name, value ?? '');
    else if (configOperation === ConfigOperation.DELETE) configs.delete(name);
    else if (configOperation === ConfigOperation.APPEND || configOperation === ConfigOperation.SUBTRACT) {
      this.#applyToList(name, configOperation, value ?? '', configs);
    } else throw invalidRequest(`Unknown operations type ${configOperation}`);
  }

  #applyToList(name: string, operation: number, value: string, configs: Map<string, string>): void {
    const isAppend = operation === ConfigOperation.APPEND;
    const isList = this.isList(RESOURCE_BROKER, name);
    if (isList === undefined) throw invalidConfig(`Unknown config name: ${name}`);
    if (!isList) {
      const word = isAppend ? 'append' : 'subtract';
      throw invalidConfig(`Config value ${word} is not allowed for config key: ${name}`);
    }
    const before = configs.get(name) ?? this.defaultText(RESOURCE_BROKER, name);
    configs.set(name, alteredList(before, operation, value));
  }

  /** Kafka answers what does not fit with INVALID_REQUEST here, not INVALID_CONFIG (KAFKA-13609). */
  #checkBrokerValues(name: string, configs: ReadonlyMap<string, string>): void {
    const names = [...configs.keys()];
    refuse(
      'Cannot update these configs dynamically',
      names.filter((key) => this.#isFixed(key)),
    );
    refuse(
      'These security configs can be dynamically updated only per-listener using the listener prefix',
      names.filter((key) => PER_LISTENER.test(key)),
    );
    for (const [key, text] of configs) translated(Errors.INVALID_REQUEST, () => this.#checkType(key, text));
    if (name === '') {
      refuse(
        'Cannot update these configs at default cluster level, broker id must be specified',
        names.filter((key) => this.#isOfOneBroker(key)),
      );
    }
    checkRequirements(changedConfigs(this.#configs, name === '', configs));
    if (name !== '') translated(Errors.INVALID_REQUEST, () => this.#configs.check(configs));
  }

  #checkType(name: string, text: string): void {
    const base = OF_A_LISTENER.exec(name)?.[1] ?? name;
    const known = this.#configs.keys.get(base) ?? dynamicOnlyKeys.get(base);
    // Of what a listener may not change while it runs Kafka does not know the type here.
    if (known === undefined || (base !== name && known.scope === 'read-only')) return;
    parseValue(known, text);
    if (known.type === 'class' && text !== known.defaultValue) {
      throw new ConfigError(`Invalid value ${text} for configuration ${base}: Class ${text} could not be found.`);
    }
  }

  #isOfOneBroker(name: string): boolean {
    const ofListener = OF_A_LISTENER.exec(name)?.[1];
    if (ofListener !== undefined) return !LISTENER_LIMITS.has(ofListener);
    return this.#configs.keys.get(name)?.scope === 'per-broker';
  }

  #isFixed(name: string): boolean {
    return this.#configs.keys.get(name)?.scope === 'read-only';
  }

  changeLoggers(name: string, changes: readonly ConfigChange[], isTrial: boolean): void {
    this.#checkNodeId(name, 'node id. Expected');
    for (const change of changes) this.#checkLevel(change);
    if (isTrial) return;
    for (const { name: logger, configOperation, value } of changes) {
      this.#loggers.set(logger, configOperation === ConfigOperation.SET && isLogLevel(value) ? value : undefined);
    }
  }

  #checkLevel({ name, configOperation, value }: ConfigChange): void {
    if (configOperation !== ConfigOperation.SET && configOperation !== ConfigOperation.DELETE) {
      const operation = OPERATION_NAMES[configOperation] ?? `Unknown operation type ${configOperation}`;
      const words = configOperation in OPERATION_NAMES ? `${operation} operation` : operation;
      throw invalidRequest(`${words} is not allowed for the BROKER_LOGGER resource`);
    }
    if (!this.#loggers.has(name)) throw invalidConfig(`Logger ${name} does not exist!`);
    if (configOperation === ConfigOperation.DELETE) {
      if (name !== ROOT_LOGGER) return;
      throw invalidRequest(`Removing the log level of the ${ROOT_LOGGER} logger is not allowed`);
    }
    if (isLogLevel(value)) return;
    throw invalidConfig(
      `Cannot set the log level of ${name} to ${value} as it is not a supported log level. Valid log levels are ${LOG_LEVELS.join(', ')}`,
    );
  }
}

function checkTopicValues(configs: ReadonlyMap<string, string>, broker: BrokerConfigs): void {
  const value = (name: string): ConfigValue | undefined => {
    const key = topicConfigKey(name);
    const text = configs.get(name);
    return key === undefined || text === undefined ? undefined : parseValue(key.key, text);
  };
  for (const name of configs.keys()) value(name);
  const least = Number(value('min.compaction.lag.ms') ?? broker.text('log.cleaner.min.compaction.lag.ms'));
  const most = Number(value('max.compaction.lag.ms') ?? broker.text('log.cleaner.max.compaction.lag.ms'));
  if (least > most) {
    throw invalidConfig(
      `conflict topic config setting min.compaction.lag.ms (${least}) > max.compaction.lag.ms (${most})`,
    );
  }
  if (value('remote.storage.enable') === true) {
    throw invalidConfig(
      'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
    );
  }
}

function checkBrokerName(name: string): void {
  if (name === '' || /^[+-]?\d+$/.test(name)) return;
  throw invalidRequest(`Unable to parse broker name as a base 10 number.`);
}

function withoutNulls(kind: string, configs: Configs): ReadonlyMap<string, string> {
  const nulls = [...configs].filter(([, value]) => value === null).map(([name]) => name);
  if (nulls.length > 0) throw invalidConfig(`Null value not supported for ${kind} configs: ${nulls.sort().join(',')}`);
  return configs as ReadonlyMap<string, string>;
}

function refuse(words: string, names: readonly string[]): void {
  if (names.length > 0) throw invalidRequest(`${words}: [${names.join(', ')}]`);
}

function invalidRequest(message: string): KafkaError {
  return new KafkaError(Errors.INVALID_REQUEST, message);
}
function invalidConfig(message: string): KafkaError {
  return new KafkaError(Errors.INVALID_CONFIG, message);
}

const asInvalidConfig = (check: () => void): void => translated(Errors.INVALID_CONFIG, check);

/** Runs `check`; a value that does not parse becomes a KafkaError with `code`. */
function translated(code: ErrorCode, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (error instanceof ConfigError) throw new KafkaError(code, error.message);
    throw error;
  }
}
