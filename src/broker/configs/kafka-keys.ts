// The catalogue of broker configs: all that Apache Kafka 4.3.1 knows, from kafka-keys-table.ts, as declarations in the
// vocabulary of the rooms. A key that a room declares is that room's; the rest is accepted and shown, and whoever sets it is warned.
import { config, ConfigKey, type ConfigType, type DynamicScope, parseValue } from '../../runtime/index.ts';
import { type Effect, effectOutsideTable, effectWarning, readEffect } from './config-effects.ts';
import { KAFKA_KEYS_TABLE } from './kafka-keys-table.ts';

/** One row of the table, read. */
export interface KafkaKey {
  readonly key: ConfigKey;
  /** Kafka's own tests and tuning: not shown unless it is set. */
  readonly isInternal: boolean;
  readonly effect: Effect;
}

const SCOPES: Readonly<Record<string, DynamicScope>> = { cluster: 'cluster-wide', broker: 'per-broker' };

let catalogue: ReadonlyMap<string, KafkaKey> | undefined;

/** Every key by name; read on first use. */
export function kafkaKeys(): ReadonlyMap<string, KafkaKey> {
  catalogue ??= new Map(
    KAFKA_KEYS_TABLE.trim()
      .split('\n')
      .map((row) => readRow(row))
      .map((row) => [row.key.name, row]),
  );
  return catalogue;
}

/** The catalogue without what is declared elsewhere. */
export function undeclaredKeys(declared: ReadonlySet<string>): ConfigKey[] {
  return [...kafkaKeys().values()].map(({ key }) => key).filter(({ name }) => !declared.has(name));
}

/** What setting a key does; those that rooms act on are known without the table. */
export function effectOf(name: string): Effect {
  if (dynamicOnlyKeys.has(name)) return { kind: 'acts' };
  if (OF_A_LISTENER.test(name))
    return kafkaKeys().get(brokerSynonyms(name).at(-1) ?? name)?.effect ?? effectOutsideTable(name);
  return kafkaKeys().get(name)?.effect ?? effectOutsideTable(name);
}

/** What a listener may have of its own: how it is secured, and who may log in. */
const OF_A_LISTENER = /^listener\.name\.[^.]+\.(ssl\.|([a-z0-9-]+\.)?(sasl\.|connections\.max\.reauth\.ms$))/;

/** The line for whoever sets a key that does not do what it says. */
export function warningOf(name: string, text: string, key: ConfigKey | undefined): string | undefined {
  return key?.hasEffect === true ? undefined : effectWarning(name, text, key, effectOf(name));
}

const CORDONED = 'cordoned.log.dirs';

/** The same for a key that is set while the broker runs. What Kafka lets a single broker change of its listeners, ours opens once. */
export function warningAtRunTime(name: string, text: string, key: ConfigKey | undefined): string | undefined {
  if (key?.hasEffect === true && key.scope === 'per-broker' && name !== CORDONED) {
    return `${name} has no effect while the broker runs: listeners are opened at its start, with what it is started with`;
  }
  return warningOf(name, text, key);
}

export function isInternalKey(name: string): boolean {
  return kafkaKeys().get(name)?.isInternal ?? false;
}

/** Not shown by DescribeConfigs unless they are set: Kafka's internal keys, and our own, which are no configs of Kafka's. */
export function isHiddenKey(name: string): boolean {
  return isOwnKey(name) || isInternalKey(name);
}

/** Kafka has no such key. */
export function isOwnKey(name: string): boolean {
  return name.startsWith('ottla.') || name === 'metrics.port' || name === 'metrics.host';
}

/** Quota keys that stand in no static configuration and that a broker may be given while it runs (DynamicConfig.Broker). */
export const dynamicOnlyKeys: ReadonlyMap<string, ConfigKey> = new Map(
  [
    'leader.replication.throttled.rate',
    'follower.replication.throttled.rate',
    'replica.alter.log.dirs.io.max.bytes.per.second',
  ]
    .map((name) => config.long(name, Number.MAX_SAFE_INTEGER).atLeast(0).dynamic('cluster-wide'))
    .map((key) => [key.name, key]),
);

/** Keys of one setting, strongest first (DynamicBrokerConfig.brokerConfigSynonyms). */
const SYNONYM_SETS: readonly (readonly string[])[] = [
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
];

/** The names under which a broker key may be set, strongest first; itself for most. */
export function brokerSynonyms(name: string): readonly string[] {
  if (name === 'log.flush.interval.ms') return [name, 'log.flush.scheduler.interval.ms'];
  return SYNONYM_SETS.find((names) => names.includes(name)) ?? listenerSynonyms(name);
}

/** Keys that stand behind a listener's name and a SASL mechanism: `listener.name.NAME.MECHANISM.key`. */
const MECHANISM_KEYS = [
  'sasl.jaas.config',
  'sasl.login.class',
  'sasl.login.callback.handler.class',
  'sasl.server.callback.handler.class',
  'connections.max.reauth.ms',
];

/** `listener.name.NAME.key` falls back to `key`. */
function listenerSynonyms(name: string): readonly string[] {
  const rest = /^listener\.name\.[^.]*\.(.*)$/.exec(name)?.[1];
  if (rest === undefined) return [name];
  return [name, MECHANISM_KEYS.find((key) => rest.endsWith(key)) ?? rest];
}

function readRow(row: string): KafkaKey {
  const [name = '', type = '', scopes = '', bounds = '', text = '', cell = '', documentation = ''] = row
    .split(' | ')
    .map((cell) => cell.trim());
  const scope = scopes
    .split(',')
    .map((word) => SCOPES[word])
    .find((known) => known !== undefined);
  const effect = readEffect(cell);
  const facts = {
    name,
    type: type as ConfigType,
    documentation: `${documentation}.`,
    scope: scope ?? ('read-only' as const),
    isSensitive: type === 'password',
    hasEffect: false,
    ...readBounds(bounds),
  };
  const defaultValue =
    text === '~' ? null : parseValue(new ConfigKey({ ...facts, defaultValue: null }), defaultText(text));
  return { key: new ConfigKey({ ...facts, defaultValue }), isInternal: scopes.includes('internal'), effect };
}

/** `low..high`, either may be absent; `{one,other}`; `-`. */
function readBounds(bounds: string): { minimum?: number; maximum?: number; allowed?: string[] } {
  if (bounds.startsWith('{')) return { allowed: bounds.slice(1, -1).split(',') };
  const match = /^(-?[\d.]*?)\.\.(-?[\d.]*)$/.exec(bounds);
  if (match === null) return {};
  const [, low, high] = match;
  return { ...(low ? { minimum: Number(low) } : {}), ...(high ? { maximum: Number(high) } : {}) };
}

function defaultText(text: string): string {
  return text === 'max' ? '9223372036854775807' : text;
}
