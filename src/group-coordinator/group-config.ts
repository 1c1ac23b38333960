// What a group may be configured with (Kafka: GroupConfig): each key takes its default from a broker key, and must keep
// to bounds that the broker sets for all groups.
import { Errors, hashOrderOfTexts, KafkaError } from '../protocol/index.ts';
import { config, type ConfigKey, type ConfigValue, parseValue } from '../runtime/index.ts';

const { boolean, int, string } = config;

export interface GroupConfigKey {
  readonly key: ConfigKey;
  /** The broker key with the default; the key itself where there is none. */
  readonly synonym: string;
  /** Broker keys that bound the value. */
  readonly least: string | undefined;
  readonly most: string | undefined;
}

const row = (key: ConfigKey, synonym: string, least?: string, most?: string): GroupConfigKey => ({
  key,
  synonym,
  least,
  most,
});

/** A key whose broker keys are `group.X`, `group.KIND.min.X` and `group.KIND.max.X`. */
function bounded(key: ConfigKey): GroupConfigKey {
  const [kind = '', ...rest] = key.name.split('.');
  const setting = rest.join('.');
  return row(key, `group.${key.name}`, `group.${kind}.min.${setting}`, `group.${kind}.max.${setting}`);
}

const DURATION = /^by_duration:P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/i;

function resetFault(value: string): string | undefined {
  if (/^(latest|earliest)$/i.test(value) || DURATION.test(value)) return undefined;
  return `Invalid value \`${value}\` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`;
}

/** Every key that a group can have. */
export const groupConfigKeys: readonly GroupConfigKey[] = [
  bounded(
    int('consumer.session.timeout.ms', 45_000).atLeast(1).doc('A member without a heartbeat for this long is removed.'),
  ),
  bounded(int('consumer.heartbeat.interval.ms', 5_000).atLeast(1).doc('How often members send heartbeats.')),
  bounded(int('consumer.assignment.interval.ms', 1_000).atLeast(0).doc('The least time between two assignments.')),
  bounded(
    int('share.session.timeout.ms', 45_000).atLeast(1).doc('A member without a heartbeat for this long is removed.'),
  ),
  bounded(int('share.heartbeat.interval.ms', 5_000).atLeast(1).doc('How often members send heartbeats.')),
  bounded(
    int('share.record.lock.duration.ms', 30_000)
      .atLeast(1_000)
      .doc('How long a record stays with a member before it is offered again.'),
  ),
  bounded(
    int('share.delivery.count.limit', 5).atLeast(2).doc('How often a record is delivered before it is given up.'),
  ),
  bounded(
    int('share.partition.max.record.locks', 2_000)
      .atLeast(100)
      .doc('Records of a partition that may be on their way to members.'),
  ),
  row(
    string('share.auto.offset.reset', 'latest')
      .refusing(resetFault)
      .doc('Where a share group begins: latest, earliest or by_duration:P...'),
    'share.auto.offset.reset',
  ),
  row(
    string('share.isolation.level', 'read_uncommitted')
      .oneOf('read_committed', 'read_uncommitted')
      .doc('Whether records of open and aborted transactions are delivered.'),
    'share.isolation.level',
  ),
  row(
    boolean('share.renew.acknowledge.enable', true).doc('A member may prolong its hold on a record.'),
    'share.renew.acknowledge.enable',
  ),
  bounded(int('share.assignment.interval.ms', 1_000).atLeast(0).doc('The least time between two assignments.')),
  bounded(
    int('streams.session.timeout.ms', 45_000).atLeast(1).doc('A member without a heartbeat for this long is removed.'),
  ),
  bounded(int('streams.heartbeat.interval.ms', 5_000).atLeast(1).doc('How often members send heartbeats.')),
  row(
    int('streams.num.standby.replicas', 0).atLeast(0).doc('Standby replicas of each task.'),
    'group.streams.num.standby.replicas',
    undefined,
    'group.streams.max.standby.replicas',
  ),
  row(
    int('streams.initial.rebalance.delay.ms', 3_000)
      .atLeast(0)
      .doc('How long the first assignment waits for more members.'),
    'group.streams.initial.rebalance.delay.ms',
  ),
  bounded(int('streams.assignment.interval.ms', 1_000).atLeast(0).doc('The least time between two assignments.')),
];

/** The value of `name` for a group whose own configs are `configs`: that, or what the broker says, or the default. */
export function groupConfigValue(
  name: string,
  configs: ReadonlyMap<string, string>,
  brokerText: (name: string) => string | null,
): ConfigValue {
  const found = groupConfigKeys.find(({ key }) => key.name === name);
  if (found === undefined) throw new RangeError(`groups have no config ${name}`);
  const { key, synonym } = found;
  const text = configs.get(name) ?? brokerText(synonym);
  return text === null ? key.defaultValue : parseValue(key, text);
}

/** What must be longer than what, within one group. */
const PAIRS = [
  ['consumer.session.timeout.ms', 'consumer.heartbeat.interval.ms'],
  ['share.session.timeout.ms', 'share.heartbeat.interval.ms'],
  ['streams.session.timeout.ms', 'streams.heartbeat.interval.ms'],
] as const;

/**
 * Throws KafkaError for configs that a group cannot have, ConfigError for values that cannot be read. `brokerText` gives
 * the value of a broker key.
 */
export function checkGroupConfigs(
  configs: ReadonlyMap<string, string>,
  brokerText: (name: string) => string | null,
): void {
  const values = new Map<string, ConfigValue>();
  // Of several the first in the map with those of the broker that Kafka looks through.
  for (const name of hashOrderOfTexts(configs.keys(), 32)) {
    if (!groupConfigKeys.some(({ key }) => key.name === name)) throw refused(`Unknown group config name: ${name}`);
  }
  for (const { key, synonym } of groupConfigKeys) {
    const text = configs.get(key.name) ?? brokerText(synonym);
    values.set(key.name, text === null ? key.defaultValue : parseValue(key, text));
  }
  for (const { key, least, most } of groupConfigKeys) {
    if (!configs.has(key.name)) continue;
    const value = Number(values.get(key.name));
    const [low, high] = [least, most].map((bound) => (bound === undefined ? null : brokerText(bound)));
    if (low !== null && low !== undefined && value < Number(low)) {
      throw refused(`${key.name} must be greater than or equal to ${least}`);
    }
    if (high !== null && high !== undefined && value > Number(high)) {
      throw refused(`${key.name} must be less than or equal to ${most}`);
    }
  }
  for (const [session, heartbeat] of PAIRS) {
    if (Number(values.get(session)) <= Number(values.get(heartbeat)))
      throw refused(`${session} must be greater than ${heartbeat}`);
  }
}

function refused(message: string): KafkaError {
  return new KafkaError(Errors.INVALID_CONFIG, message);
}
