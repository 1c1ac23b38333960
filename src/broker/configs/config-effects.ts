// What setting a config does here: it acts, or whoever sets it reads in one line why it does not. The class of each of
// Kafka's keys stands in kafka-keys-table.ts; here are the words for it.
import { ConfigError, type ConfigKey, formatValue, parseValue } from '../../runtime/index.ts';

export type Effect =
  | { readonly kind: 'acts' }
  /** It acts among several nodes; one that is alone has no use for it. */
  | { readonly kind: 'among nodes' }
  /** It will act once a feature is served; at its default it promises nothing that is not so. */
  | { readonly kind: 'waits'; readonly feature: string }
  /** It steers what this broker does not have. */
  | { readonly kind: 'none'; readonly why: string };

/** The reasons of the table (`no: REASON`). */
const REASONS: Readonly<Record<string, string>> = {
  threads: 'one event loop does this work, there are no threads to count',
  'request queue': 'requests wait in no queue between threads; queued.max.request.bytes bounds what waits',
  purge: 'what is parked leaves at once when it is done, there is nothing to purge',
  java: 'it names Java classes or configures them, and none can be loaded',
  'coordinator buffers': 'records are gathered for a turn of the event loop, in no buffer of their own',
  'lz4 level': 'lz4 has one level, the fast one',
  preallocation: 'segment files grow as they are written',
  system: 'the operating system and Node.js set it',
  internals: 'it is internal to Apache Kafka, for its own tests',
  kerberos: 'GSSAPI (Kerberos) is not served',
  'oauth client':
    'a broker asks an OAuth provider for a token with its client id and secret when it needs one: there is nothing else to set',
  'oauth assertions':
    'a broker proves who it is to an OAuth provider by its client id and secret; assertions that are signed with a key (RFC 7523) are not served',
  'paced moves': 'moves between log directories are paced by the bytes that have gone, not by samples of them',
  'event times': 'the metrics of requests tell how long the controller takes for each kind of them',
  counters: 'counters are told as they are, and whoever reads them makes rates of them over the time he likes',
  'one level': 'no metric is finer than the others: all are told where metrics.port is set, and none elsewhere',
  'early listeners':
    'controller listeners are always opened early, and those of a broker wait for its metadata, with all that it says of access',
  unstable: 'no versions in the making are known here',
};

const ACTS: Effect = { kind: 'acts' };
const AMONG_NODES: Effect = { kind: 'among nodes' };
const OF_A_LISTENER: Effect = { kind: 'none', why: 'a listener has no configs of its own but for security' };

/** A cell of the table: `acts`, `among nodes`, `waits: FEATURE` or `no: REASON`. */
export function readEffect(cell: string): Effect {
  if (cell === 'acts') return ACTS;
  if (cell === 'among nodes') return AMONG_NODES;
  const [kind = '', words = ''] = cell.split(': ');
  if (kind === 'waits') return { kind, feature: words };
  const why = kind === 'no' ? REASONS[words] : undefined;
  if (why === undefined) throw new RangeError(`no class of configs: ${cell}`);
  return { kind: 'none', why };
}

/** How many connections a listener takes, and how fast. */
const LIMITING = /^listener\.name\.[^.]+\.max\.connection(s|\.creation\.rate)$/;

/** The effect of a name that is no key of the table: Kafka's authorizer reads its own, others have a listener's name in front. */
export function effectOutsideTable(name: string): Effect {
  if (LIMITING.test(name)) return ACTS;
  return name.startsWith('listener.name.') ? OF_A_LISTENER : ACTS;
}

/** The line for a key that is set to `text` and does not do what it says; undefined when it does. */
export function effectWarning(
  name: string,
  text: string,
  key: ConfigKey | undefined,
  effect: Effect,
): string | undefined {
  if (effect.kind === 'acts' || effect.kind === 'among nodes') return undefined;
  if (effect.kind === 'none') return `${name} has no effect here: ${effect.why}`;
  if (key !== undefined && isDefault(key, text)) return undefined;
  if (effect.feature === 'security') {
    return `${name} has no effect yet: nobody is authenticated or refused, whoever reaches a listener may do everything`;
  }
  return `${name} has no effect yet: it waits for ${effect.feature}`;
}

function isDefault(key: ConfigKey, text: string): boolean {
  try {
    return formatValue(key, parseValue(key, text)) === formatValue(key, key.defaultValue);
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
