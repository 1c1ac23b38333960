// What all operations of the registry stand on.
import type { CompatibilityLevel } from '../schemas/entities.ts';
import type { RegistryState } from '../store/registry-state.ts';
import type { RegistryKey } from '../records/keys.ts';
import type { SchemaParser } from './schema-parser.ts';

/** How operations see the store: what the topic says, and a way to add to it. */
export interface Ledger {
  readonly state: RegistryState;
  /** Runs one after the other, each on what the topic says by then. */
  exclusively<T>(task: () => Promise<T>): Promise<T>;
  /** Within a task. Resolves when the record has been read again. */
  put(key: RegistryKey, value: string | null): Promise<void>;
}

export interface RegistryCore {
  readonly store: Ledger;
  readonly parser: SchemaParser;
  /** Where nobody has set another one. */
  readonly defaultLevel: CompatibilityLevel;
}
