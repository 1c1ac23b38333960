// Checks golden lines about configs: type, default, bounds and who may change them at run time, of brokers and of quotas.
import { isKnownConfig } from '../src/index.ts';
import { kafkaKeys } from '../src/broker/configs/kafka-keys.ts';
import { QUOTA_KEYS } from '../src/kraft/controller/access/quota-control.ts';
import { parseValue } from '../src/runtime/index.ts';

export interface ConfigRow {
  /** Which of the lists of the file. */
  readonly list: 'broker' | 'authorizer' | 'quotasOfUserAndClient' | 'quotasOfIp';
  readonly name: string;
  readonly type: string;
  readonly default?: string | null;
  readonly validator?: string | null;
  readonly internal?: boolean;
  readonly dynamic?: string;
}

export function checkConfig(row: ConfigRow): string | undefined {
  if (row.list.startsWith('quotas')) return checkQuotaKey(row);
  // They stand outside Kafka's own declarations: a server.properties may have them.
  if (row.list === 'authorizer') return isKnownConfig(row.name) ? undefined : 'we do not know it';
  const known = kafkaKeys().get(row.name);
  if (known === undefined) return 'we do not know it';
  const { key, isInternal } = known;
  if (key.type !== row.type.toLowerCase()) return `type ${key.type}`;
  const ours = key.defaultValue;
  // One without a default has to be set.
  const theirs = row.default === null || row.default === undefined ? null : parseValue(key, row.default);
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) return `default ${JSON.stringify(ours)}`;
  if (key.scope !== row.dynamic) return `changed at run time: ${key.scope}`;
  if (isInternal !== row.internal) return `internal: ${isInternal}`;
  return boundsFault(row.validator ?? '', (text) => {
    parseValue(key, text);
  });
}

function checkQuotaKey({ list, name, type }: ConfigRow): string | undefined {
  const keys = list === 'quotasOfIp' ? QUOTA_KEYS.ofAddresses : QUOTA_KEYS.ofClients;
  const ours = keys.get(name);
  return ours === type ? undefined : `type ${ours}`;
}

/** `[low,...]`, `[low,...,high]`, `[one, two]`: what stands inside is taken, what stands outside is not. */
function boundsFault(validator: string, take: (text: string) => void): string | undefined {
  const takes = (text: string): boolean => {
    try {
      take(text);
      return true;
    } catch {
      return false;
    }
  };
  const range = /^\[(-?\d+),\.\.\.(?:,(-?\d+))?\]$/.exec(validator);
  if (range !== null) {
    const [, low = '', high] = range;
    const inside = high === undefined ? [low] : [low, high];
    const outside = high === undefined ? [Number(low) - 1] : [Number(low) - 1, Number(high) + 1];
    const refused = inside.find((text) => !takes(text));
    const taken = outside.find((number) => takes(String(number)));
    return refused !== undefined ? `refuses ${refused}` : taken === undefined ? undefined : `takes ${taken}`;
  }
  const choices = /^(?:\(case insensitive\) )?\[(.*)\]$/.exec(validator)?.[1]?.split(', ');
  const refused = choices?.find((text) => !takes(text));
  if (refused !== undefined) return `refuses ${refused}`;
  return choices !== undefined && takes('none of these') ? 'takes what is no choice' : undefined;
}
