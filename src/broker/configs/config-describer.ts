// The configs of every kind of resource as DescribeConfigs shows them: value, source, and the other places where a value
// stands (Kafka: ConfigHelper).
import type { ConfigDescriber, ConfigSynonym, DescribedConfig } from '../../api-handlers/index.ts';
import { groupConfigKeys } from '../../group-coordinator/index.ts';
import { topicNameFault } from '../../kraft/controller/index.ts';
import {
  type MetadataImage,
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../../kraft/metadata/index.ts';
import { type TopicConfigKey, topicConfigKeys } from '../../log/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import { type ConfigKey, formatValue, normalText } from '../../runtime/index.ts';
import { clientMetricsKeys } from './client-metrics-config.ts';
import { type BrokerConfigs, ConfigSource } from './dynamic-config.ts';
import { brokerSynonyms, dynamicOnlyKeys, isHiddenKey } from './kafka-keys.ts';
import type { LoggerLevels } from './logger-levels.ts';

type Overrides = ReadonlyMap<string, string>;

/** A config of a topic as CreateTopics tells it. */
export interface EffectiveConfig {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: false;
  readonly configSource: number;
  readonly isSensitive: false;
}

export class BrokerConfigDescriber implements ConfigDescriber {
  readonly #configs: BrokerConfigs;
  readonly #image: () => MetadataImage;
  readonly #loggers: LoggerLevels;

  constructor(configs: BrokerConfigs, image: () => MetadataImage, loggers: LoggerLevels) {
    this.#configs = configs;
    this.#image = image;
    this.#loggers = loggers;
  }

  describe(resourceType: number, resourceName: string): readonly DescribedConfig[] {
    switch (resourceType) {
      case RESOURCE_TOPIC:
        return this.#describeTopic(resourceName);
      case RESOURCE_BROKER:
        return resourceName === '' ? this.#describeAllBrokers() : this.#describeBroker(resourceName);
      case RESOURCE_BROKER_LOGGER:
        return this.#describeLoggers(resourceName);
      case RESOURCE_GROUP:
        return this.#describeGroup(resourceName);
      case RESOURCE_CLIENT_METRICS:
        return this.#describeClientMetrics(resourceName);
      default:
        throw new KafkaError(Errors.INVALID_REQUEST);
    }
  }

  /** The configs of a topic with these overrides, as CreateTopics 5 and later tell them. */
  effectiveTopicConfigs(overrides: Overrides): EffectiveConfig[] {
    return shownTopicKeys(overrides).map((entry) => {
      const inherited = this.#inherited(entry);
      const own = overrides.get(entry.key.name);
      const [value, configSource] = own === undefined ? inherited : [own, ConfigSource.TOPIC];
      return { name: entry.key.name, value, readOnly: false, configSource, isSensitive: false };
    });
  }

  /** The value that a topic has without an override of its own, in the topic key's unit, and where it comes from. */
  #inherited({ key, synonyms }: TopicConfigKey): readonly [value: string | null, source: number] {
    const names = synonyms.map((synonym) => synonym.key.name);
    for (const { name, value, source } of this.#configs.sourced(names)) {
      const synonym = synonyms.find((candidate) => candidate.key.name === name);
      if (synonym === undefined || source === ConfigSource.DEFAULT) break;
      if (synonym.factor === 1) return [value, source];
      return [formatValue(key, Number(value) * synonym.factor), source];
    }
    return [formatValue(key, key.defaultValue), ConfigSource.DEFAULT];
  }

  #describeTopic(name: string): DescribedConfig[] {
    const fault = topicNameFault(name);
    if (fault !== undefined) throw new KafkaError(Errors.INVALID_TOPIC_EXCEPTION, fault);
    const image = this.#image();
    if (!image.topics.byName.has(name)) throw new KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    const overrides = image.configs.get(RESOURCE_TOPIC, name);
    return shownTopicKeys(overrides).map((entry) => this.#topicEntry(entry, overrides));
  }

  #topicEntry(entry: TopicConfigKey, overrides: Overrides): DescribedConfig {
    const { key } = entry;
    const own = overrides.get(key.name);
    const value = own === undefined ? this.#inherited(entry)[0] : normalised(key, own);
    // Kafka names one broker key per topic key here, the one in the topic's unit.
    const first = entry.synonyms[0]?.key.name;
    const inherited = first === undefined ? [] : this.#synonyms(first);
    const synonyms =
      own === undefined ? inherited : [{ name: key.name, value, source: ConfigSource.TOPIC }, ...inherited];
    return entryOf(key, value, synonyms, ConfigSource.DEFAULT);
  }

  /** The places where a broker key has values. A listener's override, which comes before the key itself, is no synonym of it. */
  #synonyms(name: string): ConfigSynonym[] {
    const found = this.#configs.sourced(brokerSynonyms(name));
    const start = found.findIndex((synonym) => synonym.name === name);
    if (start < 0) return [];
    const isSecret = this.#isSensitive(name);
    return found.slice(start).map((synonym) => (isSecret ? { ...synonym, value: null } : synonym));
  }

  /** A custom key may hold anything: it is treated as a secret. */
  #isSensitive(name: string): boolean {
    return this.#keyOf(name)?.isSensitive ?? true;
  }

  #keyOf(name: string): ConfigKey | undefined {
    return this.#configs.keys.get(baseName(name)) ?? dynamicOnlyKeys.get(name);
  }

  #describeBroker(name: string): DescribedConfig[] {
    const id = this.#brokerId(name);
    if (id !== this.#configs.nodeId) {
      throw invalidRequest(
        `Unexpected broker id, expected ${this.#configs.nodeId} or empty string, but received ${name}`,
      );
    }
    const names = new Set(this.#configs.effectiveEntries.keys());
    for (const key of this.#configs.keys.keys()) if (!isHiddenKey(key)) names.add(key);
    return [...names].sort().map((key) => this.#brokerEntry(key, this.#synonyms(key)));
  }

  /** The keys that have been set for all brokers; no other place is a synonym. */
  #describeAllBrokers(): DescribedConfig[] {
    return [...this.#configs.clusterWideEntries.keys()].sort().map((key) => {
      const synonyms = this.#synonyms(key).filter(({ source }) => source === ConfigSource.DYNAMIC_DEFAULT_BROKER);
      return this.#brokerEntry(key, synonyms, this.#configs.clusterWideEntries.get(key));
    });
  }

  #brokerEntry(name: string, synonyms: readonly ConfigSynonym[], text?: string): DescribedConfig {
    const key = this.#keyOf(name);
    const isSensitive = this.#isSensitive(name);
    return {
      name,
      value: isSensitive ? null : (text ?? this.#configs.text(name)),
      source: synonyms[0]?.source ?? ConfigSource.DEFAULT,
      isReadOnly: ((this.#configs.keys.get(name) ?? dynamicOnlyKeys.get(name))?.scope ?? 'read-only') === 'read-only',
      isSensitive,
      synonyms,
      type: key?.type,
      documentation: key?.documentation || null,
    };
  }

  #brokerId(name: string): number {
    if (/^[+-]?\d+$/.test(name)) return Number(name);
    throw invalidRequest(`Broker id must be an integer, but it is: ${name}`);
  }

  #describeLoggers(name: string): DescribedConfig[] {
    if (name === '') throw invalidRequest('Broker id must not be empty');
    if (this.#brokerId(name) !== this.#configs.nodeId) {
      throw invalidRequest(`Unexpected broker id, expected ${this.#configs.nodeId} but received ${name}`);
    }
    return [...this.#loggers.levels()].map(([logger, level]) => ({
      name: logger,
      value: level,
      source: ConfigSource.DYNAMIC_BROKER_LOGGER,
      isReadOnly: false,
      isSensitive: false,
      synonyms: [],
      type: undefined,
      documentation: undefined,
    }));
  }

  #describeGroup(name: string): DescribedConfig[] {
    if (name === '') throw invalidRequest('Group name must not be empty');
    const overrides = this.#image().configs.get(RESOURCE_GROUP, name);
    return groupConfigKeys.map(({ key, synonym }) => {
      const own = overrides.get(key.name);
      const known = this.#configs.keys.has(synonym);
      const fallback = known ? this.#configs.text(synonym) : formatValue(key, key.defaultValue);
      const inherited = known
        ? this.#synonyms(synonym)
        : [{ name: synonym, value: fallback, source: ConfigSource.DEFAULT }];
      const synonyms =
        own === undefined ? inherited : [{ name: key.name, value: own, source: ConfigSource.GROUP }, ...inherited];
      return entryOf(key, own ?? fallback, synonyms, ConfigSource.DEFAULT);
    });
  }

  #describeClientMetrics(name: string): DescribedConfig[] {
    if (name === '') throw invalidRequest('Client metrics subscription name must not be empty');
    const overrides = this.#image().configs.get(RESOURCE_CLIENT_METRICS, name);
    return clientMetricsKeys.map((key) => {
      const own = overrides.get(key.name);
      if (own === undefined) return entryOf(key, formatValue(key, key.defaultValue), [], ConfigSource.DEFAULT);
      const source = ConfigSource.CLIENT_METRICS;
      return entryOf(key, own, [{ name: key.name, value: own, source }], source);
    });
  }
}

function shownTopicKeys(overrides: Overrides): TopicConfigKey[] {
  return topicConfigKeys.filter(({ key, isInternal }) => !isInternal || overrides.has(key.name));
}

function invalidRequest(message: string): KafkaError {
  return new KafkaError(Errors.INVALID_REQUEST, message);
}

function entryOf(
  key: ConfigKey,
  value: string | null,
  synonyms: readonly ConfigSynonym[],
  fallbackSource: number,
): DescribedConfig {
  return {
    name: key.name,
    value,
    source: synonyms[0]?.source ?? fallbackSource,
    isReadOnly: false,
    isSensitive: false,
    synonyms,
    type: key.type,
    documentation: key.documentation,
  };
}

/** The value as Kafka prints it after parsing; as it stands where it does not parse. */
function normalised(key: ConfigKey, text: string): string | null {
  try {
    return normalText(key, text);
  } catch {
    return text;
  }
}

/** `listener.name.NAME.key` has the type of `key`. */
function baseName(name: string): string {
  return name.startsWith('listener.name.') ? (brokerSynonyms(name).at(-1) ?? name) : name;
}
