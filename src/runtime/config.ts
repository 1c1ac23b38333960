// The vocabulary in which each room declares its configs: once, with Kafka's name, type, default, bounds and doc.
// Validation, DescribeConfigs, AlterConfigs and the reference page derive from the declarations
// (org.apache.kafka.common.config.ConfigDef is what it answers to).

/** ConfigDef.Type by the numbers of DescribeConfigs' `configType`. */
export const configTypeCode = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
} as const;
export type ConfigType = keyof typeof configTypeCode;
export type ConfigValue = boolean | string | number | bigint | readonly string[] | null;

/** Who may change it at run time: nobody, each broker, or only the cluster as a whole (KIP-226). */
export type DynamicScope = 'read-only' | 'per-broker' | 'cluster-wide';

/** One declared key. Built with `int('log.segment.bytes', …)` and the chained modifiers below; then frozen. */
export class ConfigKey<T extends ConfigValue = ConfigValue> {
  readonly name: string;
  readonly type: ConfigType;
  readonly defaultValue: T;
  readonly documentation: string;
  readonly scope: DynamicScope;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly allowed: readonly string[] | undefined;
  /** The name of the same setting on a topic (`segment.bytes`), if it has one. */
  readonly topicName: string | undefined;
  readonly isSensitive: boolean;
  /** A long that is never clamped: a bigint where it is no safe integer. */
  readonly isExact: boolean;
  /** false: accepted, but nothing here acts on it yet; a set value costs one warning line. */
  readonly hasEffect: boolean;
  /** An empty list or string is refused. */
  readonly isNonEmpty: boolean;
  /** A rule of its own: what is wrong with a value, or undefined. */
  readonly fault: Fault<T> | undefined;
  /** The same, in words that stand alone. */
  readonly requirement: Fault<T> | undefined;

  readonly #facts: ConfigKeyFacts<T>;

  constructor(facts: ConfigKeyFacts<T>) {
    this.#facts = facts;
    this.name = facts.name;
    this.type = facts.type;
    this.defaultValue = facts.defaultValue;
    this.documentation = facts.documentation ?? '';
    this.scope = facts.scope ?? 'read-only';
    this.minimum = facts.minimum;
    this.maximum = facts.maximum;
    this.allowed = facts.allowed;
    this.topicName = facts.topicName;
    this.isSensitive = facts.isSensitive ?? false;
    this.isExact = facts.isExact ?? false;
    this.hasEffect = facts.hasEffect ?? true;
    this.isNonEmpty = facts.isNonEmpty ?? false;
    this.fault = facts.fault;
    this.requirement = facts.requirement;
  }

  #with(change: Partial<ConfigKeyFacts<T>>): ConfigKey<T> {
    return new ConfigKey({ ...this.#facts, ...change });
  }
  doc(documentation: string): ConfigKey<T> {
    return this.#with({ documentation });
  }
  atLeast(minimum: number): ConfigKey<T> {
    return this.#with({ minimum });
  }
  between(minimum: number, maximum: number): ConfigKey<T> {
    return this.#with({ minimum, maximum });
  }
  oneOf(...allowed: string[]): ConfigKey<T> {
    return this.#with({ allowed });
  }
  dynamic(scope: DynamicScope): ConfigKey<T> {
    return this.#with({ scope });
  }
  topic(topicName: string): ConfigKey<T> {
    return this.#with({ topicName });
  }
  sensitive(): ConfigKey<T> {
    return this.#with({ isSensitive: true });
  }
  withoutEffect(): ConfigKey<T> {
    return this.#with({ hasEffect: false });
  }
  nonEmpty(): ConfigKey<T> {
    return this.#with({ isNonEmpty: true });
  }
  /** `fault` says what is wrong with a value, in Kafka's words, or undefined. */
  refusing(fault: Fault<T>): ConfigKey<T> {
    return this.#with({ fault });
  }
  /** The same where Kafka says it without the name and the value, as what it requires of its configuration as a whole. */
  requiring(requirement: Fault<T>): ConfigKey<T> {
    return this.#with({ requirement });
  }
}

/** Written as a method so that a ConfigKey<number> is a ConfigKey too: it is only ever called with values of its key. */
type Fault<T extends ConfigValue> = { of(value: NonNullable<T>): string | undefined }['of'];

export interface ConfigKeyFacts<T extends ConfigValue> {
  readonly name: string;
  readonly type: ConfigType;
  readonly defaultValue: T;
  readonly documentation?: string;
  readonly scope?: DynamicScope;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly allowed?: readonly string[] | undefined;
  readonly topicName?: string | undefined;
  readonly isSensitive?: boolean;
  readonly isExact?: boolean;
  readonly hasEffect?: boolean;
  readonly isNonEmpty?: boolean;
  readonly fault?: Fault<T> | undefined;
  readonly requirement?: Fault<T> | undefined;
}

export const boolean = (name: string, defaultValue: boolean) =>
  new ConfigKey<boolean>({ name, type: 'boolean', defaultValue });
export const int = (name: string, defaultValue: number) => new ConfigKey<number>({ name, type: 'int', defaultValue });
export const short = (name: string, defaultValue: number) =>
  new ConfigKey<number>({ name, type: 'short', defaultValue });
/** A 64-bit number. 9223372036854775807 (no limit) is held as Number.MAX_SAFE_INTEGER and printed as Kafka prints it. */
export const long = (name: string, defaultValue: number) => new ConfigKey<number>({ name, type: 'long', defaultValue });
/** A 64-bit number that may be compared with others beyond 2^53: a bigint where it is no safe integer. */
export const exactLong = (name: string, defaultValue: number | bigint) =>
  new ConfigKey<number | bigint>({ name, type: 'long', defaultValue, isExact: true });
export const optionalInt = (name: string) => new ConfigKey<number | null>({ name, type: 'int', defaultValue: null });
export const optionalLong = (name: string) => new ConfigKey<number | null>({ name, type: 'long', defaultValue: null });
export const double = (name: string, defaultValue: number) =>
  new ConfigKey<number>({ name, type: 'double', defaultValue });
export const string = (name: string, defaultValue: string) =>
  new ConfigKey<string>({ name, type: 'string', defaultValue });
export const optionalString = (name: string) =>
  new ConfigKey<string | null>({ name, type: 'string', defaultValue: null });
/** The name of a Java class: those that have a counterpart here are known by their names. */
export const optionalClass = (name: string) =>
  new ConfigKey<string | null>({ name, type: 'class', defaultValue: null });
/** A secret: shown nowhere. */
export const password = (name: string) =>
  new ConfigKey<string | null>({ name, type: 'password', defaultValue: null, isSensitive: true });
export const list = (name: string, defaultValue: readonly string[]) =>
  new ConfigKey<readonly string[]>({ name, type: 'list', defaultValue });
export const optionalList = (name: string) =>
  new ConfigKey<readonly string[] | null>({ name, type: 'list', defaultValue: null });

/** What a room declares: property name → key. */
export type ConfigDeclarations = Readonly<Record<string, ConfigKey>>;
/** What a room receives: property name → parsed value. */
export type ConfigOf<D extends ConfigDeclarations> = {
  readonly [P in keyof D]: D[P] extends ConfigKey<infer T> ? T : never;
};

/** 2^63 - 1, Kafka's "no limit", as it stands in files and answers. */
export const LONG_MAX_TEXT = '9223372036854775807';
export const LONG_MAX = 2n ** 63n - 1n;

/** A value that a declaration refuses; the message is Kafka's (ConfigException). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
