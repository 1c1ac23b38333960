// The configs of this broker as they are now: what the start gave (flags, file), under what the cluster has set since for
// all brokers, under what it has set for this one (KIP-226). Publishes changes to the rooms that act on them.
import { type MetadataDelta, type MetadataImage, RESOURCE_BROKER } from '../../kraft/metadata/index.ts';
import {
  type ConfigDeclarations,
  ConfigError,
  type ConfigKey,
  type ConfigOf,
  type ConfigValue,
  formatValue,
  normalText,
  type Logger,
  parseConfigs,
  parseValue,
} from '../../runtime/index.ts';
import { warningAtRunTime } from './kafka-keys.ts';
import type { KnownKeys } from './room-configs.ts';

/** ConfigSource of DescribeConfigs. */
export const ConfigSource = {
  TOPIC: 1,
  DYNAMIC_BROKER: 2,
  DYNAMIC_DEFAULT_BROKER: 3,
  STATIC_BROKER: 4,
  DEFAULT: 5,
  DYNAMIC_BROKER_LOGGER: 6,
  CLIENT_METRICS: 7,
  GROUP: 8,
} as const;

/** The name under which configs of all brokers are kept. */
const ALL_BROKERS = '';

/** A key with a value, and where the value comes from. */
export interface SourcedValue {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

/** Told which keys have other values now, by name. */
export type ConfigListener = (changed: ReadonlySet<string>) => void;

/** Throws ConfigError when `changed` must not have these values: asked before they are written down. */
export type ConfigCheck = (entries: ReadonlyMap<string, string>, changed: ReadonlySet<string>) => void;

/** Kafka has no default for it; ours is there for whoever sets nothing. */
const ALWAYS_SET = 'node.id';

type Entries = ReadonlyMap<string, string>;
const NOTHING: Entries = new Map();

export interface BrokerConfigsOptions {
  readonly nodeId: number;
  /** Every key that is known, by name (room-configs.ts). */
  readonly keys: KnownKeys;
  /** The values of flags, environment and file, merged and checked. */
  readonly entries: Entries;
  readonly logger: Logger;
}

export class BrokerConfigs {
  readonly name = 'dynamic-config';
  readonly nodeId: number;
  readonly #keys: KnownKeys;
  readonly #static: Entries;
  readonly #logger: Logger;
  readonly #listeners: ConfigListener[] = [];
  readonly #checks: ConfigCheck[] = [];
  #clusterWide: Entries = NOTHING;
  #ofThisBroker: Entries = NOTHING;
  #effective: Entries;
  readonly #parsed = new Map<ConfigDeclarations, unknown>();

  constructor(options: BrokerConfigsOptions) {
    this.nodeId = options.nodeId;
    this.#keys = options.keys;
    // Kafka fills in its old name for the id of a node.
    const id = String(options.nodeId);
    this.#static = new Map([...options.entries, ['node.id', id], ['broker.id', id]]);
    this.#effective = this.#static;
    this.#logger = options.logger;
  }

  /** Every key that is known here: Kafka's and our own. */
  get keys(): KnownKeys {
    return this.#keys;
  }
  get staticEntries(): Entries {
    return this.#static;
  }
  /** The values that are set for all brokers (resource name ''). */
  get clusterWideEntries(): Entries {
    return this.#clusterWide;
  }
  /** The values that are set, by name; the strongest place counts. */
  get effectiveEntries(): Entries {
    return this.#effective;
  }

  /** The values of a room's declarations as they are now; the same object until something changes. */
  current<D extends ConfigDeclarations>(declarations: D): ConfigOf<D> {
    const known = this.#parsed.get(declarations);
    if (known !== undefined) return known as ConfigOf<D>;
    const values = parseConfigs(declarations, this.#effective);
    this.#parsed.set(declarations, values);
    return values;
  }

  /** The value of one key as it is now. */
  value<T extends ConfigValue>(key: ConfigKey<T>): T {
    const text = this.#effective.get(key.name);
    return text === undefined ? key.defaultValue : parseValue(key, text);
  }

  /** The text of a known key as it is now; null when it has no value. */
  text(name: string): string | null {
    const key = this.#keys.get(name);
    const text = this.#effective.get(name);
    if (key === undefined) return text ?? null;
    return text === undefined ? formatValue(key, key.defaultValue) : normalText(key, text);
  }

  /** The values of `names`, place by place from the strongest, and in each place in the order of `names`. */
  sourced(names: readonly string[]): SourcedValue[] {
    const found: SourcedValue[] = [];
    const look = (source: number, valueOf: (name: string) => string | null | undefined) => {
      for (const name of names) {
        const value = valueOf(name);
        if (value !== undefined && value !== null) found.push({ name, value, source });
      }
    };
    look(ConfigSource.DYNAMIC_BROKER, (name) => this.#ofThisBroker.get(name));
    look(ConfigSource.DYNAMIC_DEFAULT_BROKER, (name) => this.#clusterWide.get(name));
    look(ConfigSource.STATIC_BROKER, (name) => this.#static.get(name));
    look(ConfigSource.DEFAULT, (name) => this.defaultText(name));
    return found;
  }

  /** The text of a key's default; null when it has none. */
  defaultText(name: string): string | null {
    const key = this.#keys.get(name);
    return key === undefined || name === ALWAYS_SET ? null : formatValue(key, key.defaultValue);
  }

  /** Calls `listener` after each change, once the new values are in force. */
  onChange(listener: ConfigListener): void {
    this.#listeners.push(listener);
  }

  /** Has `check` asked before configs of this broker are written down. */
  onCheck(check: ConfigCheck): void {
    this.#checks.push(check);
  }

  /** Throws ConfigError when this broker must not be given exactly these configs, which are known to be of their types. */
  check(ofThisBroker: Entries): void {
    if (this.#checks.length === 0) return;
    const entries = this.#merged(this.#clusterWide, ofThisBroker);
    const changed = differences(this.#effective, entries);
    if (changed.size > 0) for (const check of this.#checks) check(entries, changed);
  }

  /** Part of the metadata loop: takes over what the cluster has set. */
  publish(delta: MetadataDelta, image: MetadataImage): void {
    const own = String(this.nodeId);
    for (const { type, name } of delta.changedConfigs) {
      if (type === RESOURCE_BROKER && (name === ALL_BROKERS || name === own)) return this.load(image);
    }
  }

  /** Takes over what an image says, and tells the listeners what has changed by it. */
  load(image: MetadataImage): void {
    this.#clusterWide = image.configs.get(RESOURCE_BROKER, ALL_BROKERS);
    this.#ofThisBroker = image.configs.get(RESOURCE_BROKER, String(this.nodeId));
    const before = this.#effective;
    this.#effective = this.#merged(this.#clusterWide, this.#ofThisBroker);
    this.#parsed.clear();
    const changed = differences(before, this.#effective);
    for (const name of changed) this.#warnOf(name);
    if (changed.size > 0) for (const listener of this.#listeners) listener(changed);
  }

  #merged(clusterWide: Entries, ofThisBroker: Entries): Entries {
    return new Map([...this.#static, ...this.#usable(clusterWide), ...this.#usable(ofThisBroker)]);
  }

  /** Whoever sets a key without effect while the broker runs reads so, as whoever starts it with one. */
  #warnOf(name: string): void {
    const text = this.#effective.get(name);
    const warning = text === undefined ? undefined : warningAtRunTime(name, text, this.#keys.get(name));
    if (warning !== undefined) this.#logger.log('warn', warning);
  }

  /** A directory that Kafka wrote may hold values that do not parse, or keys that only a restart may change. */
  #usable(entries: Entries): [string, string][] {
    return [...entries].filter(([name, text]) => {
      const key = this.#keys.get(name);
      if (key === undefined) return true;
      if (key.scope === 'read-only') return false;
      try {
        parseValue(key, text);
        return true;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        this.#logger.log('warn', 'a dynamic config cannot be read and is passed over', {
          key: name,
          reason: error.message,
        });
        return false;
      }
    });
  }
}

/** The names whose values are not the same in both. */
function differences(before: Entries, after: Entries): ReadonlySet<string> {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return new Set(names.filter((name) => before.get(name) !== after.get(name)));
}
