// The counts of threads that Kafka changes at runtime by at most a factor of two at a time, each way (DynamicThreadPool,
// SocketServer). We have no such threads; who scripts the change gets the same answer.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { type BrokerConfigs, ConfigSource } from './dynamic-config.ts';

const THREAD_COUNTS = [
  'num.network.threads',
  'num.io.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
];

/**
 * May the dynamic configs of all brokers (`isDefault`), or of this one, become `configs`? Values are already known to be
 * of their types. Throws KafkaError(INVALID_REQUEST).
 */
export function checkThreadCounts(
  current: BrokerConfigs,
  isDefault: boolean,
  configs: ReadonlyMap<string, string>,
): void {
  const changed = isDefault ? ConfigSource.DYNAMIC_DEFAULT_BROKER : ConfigSource.DYNAMIC_BROKER;
  for (const name of THREAD_COUNTS) {
    const now = current.sourced([name]);
    const set = configs.get(name);
    const then = now.filter(({ source }) => source !== changed);
    if (set !== undefined) then.push({ name, value: set, source: changed });
    // The lower the number of a source, the stronger it is.
    then.sort((one, other) => one.source - other.source);
    const fault = faultOf(Number(now[0]?.value), Number(then[0]?.value));
    if (fault === undefined) continue;
    throw new KafkaError(
      Errors.INVALID_REQUEST,
      `Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation failed for ` +
        `${name}=${then[0]?.value}, value should ${fault} for configuration Invalid dynamic configuration`,
    );
  }
}

function faultOf(now: number, then: number): string | undefined {
  if (then < Math.trunc(now / 2)) return `be at least half the current value ${now}`;
  return then > now * 2 ? `not be greater than double the current value ${now}` : undefined;
}
