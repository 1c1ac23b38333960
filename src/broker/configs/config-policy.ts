// What the controller asks of the broker room about configs, in one piece: which values may be set, what lists start from,
// and what a topic ends up with.
import type { ConfigPolicy } from '../../kraft/controller/index.ts';
import type { BrokerConfigDescriber } from './config-describer.ts';
import type { ConfigValidators } from './config-validators.ts';
import type { BrokerConfigs } from './dynamic-config.ts';

export function configPolicy(
  configs: BrokerConfigs,
  validators: ConfigValidators,
  describer: BrokerConfigDescriber,
): ConfigPolicy {
  return {
    checkConfigs: (resourceType, resourceName, entries) => validators.checkConfigs(resourceType, resourceName, entries),
    isList: (resourceType, name) => validators.isList(resourceType, name),
    defaultText: (resourceType, name) => validators.defaultText(resourceType, name),
    effectiveTopicConfigs: (overrides) => describer.effectiveTopicConfigs(overrides),
    brokerDefault: (name) => configs.staticEntries.get(name) ?? configs.defaultText(name) ?? '',
  };
}
