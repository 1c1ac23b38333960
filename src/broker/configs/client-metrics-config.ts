// What a subscription to client metrics may be configured with (KIP-714; Kafka: ClientMetricsConfigs).
import { Errors, hashOrderOfTexts, KafkaError } from '../../protocol/index.ts';
import {
  config,
  type ConfigKey,
  type ConfigValue,
  InvalidRegexError,
  loadedRegexEngine,
  parseValue,
} from '../../runtime/index.ts';

const LEAST_INTERVAL_MS = 100;
const GREATEST_INTERVAL_MS = 3_600_000;

export const DEFAULT_INTERVAL_MS = 300_000;

const interval = config.int('interval.ms', DEFAULT_INTERVAL_MS).doc('How often clients push their metrics.');
const match = config.list('match', []).doc('Which clients are meant, as SELECTOR=PATTERN; none: all.');
const metrics = config.list('metrics', []).doc('Prefixes of the names of the metrics that clients push.');

export const clientMetricsKeys: readonly ConfigKey[] = [interval, match, metrics];

const SELECTORS = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
] as const;
/** By what of a client a subscription selects it. */
export type ClientSelector = (typeof SELECTORS)[number];

export interface ClientMetricsConfigs {
  readonly metrics: readonly string[];
  readonly intervalMs: number;
  /** Selectors with a regular expression each; a client is meant that matches all of them. */
  readonly match: readonly (readonly [ClientSelector, string])[];
}

/** The configs of a subscription, which have been checked; what is no selector is left out. */
export function parseClientMetricsConfigs(configs: ReadonlyMap<string, string>): ClientMetricsConfigs {
  const valueOf = <T extends ConfigValue>(key: ConfigKey<T>): T => {
    const text = configs.get(key.name);
    return text === undefined ? key.defaultValue : parseValue(key, text);
  };
  return {
    metrics: valueOf(metrics),
    intervalMs: valueOf(interval),
    match: valueOf(match).flatMap((pattern) => {
      const parsed = selectorOf(pattern);
      return parsed === undefined ? [] : [parsed];
    }),
  };
}

/** Throws KafkaError for configs that a subscription cannot have. */
export function checkClientMetricsConfigs(subscription: string, configs: ReadonlyMap<string, string>): void {
  if (subscription === '') throw new KafkaError(Errors.INVALID_REQUEST, "Subscription name can't be empty");
  // Of several the first in Java's Properties.
  for (const name of hashOrderOfTexts(configs.keys())) {
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

/** The expression is looked at where there is an engine for it: whoever asks for the change has loaded it. */
function checkPattern(pattern: string): void {
  const parsed = selectorOf(pattern);
  if (parsed === undefined) throw illegalPattern(pattern);
  try {
    loadedRegexEngine()?.compile(parsed[1]);
  } catch (error) {
    if (error instanceof InvalidRegexError) throw illegalPattern(pattern);
    throw error;
  }
}

const illegalPattern = (pattern: string): KafkaError =>
  new KafkaError(Errors.INVALID_CONFIG, `Illegal client matching pattern: ${pattern}`);

/** SELECTOR=EXPRESSION; undefined for what is none. */
function selectorOf(pattern: string): readonly [ClientSelector, string] | undefined {
  const [name, expression = '', ...rest] = pattern.split('=').map((part) => part.trim());
  const selector = SELECTORS.find((one) => one === name);
  return selector === undefined || expression === '' || rest.length > 0 ? undefined : [selector, expression];
}
