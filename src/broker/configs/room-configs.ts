// The declarations of all rooms together, beside what Kafka knows besides.
import { groupCoordinatorConfig } from '../../group-coordinator/index.ts';
import { kraftConfig } from '../../kraft/controller/index.ts';
import { quorumConfig } from '../../kraft/raft/index.ts';
import { logConfig } from '../../log/index.ts';
import { replicationConfig } from '../../replication/index.ts';
import { shareCoordinatorConfig } from '../../share-coordinator/index.ts';
import { sharePartitionsConfig } from '../../share-partitions/index.ts';
import { transactionConfig } from '../../transaction-coordinator/index.ts';
import type { ConfigDeclarations, ConfigKey } from '../../runtime/index.ts';
import { brokerConfig } from './config.ts';
import { metricsConfig } from './metrics-config.ts';
import { quotaConfig } from './quota-config.ts';
import { undeclaredKeys } from './kafka-keys.ts';
import { authenticationConfig, brokerLoginConfig, saslConfig, tlsConfig } from './security-config.ts';

export const roomConfigs: readonly ConfigDeclarations[] = [
  brokerConfig,
  tlsConfig,
  saslConfig,
  brokerLoginConfig,
  authenticationConfig,
  logConfig,
  replicationConfig,
  kraftConfig,
  quorumConfig,
  groupCoordinatorConfig,
  transactionConfig,
  shareCoordinatorConfig,
  sharePartitionsConfig,
  quotaConfig,
  metricsConfig,
];

/** Finds keys by name; a map of them does it as well. */
export type KnownKeys = Pick<ReadonlyMap<string, ConfigKey>, 'get' | 'has' | 'keys'>;

/** What rooms declare is found at once; the catalogue of Kafka's other keys is read when something else is asked for. */
class DeclaredKeys implements KnownKeys {
  readonly #keys = new Map<string, ConfigKey>();
  #isWhole = false;

  constructor() {
    for (const declarations of roomConfigs) {
      for (const key of Object.values(declarations)) this.#keys.set(key.name, key);
    }
  }

  get(name: string): ConfigKey | undefined {
    return this.#keys.get(name) ?? this.#whole().get(name);
  }
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }
  keys(): MapIterator<string> {
    return this.#whole().keys();
  }

  #whole(): ReadonlyMap<string, ConfigKey> {
    if (!this.#isWhole) {
      for (const key of undeclaredKeys(new Set(this.#keys.keys()))) this.#keys.set(key.name, key);
      this.#isWhole = true;
    }
    return this.#keys;
  }
}

let all: KnownKeys | undefined;

/** Every key by name: Kafka's, and our own under `ottla.`. */
export function declaredKeys(): KnownKeys {
  all ??= new DeclaredKeys();
  return all;
}
