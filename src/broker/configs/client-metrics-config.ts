// What a subscription to client metrics may be configured with (KIP-714; Kafka: ClientMetricsConfigs).
import { Errors, KafkaError } from '../../protocol/index.ts';
import { config, type ConfigKey, parseValue } from '../../runtime/index.ts';

const LEAST_INTERVAL_MS = 100;
const GREATEST_INTERVAL_MS = 3_600_000;

const interval = config.int('interval.ms', 300_000).doc('How often clients push their metrics.');
const match = config.list('match', []).doc('Which clients are meant, as SELECTOR=PATTERN; none: all.');
const metrics = config.list('metrics', []).doc('Prefixes of the names of the metrics that clients push.');

export const clientMetricsKeys: readonly ConfigKey[] = [interval, match, metrics];

const SELECTORS = new Set([
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]);

/** Throws KafkaError for configs that a subscription cannot have. */
export function checkClientMetricsConfigs(subscription: string, configs: ReadonlyMap<string, string>): void {
  if (subscription === '') throw new KafkaError(Errors.INVALID_REQUEST, "Subscription name can't be empty");
  for (const name of configs.keys()) {
    if (clientMetricsKeys.every((key) => key.name !== name)) {
      throw new KafkaError(Errors.INVALID_REQUEST, `Unknown client metrics configuration: ${name}`);
    }
  }
  const intervalText = configs.get(interval.name);
  if (intervalText !== undefined) checkInterval(intervalText);
  const patterns = configs.get(match.name);
  if (patterns !== undefined) for (const pattern of parseValue(match, patterns)) checkPattern(pattern);
}

function checkInterval(text: string): void {
  const value = parseValue(interval, text);
  if (value >= LEAST_INTERVAL_MS && value <= GREATEST_INTERVAL_MS) return;
  throw new KafkaError(
    Errors.INVALID_REQUEST,
    `Invalid value ${text} for ${interval.name}, interval must be between ${LEAST_INTERVAL_MS} and ${GREATEST_INTERVAL_MS} (1 hour)`,
  );
}

/** The pattern itself is not looked at before clients are matched with it. */
function checkPattern(pattern: string): void {
  const [selector, expression, ...rest] = pattern.split('=').map((part) => part.trim());
  if (selector !== undefined && SELECTORS.has(selector) && expression !== undefined && rest.length === 0) return;
  throw new KafkaError(Errors.INVALID_CONFIG, `Illegal client matching pattern: ${pattern}`);
}
