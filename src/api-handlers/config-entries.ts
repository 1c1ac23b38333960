// What DescribeConfigs and CreateTopics tell of a config, and who knows it: the broker room implements the ports below.
import type { ConfigType } from '../runtime/index.ts';

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

export interface DescribedConfig {
  readonly name: string;
  /** null: none, or secret. */
  readonly value: string | null;
  /** ConfigSource: 1 topic, 2 broker, 3 all brokers, 4 file, 5 default, 6 logger, 7 client metrics, 8 group. */
  readonly source: number;
  readonly isReadOnly: boolean;
  readonly isSensitive: boolean;
  /** Where else a value stands, strongest first. */
  readonly synonyms: readonly ConfigSynonym[];
  /** undefined: nobody knows (a custom key). */
  readonly type: ConfigType | undefined;
  /** null: nobody wrote any; undefined: such configs have none, asked or not. */
  readonly documentation: string | null | undefined;
}

export interface ConfigDescriber {
  /** The configs in force for a resource. Throws KafkaError when it cannot be described. */
  describe(resourceType: number, resourceName: string): readonly DescribedConfig[];
}

/** One change of IncrementalAlterConfigs. */
export interface ConfigChange {
  readonly name: string;
  /** 0 set, 1 delete, 2 append, 3 subtract. */
  readonly configOperation: number;
  readonly value: string | null;
}

/** What a broker checks itself before a change goes to the controller. Each throws KafkaError. */
export interface ConfigGate {
  /** Changes to configs of the broker `name`, or of all for ''. */
  checkBrokerChanges(name: string, changes: readonly ConfigChange[]): void;
  /** A full replacement of these configs. */
  checkBrokerConfigs(name: string, configs: ReadonlyMap<string, string>): void;
  /** Levels of loggers: they live in this broker, not in the metadata log. Checks, then applies unless it is a trial. */
  changeLoggers(name: string, changes: readonly ConfigChange[], isTrial: boolean): void;
}
