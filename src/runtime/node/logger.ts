// Log lines as text, one line each: `2026-11-21 11:20:33.123 WARN  log: message key=value`. Times are local, as in
// Kafka's own logs. What comes from outside is quoted, so that no value can forge a line of its own.
import type { LogFields, Logger, LogLevel } from '../logger.ts';

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
const labels: Record<LogLevel, string> = { debug: 'DEBUG', info: 'INFO ', warn: 'WARN ', error: 'ERROR' };

export interface TextLoggerOptions {
  /** Lines below this level are dropped; `info` when left out. */
  readonly level?: LogLevel;
  /** Takes one whole line, newline included; standard error when left out. */
  readonly write?: (line: string) => void;
  /** Milliseconds since the epoch; the world's clock when left out. */
  readonly nowMs?: () => number;
}

/** A logger that writes readable lines, to standard error unless told otherwise. */
export function textLogger(options: TextLoggerOptions = {}): Logger {
  return new TextLogger('', {
    lowest: ranks[options.level ?? 'info'],
    write: options.write ?? ((line) => void process.stderr.write(line)),
    nowMs: options.nowMs ?? Date.now,
  });
}

interface Sink {
  readonly lowest: number;
  readonly write: (line: string) => void;
  readonly nowMs: () => number;
}

class TextLogger implements Logger {
  readonly #component: string;
  readonly #sink: Sink;

  constructor(component: string, sink: Sink) {
    this.#component = component;
    this.#sink = sink;
  }

  log(level: LogLevel, message: string, fields?: LogFields): void {
    if (ranks[level] < this.#sink.lowest) return;
    const component = this.#component === '' ? '' : `${this.#component}: `;
    this.#sink.write(
      `${timestamp(this.#sink.nowMs())} ${labels[level]} ${component}${oneLine(message)}${formatFields(fields)}\n`,
    );
  }

  child(component: string): Logger {
    return new TextLogger(component, this.#sink);
  }
}

function formatFields(fields: LogFields | undefined): string {
  if (fields === undefined) return '';
  let text = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) text += ` ${name}=${typeof value === 'string' ? quoted(value) : value}`;
  }
  return text;
}

function quoted(value: string): string {
  return /^[\w.:/@,+[\]-]+$/.test(value) ? value : JSON.stringify(value);
}

function oneLine(message: string): string {
  return message.replace(/\p{Cc}+/gu, ' ');
}

function timestamp(nowMs: number): string {
  const local = new Date(nowMs - new Date(nowMs).getTimezoneOffset() * 60_000);
  return local.toISOString().replace('T', ' ').slice(0, 23);
}
