// Configs as the Admin shows them. The numbers that stand for kinds, sources and types on the wire have Kafka's names
// (ConfigResource.Type, ConfigEntry.ConfigSource, ConfigEntry.ConfigType).
export const CONFIG_RESOURCE_TYPES = {
  UNKNOWN: 0,
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const;
export type ConfigResourceType = keyof typeof CONFIG_RESOURCE_TYPES;

export function resourceTypeOf(code: number): ConfigResourceType {
  for (const [name, one] of Object.entries(CONFIG_RESOURCE_TYPES)) if (one === code) return name as ConfigResourceType;
  return 'UNKNOWN';
}

/** By number. */
export const CONFIG_SOURCES = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
] as const;
export type ConfigSource = (typeof CONFIG_SOURCES)[number];

/** By number. */
export const CONFIG_TYPES = [
  'UNKNOWN',
  'BOOLEAN',
  'STRING',
  'INT',
  'SHORT',
  'LONG',
  'DOUBLE',
  'LIST',
  'CLASS',
  'PASSWORD',
] as const;
export type ConfigType = (typeof CONFIG_TYPES)[number];

/** By number. */
export const ALTER_OPERATIONS = ['SET', 'DELETE', 'APPEND', 'SUBTRACT'] as const;
export type AlterOperation = (typeof ALTER_OPERATIONS)[number];

export interface ConfigResource {
  readonly type: ConfigResourceType;
  /** Of a broker its id; '' means all brokers. */
  readonly name: string;
}

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: ConfigSource;
}

export interface ConfigEntry {
  readonly name: string;
  /** null: it has none, or it is a secret. */
  readonly value: string | null;
  readonly source: ConfigSource;
  readonly isDefault: boolean;
  readonly isSensitive: boolean;
  readonly isReadOnly: boolean;
  readonly type: ConfigType;
  /** What the value is taken from, the first one wins; empty unless it was asked for. */
  readonly synonyms: readonly ConfigSynonym[];
  readonly documentation: string | undefined;
}

export interface ConfigChange {
  readonly name: string;
  /** APPEND and SUBTRACT: of lists. */
  readonly operation: AlterOperation;
  /** Left out with DELETE. */
  readonly value?: string;
}

export interface ChangedConfigs extends ConfigResource {
  readonly changes: readonly ConfigChange[];
}
