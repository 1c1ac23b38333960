// Log lines that a peer can cause are limited: a few of each kind in a window, then one line that counts the rest.
import type { Clock, LogFields, Logger, LogLevel } from '../../runtime/index.ts';

const WINDOW_MS = 10_000;
const LINES_PER_WINDOW = 5;
/** Kinds are our own messages, so few; the bound is for the day when one is built from input. */
const MAX_KINDS = 200;

export class LimitedLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, { startedMs: number; lines: number; suppressed: number }>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Lines are counted by `key`: by their message, unless something finer is given. */
  log(level: LogLevel, message: string, fields?: LogFields, key = message): void {
    const now = this.#clock.monotonicMs();
    let kind = this.#kinds.get(key);
    if (kind === undefined || now - kind.startedMs >= WINDOW_MS) {
      if (kind !== undefined && kind.suppressed > 0) {
        this.#logger.log(level, `${message} (repeated)`, { times: kind.suppressed });
      }
      if (this.#kinds.size >= MAX_KINDS) this.#kinds.clear();
      kind = { startedMs: now, lines: 0, suppressed: 0 };
      this.#kinds.set(key, kind);
    }
    if (kind.lines >= LINES_PER_WINDOW) {
      kind.suppressed += 1;
      return;
    }
    kind.lines += 1;
    this.#logger.log(level, message, fields);
  }
}
