// What a broker's configs would be if a change were made: what a change is judged by before it is written down.
import { type BrokerConfigs, ConfigSource } from './dynamic-config.ts';

export interface ChangedConfigs {
  /** The text of a key before and after; null when it has no value. */
  readonly before: (name: string) => string | null;
  readonly after: (name: string) => string | null;
  /** The configs of the place that is changed, as they would be. */
  readonly set: ReadonlyMap<string, string>;
}

/** The dynamic configs of all brokers (`isDefault`), or of this one, would become `set`. */
export function changedConfigs(
  current: BrokerConfigs,
  isDefault: boolean,
  set: ReadonlyMap<string, string>,
): ChangedConfigs {
  const changed = isDefault ? ConfigSource.DYNAMIC_DEFAULT_BROKER : ConfigSource.DYNAMIC_BROKER;
  return {
    set,
    before: (name) => current.sourced([name])[0]?.value ?? null,
    after: (name) => {
      const then = current.sourced([name]).filter(({ source }) => source !== changed);
      const value = set.get(name);
      if (value !== undefined) then.push({ name, value, source: changed });
      // The lower the number of a source, the stronger it is.
      then.sort((one, other) => one.source - other.source);
      return then[0]?.value ?? null;
    },
  };
}
