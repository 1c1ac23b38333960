// The declarations of all rooms together, beside what Kafka knows besides.
import { logConfig } from '../log/index.ts';
import { kraftConfig } from '../kraft/controller/index.ts';
import { replicationConfig } from '../replication/index.ts';
import type { ConfigDeclarations, ConfigKey } from '../runtime/index.ts';
import { brokerConfig } from './config.ts';
import { undeclaredKeys } from './kafka-keys.ts';

export const roomConfigs: readonly ConfigDeclarations[] = [brokerConfig, logConfig, replicationConfig, kraftConfig];

let all: ReadonlyMap<string, ConfigKey> | undefined;

/** Every key by name: Kafka's, and our own under `ottla.`. */
export function declaredKeys(): ReadonlyMap<string, ConfigKey> {
  if (all !== undefined) return all;
  const keys = new Map<string, ConfigKey>();
  for (const declarations of roomConfigs) {
    for (const key of Object.values(declarations)) keys.set(key.name, key);
  }
  for (const key of undeclaredKeys(new Set(keys.keys()))) keys.set(key.name, key);
  all = keys;
  return keys;
}
