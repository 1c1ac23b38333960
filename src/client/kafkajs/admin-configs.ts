// The part of kafkajs's admin that is about configs: kinds and sources are numbers there.
import { type Admin, valueOf } from '../admin/index.ts';
import type { ConfigResourceType } from '../admin/config-entries.ts';
import { CONFIG_SOURCES } from '../admin/config-entries.ts';
import { asKafkaJs } from './errors.ts';

export const ConfigResourceTypes = { UNKNOWN: 0, TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8 } as const;
export const ConfigSource = {
  UNKNOWN: 0,
  TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
} as const;

const typeOf = (code: number): ConfigResourceType =>
  (Object.entries(ConfigResourceTypes).find(([, one]) => one === code)?.[0] ?? 'UNKNOWN') as ConfigResourceType;

export abstract class KafkaJsConfigs {
  protected abstract ask<T>(work: (admin: Admin) => Promise<T>): Promise<T>;

  async describeConfigs(what: {
    readonly resources: readonly {
      readonly type: number;
      readonly name: string;
      readonly configNames?: readonly string[];
    }[];
    readonly includeSynonyms?: boolean;
  }) {
    const asked = what.resources.map(({ type, name, configNames }) => ({
      type: typeOf(type),
      name,
      ...(configNames !== undefined && { keys: configNames }),
    }));
    const includeSynonyms = what.includeSynonyms ?? false;
    const outcomes = await this.ask((admin) => admin.describeConfigs(asked, { includeSynonyms }));
    const resources = outcomes.map(async ({ name, result }, index) => ({
      errorCode: 0,
      errorMessage: null,
      resourceType: what.resources[index]?.type ?? 0,
      resourceName: name,
      configEntries: valueOf(result).map((entry) => ({
        configName: entry.name,
        configValue: entry.value,
        readOnly: entry.isReadOnly,
        isDefault: entry.isDefault,
        configSource: CONFIG_SOURCES.indexOf(entry.source),
        isSensitive: entry.isSensitive,
        configSynonyms: entry.synonyms.map((synonym) => ({
          configName: synonym.name,
          configValue: synonym.value,
          configSource: CONFIG_SOURCES.indexOf(synonym.source),
        })),
      })),
    }));
    return { resources: await asKafkaJs(Promise.all(resources)), throttleTime: 0 };
  }

  /** kafkajs's call replaces all configs of a resource (AlterConfigs); here the others stay as they are. */
  async alterConfigs(what: {
    readonly resources: readonly {
      readonly type: number;
      readonly name: string;
      readonly configEntries: readonly { readonly name: string; readonly value: string }[];
    }[];
    readonly validateOnly?: boolean;
  }) {
    const wanted = what.resources.map(({ type, name, configEntries }) => ({
      type: typeOf(type),
      name,
      changes: configEntries.map((entry) => ({ name: entry.name, operation: 'SET' as const, value: entry.value })),
    }));
    const validateOnly = what.validateOnly ?? false;
    const outcomes = await this.ask((admin) => admin.incrementalAlterConfigs(wanted, { validateOnly }));
    const resources = outcomes.map(async ({ name, result }, index) => {
      valueOf(result);
      return { errorCode: 0, errorMessage: null, resourceType: what.resources[index]?.type ?? 0, resourceName: name };
    });
    return { resources: await asKafkaJs(Promise.all(resources)), throttleTime: 0 };
  }

  async listPartitionReassignments(what: {
    readonly topics?: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  }) {
    const places = what.topics?.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    const found = await this.ask((admin) => admin.listPartitionReassignments(places));
    const topics = new Map<string, unknown[]>();
    for (const { topic, ...rest } of found) topics.set(topic, [...(topics.get(topic) ?? []), rest]);
    return { topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) };
  }
}
