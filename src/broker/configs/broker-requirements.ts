// What Kafka requires of a broker's configs beyond the type of each, when they are changed: of the configuration as a whole
// (KafkaConfig.validateValues), then of what the parts that take the change can do (ListenerReconfigurable, BrokerReconfigurable).
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { ChangedConfigs } from './changed-configs.ts';
import { listenerPrefix } from './listener-security.ts';
import { cleanerThreadsFault, networkThreadsFault, threadsFault } from './thread-counts.ts';

const ONE_MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

type Rule = (changed: ChangedConfigs) => string | undefined;

/** Throws KafkaError(INVALID_REQUEST). The values are known to be of their types. */
export function checkRequirements(changed: ChangedConfigs): void {
  for (const rule of OF_THE_WHOLE) {
    const fault = rule(changed);
    if (fault !== undefined) throw new KafkaError(Errors.INVALID_REQUEST, fault);
  }
  for (const rule of OF_THE_PARTS) {
    const fault = rule(changed);
    if (fault !== undefined) throw new KafkaError(Errors.INVALID_REQUEST, wrapped(fault));
  }
}

const wrapped = (fault: string): string =>
  `Invalid value org.apache.kafka.common.config.ConfigException: ${fault} for configuration Invalid dynamic configuration`;

const OF_THE_WHOLE: readonly Rule[] = [
  ({ after }) => {
    const threads = Number(after('log.cleaner.threads'));
    if (threads === 0) return '/ by zero';
    const each = Math.trunc(Number(after('log.cleaner.dedupe.buffer.size')) / threads);
    if (each > ONE_MIB) return undefined;
    return 'requirement failed: log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.';
  },
  ({ after }) => {
    const isFine =
      Number(after('max.connections.per.ip')) !== 0 || (after('max.connections.per.ip.overrides') ?? '') !== '';
    if (isFine) return undefined;
    const words = 'can be set to zero only if max.connections.per.ip.overrides property is set.';
    return `requirement failed: max.connections.per.ip ${words}`;
  },
];

const OF_THE_PARTS: readonly Rule[] = [
  listenersFault,
  threadsFault,
  (changed) => localRetentionFault(changed, 'ms', retentionMs(changed)),
  (changed) => localRetentionFault(changed, 'bytes', Number(changed.after('log.retention.bytes'))),
  cleanerThreadsFault,
];

/** Of all listeners, and of each that has a value of its own. */
function listenersFault(changed: ChangedConfigs): string | undefined {
  for (const prefix of ['', ...listenerPrefixes(changed)]) {
    for (const name of ['max.connections', 'max.connection.creation.rate']) {
      const limit = changed.after(prefix + name) ?? changed.after(name);
      if (Number(limit) <= 0 && limit !== changed.before(prefix + name)) return `Invalid ${name} ${limit}`;
    }
    const fault = networkThreadsFault(changed, prefix);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function listenerPrefixes({ after }: ChangedConfigs): string[] {
  const listeners = (after('listeners') ?? '').split(',');
  return listeners.map((listener) => listenerPrefix(listener.trim().split('://')[0] ?? ''));
}

/** log.retention.ms, else .minutes, else .hours; any negative value means for ever. */
function retentionMs({ after }: ChangedConfigs): number {
  const ms = after('log.retention.ms');
  const minutes = after('log.retention.minutes');
  const value = ms ?? (minutes === null ? Number(after('log.retention.hours')) * 60 : Number(minutes)) * MINUTE_MS;
  return Math.max(-1, Number(value));
}

/** No more of a tiered log can stay on local disk than there is of it (DynamicLogConfig.validateLogLocalRetentionMs). */
function localRetentionFault({ after }: ChangedConfigs, unit: 'ms' | 'bytes', whole: number): string | undefined {
  const [localName, name] = [`log.local.retention.${unit}`, `log.retention.${unit}`];
  const local = Number(after(localName));
  if (whole === -1 || local === -2) return undefined;
  const words = `Invalid value ${local} for configuration ${localName}: Value must not be`;
  if (local === -1) return `${words} -1 as ${name} value is set as ${whole}.`;
  return local > whole ? `${words} more than ${name} property value: ${whole}` : undefined;
}
