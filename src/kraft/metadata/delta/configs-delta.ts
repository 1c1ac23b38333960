// What happens to dynamic configs between two images (Kafka: ConfigurationsDelta, ConfigurationDelta).
import { type ConfigResource, type ConfigsImage, resourceKey } from '../image/configs-image.ts';
import type { ConfigRecord } from '../records/index.ts';

interface ConfigDelta extends ConfigResource {
  readonly entries: Map<string, string>;
}

export class ConfigsDelta {
  readonly base: ConfigsImage;
  readonly #changed = new Map<string, ConfigDelta>();

  constructor(base: ConfigsImage) {
    this.base = base;
  }

  /** Resources whose configs may differ; what they are now stands in the new image. */
  get changed(): Iterable<ConfigResource> {
    return this.#changed.values();
  }
  get isEmpty(): boolean {
    return this.#changed.size === 0;
  }

  replay(record: ConfigRecord): void {
    const { entries } = this.#of(record.resourceType, record.resourceName);
    if (record.value === null) entries.delete(record.name);
    else entries.set(record.name, record.value);
  }

  /** All configs of a resource that is gone; the log holds no record for that. */
  forget(type: number, name: string): void {
    this.#of(type, name).entries.clear();
  }

  apply(): ConfigsImage {
    let configs = this.base;
    for (const { type, name, entries } of this.#changed.values()) configs = configs.with(type, name, entries);
    return configs;
  }

  #of(type: number, name: string): ConfigDelta {
    const key = resourceKey(type, name);
    let delta = this.#changed.get(key);
    if (delta === undefined) {
      delta = { type, name, entries: new Map(this.base.get(type, name)) };
      this.#changed.set(key, delta);
    }
    return delta;
  }
}
