// Levels of the broker's loggers, changed while it runs (the resource type BROKER_LOGGER, KIP-412). `root` rules those
// without a level of their own. Levels live in this process only, as in Kafka.
import type { Logger, LogFields, LogLevel } from '../../runtime/index.ts';

export const ROOT_LOGGER = 'root';
/** Kafka's names, most talkative first; ours has neither TRACE nor FATAL, so these act as DEBUG and ERROR. */
const ORDER = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
export type KafkaLogLevel = (typeof ORDER)[number];
export const LOG_LEVELS: readonly string[] = [...ORDER].sort();

const RANK: Readonly<Record<LogLevel, number>> = { debug: 1, info: 2, warn: 3, error: 4 };

export class LoggerLevels {
  /** Every component that has a logger, with its own level; there are as many as the code names. */
  readonly #levels = new Map<string, KafkaLogLevel | undefined>();
  #root: KafkaLogLevel;

  constructor(root: KafkaLogLevel = 'INFO') {
    this.#root = root;
  }

  has(name: string): boolean {
    return name === ROOT_LOGGER || this.#levels.has(name);
  }

  /** Every logger with the level in force. */
  *levels(): Generator<readonly [name: string, level: KafkaLogLevel]> {
    yield [ROOT_LOGGER, this.#root];
    for (const [name, level] of [...this.#levels].sort(([a], [b]) => (a < b ? -1 : 1)))
      yield [name, level ?? this.#root];
  }

  /** undefined gives a logger back to `root`. */
  set(name: string, level: KafkaLogLevel | undefined): void {
    if (name === ROOT_LOGGER) this.#root = level ?? 'INFO';
    else this.#levels.set(name, level);
  }

  /** Gives every logger its default level back. */
  reset(): void {
    this.#root = 'INFO';
    for (const name of this.#levels.keys()) this.#levels.set(name, undefined);
  }

  allows(name: string, level: LogLevel): boolean {
    const limit = this.#levels.get(name) ?? this.#root;
    const rank = ORDER.indexOf(limit);
    return RANK[level] >= Math.min(rank, RANK.error);
  }

  /** `logger`, silent below the level in force. Its children are filtered too, each under the name of its component. */
  filtered(logger: Logger, name: string = ROOT_LOGGER): Logger {
    if (name !== ROOT_LOGGER && !this.#levels.has(name)) this.#levels.set(name, undefined);
    return {
      log: (level: LogLevel, message: string, fields?: LogFields) => {
        if (this.allows(name, level)) logger.log(level, message, fields);
      },
      child: (component) => this.filtered(logger.child(component), component),
    };
  }
}

export function isLogLevel(text: string | null): text is KafkaLogLevel {
  return text !== null && LOG_LEVELS.includes(text);
}
