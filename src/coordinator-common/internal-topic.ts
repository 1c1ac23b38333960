// The topic in which a coordinator keeps its state, as the coordinator declares it (Kafka: Topic, and the topic configs of
// GroupCoordinatorConfig, TransactionLogConfig, ShareCoordinatorConfig).
import type { ConfigDeclarations, ConfigOf } from '../runtime/index.ts';

/** How an internal topic is made when somebody asks for it first. */
export interface InternalTopicSettings {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** The values of declared configs as they are now. */
export interface CurrentConfigs {
  current<D extends ConfigDeclarations>(declarations: D): ConfigOf<D>;
}

export interface InternalTopic {
  readonly name: string;
  readonly settings: (configs: CurrentConfigs) => InternalTopicSettings;
}
