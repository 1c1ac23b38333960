// What the controller asks about configs: the broker knows the keys of every kind of resource, the controller none.
import type { CreateTopicsResponse } from '../../../protocol/messages/19-create-topics.ts';

export type CreatedTopicConfig = NonNullable<CreateTopicsResponse['topics'][number]['configs']>[number];

export interface ConfigPolicy {
  /** May the resource have exactly these configs? Throws KafkaError with the code and the words of the answer. */
  checkConfigs(resourceType: number, resourceName: string, configs: ReadonlyMap<string, string>): void;
  /** Is it a list, to which values can be appended? undefined: the key is not known. */
  isList(resourceType: number, name: string): boolean | undefined;
  /** What a list holds while nothing is set: what is appended to or taken from. */
  defaultText(resourceType: number, name: string): string;
  /** All configs of a topic with these overrides, as CreateTopics answers them. */
  effectiveTopicConfigs(overrides: ReadonlyMap<string, string>): readonly CreatedTopicConfig[];
  /** The static value of a broker config (min.insync.replicas, unclean.leader.election.enable) of this node. */
  brokerDefault(name: string): string;
}
