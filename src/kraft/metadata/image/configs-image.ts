// Dynamic configs of every resource (Kafka: ConfigurationsImage). Resource types are those of ConfigResource.
import { PersistentMap } from './persistent-map.ts';

export const RESOURCE_TOPIC = 2;
export const RESOURCE_BROKER = 4;
export const RESOURCE_BROKER_LOGGER = 8;
export const RESOURCE_CLIENT_METRICS = 16;
export const RESOURCE_GROUP = 32;

export interface ConfigResource {
  readonly type: number;
  /** Broker configs under the name '' hold for the whole cluster. */
  readonly name: string;
}

interface ResourceConfigs extends ConfigResource {
  readonly entries: ReadonlyMap<string, string>;
}

const NO_ENTRIES: ReadonlyMap<string, string> = new Map();

export const resourceKey = (type: number, name: string): string => `${type}:${name}`;

export class ConfigsImage {
  static readonly empty = new ConfigsImage(PersistentMap.empty());

  readonly #resources: PersistentMap<ResourceConfigs>;

  private constructor(resources: PersistentMap<ResourceConfigs>) {
    this.#resources = resources;
  }

  /** What is set for the resource; an empty map when nothing is. */
  get(type: number, name: string): ReadonlyMap<string, string> {
    return this.#resources.get(resourceKey(type, name))?.entries ?? NO_ENTRIES;
  }

  with(type: number, name: string, entries: ReadonlyMap<string, string>): ConfigsImage {
    const key = resourceKey(type, name);
    if (entries.size === 0) return new ConfigsImage(this.#resources.delete(key));
    return new ConfigsImage(this.#resources.set(key, { type, name, entries }));
  }

  get resourceCount(): number {
    return this.#resources.size;
  }

  *resources(): Generator<ResourceConfigs> {
    yield* this.#resources.values();
  }
}
