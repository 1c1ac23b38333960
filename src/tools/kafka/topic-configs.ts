// Configs of a topic are checked before they are sent, as Kafka's LogConfig.validate does. Loaded when there are any.
import { topicConfigKey } from '../../log/index.ts';
import { ConfigError, parseValue } from '../../runtime/index.ts';
import { JavaError } from './java-error.ts';

/** Throws JavaError. */
export function checkTopicConfigs(configs: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(configs)) {
    const known = topicConfigKey(name);
    if (known === undefined) {
      const message = `Unknown topic config name: ${name}`;
      throw new JavaError('org.apache.kafka.common.errors.InvalidConfigurationException', message);
    }
    try {
      parseValue(known.key, text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new JavaError('org.apache.kafka.common.config.ConfigException', error.message);
    }
  }
}
